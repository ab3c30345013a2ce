package mailstore

import (
	"io"

	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"
)

// chunksPerRead is how many chunks of content are copied out in one transaction.
const chunksPerRead = 16

// Content is a message's content, read as a stream: exactly the octets that
// arrived. No transaction is open between reads. When the message is deleted
// meanwhile, reading ends with ErrNotFound.
type Content struct {
	s      *Store
	rec    *record
	plain  []byte        // what is left of content in one piece
	pieces *pieces       // of content in several
	stream *zstd.Decoder // over pieces
}

// Message reads a message by its ID, or by its seq in decimal. ErrNotFound when
// it is not there.
func (s *Store) Message(id string) (*Message, error) {
	seq, err := s.seqOf(id)
	if err != nil {
		return nil, err
	}
	return s.MessageBySeq(seq)
}

// MessageBySeq reads a message. ErrNotFound when it is not there.
func (s *Store) MessageBySeq(seq uint64) (*Message, error) {
	var rec *record
	err := s.view(func(tx *bbolt.Tx) (err error) {
		rec, err = s.readRecord(tx, seq)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &rec.Message, nil
}

func (s *Store) readRecord(tx *bbolt.Tx, seq uint64) (*record, error) {
	b := tx.Bucket(bucketMessages).Get(seqKey(seq))
	if b == nil {
		return nil, ErrNotFound
	}
	return decodeRecord(seq, s.ID(seq), b)
}

// Content opens a message's content. ErrNotFound when the message is not there.
// The caller closes it.
func (s *Store) Content(seq uint64) (*Content, error) {
	c := &Content{s: s}
	err := s.view(func(tx *bbolt.Tx) (err error) {
		if c.rec, err = s.readRecord(tx, seq); err != nil {
			return err
		}
		if c.inOnePiece() {
			c.plain, err = s.readPlain(tx, c.rec.content, nil)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !c.inOnePiece() {
		c.pieces = &pieces{s: s, ref: c.rec.content}
		if c.stream, err = s.codec.stream(c.pieces); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Content) inOnePiece() bool {
	return c.rec.content.chunks == 0 && c.rec.Size <= blockSize
}

// readPlain appends content that is in one piece to dst.
func (s *Store) readPlain(tx *bbolt.Tx, ref contentRef, dst []byte) ([]byte, error) {
	tail := tx.Bucket(bucketContent).Get(seqKey(ref.id))
	if tail == nil {
		return nil, ErrNotFound
	}
	return s.codec.decompress(dst, tail)
}

// Message is the message's record. It is not to be changed.
func (c *Content) Message() *Message { return &c.rec.Message }

func (c *Content) Read(p []byte) (int, error) {
	if c.stream != nil {
		n, err := c.stream.Read(p)
		return n, c.cause(err)
	}
	if len(c.plain) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.plain)
	c.plain = c.plain[n:]
	return n, nil
}

// WriteTo writes what is left in large blocks.
func (c *Content) WriteTo(w io.Writer) (int64, error) {
	if c.stream != nil {
		n, err := c.stream.WriteTo(w)
		return n, c.cause(err)
	}
	if len(c.plain) == 0 {
		return 0, nil
	}
	n, err := w.Write(c.plain)
	c.plain = c.plain[n:]
	return int64(n), err
}

// cause prefers the reason that a piece could not be read to what the decoder
// makes of it.
func (c *Content) cause(err error) error {
	if err != nil && err != io.EOF && c.pieces.err != nil {
		return c.pieces.err
	}
	return err
}

// Close gives up what reading took. It never fails.
func (c *Content) Close() error {
	if c.stream != nil {
		c.s.codec.release(c.stream)
		c.stream = nil
	}
	c.plain = nil
	return nil
}

// pieces reads compressed content, chunk by chunk and then its tail.
type pieces struct {
	s    *Store
	ref  contentRef
	next uint32 // chunk
	buf  []byte
	left []byte // of buf
	tail bool   // was read
	err  error  // other than io.EOF
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.left) == 0 {
		if p.tail {
			return 0, io.EOF
		}
		if p.err = p.fill(); p.err != nil {
			return 0, p.err
		}
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}

func (p *pieces) fill() error {
	p.buf = p.buf[:0]
	err := p.s.view(func(tx *bbolt.Tx) error {
		if p.next == p.ref.chunks {
			tail := tx.Bucket(bucketContent).Get(seqKey(p.ref.id))
			if tail == nil {
				return ErrNotFound
			}
			p.buf = append(p.buf, tail...)
			p.tail = true
			return nil
		}
		chunks := tx.Bucket(bucketChunks).Cursor()
		want := chunkKey(p.ref.id, p.next)
		for k, v := chunks.Seek(want); p.next < p.ref.chunks && len(p.buf) < chunksPerRead*chunkSize; k, v = chunks.Next() {
			if string(k) != string(want) {
				return ErrNotFound
			}
			p.buf = append(p.buf, v...)
			p.next++
			want = chunkKey(p.ref.id, p.next)
		}
		return nil
	})
	p.left = p.buf
	return err
}
