package message

import "strings"

// Address is a mailbox of a header field.
type Address struct {
	Name    string // decoded; "" when there is none
	Address string // as written, without comments; "" when it could not be read
}

// addresses appends the mailboxes of an address list (RFC 5322 §3.4, with §4.4). Groups are
// their members; what is no address is kept as a name.
func (w *walker) addresses(list []Address, v string) []Address {
	if a, ok := simpleAddress(v); ok {
		return append(list, a)
	}
	return w.addressList(list, v)
}

// addressList is addresses for every form.
func (w *walker) addressList(list []Address, v string) []Address {
	p := addressParser{w: w, lex: addressLexer{s: v}, list: list}
	p.lex.next()
	for p.lex.kind != 0 && len(p.list) < maxAddresses {
		switch p.lex.kind {
		case ',':
			p.lex.next() // empty elements are obsolete syntax
		case ';':
			if !p.group {
				w.noteDetail(BadAddress, w.about) // a separator to some mailers only
			}
			p.group = false
			p.lex.next()
		default:
			p.mailbox()
		}
	}
	return p.list
}

// simpleAddress reads the forms that most mail has, name <address>, "name" <address> and address,
// without anything that needs decoding.
func simpleAddress(v string) (a Address, ok bool) {
	if v != "" && v[0] == '"' {
		name, rest, found := strings.Cut(v[1:], `"`)
		rest = strings.TrimPrefix(rest, " ")
		if !found || name == "" || !isPlain(name) || strings.ContainsAny(name, `\=`) || rest == "" || rest[0] != '<' {
			return a, false
		}
		a, ok = simpleAddress(rest)
		a.Name = strings.TrimSpace(name)
		return a, ok
	}
	open, at := -1, -1
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '<':
			if open >= 0 || at >= 0 {
				return a, false
			}
			open = i
		case c == '@':
			if at >= 0 || i == 0 || v[i-1] == '<' || i+1 == len(v) || v[i+1] == '>' {
				return a, false
			}
			at = i
		case c == ' ':
			if i+1 < len(v) && v[i+1] == ' ' || at >= 0 || open >= 0 {
				return a, false
			}
		case c == '>':
			if i+1 != len(v) || open < 0 {
				return a, false
			}
		case c <= ' ' || c >= 0x7f, c == '"', c == '(', c == ')', c == ',', c == ';', c == ':', c == '[', c == '\\', c == '=':
			return a, false
		}
	}
	switch {
	case at < 0 || open > at:
		return a, false
	case open < 0:
		if strings.IndexByte(v, ' ') >= 0 {
			return a, false
		}
		return Address{Address: v}, true
	case v[len(v)-1] != '>':
		return a, false
	}
	return Address{Name: strings.TrimSpace(v[:open]), Address: v[open+1 : len(v)-1]}, true
}

type addressParser struct {
	w     *walker
	lex   addressLexer
	list  []Address
	group bool // inside one

	clumps  []clump // of the mailbox that is being read
	comment []byte
}

// clump is a run of words that belong together: joined by dots and at signs, around
// which the obsolete syntax has white space and comments.
type clump struct {
	raw  []byte // as an address
	text []byte // as a part of a name
	ats  int
	glue bool // ends in "." or "@"
}

// mailbox reads one mailbox, or the beginning of a group.
func (p *addressParser) mailbox() {
	p.clumps, p.comment = p.clumps[:0], p.comment[:0]
	angle, hasAngle, ok := "", false, true
	for {
		l := &p.lex
		switch l.kind {
		case 0, ',', ';':
			p.finish(angle, hasAngle, ok && !l.bad)
			l.bad = false
			return
		case ':':
			if !hasAngle && p.ats() == 0 {
				if len(p.clumps) == 0 || p.group {
					p.w.noteDetail(BadAddress, p.w.about)
				}
				p.group = true
				l.next()
				return
			}
			ok = false
			p.word()
		case '<':
			if hasAngle {
				ok = false
				p.word()
				break
			}
			hasAngle = true
			var good bool
			angle, good = p.angle()
			ok = ok && good
		case '(':
			p.comment = appendSpaced(p.comment, l.text)
			l.next()
		default:
			if hasAngle {
				ok = false
			}
			p.word()
		}
	}
}

// word adds the current token to the clumps.
func (p *addressParser) word() {
	l := &p.lex
	joint := l.kind == '.' || l.kind == '@'
	n := len(p.clumps)
	// An atom behind an atom is a new clump. So is a dot or an at sign behind a space that stands
	// alone, as in "J . Doe <j@d>": it is joined all the same, as the obsolete syntax allows.
	if n > 0 && (joint || p.clumps[n-1].glue || !l.spaced) {
		c := &p.clumps[n-1]
		c.raw = append(c.raw, l.raw...)
		if l.spaced && l.kind != '@' && c.ats == 0 {
			c.text = append(c.text, ' ')
		}
		c.text = append(c.text, l.text...)
		c.glue = joint
		if l.kind == '@' {
			c.ats++
		}
	} else {
		c := clump{raw: []byte(l.raw), text: []byte(l.text), glue: joint}
		if l.kind == '@' {
			c.ats++
		}
		p.clumps = append(p.clumps, c)
	}
	l.next()
}

func (p *addressParser) ats() (n int) {
	for _, c := range p.clumps {
		n += c.ats
	}
	return n
}

// angle reads "<address>", without the obsolete source route (RFC 5322 §4.4).
func (p *addressParser) angle() (addr string, ok bool) {
	l := &p.lex
	l.inAngle = true
	l.next()
	var b strings.Builder
	ok = true
	words := false // a word was the last token
	for l.kind != '>' {
		switch l.kind {
		case 0:
			l.inAngle = false
			return b.String(), false
		case '(':
			l.next()
			continue
		case ':':
			if strings.HasPrefix(b.String(), "@") {
				b.Reset()
				l.next()
				continue
			}
			ok = false
		case ',', ';', '<':
			if b.Len() > 0 && b.String()[0] != '@' {
				ok = false
			}
		}
		isWord := l.kind == 'a' || l.kind == '"'
		if isWord && words && l.spaced {
			b.WriteByte(' ')
			ok = false
		}
		words = isWord
		b.WriteString(l.raw)
		l.next()
	}
	l.inAngle = false
	l.next()
	return b.String(), ok
}

// finish adds what was read to the list.
func (p *addressParser) finish(angle string, hasAngle, ok bool) {
	if !hasAngle && len(p.clumps) == 1 && p.clumps[0].ats > 0 {
		addr := string(p.clumps[0].raw)
		p.add(p.comment, addr, ok && isAddress(addr))
		return
	}
	var name []byte
	var addrs []string
	for _, c := range p.clumps {
		if c.ats > 0 && !hasAngle {
			addrs = append(addrs, string(c.raw))
		} else {
			name = appendSpaced(name, string(c.text))
		}
	}
	switch {
	case hasAngle:
		if len(name) == 0 {
			name = p.comment
		}
		p.add(name, angle, ok && isAddress(angle))
	case len(addrs) > 0: // no angle brackets around the address, or no comma between two
		for _, a := range addrs {
			p.add(name, a, false)
			name = nil
		}
	case len(name) > 0:
		p.add(name, "", false)
	case len(p.comment) > 0 && !p.group && len(p.list) == 0:
		p.add(p.comment, "", false)
	}
}

func (p *addressParser) add(name []byte, addr string, ok bool) {
	if !ok {
		p.w.noteDetail(BadAddress, p.w.about)
	}
	a := Address{Name: strings.TrimSpace(p.w.text(string(name))), Address: p.w.raw(addr)}
	if a.Name != "" || a.Address != "" {
		p.list = append(p.list, a)
	}
}

// appendSpaced appends the next part of a name.
func appendSpaced(name []byte, s string) []byte {
	if len(name) > 0 && s != "" {
		name = append(name, ' ')
	}
	return append(name, s...)
}

// isAddress says whether s has a local part and a domain, and nothing that separates.
func isAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return false
	}
	local, domain := s[:at], s[at+1:]
	if strings.IndexByte(local, '"') < 0 && strings.ContainsAny(local, " @,;<>()[]\\") {
		return false
	}
	return !strings.ContainsAny(domain, " ,;<>()") && domain[0] != '.'
}
