package message

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// walker goes through a message part by part, in the order in which they stand,
// and holds no more of it than one block. Use: next, then enter or chunk, until
// next returns false.
type walker struct {
	src    source
	noted  []noted // defects since the reader of the walk last took them
	frames []frame
	active int // open frames that have a boundary

	part    entity // the current one: its header has been read
	parts   int
	started bool
	inner   bool // the header of an embedded message comes next
	full    bool // MaxParts was reached

	// The end of the current body.
	bol     bool  // at the beginning of a line
	found   bool  // at a delimiter, which has been consumed
	level   int   // index of the frame whose delimiter it is
	closing bool  // it is the closing one
	bodyEnd int64 // offset
	end     int64 // the same for what has parts: the line ending before a delimiter may be that of an inner one

	// The header that was read last.
	hdr        []byte
	header     string
	fields     []span
	headerLeft int

	// Room for what most messages need.
	someFrames [4]frame
	someFields [24]span
	someParams [4]param
}

// frame is a part that has parts and is not yet at its end.
type frame struct {
	delimiter string // "--" and the boundary; "" for an embedded message
	typ       string // media type
	kids      int
	closed    bool // the closing delimiter was there
	named     bool // the kid of an embedded message has a number of its own
	start     int64
	part      *Part // in Parse only
}

// noted is a defect of a part, nil for the current one.
type noted struct {
	code string
	part *Part
}

func (w *walker) init(r io.Reader) {
	w.src.init(r)
	w.headerLeft = maxHeaders
	w.frames = w.someFrames[:0]
	w.fields = w.someFields[:0]
	w.part.params = w.someParams[:0]
	w.hdr = make([]byte, 0, 1<<10)
}

// note records a defect of the current part.
func (w *walker) note(code string) {
	for _, n := range w.noted {
		if n.code == code && n.part == nil {
			return
		}
	}
	w.noted = append(w.noted, noted{code, nil})
}

// next reads on to the next part and its header; what is left of the current
// one is skipped. It returns false at the end of the message.
func (w *walker) next() bool {
	if !w.started {
		w.started = true
		w.read(true)
		return true
	}
	if w.inner {
		w.inner = false
		w.read(true)
		return true
	}
	for {
		for w.chunk() != nil {
		}
		if !w.found {
			w.pop(0)
			return false
		}
		w.found = false
		w.pop(w.level + 1)
		f := &w.frames[w.level]
		if w.closing {
			f.closed = true
			w.active--
			w.bol = true
			continue
		}
		if w.parts >= MaxParts {
			w.note(TooManyParts)
			w.skipAll()
			return false
		}
		f.kids++
		w.read(false)
		return true
	}
}

// skipAll goes to the end of the message without looking for parts.
func (w *walker) skipAll() {
	w.full = true
	w.active = 0
	for w.chunk() != nil {
	}
	w.pop(0)
}

// pop ends the frames from index n on, innermost first.
func (w *walker) pop(n int) {
	for i := len(w.frames) - 1; i >= n; i-- {
		f := &w.frames[i]
		if f.part != nil {
			f.part.Octets = max(w.end-f.start, 0)
			f.part.Size = f.part.Octets
		}
		if f.delimiter != "" && !f.closed {
			if !w.full {
				w.active--
				if f.kids > 0 {
					w.noted = append(w.noted, noted{Unterminated, f.part})
				}
			}
		}
		w.frames = w.frames[:i]
	}
}

// read reads the header of the part that begins here.
func (w *walker) read(top bool) {
	w.parts++
	w.src.binary = false
	w.readHeader(top)
	w.bol = true
	w.part.start = w.src.offset()
	w.describe()
	w.src.binary = w.part.encoding == "binary" && !w.part.multipart && !w.part.embedded
}

// enter opens the current part, a multipart or an embedded message, so that next
// goes on with its parts. For a multipart the preamble can be read first, by chunk.
func (w *walker) enter(p *Part) {
	f := frame{typ: w.part.typ, start: w.part.start, part: p}
	if w.part.multipart {
		f.delimiter = "--" + w.part.boundary
		w.active++
	} else {
		w.inner = true
	}
	w.frames = append(w.frames, f)
}

// entered says after the preamble whether the multipart entered last has parts:
// false when its boundary does not occur.
func (w *walker) entered() bool {
	return w.found && w.level == len(w.frames)-1
}

// parent is the media type of what the current part is in, "" at the top.
func (w *walker) parent() string {
	if len(w.frames) == 0 {
		return ""
	}
	return w.frames[len(w.frames)-1].typ
}

// path numbers the current part as IMAP does (RFC 9051 §6.4.5): a multipart that is
// the whole of an embedded message has no number of its own.
func (w *walker) path() string {
	var b []byte
	for i := range w.frames {
		n := w.frames[i].kids
		if w.frames[i].delimiter == "" {
			if i+1 < len(w.frames) && w.frames[i+1].delimiter != "" || i+1 == len(w.frames) && w.part.multipart {
				continue
			}
			n = 1
		}
		if len(b) > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(b)
}

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
