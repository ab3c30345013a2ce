package mailstore

import (
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	// blockSize is how much content is compressed at a time; each block is a
	// zstd frame of its own (RFC 8878 §3.1).
	blockSize = 128 << 10

	// chunkSize is that of the uniform chunks: with bbolt's headers (16 octets a
	// page, 16 an element) and the key (12), n chunks fill exactly 2n pages of
	// 4 KiB or leave less than one over. Freed ones fit the next message's.
	chunkSize = 8192 - 16 - 16 - 12
)

// codec compresses and decompresses. The encoder has no state between calls.
type codec struct {
	enc      *zstd.Encoder
	whole    *zstd.Decoder // for content in one piece
	streams  sync.Pool     // of *zstd.Decoder, for content in several
	contents sync.Pool     // of *[]byte, scratch
}

func newCodec() (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithWindowSize(blockSize), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	whole, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, err
	}
	c := &codec{enc: enc, whole: whole}
	c.contents.New = func() any { return new([]byte) }
	return c, nil
}

// compress appends a block as a frame.
func (c *codec) compress(dst, block []byte) []byte { return c.enc.EncodeAll(block, dst) }

// decompress appends the content of whole frames.
func (c *codec) decompress(dst, frames []byte) ([]byte, error) { return c.whole.DecodeAll(frames, dst) }

// stream returns a decoder that reads frames from r; give it back with release.
func (c *codec) stream(r io.Reader) (*zstd.Decoder, error) {
	if d, ok := c.streams.Get().(*zstd.Decoder); ok {
		if err := d.Reset(r); err != nil {
			return nil, err
		}
		return d, nil
	}
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(64<<20))
}

func (c *codec) release(d *zstd.Decoder) {
	if err := d.Reset(nil); err == nil || errors.Is(err, zstd.ErrDecoderNilInput) {
		c.streams.Put(d)
	}
}
