package mailstore

import (
	"bytes"
	"encoding/binary"
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
	seq    uint64
	raw    []byte // the message's record
	v      view
	msg    *Message      // decoded when first asked for
	plain  []byte        // what is left of content in one piece
	buf    *[]byte       // that plain is in
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
	c := &Content{s: s, seq: seq}
	err := s.view(func(tx *bbolt.Tx) error {
		var key [seqLength]byte
		binary.BigEndian.PutUint64(key[:], seq)
		messages := tx.Bucket(bucketMessages).Cursor()
		k, raw := messages.Seek(key[:])
		if !bytes.Equal(k, key[:]) {
			return ErrNotFound
		}
		c.raw = bytes.Clone(raw)
		if err := c.v.parse(c.raw); err != nil {
			return err
		}
		if c.v.inOnePiece() {
			return c.readPlain(messages.Next()) // the end of its content is right behind it
		}
		return nil
	})
	if err != nil {
		c.Close()
		return nil, err
	}
	if !c.v.inOnePiece() {
		c.pieces = &pieces{s: s, seq: seq, ref: c.v.content}
		if c.stream, err = s.codec.stream(c.pieces); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// inOnePiece says whether the content is one tail of a block at most.
func (v *view) inOnePiece() bool { return v.content.chunks == 0 && v.size <= blockSize }

// readPlain reads content that is in one piece.
func (c *Content) readPlain(k, tail []byte) (err error) {
	if len(k) != seqLength+1 || k[seqLength] != tailMark || seqOfKey(k) != c.seq {
		return ErrNotFound
	}
	c.buf = c.s.codec.contents.Get().(*[]byte)
	c.plain, err = c.s.codec.decompress((*c.buf)[:0], tail)
	*c.buf = c.plain
	return err
}

// Trace is the message's trace fields; they stand before its content. Lines end
// in CRLF.
func (c *Content) Trace() string {
	r := reader{b: c.v.rest}
	r.skipStrings() // defects
	r.skipStrings() // tags
	return r.string()
}

// Message is the message's record.
func (c *Content) Message() (*Message, error) {
	if c.msg == nil {
		rec, err := decodeRecord(c.seq, c.s.ID(c.seq), c.raw)
		if err != nil {
			return nil, err
		}
		c.msg = &rec.Message
	}
	return c.msg, nil
}

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
	if c.buf != nil {
		c.s.codec.contents.Put(c.buf)
		c.buf = nil
	}
	c.plain = nil
	return nil
}

// pieces reads compressed content, chunk by chunk and then its tail.
type pieces struct {
	s    *Store
	seq  uint64
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
			tail := tx.Bucket(bucketMessages).Get(tailKey(p.seq))
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
