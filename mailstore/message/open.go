package message

import (
	"errors"
	"io"
)

// ErrNoPart says that a message has no part of that path.
var ErrNoPart = errors.New("no such part")

// OpenPart streams the decoded content of one part of the message read from r; a multipart or an
// attached message comes as it was sent. The Part has no Size, Octets, SHA256 and Parts.
// Path "1" is also the whole of a message that is no multipart, as in IMAP. The only errors are
// ErrNoPart and those of r.
func OpenPart(r io.Reader, path string) (*Part, io.Reader, error) {
	p := parser{m: &Message{}}
	w := &p.w
	w.init(r)
	for w.next() {
		w.noted = w.noted[:0]
		at := w.path()
		if at == path || at == "" && path == "1" && !w.part.multipart && !w.part.embedded {
			part := p.newPart()
			o := &opened{w: w}
			encoding := w.part.encoding
			if w.part.multipart || w.part.embedded {
				encoding = ""
			}
			o.t.init(encoding)
			return part, o, nil
		}
		if w.part.multipart || w.part.embedded {
			w.enter(nil)
		}
	}
	if err := w.src.err; err != nil && !w.src.ended() {
		return nil, nil, err
	}
	return nil, nil, ErrNoPart
}

// opened reads the decoded content of the walker's current part.
type opened struct {
	w    *walker
	t    transfer
	out  []byte
	done bool
}

func (o *opened) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(o.out) == 0 {
		if o.done {
			if s := &o.w.src; s.err != nil && !s.ended() && !o.w.found {
				return 0, s.err
			}
			return 0, io.EOF
		}
		b := o.w.chunk()
		if b == nil {
			o.done = true
			o.out = o.t.finish()
		} else {
			o.out = o.t.decode(b)
		}
	}
	n := copy(p, o.out)
	o.out = o.out[n:]
	return n, nil
}
