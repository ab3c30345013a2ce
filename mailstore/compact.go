package mailstore

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

const (
	compactAbove = 64 << 20 // octets that must be free before a start compacts by itself
	compactBatch = 16 << 20 // octets copied per transaction
)

// wantsCompaction says whether most of a file is free.
func wantsCompaction(db *bbolt.DB) bool {
	info, err := os.Stat(db.Path())
	if err != nil {
		return false
	}
	free := int64(db.Stats().FreePageN+db.Stats().PendingPageN) * int64(db.Info().PageSize)
	return free > compactAbove && free > info.Size()/2
}

// compactOpen rewrites an open file without its free pages and opens the result.
// The old file is replaced only after the new one is complete and durable. It
// returns an open file in any case but a failure to open one.
func compactOpen(f *storeFile, path string, o Options) (*storeFile, error) {
	fresh := path + ".compact"
	if err := copyCompact(f.DB, fresh); err != nil {
		os.Remove(fresh)
		return f, nil // the old one is as good as it was
	}
	if err := replaceFile(f, fresh, path); err != nil {
		return nil, err
	}
	return openFile(path, o.Durability, o.Log)
}

// replaceFile closes an open file and puts a fresh one in its place. Where the
// system allows it, the old one's lock is held until the new one is there: who
// waits for the lock finds that the file is another one (see openFile).
func replaceFile(f *storeFile, fresh, path string) error {
	if runtime.GOOS == "windows" {
		return errors.Join(f.Close(), os.Rename(fresh, path))
	}
	return errors.Join(os.Rename(fresh, path), syncFolder(filepath.Dir(path)), f.Close())
}

// syncFolder makes a rename durable: what is committed to the new file must not
// be lost because a crash brought the old one back.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func copyCompact(db *bbolt.DB, fresh string) error {
	os.Remove(fresh) // of an earlier attempt
	dst, err := bbolt.Open(fresh, 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = bbolt.Compact(dst, db, compactBatch)
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}

// Compact rewrites a store's file without its free pages and returns its size
// before and after, in octets. No process may have it open: ErrInUse.
func Compact(path string) (before, after int64, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer asDamaged(&err)
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	f, err := openFile(path, Commit, slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, 0, fmt.Errorf("compact store %s: %w", path, err)
	}
	fresh := path + ".compact"
	if err := copyCompact(f.DB, fresh); err != nil {
		os.Remove(fresh)
		return 0, 0, fmt.Errorf("compact store %s: %w", path, errors.Join(err, f.Close()))
	}
	if err := replaceFile(f, fresh, path); err != nil {
		return 0, 0, fmt.Errorf("compact store %s: %w", path, err)
	}
	now, err := os.Stat(path)
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	return info.Size(), now.Size(), nil
}
