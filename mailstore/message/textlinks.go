package message

import (
	"regexp"
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

// addressStart is how an address begins: with any scheme (RFC 3986 §3.1), so
// that an application's own are found too, or with "www.".
var addressStart = regexp.MustCompile(`\b(?:[A-Za-z][A-Za-z0-9+.-]{0,30}://|(?i:www)\.)`)

// addressSpans finds the addresses in a text, in order.
func addressSpans(text string) (spans []addressSpan) {
	for at := 0; len(spans) < maxLinks; {
		found := addressStart.FindStringIndex(text[at:])
		if found == nil {
			break
		}
		s := addressSpan{start: at + found[0]}
		s.www = text[at+found[1]-1] == '.'
		at += found[1]
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
