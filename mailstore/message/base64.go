package message

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
