package mailstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"os"
	"reflect"
	"unsafe"

	"go.etcd.io/bbolt"
)

// A commit of bbolt waits for the disk twice: until its pages are there, and
// then until the meta page that makes them count is. With a seal it waits once,
// for both: the seal, in the free part of the meta page, says where the pages of
// the commit are and what their checksums are. If power fails in between, any
// part of them may be on the disk. The next Open then finds that the newest
// commit is not whole and goes back to the one before. Nobody was told that the
// newest is stored, and the one before is whole: a commit begins when what the
// file holds is on the disk, and overwrites no page of it.
const (
	sealMagic   = 0x6C616573
	sealOffset  = metaOffset + metaLength
	sealHeader  = 20 // magic uint32, txid uint64, runs uint32, checksum of all of it uint32
	sealRunSize = 16 // first page uint64, pages uint32, checksum uint32
)

var sealTable = crc32.MakeTable(crc32.Castagnoli)

// run is pages in a row that a commit wrote.
type run struct {
	page  uint64
	pages uint32
	sum   uint32 // CRC-32C
}

// sealer writes the pages of a bbolt file.
type sealer struct {
	write    writeFunc
	sync     func() error
	file     *os.File // only looked at
	pageSize int
	runs     []run     // of the commit that is being written
	row      []byte    // pages in a row, to be written at once
	rowAt    int64     // where they belong
	metas    [2][]byte // the meta pages as they are on the disk
	end      int64     // of what is in use
	grown    int64     // what the last commit added to it
	filled   int64     // the file has no holes between end and this offset
	sure     bool      // what the file holds is on the disk: not so after a process was killed
	broken   error     // nothing is written any more
}

// fillAhead is how many octets behind the last page of a small commit are written
// before they are needed. To wait for pages in a hole of the file takes longer: the
// file system has to write down where it put them.
const fillAhead = 256 << 10

// maxRow is how many octets of a commit are written at once, where they are pages
// in a row; a page that is larger is written at once, too.
const maxRow = 64 << 10

type writeFunc = func(b []byte, offset int64) (int, error)

// writeHook is the function that a bbolt file writes with; nil when this version
// of bbolt has none. It is kept for tests there and has no public name.
func writeHook(db *bbolt.DB) *writeFunc {
	ops := reflect.ValueOf(db).Elem().FieldByName("ops")
	if ops.Kind() != reflect.Struct {
		return nil
	}
	hook := ops.FieldByName("writeAt")
	if !hook.IsValid() || hook.Type() != reflect.TypeFor[writeFunc]() {
		return nil
	}
	return (*writeFunc)(unsafe.Pointer(hook.UnsafeAddr()))
}

// sealCommits has the commits of an open file sealed; nil when they can not be.
func sealCommits(db *bbolt.DB, f *os.File) (*sealer, error) {
	hook := writeHook(db)
	if hook == nil {
		return nil, nil
	}
	s := &sealer{write: *hook, sync: db.Sync, file: f, pageSize: db.Info().PageSize}
	var err error
	if s.metas, err = readMetas(f, s.pageSize); err != nil {
		return nil, err
	}
	s.end = endOf(s.metas[newestOf(s.metas)], s.pageSize)
	*hook = s.writeAt
	db.NoSync = true // the sealer does it
	return s, nil
}

// writeAt is called by a commit for its pages, in order, and for its meta page.
func (s *sealer) writeAt(b []byte, offset int64) (int, error) {
	if s.broken != nil {
		return 0, s.broken
	}
	if !s.sure {
		if err := s.sync(); err != nil {
			if !isFull(err) {
				s.breakOff(err) // the next wait may not tell what this one lost
			}
			return 0, err
		}
		s.sure = true
	}
	page := uint64(offset) / uint64(s.pageSize)
	isMeta := page < uint64(len(s.metas))
	if isMeta || offset != s.rowAt+int64(len(s.row)) || len(s.row)+len(b) > maxRow {
		row := s.row
		s.row = row[:0]
		if err := s.writePages(row, s.rowAt); err != nil {
			return 0, err
		}
	}
	if isMeta {
		defer func() { s.runs = s.runs[:0] }()
		return s.writeMeta(b, page)
	}
	if len(b) > maxRow {
		if err := s.writePages(b, offset); err != nil {
			return 0, err
		}
		return len(b), nil
	}
	if len(s.row) == 0 {
		s.rowAt = offset
	}
	s.row = append(s.row, b...) // bbolt has other use for b
	return len(b), nil
}

// writePages writes pages in a row. Where it fails, so has the commit.
func (s *sealer) writePages(b []byte, offset int64) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := s.write(b, offset); err != nil {
		s.runs = s.runs[:0]
		return err
	}
	page, pages := uint64(offset)/uint64(s.pageSize), uint32(len(b)/s.pageSize)
	if last := len(s.runs) - 1; last >= 0 && s.runs[last].page+uint64(s.runs[last].pages) == page {
		r := &s.runs[last]
		r.pages += pages
		r.sum = crc32.Update(r.sum, sealTable, b)
		return nil
	}
	s.runs = append(s.runs, run{page, pages, crc32.Checksum(b, sealTable)})
	return nil
}

// breakOff refuses all that is to come.
func (s *sealer) breakOff(err error) {
	s.broken = fmt.Errorf("nothing more is stored until the store is opened again: %w", err)
}

// writeMeta ends a commit. Where it fails, what was committed before counts; if
// even that cannot be written, bbolt would go on from a commit that failed, and no
// other is taken.
func (s *sealer) writeMeta(b []byte, page uint64) (int, error) {
	if !sealMeta(b, s.runs) { // as bbolt does it
		if err := s.sync(); err != nil {
			return 0, err
		}
	}
	offset := int64(page) * int64(s.pageSize)
	n, err := s.write(b, offset)
	if err == nil {
		err = s.sync()
	}
	if err != nil {
		_, back := s.write(s.metas[page], offset)
		s.sure = false // the disk may have it or not
		if back != nil {
			s.breakOff(back)
		}
		return n, errors.Join(err, back)
	}
	copy(s.metas[page], b)
	end := endOf(b, s.pageSize)
	s.end, s.grown = end, end-s.end
	return n, nil
}

// fill is called between commits, when nobody waits for them. It writes zeros
// behind the end of what is in use when there is little left of those from the last
// time. One page after the other, as a commit will: the kernel may write larger
// pieces as a whole each time. That there is no room is for the commit to find that
// needs it. After a failure it waits: the disk may have a commit that the file has not.
// The file never becomes larger: bbolt would not make sure of its new size. A commit
// that needed no new pages has left as much as there was.
func (s *sealer) fill() {
	if !s.sure || s.grown == 0 || s.grown > fillAhead/8 || s.filled >= s.end+fillAhead/4 {
		return
	}
	info, err := s.file.Stat()
	if err != nil {
		return
	}
	s.filled = max(s.filled, s.end)
	zeros := make([]byte, s.pageSize)
	for to := min(s.end+fillAhead, info.Size()); s.filled < to; s.filled += int64(s.pageSize) {
		if _, err := s.write(zeros, s.filled); err != nil {
			return
		}
	}
}

// sealMeta writes a seal to a meta page. It reports false when there is no room.
func sealMeta(b []byte, runs []run) bool {
	end := sealOffset + sealHeader + len(runs)*sealRunSize
	if end > len(b) {
		return false
	}
	seal := b[sealOffset:end]
	binary.NativeEndian.PutUint32(seal, sealMagic)
	copy(seal[4:12], b[metaOffset+metaTxid:])
	binary.NativeEndian.PutUint32(seal[12:], uint32(len(runs)))
	for i, r := range runs {
		at := seal[sealHeader+i*sealRunSize:]
		binary.NativeEndian.PutUint64(at, r.page)
		binary.NativeEndian.PutUint32(at[8:], r.pages)
		binary.NativeEndian.PutUint32(at[12:], r.sum)
	}
	binary.NativeEndian.PutUint32(seal[16:], sumOfSeal(seal))
	return true
}

func sumOfSeal(seal []byte) uint32 {
	return crc32.Update(crc32.Checksum(seal[:16], sealTable), sealTable, seal[sealHeader:])
}

// settle goes back to the commit before the newest if that one is not whole, and
// reports whether it did. The caller holds the file's lock. Nothing but the meta
// page of the newest commit is overwritten.
func settle(path string, pageSize int) (bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	metas, err := readMetas(f, pageSize)
	if err != nil {
		return false, err
	}
	newest := newestOf(metas)
	before := 1 - newest
	if isWhole(f, metas[newest]) {
		return false, nil
	}
	// Both have the same number where power failed before this had ended.
	if !validMeta(metas[before]) || txidOf(metas[before])+1 < txidOf(metas[newest]) || !isWhole(f, metas[before]) {
		return false, fmt.Errorf("%w: its newest commit is not whole, and the one before is not there", ErrDamaged)
	}
	binary.NativeEndian.PutUint64(metas[before], uint64(newest)) // the number of the page
	_, err = f.WriteAt(metas[before], int64(newest*pageSize))
	return true, errors.Join(err, f.Sync())
}

func readMetas(f *os.File, pageSize int) (metas [2][]byte, err error) {
	for i := range metas {
		metas[i] = make([]byte, pageSize)
		if _, err := f.ReadAt(metas[i], int64(i*pageSize)); err != nil {
			return metas, err
		}
	}
	return metas, nil
}

// newestOf is the meta page that bbolt takes.
func newestOf(metas [2][]byte) int {
	if !validMeta(metas[0]) || validMeta(metas[1]) && txidOf(metas[1]) > txidOf(metas[0]) {
		return 1
	}
	return 0
}

// isWhole says whether the pages of a commit are as its seal says. One without a
// seal had its pages on the disk before its meta page was written.
func isWhole(f *os.File, meta []byte) bool {
	if !validMeta(meta) {
		return true // for bbolt to refuse
	}
	seal := meta[sealOffset:]
	if binary.NativeEndian.Uint32(seal) != sealMagic {
		return true
	}
	runs := binary.NativeEndian.Uint32(seal[12:])
	if int64(runs)*sealRunSize > int64(len(seal)-sealHeader) {
		return false
	}
	seal = seal[:sealHeader+runs*sealRunSize]
	if binary.NativeEndian.Uint64(seal[4:]) != txidOf(meta) || binary.NativeEndian.Uint32(seal[16:]) != sumOfSeal(seal) {
		return false
	}
	for at := seal[sealHeader:]; len(at) > 0; at = at[sealRunSize:] {
		r := run{binary.NativeEndian.Uint64(at), binary.NativeEndian.Uint32(at[8:]), binary.NativeEndian.Uint32(at[12:])}
		sum := crc32.New(sealTable)
		n := int64(r.pages) * int64(len(meta))
		if _, err := io.CopyN(sum, io.NewSectionReader(f, int64(r.page)*int64(len(meta)), n), n); err != nil || sum.Sum32() != r.sum {
			return false
		}
	}
	return true
}

// validMeta says whether bbolt will take a meta page.
func validMeta(page []byte) bool {
	meta := page[metaOffset:][:metaLength]
	sum := fnv.New64a()
	sum.Write(meta[:metaSum])
	return binary.NativeEndian.Uint32(meta) == metaMagic && binary.NativeEndian.Uint64(meta[metaSum:]) == sum.Sum64()
}

func txidOf(page []byte) uint64 { return binary.NativeEndian.Uint64(page[metaOffset+metaTxid:]) }

// endOf is where the pages in use end, in octets.
func endOf(page []byte, pageSize int) int64 {
	return int64(binary.NativeEndian.Uint64(page[metaOffset+metaPages:])) * int64(pageSize)
}
