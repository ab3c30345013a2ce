package mailstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

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

// lockTimeout is how long the file's lock is waited for: another process may be
// about to end.
const lockTimeout = time.Second

// storeFile is a bbolt file.
type storeFile struct {
	*bbolt.DB
	sealer *sealer // nil when commits are not sealed
	syncer syncer  // of the sealer
}

// Close is for after the last commit.
func (f *storeFile) Close() error {
	err := f.DB.Close()
	if f.syncer != nil {
		err = errors.Join(err, f.syncer.free())
	}
	return err
}

// A syncer waits until what a file holds is on the disk, for one goroutine at a
// time.
type syncer interface {
	sync() error
	free() error // after the last use
}

// plainSync is fdatasync, or what the system has in its place.
type plainSync struct{ db *bbolt.DB }

func (s plainSync) sync() error { return s.db.Sync() }
func (s plainSync) free() error { return nil }

// prepare does what need not be done in a commit.
func (f *storeFile) prepare() error {
	if f.sealer == nil {
		return nil
	}
	tx, err := f.Begin(true) // nobody else writes
	if err != nil {
		return err
	}
	f.sealer.fill()
	return tx.Rollback()
}

// openFile opens a bbolt file whose pages have been looked at.
func openFile(path string, d Durability, log *slog.Logger) (*storeFile, error) {
	if err := checkFile(path, log); err != nil {
		return nil, err
	}
	o := &bbolt.Options{
		Timeout:        lockTimeout,
		NoFreelistSync: true, // Close writes it, see closeFile
		FreelistType:   bbolt.FreelistMapType,
		NoSync:         d == None,
		NoGrowSync:     d == None,
	}
	if runtime.GOOS != "windows" && ^uint(0)>>63 == 1 {
		// A remap would wait for all readers. Address space costs nothing;
		// on Windows the file would grow to this size.
		size := int64(16 << 30) // more than an int of 32 bits has
		o.InitialMmapSize = int(size)
	}
	var file *os.File
	o.OpenFile = func(name string, flag int, perm os.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(name, flag, perm)
		return file, err
	}
	db, err := openSame(path, o)
	if err != nil && o.InitialMmapSize > 0 && errors.Is(err, syscall.ENOMEM) {
		o.InitialMmapSize = 0
		db, err = openSame(path, o)
	}
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	if err != nil {
		return nil, err
	}
	f := &storeFile{DB: db}
	if d == None {
		return f, nil
	}
	if f.sealer, err = sealCommits(db, file); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if f.sealer != nil {
		if f.syncer, err = syncerOf(db, file); err != nil {
			return nil, errors.Join(err, db.Close())
		}
		f.sealer.sync = f.syncer.sync
	}
	return f, nil
}

// openSame opens a bbolt file. Should it be replaced by its compacted copy while
// this waits for its lock, it opens the copy.
func openSame(path string, o *bbolt.Options) (*bbolt.DB, error) {
	for {
		before, _ := os.Stat(path)
		db, err := bbolt.Open(path, 0o600, o)
		if err != nil || before == nil {
			return db, err
		}
		after, err := os.Stat(path)
		if err == nil && os.SameFile(before, after) {
			return db, nil
		}
		if err := db.Close(); err != nil {
			return nil, err
		}
	}
}

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
