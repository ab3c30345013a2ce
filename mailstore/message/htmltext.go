package message

import (
	"strings"

	"golang.org/x/net/html"
)

// HTMLText returns the readable text of HTML: tags removed, entities decoded, scripts,
// styles and the head (but for the title) left out. Block elements begin and end lines;
// other white space is folded.
func HTMLText(source string) string {
	return string(appendHTMLText(make([]byte, 0, len(source)/2), source))
}

// appendHTMLText appends what HTMLText returns.
func appendHTMLText(dst []byte, source string) []byte {
	t := htmlText{s: source, out: dst, start: len(dst)}
	t.run()
	return t.out
}

type htmlText struct {
	s     string
	out   []byte
	start int  // of the text in out
	space bool // white space is due before the next text
	head  bool // inside the head
	title bool // inside the title

	// Nothing of the kind stands behind the current place: it is not looked for again, which
	// would be quadratic.
	noComment, noQuotes, noTag bool
}

func (t *htmlText) run() {
	for t.s != "" {
		i := strings.IndexByte(t.s, '<')
		if i < 0 {
			t.text(t.s)
			break
		}
		if i > 0 {
			t.text(t.s[:i])
			t.s = t.s[i:]
		}
		t.markup()
	}
	if n := len(t.out); n > t.start && t.out[n-1] == ' ' {
		t.out = t.out[:n-1]
	}
}

// markup takes what begins with "<".
func (t *htmlText) markup() {
	s := t.s
	if strings.HasPrefix(s, "<!--") {
		if !t.noComment {
			if end := strings.Index(s[4:], "-->"); end >= 0 {
				t.s = s[4+end+3:]
				return
			}
			t.noComment = true
		}
	}
	if len(s) < 2 || !(isLetter(s[1]) || s[1] == '/' || s[1] == '!' || s[1] == '?') || t.noTag {
		t.text("<")
		t.s = s[1:]
		return
	}
	end := t.tagEnd(s)
	if end < 0 && !t.noQuotes { // quotes that do not pair swallowed it
		t.noQuotes = true
		end = t.tagEnd(s)
	}
	if end < 0 {
		t.noTag = true
		t.text("<")
		t.s = s[1:]
		return
	}
	t.s = s[end+1:]
	closing := s[1] == '/'
	name := s[1:end]
	if closing {
		name = name[1:]
	}
	n := 0
	for n < len(name) && n < 16 && (isLetter(name[n]) || '0' <= name[n] && name[n] <= '9') {
		n++
	}
	t.tag(name[:n], closing)
}

// tagEnd finds the ">" of the tag at the beginning of s, not inside quoted values.
func (t *htmlText) tagEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '>':
			return i
		case '"', '\'':
			if t.noQuotes || s[i-1] != '=' && s[i-1] != ' ' {
				continue
			}
			end := strings.IndexByte(s[i+1:], c)
			if end < 0 {
				return -1
			}
			i += 1 + end
		}
	}
	return -1
}

// tag does what an element means for the text.
func (t *htmlText) tag(name string, closing bool) {
	var buf [16]byte
	lower := buf[:copy(buf[:], name)]
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	switch string(lower) {
	case "script", "style", "noembed", "noframes":
		if !closing {
			t.skipTo(string(lower))
		}
	case "head":
		t.head = !closing
		t.newline()
	case "body":
		t.head = false
		t.newline()
	case "title":
		t.title = !closing
		t.newline()
	case "br", "p", "div", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"blockquote", "pre", "hr", "section", "article", "header", "footer", "main", "nav", "aside", "address",
		"form", "fieldset", "figure", "figcaption", "center", "tbody", "thead", "tfoot", "caption", "option", "html":
		t.newline()
	case "td", "th":
		t.space = true
	}
}

// skipTo skips up to the closing tag of an element whose content is no text.
func (t *htmlText) skipTo(name string) {
	s := t.s
	for {
		i := strings.Index(s, "</")
		if i < 0 {
			t.s = ""
			return
		}
		s = s[i:]
		if len(s) >= 2+len(name) && strings.EqualFold(s[2:2+len(name)], name) {
			t.s = s
			return
		}
		s = s[2:]
	}
}

func (t *htmlText) newline() {
	if n := len(t.out); n > t.start && t.out[n-1] != '\n' {
		t.out = append(t.out, '\n')
	}
	t.space = false
}

// text appends text with entities decoded and white space folded.
func (t *htmlText) text(s string) {
	if t.head && !t.title {
		return
	}
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			break
		}
		t.plain(s[:i])
		s = s[i:]
		next := strings.IndexByte(s[1:], '&') + 1
		if next == 0 {
			next = len(s)
		}
		t.entity(s[:next])
		s = s[next:]
	}
	t.plain(s)
}

// entity appends text that begins with "&" and has no other.
func (t *htmlText) entity(s string) {
	for _, e := range commonEntities {
		if strings.HasPrefix(s, e.name) {
			t.plain(e.text)
			t.plain(s[len(e.name):])
			return
		}
	}
	t.plain(html.UnescapeString(s))
}

// commonEntities need no look-up in the table of two thousand.
var commonEntities = [...]struct{ name, text string }{
	{"&nbsp;", " "}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", `"`}, {"&#39;", "'"}, {"&zwnj;", "\u200c"},
}

// plain appends text with white space folded.
func (t *htmlText) plain(s string) {
	for i := 0; i < len(s); {
		switch s[i] {
		case ' ', '\t', '\n', '\r', '\f':
			t.space = true
			i++
			continue
		case 0xc2:
			if i+1 < len(s) && s[i+1] == 0xa0 { // no-break space
				t.space = true
				i += 2
				continue
			}
		}
		if t.space {
			if n := len(t.out); n > t.start && t.out[n-1] != '\n' {
				t.out = append(t.out, ' ')
			}
			t.space = false
		}
		j := i + 1
		for j < len(s) && s[j] > ' ' && s[j] != 0xc2 {
			j++
		}
		t.out = append(t.out, s[i:j]...)
		i = j
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
