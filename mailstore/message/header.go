package message

import (
	"strings"
)

// Field is one field of a header.
type Field struct {
	Name  string // as sent; "" for a line that is no field
	Raw   string // the octets as sent, folded, with the line endings
	Value string // unfolded and decoded
}

// span is one field in walker.header.
type span struct {
	start, colon, end int32 // colon is -1 for a line that is no field
}

func (w *walker) name(f span) string {
	if f.colon < 0 {
		return ""
	}
	end := f.colon
	for end > f.start && isSpace(w.header[end-1]) {
		end--
	}
	return w.header[f.start:end]
}

// value is what stands behind the colon, unfolded but not decoded.
func (w *walker) value(f span) string {
	return unfold(w.header[f.colon+1 : f.end])
}

// readHeader reads the header that begins here, up to and with the blank line. A delimiter
// ends it too; it is left for chunk to find.
func (w *walker) readHeader(top bool) {
	w.hdr = w.hdr[:0]
	w.fields = w.fields[:0]
	left := min(MaxHeader, w.headerLeft)
	for first := true; ; first = false {
		line := w.src.line(0)
		if len(line) == 0 || isBlank(line) {
			w.src.take(len(line))
			if first && top {
				w.note(NoHeader)
			}
			break
		}
		if w.active > 0 && len(line) > 2 && line[0] == '-' && line[1] == '-' && w.match(line) {
			break
		}
		colon := fieldName(line)
		fold := colon < 0 && isSpace(line[0]) && len(w.fields) > 0
		if colon < 0 && !fold {
			if first && top && isMboxLine(line) {
				w.note(MboxLine)
				w.takeLine(line, 0)
				continue
			}
			if !w.fieldFollows(len(line)) {
				if first && top {
					w.note(NoHeader)
				} else {
					w.note(MissingBlank)
				}
				break
			}
			w.note(HeaderLine)
			line = w.src.line(0) // looking ahead may have moved it
		}
		left = w.addLine(line, colon, fold, left)
	}
	w.header = string(w.hdr)
}

// addLine consumes a line of the header and keeps at most left octets of it; it returns what may
// still be kept. The line is a field with a colon at that index, folded, or garbage.
func (w *walker) addLine(line []byte, colon int, fold bool, left int) int {
	if len(line) > left || !fold && len(w.fields) >= MaxFields {
		w.note(HeaderTooLarge)
		left = 0
	}
	start := len(w.hdr)
	if !w.takeLine(line, left) {
		w.note(HeaderTooLarge)
	}
	end := len(w.hdr)
	w.headerLeft -= end - start
	switch {
	case end == start:
	case fold:
		w.fields[len(w.fields)-1].end = int32(end)
	case colon < 0:
		w.fields = append(w.fields, span{int32(start), -1, int32(end)})
	default:
		w.fields = append(w.fields, span{int32(start), int32(start + colon), int32(end)})
	}
	return left - (end - start)
}

// fieldFollows says whether the header goes on behind the next skip octets: with
// a field, maybe after folded lines.
func (w *walker) fieldFollows(skip int) bool {
	const farthest = 20 // lines
	for range farthest {
		line := w.src.line(skip)
		if i := fieldName(line); i >= 0 {
			return i+1 == len(line) || line[i+1] != '/' // a URL is none
		}
		skip += len(line)
		if len(line) == 0 || isBlank(line) || !isSpace(line[0]) || skip > maxPeek {
			return false
		}
	}
	return false
}

// takeLine consumes the whole of a line of which line returned the beginning, and
// keeps at most left octets of it. It returns false when that is not all.
func (w *walker) takeLine(line []byte, left int) (all bool) {
	all = true
	for {
		n := len(line)
		w.hdr = append(w.hdr, line[:min(n, left)]...)
		all = all && n <= left
		left -= min(n, left)
		done := line[n-1] == '\n'
		w.src.take(n)
		if done {
			return all
		}
		if line = w.src.line(0); len(line) == 0 {
			return all
		}
	}
}

// fieldName returns the index of the colon behind a field name (RFC 5322 §2.2), -1 when the
// line does not begin with one. White space before the colon is obsolete syntax (§4.5).
func fieldName(line []byte) int {
	space := false
	for i, c := range line {
		switch {
		case c == ':':
			if i == 0 || isSpace(line[0]) {
				return -1
			}
			return i
		case isSpace(c):
			space = true
		case c <= ' ' || c >= 0x7f || space:
			return -1
		}
	}
	return -1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func isBlank(line []byte) bool {
	return len(line) == 1 && line[0] == '\n' || len(line) == 2 && line[0] == '\r' && line[1] == '\n'
}

func isMboxLine(line []byte) bool {
	s := string(line[:min(len(line), 6)])
	return strings.HasPrefix(s, "From ") || s == ">From "
}

// unfold takes out the line endings (RFC 5322 §2.2.3) and the white space around the value. A fold
// becomes one space, whatever white space stands around it: few senders fold where it would matter.
func unfold(s string) string {
	isEdge := func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
	for s != "" && isEdge(s[0]) {
		s = s[1:]
	}
	for s != "" && isEdge(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\n', s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n':
			for len(b) > 0 && isSpace(b[len(b)-1]) {
				b = b[:len(b)-1]
			}
			for i+1 < len(s) && (isSpace(s[i+1]) || s[i+1] == '\n') {
				i++
			}
			b = append(b, ' ')
		case s[i] == '\r':
			b = append(b, ' ')
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}
