package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// addressSpan is a place in a plain text where an address stands.
type addressSpan struct {
	start, end int
	www        bool // without a scheme
	broken     bool // over several lines, between angle brackets
}

func (s addressSpan) href(text string) string {
	href := text[s.start:s.end]
	if s.broken {
		href = strings.Join(strings.Fields(href), "")
	}
	if s.www {
		return "http://" + href
	}
	return href
}

const maxScheme = 31 // octets; RFC 3986 sets no limit, IANA's longest has 22

// beginnings walks through a text from one place where an address may begin to
// the next: at any scheme (RFC 3986 §3.1), so that an application's own are
// found too, or at "www.". Both are looked for by what is rare in them.
type beginnings struct {
	text        string
	scheme, www int // where the next "://" and the next "www." stand, if not before at; len(text): nowhere
}

// next is the first beginning at or after at, and where its scheme or "www."
// ends. Without one start is -1. at never goes back.
func (b *beginnings) next(at int) (start, end int) {
	for {
		if b.scheme < at {
			b.scheme = indexFrom(b.text, "://", at)
		}
		if b.www < at {
			b.www = b.nextWWW(at)
		}
		if b.scheme == len(b.text) && b.www == len(b.text) {
			return -1, -1
		}
		if b.scheme < len(b.text) {
			if s := b.schemeStart(at, b.scheme); s >= 0 && s <= b.www {
				return s, b.scheme + len("://")
			}
		}
		if b.www < b.scheme {
			return b.www, b.www + len("www.")
		}
		b.scheme = indexFrom(b.text, "://", b.scheme+1) // no letter before it
	}
}

// schemeStart is where the scheme that ends at end begins; -1 when there is none.
func (b *beginnings) schemeStart(at, end int) int {
	first := end
	for first > max(at, end-maxScheme) && isSchemeChar(b.text[first-1]) {
		first--
	}
	for ; first < end; first++ {
		if isLetter(b.text[first]) && b.wordBegins(first) {
			return first
		}
	}
	return -1
}

func (b *beginnings) nextWWW(at int) int {
	for at += len("www"); ; at++ {
		at = indexFrom(b.text, ".", at)
		if at == len(b.text) {
			return at
		}
		if s := at - len("www"); strings.EqualFold(b.text[s:at], "www") && b.wordBegins(s) {
			return s
		}
	}
}

func (b *beginnings) wordBegins(at int) bool {
	return at == 0 || !isLetter(b.text[at-1]) && !isDigit(b.text[at-1]) && b.text[at-1] != '_'
}

// indexFrom is where part stands in text, not before at; len(text) when nowhere.
func indexFrom(text, part string, at int) int {
	if at < len(text) {
		if i := strings.Index(text[at:], part); i >= 0 {
			return at + i
		}
	}
	return len(text)
}

func isSchemeChar(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '+' || c == '.' || c == '-'
}

// addressSpans finds the addresses in a text, in order.
func addressSpans(text string) (spans []addressSpan) {
	b := beginnings{text: text, scheme: -1, www: -1}
	for at := 0; len(spans) < maxLinks; {
		start, rest := b.next(at)
		if start < 0 {
			break
		}
		s := addressSpan{start: start}
		s.www = text[rest-1] == '.'
		at = rest
		if s.start > 0 && (text[s.start-1] == '@' || text[s.start-1] == '/') {
			continue // part of something else
		}
		end, seen := addressEnd(text[s.start:])
		s.end = s.start + end
		if s.start > 0 && text[s.start-1] == '<' {
			// RFC 3986, appendix C: line breaks inside are no part of it.
			if n := bracketEnd(text[s.start:]); n > s.end-s.start {
				s.end, s.broken = s.start+n, true
			}
		}
		if s.leads(text, at) {
			spans = append(spans, s)
			at = s.end
		} else {
			at = max(at, s.start+seen)
		}
	}
	return spans
}

// leads says whether what follows the scheme, up to rest, can be a place.
func (s addressSpan) leads(text string, rest int) bool {
	if s.end <= rest || s.end-s.start > maxHref {
		return false
	}
	if s.www {
		name, _, _ := strings.Cut(text[rest:s.end], "/")
		dot := strings.IndexByte(name, '.')
		return dot > 0 && dot < len(name)-1
	}
	c := text[rest]
	return isLetter(c) || isDigit(c) || c >= utf8.RuneSelf || strings.IndexByte("[/?%_", c) >= 0
}

// addressEnd is where the address at the beginning of s ends, and where what was
// looked at ends: what ends a sentence or encloses the address is no part of it.
func addressEnd(s string) (end, seen int) {
	end = len(s)
	opened := [2]int{} // of round and square brackets, less those closed
	for i, r := range s {
		if endsAddress(r) || i > maxHref {
			end = i
			break
		}
		switch r {
		case '(':
			opened[0]++
		case ')':
			opened[0]--
		case '[':
			opened[1]++
		case ']':
			opened[1]--
		}
	}
	for seen = end; end > 0; end-- {
		switch s[end-1] {
		case '.', ',', ';', ':', '!', '?', '\'', '*':
			continue
		case ')':
			if opened[0]++; opened[0] <= 0 {
				continue
			}
		case ']':
			if opened[1]++; opened[1] <= 0 {
				continue
			}
		}
		break
	}
	return end, seen
}

func endsAddress(r rune) bool {
	switch {
	case r <= ' ', r == 0x7f, r == utf8.RuneError:
		return true
	case r < utf8.RuneSelf:
		return strings.ContainsRune("<>\"`{}|\\^", r)
	}
	return unicode.IsSpace(r) || unicode.IsPunct(r) || isFiller(r)
}

// bracketEnd is where the address at the beginning of s ends when it stands
// between angle brackets; 0 when it does not, or holds spaces.
func bracketEnd(s string) int {
	end := strings.IndexByte(s[:min(len(s), maxHref)], '>')
	if end < 0 || strings.ContainsAny(s[:end], "<\"") {
		return 0
	}
	for i := 0; i < end; i++ {
		if s[i] != ' ' && s[i] != '\t' && s[i] != '\r' && s[i] != '\n' {
			continue
		}
		run := i
		for i < end && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n') {
			i++
		}
		if !strings.Contains(s[run:i], "\n") {
			return 0
		}
	}
	return end
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
