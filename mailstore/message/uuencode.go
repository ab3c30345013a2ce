package message

import "bytes"

// uuDecoder decodes uuencoded content, which came before MIME: a "begin" line, lines of a length
// and four characters for three octets, "end".
type uuDecoder struct {
	line  []byte
	state byte // 0 before "begin", 1 behind it, 2 behind "end"
	bad   bool
}

const maxUULine = 200 // of 61 octets at most

func (d *uuDecoder) decode(dst, src []byte) []byte {
	for len(src) > 0 {
		i := bytes.IndexByte(src, '\n')
		if i < 0 {
			d.hold(src)
			return dst
		}
		d.hold(src[:i])
		dst = d.take(dst)
		src = src[i+1:]
	}
	return dst
}

func (d *uuDecoder) hold(b []byte) {
	if n := maxUULine - len(d.line); len(b) > n {
		b = b[:n]
	}
	d.line = append(d.line, b...)
}

// take decodes the line that is held.
func (d *uuDecoder) take(dst []byte) []byte {
	line := bytes.TrimRight(d.line, "\r")
	d.line = d.line[:0]
	switch {
	case d.state == 0:
		if bytes.HasPrefix(line, []byte("begin ")) {
			d.state = 1
		}
		return dst
	case d.state == 2 || len(line) == 0:
		return dst
	case string(line) == "end":
		d.state = 2
		return dst
	}
	n := int(line[0]-' ') & 63
	line = line[1:]
	for ; n > 0; n -= 3 {
		var v uint32
		for i := range 4 {
			c := byte(' ')
			if i < len(line) {
				c = line[i]
			} else if i <= n {
				d.bad = true // trailing spaces may get lost, but not this many
			}
			if c < ' ' || c > '`' {
				d.bad = true
			}
			v = v<<6 | uint32(c-' ')&63
		}
		line = line[min(4, len(line)):]
		three := [3]byte{byte(v >> 16), byte(v >> 8), byte(v)}
		dst = append(dst, three[:min(n, 3)]...)
	}
	return dst
}

func (d *uuDecoder) finish(dst []byte) []byte {
	if len(d.line) > 0 {
		dst = d.take(dst)
	}
	if d.state != 2 {
		d.bad = true
	}
	return dst
}
