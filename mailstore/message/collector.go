package message

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// collector gathers the text of several parts up to a limit.
type collector struct {
	b         []byte
	truncated bool
}

// add appends text with its lines ending in LF; cut says that it is not all of its part.
func (c *collector) add(text string, limit int, cut bool) {
	if n := len(c.b); n > 0 && c.b[n-1] != '\n' && text != "" {
		c.b = append(c.b, '\n')
	}
	if len(text) > limit { // before the line endings are counted, a bound for the work
		text, cut = text[:limit], true
	}
	c.b = slices.Grow(c.b, min(len(text), limit)+1)
	for text != "" {
		i := strings.IndexByte(text, '\r')
		if i < 0 {
			c.b = append(c.b, text...)
			break
		}
		c.b = append(c.b, text[:i]...)
		c.b = append(c.b, '\n')
		text = strings.TrimPrefix(text[i+1:], "\n")
	}
	if len(c.b) > limit {
		c.b, cut = c.b[:limit], true
	}
	if cut {
		c.truncated = true
		c.b = trimPartial(c.b)
	}
}

// trimPartial takes a rune that was cut off the end of b, or what became of one.
func trimPartial(b []byte) []byte {
	for i := 0; i < utf8.UTFMax && len(b) > 0; i++ {
		if r, _ := utf8.DecodeLastRune(b); r != utf8.RuneError {
			break
		}
		_, n := utf8.DecodeLastRune(b)
		b = b[:len(b)-n]
	}
	return b
}

// outside says that the current part is not in an embedded message.
func (w *walker) outside() bool {
	for i := range w.frames {
		if w.frames[i].delimiter == "" {
			return false
		}
	}
	return true
}

// shown says whether the text of the current part belongs to the message's.
func (w *walker) shown() bool { return w.part.body && w.outside() }

// isHTML says whether the text of the current part is HTML.
func (w *walker) isHTML() bool { return w.part.typ == "text/html" }

// defects are those of the message as a stream of lines.
func (s *source) defects() (codes []string) {
	c := &s.lines
	if c.long || c.length > maxLine {
		codes = append(codes, LongLine)
	}
	if c.lfs != c.crlfs {
		codes = append(codes, BareLF)
	}
	if c.crs != c.crlfs {
		codes = append(codes, BareCR)
	}
	if c.nul {
		codes = append(codes, NUL)
	}
	if s.err != nil && !s.ended() {
		codes = append(codes, ReadError)
	}
	return codes
}

const metaWindow = 1 << 10 // where HTML says its charset, by the HTML standard

// htmlCharset is the charset of an HTML part: the one of its Content-Type or, when that names none,
// the one of its meta element.
func htmlCharset(name string, b []byte) string {
	if name != "" || isASCIIBytes(b) {
		return name
	}
	head := bytes.ToLower(b[:min(len(b), metaWindow)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	head = bytes.TrimLeft(head[i+len("charset="):], `"' `)
	if end := bytes.IndexAny(head, `"'>/; `); end >= 0 {
		return string(head[:end])
	}
	return ""
}
