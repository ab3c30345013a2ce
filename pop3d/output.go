package pop3d

import (
	"io"
	"sync"
)

// blockSize is how many octets of responses are collected before they are
// written: large enough for a LIST of thousands, small enough to be pooled.
const blockSize = 64 << 10

// output collects responses and writes them in blocks. Its buffer is borrowed
// from a pool while there is something in it, so that an idle session holds none.
type output struct {
	w    io.Writer
	pool *sync.Pool // of *[]byte with capacity blockSize
	held *[]byte    // what buf was borrowed as
	buf  []byte     // not yet written
	sent int64      // octets that were written
	err  error      // the first failed write; nothing is written after it
}

func newPool() *sync.Pool {
	return &sync.Pool{New: func() any {
		b := make([]byte, 0, blockSize)
		return &b
	}}
}

// room gives the buffer with space for n more octets, n ≤ blockSize; the caller appends and puts
// it back into buf.
func (o *output) room(n int) []byte {
	if o.held == nil {
		o.held = o.pool.Get().(*[]byte)
		o.buf = (*o.held)[:0]
	}
	if cap(o.buf)-len(o.buf) < n {
		o.write(o.buf)
		o.buf = o.buf[:0]
	}
	return o.buf
}

// put adds octets of any number.
func (o *output) put(p []byte) {
	for len(p) > 0 && o.err == nil {
		b := o.room(1)
		if len(b) == 0 && len(p) >= blockSize {
			o.write(p)
			return
		}
		n := min(cap(b)-len(b), len(p))
		o.buf = append(b, p[:n]...)
		p = p[n:]
	}
}

func (o *output) putString(s string) {
	o.buf = append(o.room(len(s)), s...)
}

func (o *output) write(p []byte) {
	if o.err != nil || len(p) == 0 {
		return
	}
	n, err := o.w.Write(p)
	o.sent += int64(n)
	o.err = err
}

// flush writes what is there and gives the buffer back.
func (o *output) flush() error {
	if o.held != nil {
		o.write(o.buf)
		o.pool.Put(o.held)
		o.held, o.buf = nil, nil
	}
	return o.err
}

// position marks a place in the output; see rewind.
type position struct {
	sent int64
	len  int
}

func (o *output) mark() position { return position{o.sent, len(o.buf)} }

// rewind takes back what was put since the mark. It is false when some of it
// has been written already.
func (o *output) rewind(p position) bool {
	if o.sent != p.sent || o.err != nil {
		return false
	}
	o.buf = o.buf[:p.len]
	return true
}
