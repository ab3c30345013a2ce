package message

import (
	"bytes"
	"strings"
)

var delimiterStart = []byte("\n--")

// chunk returns the next octets of the current body, nil at its end. They
// are valid until the next call of the walker.
func (w *walker) chunk() []byte {
	s := &w.src
	from := 0
	for !w.found {
		b := s.buf[s.pos:s.end]
		if len(b) == 0 {
			if !s.more() {
				w.bodyEnd = s.offset()
				w.end = w.bodyEnd
				return nil
			}
			continue
		}
		if w.active == 0 {
			s.take(len(b))
			return b
		}
		if w.bol {
			switch n, v := w.try(b, 0); v {
			case undecided:
				s.more()
				continue
			case yes:
				return w.stop(0, n)
			}
			w.bol = false
		}
		i := bytes.Index(b[from:], delimiterStart)
		if i < 0 {
			n := len(b) - heldBack(b)
			if s.err != nil {
				n = len(b)
			}
			if n == 0 {
				s.more()
				continue
			}
			s.take(n)
			return b[:n]
		}
		i += from
		n, v := w.try(b, i+1)
		if v == no {
			from = i + 1
			continue
		}
		cut := i
		if i > 0 && b[i-1] == '\r' {
			cut--
		}
		if cut > 0 {
			s.take(cut)
			return b[:cut]
		}
		if v == yes {
			return w.stop(i+1, n)
		}
		s.more()
	}
	return nil
}

// stop ends the body here, at a line ending of lead octets and a delimiter of n.
func (w *walker) stop(lead, n int) []byte {
	w.bodyEnd = w.src.offset()
	w.end = w.bodyEnd
	if lead == 0 {
		w.end -= w.src.lineEnding()
	}
	w.found = true
	w.src.binary = false
	w.src.take(lead + n)
	return nil
}

// heldBack counts the octets at the end of b that may begin a delimiter.
func heldBack(b []byte) int {
	n := len(b)
	i := n
	if i > 0 && b[i-1] == '-' {
		i--
	}
	if i > 0 && b[i-1] == '\n' {
		i--
		if i > 0 && b[i-1] == '\r' {
			i--
		}
		return n - i
	}
	if i == n && n > 0 && b[n-1] == '\r' {
		return 1
	}
	return 0
}

type verdict int

const (
	no verdict = iota
	yes
	undecided // more octets are needed
)

// try looks for a delimiter line at b[at:]; n is its length with its line ending.
func (w *walker) try(b []byte, at int) (n int, v verdict) {
	b = b[at:]
	ended := w.src.err != nil
	if len(b) < 2 && !ended {
		if len(b) == 1 && b[0] != '-' {
			return 0, no
		}
		return 0, undecided
	}
	if len(b) < 2 || b[0] != '-' || b[1] != '-' {
		return 0, no
	}
	line := b[:min(len(b), maxDelimiter)]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	} else if len(b) < maxDelimiter && !ended {
		return 0, undecided
	} else if len(b) >= maxDelimiter {
		return 0, no
	}
	if !w.match(line) {
		return 0, no
	}
	return len(line), yes
}

// match says whether a line that begins with "--" is a delimiter of a frame, and of
// which (RFC 2046 §5.1.1). The outermost goes first: what a part says about itself cannot
// change where it ends.
func (w *walker) match(line []byte) bool {
	for i := range w.frames {
		f := &w.frames[i]
		if f.delimiter == "" || f.closed || len(line) < len(f.delimiter) || string(line[:len(f.delimiter)]) != f.delimiter {
			continue
		}
		rest := bytes.TrimRight(line[len(f.delimiter):], " \t\r\n")
		if len(rest) == 0 || string(rest) == "--" {
			w.level, w.closing = i, len(rest) > 0
			return true
		}
	}
	return false
}

// guessBoundary finds the boundary of a multipart that names none: the first line that
// looks like a delimiter, followed by a Content field or a blank line.
func (w *walker) guessBoundary() string {
	skip := 0
	for skip < maxPeek {
		line := w.src.line(skip)
		if len(line) == 0 {
			break
		}
		skip += len(line)
		text := strings.TrimRight(string(line), " \t\r\n")
		if len(text) < 6 || len(text) > maxBoundary || !strings.HasPrefix(text, "--") || strings.ContainsAny(text, " \t") || strings.Trim(text, "-=") == "" {
			continue
		}
		next := w.src.line(skip)
		if isBlank(next) || len(next) > 8 && strings.EqualFold(string(next[:8]), "content-") {
			return text[2:]
		}
	}
	return ""
}
