package mailstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// bbolt's meta page: a page header of 16 octets, then these fields in the
// machine's byte order.
const (
	metaMagic    = 0xED0CDAED
	metaOffset   = 16
	metaLength   = 64
	metaPageSize = 8  // uint32
	metaFreelist = 32 // uint64: page of the free list; all ones when it was not written
	metaPages    = 40 // uint64: pages in use
	metaTxid     = 48 // uint64: of the transaction that wrote it
	metaSum      = 56 // uint64: FNV-1a of what stands before
)

// checkFile looks at a file before bbolt maps it: reading a map behind the end
// of a file that was cut short would end the process. A file that is missing or
// empty is fine: it will be made.
func checkFile(path string, log *slog.Logger) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.New("it is a folder, want a file")
	}
	if info.Size() == 0 {
		return nil
	}
	var b [metaOffset + metaLength]byte
	if _, err := io.ReadFull(f, b[:]); err != nil || binary.NativeEndian.Uint32(b[metaOffset:]) != metaMagic {
		return fmt.Errorf("%w: it is not a store's file, or its beginning was overwritten", ErrDamaged)
	}
	pageSize := int64(binary.NativeEndian.Uint32(b[metaOffset+metaPageSize:]))
	if pageSize < 512 || pageSize > 64<<10 {
		return fmt.Errorf("%w: a page size of %d octets", ErrDamaged, pageSize)
	}
	page, clean, newest := make([]byte, pageSize), true, uint64(0)
	for n := range int64(2) {
		if _, err := f.ReadAt(page, n*pageSize); err != nil {
			return fmt.Errorf("%w: it ends after %d octets", ErrDamaged, info.Size())
		}
		meta := page[metaOffset:]
		if binary.NativeEndian.Uint32(meta) != metaMagic {
			continue // bbolt takes the other one
		}
		if info, err = f.Stat(); err != nil { // another process may be writing to it
			return err
		}
		if pages := int64(binary.NativeEndian.Uint64(meta[metaPages:])); pages > info.Size()/pageSize {
			return fmt.Errorf("%w: it was cut short: %d octets, want %d at least", ErrDamaged, info.Size(), pages*pageSize)
		}
		if txidOf(page) >= newest {
			newest = txidOf(page)
			clean = binary.NativeEndian.Uint64(meta[metaFreelist:]) != ^uint64(0) && isWhole(f, page)
		}
	}
	if clean {
		return nil
	}
	return walkFile(path, log)
}

// walkFile settles a file that was not closed and goes through all its keys. bbolt
// will look for its free pages in a goroutine of its own, where a page it can not
// make sense of would end the process; here it is an error.
func walkFile(path string, log *slog.Logger) (err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	switch {
	case errors.Is(err, berrors.ErrTimeout), errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil // opening it for writing will say so
	case err != nil:
		return err
	}
	defer db.Close() // it holds the file's lock
	switch back, err := settle(path, db.Info().PageSize); {
	case err != nil:
		return err
	case back:
		log.Warn("the last commit had not reached the disk as a whole: the store is as it was before it", "path", path)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer asDamaged(&err)
	return db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			c := b.Cursor()
			for k, v := c.First(); k != nil; k, v = c.Next() {
				if len(v) > 0 && v[len(v)-1] == 0 {
					continue // the last octet can be read
				}
			}
			return nil
		})
	})
}
