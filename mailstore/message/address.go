package message

import "strings"

// Address is a mailbox of a header field.
type Address struct {
	Name    string // decoded; "" when there is none
	Address string // as written; "" when it could not be read
}

// addresses reads an address list (RFC 5322 §3.4, with §4.4). Groups are their members; what
// is no address is kept as a name.
func (w *walker) addresses(list []Address, v string) []Address {
	p := addressParser{w: w, s: v}
	group := false
	for len(list) < maxAddresses {
		p.skipSeparators(&group)
		if p.i == len(p.s) {
			break
		}
		a, isGroup, ok := p.mailbox()
		if isGroup {
			group = true
			continue
		}
		if !ok {
			w.note(BadAddress)
		}
		if a.Name != "" || a.Address != "" {
			list = append(list, a)
		}
	}
	return list
}

type addressParser struct {
	w *walker
	s string
	i int
}

func (p *addressParser) skipSeparators(group *bool) {
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case ' ', '\t', ',':
		case ';':
			if !*group {
				p.w.note(BadAddress)
			}
			*group = false
		default:
			return
		}
	}
}

// mailbox reads up to the next comma or semicolon, or the name of a group up to its colon.
func (p *addressParser) mailbox() (a Address, group, ok bool) {
	var text, comment, addr string
	ok = true
	angle := false
	start := p.i // of the words that are not yet in text
	quoted := false
	add := func(end int) {
		text = joinWords(text, p.s[start:end])
	}
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case '"':
			add(p.i)
			q, rest, good := quotedString(p.s[p.i:])
			begin := p.i
			p.i = len(p.s) - len(rest)
			ok = ok && good
			if p.i < len(p.s) && (p.s[p.i] == '@' || p.s[p.i] == '.') || strings.HasSuffix(text, ".") && begin > 0 && p.s[begin-1] == '.' {
				text = join(text, p.s[begin:p.i], begin, p.s) // a quoted local part
			} else {
				text = join(text, q, begin, p.s)
				quoted = true
			}
			start = p.i
			continue
		case '(':
			add(p.i)
			c, good := p.comment()
			comment = joinWords(comment, c)
			ok = ok && good
			start = p.i
			continue
		case '<':
			if !angle {
				add(p.i)
				angle = true
				var good bool
				addr, good = p.angle()
				ok = ok && good
				start = p.i
				continue
			}
			ok = false
		case '[':
			if end := strings.IndexByte(p.s[p.i:], ']'); end > 0 && !strings.ContainsAny(p.s[p.i:p.i+end], ",;<>") {
				p.i += end
			}
		case ':':
			if !angle && strings.IndexByte(p.s[start:p.i], '@') < 0 {
				p.i++
				return a, true, ok
			}
		case ',', ';':
			add(p.i)
			return p.finish(text, comment, addr, angle, quoted, ok)
		}
		p.i++
	}
	add(p.i)
	return p.finish(text, comment, addr, angle, quoted, ok)
}

func (p *addressParser) finish(text, comment, addr string, angle, quoted, ok bool) (Address, bool, bool) {
	text = strings.TrimSpace(text)
	if !angle {
		if !quoted && looksLikeAddress(text) {
			return Address{Name: p.w.text(comment), Address: oneLine(p.w.raw(text))}, false, ok
		}
		if text == "" {
			return Address{Name: p.w.text(comment)}, false, false
		}
		return Address{Name: p.w.text(text)}, false, false
	}
	if text == "" {
		text = comment
	}
	if !looksLikeAddress(addr) {
		ok = false
	}
	return Address{Name: p.w.text(text), Address: p.w.raw(addr)}, false, ok
}

// angle reads <address>, without the obsolete source route.
func (p *addressParser) angle() (addr string, ok bool) {
	s := p.s[p.i+1:]
	end := -1
	quote := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quote:
			i++
		case c == '"':
			quote = !quote
		case c == '>' && !quote:
			end = i
		}
		if end >= 0 {
			break
		}
	}
	if end < 0 {
		if end = strings.IndexByte(s, '>'); end < 0 {
			if end = strings.IndexAny(s, ",;"); end < 0 {
				end = len(s)
			}
			addr = s[:end]
			p.i += 1 + end
			return strings.TrimSpace(addr), false
		}
	}
	addr = strings.TrimSpace(s[:end])
	p.i += 1 + end + 1
	if strings.HasPrefix(addr, "@") {
		if i := strings.IndexByte(addr, ':'); i >= 0 {
			addr = addr[i+1:]
		}
	}
	return addr, true
}

// comment reads a comment, nested ones included.
func (p *addressParser) comment() (text string, ok bool) {
	depth := 0
	start := p.i + 1
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '\\':
			p.i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.i++
				return p.s[start : p.i-1], true
			}
		}
	}
	p.i = len(p.s)
	return p.s[min(start, len(p.s)):], false
}

func joinWords(a, b string) string {
	b = strings.TrimSpace(b)
	switch {
	case a == "":
		return b
	case b == "":
		return a
	case strings.HasSuffix(a, ".") || strings.HasPrefix(b, "@") || strings.HasPrefix(b, "."):
		return a + b
	}
	return a + " " + b
}

// join appends a quoted-string that begins at s[begin], with a space where one stands before it.
func join(a, q string, begin int, s string) string {
	if a == "" || begin == 0 || s[begin-1] != ' ' && s[begin-1] != '\t' {
		return a + q
	}
	return a + " " + q
}

func looksLikeAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return false
	}
	if s[0] == '"' {
		return strings.IndexByte(s[at:], ' ') < 0
	}
	return strings.IndexByte(s, ' ') < 0 && strings.IndexByte(s[:at], '@') < 0
}
