package message

// transfer decodes a content transfer encoding (RFC 2045 §6) as the octets come. What is
// malformed is kept or skipped, never refused.
type transfer struct {
	kind byte // 'b', 'q', 'u'; 0 is identity
	b64  base64Decoder
	qp   quotedDecoder
	out  []byte
}

func (t *transfer) init(encoding string) {
	out := t.out
	*t = transfer{out: out}
	switch encoding {
	case "base64":
		t.kind = 'b'
	case "quoted-printable":
		t.kind = 'q'
	}
}

func knownEncoding(e string) bool {
	switch e {
	case "", "7bit", "8bit", "binary", "base64", "quoted-printable":
		return true
	}
	return false
}

// decode returns what b decodes to, valid until the next call or change of b.
func (t *transfer) decode(b []byte) []byte {
	switch t.kind {
	case 'b':
		t.out = t.b64.decode(t.out[:0], b)
	case 'q':
		t.out = t.qp.decode(t.out[:0], b)
	default:
		return b
	}
	return t.out
}

// finish returns what is left at the end.
func (t *transfer) finish() []byte {
	switch t.kind {
	case 'b':
		t.out = t.b64.finish(t.out[:0])
	case 'q':
		t.out = t.qp.finish(t.out[:0])
	default:
		return nil
	}
	return t.out
}

// defect is the code of what was wrong, "" for nothing.
func (t *transfer) defect() string {
	switch {
	case t.b64.bad:
		return BadBase64
	case t.qp.bad:
		return BadQuoted
	}
	return ""
}

// base64Decoder skips what is no base64, and goes on behind padding: some mailers
// encode in blocks and join them.
type base64Decoder struct {
	bits uint32
	n    int  // characters in bits
	pads int  // padding seen
	bad  bool // something was not as RFC 2045 §6.8 writes it
}

const (
	b64Bad   = 255
	b64Space = 254
	b64Pad   = 253
)

// base64Values maps an octet to its value or to one of the above.
var base64Values = func() (t [256]byte) {
	for i := range t {
		t[i] = b64Bad
	}
	for i := range 26 {
		t['A'+i] = byte(i)
		t['a'+i] = byte(26 + i)
	}
	for i := range 10 {
		t['0'+i] = byte(52 + i)
	}
	t['+'], t['/'], t['='] = 62, 63, b64Pad
	for _, c := range " \t\r\n" {
		t[c] = b64Space
	}
	return t
}()

func base64Value(c byte) byte { return base64Values[c] }

func (d *base64Decoder) decode(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		if d.n == 0 {
			for i+4 <= len(src) {
				a, b, c, e := base64Values[src[i]], base64Values[src[i+1]], base64Values[src[i+2]], base64Values[src[i+3]]
				if a|b|c|e >= 64 {
					break
				}
				if d.pads > 0 {
					d.bad, d.pads = true, 0
				}
				dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|e)
				i += 4
			}
			if i == len(src) {
				break
			}
		}
		switch v := base64Values[src[i]]; v {
		case b64Space:
		case b64Bad:
			d.bad = true
		case b64Pad:
			if d.n == 0 {
				if d.pads == 0 || d.pads >= 2 {
					d.bad = true
				}
				d.pads++
				break
			}
			n := d.n
			dst = d.flush(dst)
			d.pads = n - 1 // one "=" more is due after two characters
		default:
			if d.pads > 0 {
				d.bad, d.pads = true, 0
			}
			d.bits = d.bits<<6 | uint32(v)
			if d.n++; d.n == 4 {
				dst = append(dst, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
				d.bits, d.n = 0, 0
			}
		}
		i++
	}
	return dst
}

// flush writes the octets of an incomplete group.
func (d *base64Decoder) flush(dst []byte) []byte {
	switch d.n {
	case 1:
		d.bad = true
	case 2:
		dst = append(dst, byte(d.bits>>4))
	case 3:
		dst = append(dst, byte(d.bits>>10), byte(d.bits>>2))
	}
	d.bits, d.n = 0, 0
	return dst
}

func (d *base64Decoder) finish(dst []byte) []byte {
	if d.n > 0 {
		d.bad = true
		dst = d.flush(dst)
	}
	return dst
}

// quotedDecoder decodes quoted-printable (RFC 2045 §6.7).
type quotedDecoder struct {
	held []byte // an "=" with what followed, or white space that may end a line
	bad  bool
}

const maxHeldSpace = 1000

func (d *quotedDecoder) decode(dst, src []byte) []byte {
	for i, c := range src {
		if len(d.held) == 0 {
			if c == '=' || c == ' ' || c == '\t' || c == '\r' {
				d.held = append(d.held, c)
			} else {
				dst = append(dst, c)
			}
			continue
		}
		_ = i
		dst = d.step(dst, c)
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
