package message

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeUTF7 decodes UTF-7 (RFC 2152), which golang.org/x/text leaves out.
func decodeUTF7(b []byte) (text, code string) {
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); {
		c := b[i]
		i++
		if c != '+' {
			if c >= 0x80 {
				code = BadCharset
				out.WriteRune(utf8.RuneError)
			} else {
				out.WriteByte(c)
			}
			continue
		}
		if i < len(b) && b[i] == '-' {
			out.WriteByte('+')
			i++
			continue
		}
		start := i
		for i < len(b) && base64Value(b[i]) < 64 {
			i++
		}
		if i == start || !writeUTF16(&out, b[start:i]) {
			code = BadCharset
		}
		if i < len(b) && b[i] == '-' {
			i++
		}
	}
	return out.String(), code
}

// writeUTF16 writes what a shifted sequence encodes: UTF-16 in base64 without padding.
func writeUTF16(out *strings.Builder, b []byte) (ok bool) {
	ok = true
	var bits, n uint
	var high rune
	for _, c := range b {
		bits = bits<<6 | uint(base64Value(c))
		n += 6
		if n < 16 {
			continue
		}
		n -= 16
		unit := rune(bits >> n & 0xffff)
		bits &= 1<<n - 1
		if high != 0 {
			r := utf16.DecodeRune(high, unit)
			high = 0
			out.WriteRune(r)
			if r != utf8.RuneError {
				continue
			}
			ok = false
		}
		switch {
		case 0xd800 <= unit && unit < 0xdc00:
			high = unit
		case utf16.IsSurrogate(unit):
			out.WriteRune(utf8.RuneError)
			ok = false
		default:
			out.WriteRune(unit)
		}
	}
	return ok && high == 0 && bits == 0
}
