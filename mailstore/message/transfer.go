package message

// transfer decodes a content transfer encoding (RFC 2045 §6) as the octets come. What is
// malformed is kept or skipped, never refused.
type transfer struct {
	kind byte // 'b', 'q', 'u'; 0 is identity
	b64  base64Decoder
	qp   quotedDecoder
	uu   uuDecoder
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
	case "x-uuencode":
		t.kind = 'u'
	}
}

func knownEncoding(e string) bool {
	switch e {
	case "", "7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode":
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
	case 'u':
		t.out = t.uu.decode(t.out[:0], b)
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
	case 'u':
		t.out = t.uu.finish(t.out[:0])
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
	case t.uu.bad:
		return BadUuencode
	}
	return ""
}
