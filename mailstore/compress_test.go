package mailstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

func TestCompressSmall(t *testing.T) {
	t.Parallel()
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, smallSize)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for _, content := range [][]byte{nil, {'\n'}, []byte("two"), bytes.Repeat([]byte("a line\r\n"), smallSize/8), noise} {
		before := []byte("before")
		packed := c.compressSmall(nil, content)
		if len(packed) > len(content)+len(content)/64+16 {
			t.Errorf("%d octets became %d", len(content), len(packed))
		}
		plain, err := c.decompress(before, packed)
		if err != nil || string(plain) != "before"+string(content) {
			t.Errorf("%d octets came back as %d, %v", len(content), len(plain)-len(before), err)
		}
		for i := range packed { // damage is an error or other content, never a crash
			broken := bytes.Clone(packed)
			broken[i] ^= 0x55
			c.decompress(nil, broken)
			c.decompress(nil, packed[:i])
		}
	}
	huge := binary.AppendUvarint([]byte{s2Block}, 1<<30)
	if _, err := c.decompress(nil, huge); err == nil {
		t.Error("a small block that says it is 1 GiB was believed")
	}
}

// TestMigrate: a file of schema 1, whose content is all zstd, is read and gets
// the new version.
func TestMigrate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path})
	content := mail("old", strings.Repeat("text ", 100))
	r := deliver(t, s, content, "a@x.test")
	if err := s.db.Update(func(tx *bbolt.Tx) error {
		if err := tx.Bucket(bucketMessages).Put(tailKey(r.Seq), s.codec.compress(nil, []byte(content))); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Put(keySchema, binary.BigEndian.AppendUint64(nil, 1))
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, Options{Path: path})
	if got := contentOf(t, s, r.Seq); got != content {
		t.Errorf("content is %q, want %q", got, content)
	}
	if page, err := s.List(context.Background(), ListOptions{Query: query(t, "body:text")}); err != nil || len(page.Messages) != 1 {
		t.Errorf("search finds %d messages, %v; want 1", len(page.Messages), err)
	}
	var schema uint64
	s.view(func(tx *bbolt.Tx) error {
		schema = binary.BigEndian.Uint64(tx.Bucket(bucketMeta).Get(keySchema))
		return nil
	})
	if schema != schemaVersion {
		t.Errorf("the schema is version %d, want %d", schema, schemaVersion)
	}
}
