package message

import "strings"

// addressLexer takes an address list apart into the tokens of RFC 5322 §3.2.
type addressLexer struct {
	s string
	i int

	kind    byte   // 'a' atom, '"' quoted-string, '(' comment, else the special itself; 0 at the end
	raw     string // as written
	text    string // as read: without quotes
	spaced  bool   // white space or a comment stands before it
	inAngle bool   // between angle brackets, where a comma does not end the mailbox
	bad     bool   // a quoted-string or comment does not end
}

// next reads the next token.
func (l *addressLexer) next() {
	l.spaced = l.kind == '('
	for l.i < len(l.s) && (l.s[l.i] == ' ' || l.s[l.i] == '\t') {
		l.i++
		l.spaced = true
	}
	if l.i == len(l.s) {
		l.kind, l.raw, l.text = 0, "", ""
		return
	}
	start := l.i
	l.kind = l.s[start]
	switch l.kind {
	case '"':
		text, rest, ok := quotedString(l.s[start:])
		l.i = len(l.s) - len(rest)
		l.text = text
		l.bad = l.bad || !ok
	case '(':
		l.text = l.comment()
	case '<', '>', ',', ';', ':', '@', '.':
		l.i++
		l.text = l.s[start:l.i]
	case '[': // domain literal
		const longest = 300
		end := strings.IndexAny(l.s[start:min(len(l.s), start+longest)], "],;<>")
		if end < 0 || l.s[start+end] != ']' {
			end = 0
			l.bad = true
		}
		l.i = start + end + 1
		l.kind = 'a'
		l.text = l.s[start:l.i]
	default:
		l.kind = 'a'
		l.atom()
		l.text = l.s[start:l.i]
	}
	l.raw = l.s[start:l.i]
}

// atom reads up to white space or a special. An encoded word is one atom, whatever it contains.
func (l *addressLexer) atom() {
	if strings.HasPrefix(l.s[l.i:], "=?") {
		const longest = 400 // RFC 2047 §2 allows 75
		s := l.s[l.i:min(len(l.s), l.i+longest)]
		if word, n, ok := parseWord(s); ok && strings.IndexByte(word.text, '<') < 0 {
			l.i += n
			return
		}
	}
	for l.i++; l.i < len(l.s); l.i++ {
		switch l.s[l.i] {
		case ' ', '\t', '"', '(', '<', '>', ',', ';', ':', '@', '.', '[':
			return
		}
	}
}

// comment reads a comment with the comments in it; it returns the text between the parentheses.
func (l *addressLexer) comment() string {
	start := l.i + 1
	depth := 0
	for ; l.i < len(l.s); l.i++ {
		switch l.s[l.i] {
		case '\\':
			l.i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.i++
				return l.s[start : l.i-1]
			}
		}
	}
	l.i = len(l.s)
	l.bad = true
	return l.s[start:]
}
