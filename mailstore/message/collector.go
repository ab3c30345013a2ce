package message

import (
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
