package mailstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

var (
	errDisk   = errors.New("input/output error")
	errKilled = errors.New("killed")
)

// disk is what a bbolt file is written to. Of what was written since the last wait
// any part may be there: sectors of 512 octets, each by itself.
type disk struct {
	t        *testing.T
	path     string
	pageSize int
	db       *bbolt.DB
	sealer   *sealer
	random   *rand.Rand

	there   []byte // what is on it
	pending []piece
	did     []string // "pages", "meta page", "sealed meta page", "wait"
	back    int      // how often a commit was taken back

	refuse func(meta bool) error // asked before each write
	wait   func() error          // asked at each wait
	wrote  map[int64]bool        // the pages of the commit that is being written
}

type piece struct {
	data   []byte
	offset int64
}

// newDisk makes a file on a disk and opens it.
func newDisk(t *testing.T, pageSize int) *disk {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	d := &disk{t: t, path: filepath.Join(t.TempDir(), "restante.db"), pageSize: pageSize, random: rand.New(rand.NewPCG(seed, 0))}
	db, err := bbolt.Open(d.path, 0o600, &bbolt.Options{PageSize: pageSize})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	d.open()
	d.there, d.pending = d.file(), nil
	t.Cleanup(func() { d.db.Close() })
	return d
}

// open opens the file, as a process does that ended somehow.
func (d *disk) open() {
	d.t.Helper()
	log := new(bytes.Buffer)
	f, err := openFile(d.path, None, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		d.t.Fatal(err)
	}
	if log.Len() > 0 { // it was taken back, and waited for
		d.back++
		d.there, d.pending = d.file(), nil
	}
	f.NoGrowSync, f.AllocSize = false, 512<<10
	file, err := os.Open(d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { file.Close() })
	s, err := sealCommits(f.DB, file)
	if err != nil {
		d.t.Fatal(err)
	}
	if s == nil {
		d.t.Fatal("this version of bbolt has no hook for writing: each commit waits twice for the disk")
	}
	d.db, d.sealer, d.refuse, d.wait = f.DB, s, nil, nil
	write := s.write
	s.write = func(b []byte, offset int64) (int, error) { return d.write(write, b, offset) }
	s.sync = func() error {
		d.note("wait")
		if d.wait != nil {
			if err := d.wait(); err != nil {
				return err
			}
		}
		d.reach(1)
		return nil
	}
}

func (d *disk) note(what string) {
	if n := len(d.did); n == 0 || d.did[n-1] != what {
		d.did = append(d.did, what)
	}
}

func (d *disk) write(write writeFunc, b []byte, offset int64) (int, error) {
	meta := offset < 2*int64(d.pageSize)
	if d.refuse != nil {
		if err := d.refuse(meta); err != nil {
			return 0, err
		}
	}
	what := "pages"
	switch {
	case meta && binary.NativeEndian.Uint32(b[sealOffset:]) == sealMagic:
		what = "sealed meta page"
	case meta:
		what = "meta page"
	}
	if bytes.ContainsFunc(b, func(r rune) bool { return r != 0 }) { // not one behind the end
		d.note(what)
		for at := offset; at < offset+int64(len(b)); at += int64(d.pageSize) {
			d.wrote[at] = true
		}
	}
	d.pending = append(d.pending, piece{bytes.Clone(b), offset})
	return write(b, offset)
}

// reach has a part of what is pending reach the disk.
func (d *disk) reach(part float64) {
	for _, p := range d.pending {
		if end := int(p.offset) + len(p.data); end > len(d.there) {
			d.there = append(d.there, make([]byte, end-len(d.there))...)
		}
		for at := 0; at < len(p.data); at += 512 {
			if d.random.Float64() < part {
				copy(d.there[p.offset+int64(at):], p.data[at:min(at+512, len(p.data))])
			}
		}
	}
	d.pending = nil
}

// cut has the power fail and opens the file again.
func (d *disk) cut() {
	d.t.Helper()
	size := len(d.file())
	d.db.Close()
	d.reach([]float64{0, 0.02, 0.5, 0.98, 1}[d.random.IntN(5)])
	d.put(append(d.there, make([]byte, max(0, size-len(d.there)))...))
	d.open()
}

func (d *disk) file() []byte {
	d.t.Helper()
	b, err := os.ReadFile(d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *disk) put(file []byte) {
	d.t.Helper()
	if err := os.WriteFile(d.path, file, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.there = file
}

// update changes some of 300 rows and returns what the file holds then.
func (d *disk) update() (after [sha256.Size]byte, err error) {
	d.wrote = map[int64]bool{}
	err = d.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"a", "b"} {
			b, err := tx.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			for range 1 + d.random.IntN(20) {
				k := binary.BigEndian.AppendUint32(nil, d.random.Uint32N(300))
				if d.random.IntN(3) == 0 {
					err = b.Delete(k)
				} else {
					v := make([]byte, d.random.IntN(1<<(2+d.random.IntN(11))))
					for i := range v {
						v[i] = byte(d.random.Uint32())
					}
					err = b.Put(k, v)
				}
				if err != nil {
					return err
				}
			}
		}
		after = digest(tx)
		return nil
	})
	d.sealer.fill()
	return after, err
}

// atWait has f happen at each wait, but not at one for what was written before the
// commit.
func (d *disk) atWait(f func() error) {
	d.wait = func() error {
		if len(d.wrote) == 0 {
			return nil
		}
		return f()
	}
}

// die begins a change and ends the process in it: while it writes or while it
// waits. It returns what the file would hold.
func (d *disk) die() [sha256.Size]byte {
	d.t.Helper()
	room, dead := d.random.IntN(40), false
	d.refuse = func(bool) error {
		if room--; room < 0 || dead {
			dead = true
			return errKilled
		}
		return nil
	}
	d.atWait(func() error {
		dead = true
		return errKilled
	})
	next, err := d.update()
	if !errors.Is(err, errKilled) {
		d.t.Fatal(err)
	}
	return next
}

// holds is what the file holds.
func (d *disk) holds() (sum [sha256.Size]byte) {
	d.t.Helper()
	if err := d.db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			d.t.Error(err)
		}
		sum = digest(tx)
		return nil
	}); err != nil {
		d.t.Fatal(err)
	}
	return sum
}

func digest(tx *bbolt.Tx) (sum [sha256.Size]byte) {
	h := sha256.New()
	_ = tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		fmt.Fprintf(h, "%q\n", name)
		return b.ForEach(func(k, v []byte) error {
			fmt.Fprintf(h, "%x %x\n", k, v)
			return nil
		})
	})
	h.Sum(sum[:0])
	return sum
}

// rows writes some of 2,400 rows, two of which fill two pages, and removes others:
// f gives 1, -1 or 0.
func (d *disk) rows(f func(row int) int) error {
	d.wrote = map[int64]bool{}
	value := bytes.Repeat([]byte{byte(1 + d.random.IntN(255))}, 3000)
	return d.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte("a"))
		for row := 0; err == nil && row < 2400; row++ {
			k := binary.BigEndian.AppendUint32(nil, uint32(row))
			switch f(row) {
			case 1:
				err = b.Put(k, value)
			case -1:
				err = b.Delete(k)
			}
		}
		return err
	})
}

// holes makes a file in which half the pages are free, each four of them apart.
func (d *disk) holes() {
	d.t.Helper()
	if err := errors.Join(
		d.rows(func(int) int { return 1 }),
		d.rows(func(row int) int { return -(row / 4 % 2) }),
		d.rows(func(int) int { return 0 }), // what was removed is free from the next commit on
	); err != nil {
		d.t.Fatal(err)
	}
}

// TestRows: pages in a row are written at once, 64 KB at most, unless one page is
// larger, and as bbolt has them.
func TestRows(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	var got []piece
	d.refuse = func(bool) error {
		got = append(got, d.pending...)
		d.pending = nil
		return nil
	}
	if err := d.rows(func(row int) int { return 1 - row/200 }); err != nil { // 200 rows
		t.Fatal(err)
	}
	if err := d.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("a")).Put([]byte("large"), make([]byte, 200<<10))
	}); err != nil {
		t.Fatal(err)
	}
	large := 0
	for i, p := range got {
		if len(p.data) > maxRow {
			large++
		}
		if i == 0 || p.offset < 2*4096 {
			continue
		}
		if before := got[i-1]; before.offset+int64(len(before.data)) == p.offset && len(before.data)+len(p.data) <= maxRow {
			t.Errorf("%d and %d octets in a row are written by themselves", len(before.data), len(p.data))
		}
	}
	if large != 1 {
		t.Errorf("%d writes of more than %d octets, want the one of the large page", large, maxRow)
	}
	if n := len(got); n < 10 || n > 40 {
		t.Errorf("%d writes for 200 pages and one of 50", n)
	}
	before := d.holds()
	d.db.Close()
	d.open()
	if d.holds() != before {
		t.Error("what is in the file is not what was in it")
	}
}

// TestPowerCut: whatever part of what was written since the last wait is on the
// disk when the power fails, the file is as after the last commit that was
// answered, or as after one that was begun since; also when processes were killed
// and waits failed before.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	back := 0
	for _, pageSize := range []int{1024, 4096, 16384} {
		t.Run(fmt.Sprint(pageSize), func(t *testing.T) {
			d := newDisk(t, pageSize)
			now := d.holds()
			may := [][sha256.Size]byte{now} // be there after a power cut
			var last map[int64]bool         // the pages of the commit before; nil: not known
			cut := func() {
				t.Helper()
				d.cut()
				if now = d.holds(); !slices.Contains(may, now) {
					t.Fatalf("it is none of the %d states it may be in", len(may))
				}
				may, last = [][sha256.Size]byte{now}, nil
			}
			did := map[string]int{}
			for range 150 {
				var next [sha256.Size]byte
				var err error
				kind := "commit"
				switch n := d.random.IntN(100); {
				case n < 50:
					if next, err = d.update(); err != nil {
						t.Fatal(err)
					}
					for page := range d.wrote {
						if last[page] {
							t.Fatal("a commit overwrites a page of the one before")
						}
					}
					now, may, last = next, [][sha256.Size]byte{next}, d.wrote
				case n < 60:
					kind = "no room"
					room := d.random.IntN(10)
					d.refuse = func(meta bool) error {
						if room--; room < 0 && !meta {
							return errDisk
						}
						return nil
					}
					if next, err = d.update(); err == nil {
						now, may = next, [][sha256.Size]byte{next}
					}
					d.refuse, last = nil, nil
				case n < 70:
					kind = "failed wait"
					d.atWait(func() error {
						d.reach([]float64{0, 0.5, 1}[d.random.IntN(3)])
						return errDisk
					})
					if next, err = d.update(); !errors.Is(err, errDisk) {
						t.Fatal(err)
					}
					d.wait, last = nil, nil
					may = append(may, next)
				case n < 80:
					kind = "kill"
					next = d.die()
					d.db.Close()
					d.open()
					if got := d.holds(); got != now && got != next {
						t.Fatal("after a kill it is neither as before nor as after the commit")
					} else if got == next {
						may = append(may, next)
					}
					now, last = d.holds(), nil
				case n < 85:
					kind = "end"
					d.db.NoFreelistSync = false
					if next, err = d.update(); err != nil {
						t.Fatal(err)
					}
					d.db.Close()
					d.open()
					now, may, last = next, [][sha256.Size]byte{next}, nil
				default:
					kind = "cut"
					may = append(may, d.die())
					cut()
				}
				did[kind]++
				if got := d.holds(); got != now {
					t.Fatalf("after %q it does not hold what it should", kind)
				}
				if d.random.IntN(20) == 0 {
					cut()
				}
			}
			t.Logf("%v; %d times a commit was taken back", did, d.back)
			back += d.back
		})
	}
	if back == 0 {
		t.Error("no commit was taken back")
	}
}

// TestTwoAreNotWhole: a file whose newest two commits are damaged is refused and
// left as it is.
func TestTwoAreNotWhole(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	wrote := []map[int64]bool{}
	for range 2 {
		if _, err := d.update(); err != nil {
			t.Fatal(err)
		}
		wrote = append(wrote, d.wrote)
	}
	file := d.file()
	for _, pages := range wrote {
		for page := range pages {
			if page >= 2*4096 {
				file[page+4095] ^= 1
				break
			}
		}
	}
	d.db.Close()
	d.put(file)
	if db, err := openFile(d.path, Commit, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrDamaged) {
		t.Errorf("it is opened: %v, %v; want %v", db, err, ErrDamaged)
	}
	if !bytes.Equal(d.file(), file) {
		t.Error("the file was changed")
	}
}

// TestSyncFails: a commit that the disk does not take has not happened.
func TestSyncFails(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	want, err := d.update()
	if err != nil {
		t.Fatal(err)
	}
	d.atWait(func() error { return errDisk })
	for range 3 {
		if _, err := d.update(); !errors.Is(err, errDisk) {
			t.Fatalf("a commit: %v, want %v", err, errDisk)
		}
		if d.holds() != want {
			t.Fatal("what failed can be seen")
		}
	}
	d.wait = nil
	if want, err = d.update(); err != nil {
		t.Fatal(err)
	}
	d.db.Close()
	d.open()
	if d.holds() != want {
		t.Error("it is not the same after it was opened again")
	}
}

// TestFirstSyncFails: where it is not known what of a file is on the disk, no commit
// is built on it.
func TestFirstSyncFails(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	want := d.holds()
	d.wait = func() error { return errDisk }
	for range 2 {
		if _, err := d.update(); !errors.Is(err, errDisk) {
			t.Errorf("a commit: %v, want %v", err, errDisk)
		}
		d.wait = nil
	}
	if d.holds() != want {
		t.Error("what failed can be seen")
	}
}

// TestTakingBackFails: where the meta page of a failed commit stays, no other commit
// is built on it, and who reads what was there before still can.
func TestTakingBackFails(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	for range 10 {
		if _, err := d.update(); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := d.db.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Rollback()
	want := digest(reader)
	d.wait = func() error {
		d.refuse = func(bool) error { return errDisk }
		return errDisk
	}
	if _, err := d.update(); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	d.wait, d.refuse = nil, nil
	for range 3 {
		if _, err := d.update(); !errors.Is(err, errDisk) {
			t.Errorf("the next commit: %v, want %v", err, errDisk)
		}
	}
	if digest(reader) != want {
		t.Error("a reader's pages were overwritten")
	}
}

// TestFillKeepsSize: zeros are written to what bbolt has made room for and waited
// for, never behind it. A file that became larger by them alone could be cut short by
// a power failure, with the newest commit behind its end.
func TestFillKeepsSize(t *testing.T) {
	t.Parallel()
	f, err := openFile(filepath.Join(t.TempDir(), "restante.db"), Commit, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.AllocSize = 128 << 10
	filled := 0
	for n := range 200 {
		if err := f.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("a"))
			if err != nil {
				return err
			}
			return b.Put(binary.BigEndian.AppendUint32(nil, uint32(n)), make([]byte, 9000))
		}); err != nil {
			t.Fatal(err)
		}
		size, before := sizeOf(t, f.Path()), f.sealer.filled
		if err := f.prepare(); err != nil {
			t.Fatal(err)
		}
		if now := sizeOf(t, f.Path()); now != size {
			t.Fatalf("%d octets became %d", size, now)
		}
		if f.sealer.filled > before {
			filled++
		}
	}
	if filled < 10 {
		t.Errorf("zeros were written %d times", filled)
	}
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// failUnsealed has rows write what needs a commit without a seal. All of it reaches
// the disk, but the wait for its meta page fails.
func (d *disk) failUnsealed(f func(row int) int) {
	d.t.Helper()
	waits := 0
	d.wait = func() error {
		if waits++; waits < 2 {
			return nil
		}
		d.reach(1)
		return errDisk
	}
	if err := d.rows(f); !errors.Is(err, errDisk) || waits != 2 {
		d.t.Fatalf("%d waits, %v", waits, err)
	}
}

// cutBeforeMeta has the power fail when a part of the pages that are pending has
// reached the disk, and none of the meta pages, and opens the file again.
func (d *disk) cutBeforeMeta(part float64) {
	d.t.Helper()
	d.pending = slices.DeleteFunc(d.pending, func(p piece) bool { return p.offset < 2*int64(d.pageSize) })
	d.db.Close()
	d.reach(part)
	d.put(d.there)
	d.open()
}

// TestFillAfterFailure: a commit without a seal that reached the disk, though its
// wait failed, is not written over while the disk may hold it.
func TestFillAfterFailure(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	d.holes()
	d.sealer.grown = 4096 // as after a commit that needed a page more: there is something to fill
	d.failUnsealed(func(int) int { return 1 })
	d.sealer.fill()
	d.cutBeforeMeta(1)
	d.holds() // looks at every page
}

// TestUnsealedSyncFails: the meta page of a commit that failed may be on the disk; the
// pages it leads to stay until that is settled.
func TestUnsealedSyncFails(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	d.holes()
	before := d.holds()
	d.failUnsealed(func(row int) int { return row / 4 % 2 })
	failed := bytes.Clone(d.there)
	d.atWait(func() error { return errKilled })
	if err := d.rows(func(row int) int { return row / 4 % 2 }); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	d.cutBeforeMeta(0.5)
	if got := d.holds(); got != before {
		d.db.Close()
		d.put(failed)
		d.open()
		if got != d.holds() {
			t.Error("it is neither as before the commit that failed nor as after it")
		}
	}
}

// TestSettleIsCutShort: power fails again while a commit is taken back. The seal of
// the commit before is longer than a sector.
func TestSettleIsCutShort(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	d.holes()
	some := func(row int) int { return row % 800 / 100 / 6 * (row / 4 % 2) }
	for range 2 { // so that it is in the second meta page once
		if err := d.rows(some); err != nil {
			t.Fatal(err)
		}
		want, before := d.holds(), d.file()
		metas := [2][]byte{before[:4096], before[4096:8192]}
		if n := binary.NativeEndian.Uint32(metas[newestOf(metas)][sealOffset+12:]); n < 30 {
			t.Fatalf("the seal has %d runs", n)
		}
		if err := d.rows(func(row int) int { return 1 - min(row, 1) }); err != nil {
			t.Fatal(err)
		}
		torn, whole := bytes.Clone(before), d.file()
		copy(torn[:2*4096], whole[:2*4096])
		d.db.Close()
		d.put(torn)
		back, err := settle(d.path, 4096)
		if !back || err != nil {
			t.Fatalf("settle: %t, %v", back, err)
		}
		settled := d.file()
		for at := 0; at < 2*4096; at += 512 { // all that there is to it
			if bytes.Equal(torn[at:at+512], settled[at:at+512]) {
				continue
			}
			again := bytes.Clone(torn)
			copy(again[at:], settled[at:at+512])
			d.put(again)
			d.open()
			if d.holds() != want {
				t.Error("it is not as before the commit that was torn")
			}
			d.db.Close()
		}
		d.put(whole)
		d.open()
	}
}

// TestSealHasNoRoom: the pages of a commit that are too many for a seal are on the
// disk before its meta page is written.
func TestSealHasNoRoom(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4096)
	d.holes()
	for want, f := range map[string]func(row int) int{
		"pages, wait, meta page, wait":  func(row int) int { return row / 4 % 2 },
		"pages, sealed meta page, wait": func(row int) int { return 1 - min(row, 1) },
	} {
		d.did = nil
		if err := d.rows(f); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(d.did, ", "); got != want {
			t.Errorf("it did: %s; want: %s", got, want)
		}
	}
}

// TestStoreSeals: a store's commits wait for the disk once, but not where nothing
// waits for it.
func TestStoreSeals(t *testing.T) {
	t.Parallel()
	for _, d := range []Durability{Commit, None} {
		path := filepath.Join(t.TempDir(), "restante.db")
		s := openTest(t, Options{Path: path, Durability: d})
		for range 2 {
			deliver(t, s, mail("s", "b"), "a@x.test")
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for page := range 2 {
			meta := file[page*os.Getpagesize():]
			if sealed := binary.NativeEndian.Uint32(meta[sealOffset:]) == sealMagic; sealed != (d == Commit) {
				t.Errorf("durability %v: the meta page %d has a seal: %t", d, page, sealed)
			}
		}
	}
}
