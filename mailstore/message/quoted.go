package message

// quotedDecoder decodes quoted-printable (RFC 2045 §6.7).
type quotedDecoder struct {
	held []byte // an "=" with what followed, or white space that may end a line
	bad  bool
}

const maxHeldSpace = 1000

// quotedSpecial are the octets that do not always stand for themselves.
var quotedSpecial = [256]bool{'=': true, ' ': true, '\t': true, '\r': true}

func (d *quotedDecoder) decode(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		if len(d.held) > 0 {
			dst = d.step(dst, src[i])
			i++
			continue
		}
		j := i
		for j < len(src) && !quotedSpecial[src[j]] {
			j++
		}
		dst = append(dst, src[i:j]...)
		if j < len(src) {
			d.held = append(d.held, src[j])
			j++
		}
		i = j
	}
	return dst
}

// step takes one octet while something is held.
func (d *quotedDecoder) step(dst []byte, c byte) []byte {
	h := d.held
	if h[0] == '=' {
		switch {
		case c == '\n' && softBreak(h[1:]):
			d.held = h[:0]
			return dst
		case (c == ' ' || c == '\t' || c == '\r') && softBreak(h[1:]) && len(h) < maxHeldSpace:
			d.held = append(h, c)
			return dst
		case len(h) == 1 && unhex(c) < 16:
			d.held = append(h, c)
			return dst
		case len(h) == 2 && unhex(h[1]) < 16 && unhex(c) < 16:
			d.held = h[:0]
			return append(dst, unhex(h[1])<<4|unhex(c))
		}
		d.bad = true
		dst = append(dst, h...)
		d.held = h[:0]
		return d.decode(dst, []byte{c})
	}
	switch {
	case c == '\n': // white space at the end of a line was added on the way
		if h[len(h)-1] == '\r' {
			dst = append(dst, '\r')
		}
		d.held = h[:0]
		return append(dst, '\n')
	case (c == ' ' || c == '\t' || c == '\r') && h[len(h)-1] != '\r' && len(h) < maxHeldSpace:
		d.held = append(h, c)
		return dst
	}
	dst = append(dst, h...)
	d.held = h[:0]
	return d.decode(dst, []byte{c})
}

func softBreak(b []byte) bool {
	for i, c := range b {
		if c != ' ' && c != '\t' && !(c == '\r' && i == len(b)-1) {
			return false
		}
	}
	return true
}

func (d *quotedDecoder) finish(dst []byte) []byte {
	h := d.held
	d.held = nil
	if len(h) == 0 {
		return dst
	}
	if h[0] == '=' {
		if softBreak(h[1:]) {
			return dst
		}
		d.bad = true
		return append(dst, h...)
	}
	return dst // white space at the end
}
