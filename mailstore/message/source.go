package message

import (
	"bytes"
	"errors"
	"io"
)

const (
	firstBlock = 8 << 10
	fullBlock  = 128 << 10
	maxPeek    = 32 << 10 // octets that line looks ahead; far below fullBlock, so that moving them down is cheap
)

// source hands out the octets of a message in blocks. All of them go through
// take, which looks once at each for what is wrong with the lines.
type source struct {
	r      io.Reader
	buf    []byte
	pos    int     // of the next octet
	end    int     // of what was read
	base   int64   // offset of buf[0] in the message
	err    error   // why there is no more: io.EOF or what reading failed with
	last   [2]byte // octets taken
	binary bool    // inside a binary part (RFC 3030 §3): lines mean nothing
	lines  lineCheck
}

func (s *source) init(r io.Reader) {
	size := firstBlock
	if l, ok := r.(interface{ Len() int }); ok {
		size = min(max(l.Len()+1, 512), fullBlock) // one more, to see the end without growing
	}
	s.r = r
	if cap(s.buf) >= size {
		s.buf = s.buf[:cap(s.buf)]
	} else {
		s.buf = make([]byte, size)
	}
}

// offset is the offset in the message of the next octet.
func (s *source) offset() int64 { return s.base + int64(s.pos) }

// ended says that the reader was read to its end.
func (s *source) ended() bool { return errors.Is(s.err, io.EOF) }

// more reads on behind what is buffered. Slices of the buffer are invalid
// after it. It returns false at the end, or when a whole block is waiting.
func (s *source) more() bool {
	if s.err != nil {
		return false
	}
	if s.end == len(s.buf) {
		switch {
		case len(s.buf) < fullBlock:
			b := make([]byte, min(4*len(s.buf), fullBlock))
			s.end = copy(b, s.buf[s.pos:s.end])
			s.buf = b
		case s.pos > 0:
			s.end = copy(s.buf, s.buf[s.pos:s.end])
		default:
			return false
		}
		s.base += int64(s.pos)
		s.pos = 0
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		if n < 0 || n > len(s.buf)-s.end {
			n, err = 0, io.ErrNoProgress // a broken reader
		}
		s.end += n
		s.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// take consumes n buffered octets.
func (s *source) take(n int) {
	if !s.binary {
		s.lines.scan(s.buf[s.pos : s.pos+n])
	}
	switch {
	case n > 1:
		s.last = [2]byte(s.buf[s.pos+n-2 : s.pos+n])
	case n == 1:
		s.last = [2]byte{s.last[1], s.buf[s.pos]}
	}
	s.pos += n
}

// lineEnding is the length of the line ending that was taken last, 0 when something else was.
func (s *source) lineEnding() int64 {
	switch {
	case s.last[1] != '\n':
		return 0
	case s.last[0] == '\r':
		return 2
	}
	return 1
}

// line returns the line that begins skip octets ahead, with its line ending, without
// consuming it. It is cut after maxPeek octets and empty at the end.
func (s *source) line(skip int) []byte {
	seen := 0
	for {
		b := s.buf[s.pos:s.end]
		if len(b) > skip {
			b = b[skip:]
			if i := bytes.IndexByte(b[seen:], '\n'); i >= 0 {
				return b[:seen+i+1]
			}
			if len(b) >= maxPeek {
				return b[:maxPeek]
			}
			seen = len(b)
		} else {
			b = nil
		}
		if !s.more() {
			return b
		}
	}
}

// lineCheck counts what lines should not have.
type lineCheck struct {
	length          int // of the line so far
	cr              bool
	crs, lfs, crlfs int
	long, nul       bool
}

func (c *lineCheck) scan(b []byte) {
	if len(b) == 0 {
		return
	}
	if !c.nul && bytes.IndexByte(b, 0) >= 0 {
		c.nul = true
	}
	c.crs += bytes.Count(b, crByte)
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			break
		}
		c.lfs++
		n := c.length + i
		if i > 0 && b[i-1] == '\r' || i == 0 && c.cr {
			c.crlfs++
			n--
		}
		if n > maxLine {
			c.long = true
		}
		b = b[i+1:]
		c.length, c.cr = 0, false
	}
	if len(b) > 0 {
		c.length += len(b)
		c.cr = b[len(b)-1] == '\r'
	}
}

var crByte = []byte{'\r'}

// defects are those of the message as a stream of lines.
func (s *source) defects() (codes []string) {
	c := &s.lines
	if c.long || c.length > maxLine {
		codes = append(codes, LongLine)
	}
	if c.lfs != c.crlfs {
		codes = append(codes, BareLF)
	}
	if c.crs != c.crlfs {
		codes = append(codes, BareCR)
	}
	if c.nul {
		codes = append(codes, NUL)
	}
	if s.err != nil && !s.ended() {
		codes = append(codes, ReadError)
	}
	return codes
}
