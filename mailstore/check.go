package mailstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// bbolt's meta page: a page header of 16 octets, then these fields in the
// machine's byte order.
const (
	metaMagic    = 0xED0CDAED
	metaOffset   = 16
	metaLength   = 64
	metaPageSize = 8  // uint32
	metaPages    = 40 // uint64: pages in use
)

// checkFile looks at a file before bbolt maps it: reading a map behind the end
// of a file that was cut short would end the process. A file that is missing or
// empty is fine: it will be made.
func checkFile(path string) error {
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
	for n := range int64(2) {
		if _, err := f.ReadAt(b[:], n*pageSize); err != nil {
			return fmt.Errorf("%w: it ends after %d octets", ErrDamaged, info.Size())
		}
		pages := int64(binary.NativeEndian.Uint64(b[metaOffset+metaPages:]))
		if binary.NativeEndian.Uint32(b[metaOffset:]) == metaMagic && pages > info.Size()/pageSize {
			return fmt.Errorf("%w: it was cut short: %d octets, want %d at least", ErrDamaged, info.Size(), pages*pageSize)
		}
	}
	return nil
}
