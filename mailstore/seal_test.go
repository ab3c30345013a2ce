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
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// journal is what a file was asked to write, in order. A write without data is a
// wait for the disk.
type journal struct {
	writes []journaled
}

type journaled struct {
	data   []byte
	offset int64
}

// openJournaled opens a file that writes down what it writes and waits for no disk.
func openJournaled(t *testing.T, path string) (*bbolt.DB, *sealer, *journal) {
	t.Helper()
	db, err := openFile(path, None, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := sealCommits(db)
	if err != nil {
		t.Fatal(err)
	}
	if s == nil {
		t.Fatal("this version of bbolt has no hook for writing: each commit waits twice for the disk")
	}
	j := new(journal)
	write := s.write
	s.write = func(b []byte, offset int64) (int, error) {
		j.writes = append(j.writes, journaled{bytes.Clone(b), offset})
		return write(b, offset)
	}
	s.sync = func() error {
		j.writes = append(j.writes, journaled{})
		return nil
	}
	return db, s, j
}

// digest is that of all that a bbolt file holds.
func digest(t *testing.T, db *bbolt.DB) (sum [sha256.Size]byte) {
	t.Helper()
	h := sha256.New()
	if err := db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Error(err)
		}
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			fmt.Fprintf(h, "%q\n", name)
			return b.ForEach(func(k, v []byte) error {
				fmt.Fprintf(h, "%x %x\n", k, v)
				return nil
			})
		})
	}); err != nil {
		t.Fatal(err)
	}
	h.Sum(sum[:0])
	return sum
}

// changeRows puts, replaces and deletes some of 300 rows.
func changeRows(db *bbolt.DB, random *rand.Rand) error {
	return db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"a", "b"} {
			b, err := tx.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			for range 1 + random.IntN(20) {
				k := binary.BigEndian.AppendUint32(nil, random.Uint32N(300))
				if random.IntN(3) == 0 {
					err = b.Delete(k)
				} else {
					v := make([]byte, random.IntN(1<<(2+random.IntN(11))))
					for i := range v {
						v[i] = byte(random.Uint32())
					}
					err = b.Put(k, v)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// TestPowerCut: whatever part of what was written since the last wait is on the
// disk when the power fails, the file is as after the last commit that was
// answered, or as after the one that was about to be. Sectors of 512 octets are
// there or not, each by itself.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	path := filepath.Join(t.TempDir(), "restante.db")
	db, _, j := openJournaled(t, path)
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	contents := [][sha256.Size]byte{digest(t, db)}
	ends := []int{0} // of each commit, in the journal
	for range 100 {
		if err := changeRows(db, random); err != nil {
			t.Fatal(err)
		}
		contents = append(contents, digest(t, db))
		ends = append(ends, len(j.writes))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	image = append(image, make([]byte, info.Size()-int64(len(image)))...)

	log := new(bytes.Buffer)
	var went, stayed, back, seals int
	pending := []journaled(nil)
	commit := 0
	last := map[int64]bool{} // pages of the commit before
	these := map[int64]bool{}
	for i, w := range j.writes {
		if w.data == nil {
			for _, w := range pending {
				copy(image[w.offset:], w.data)
			}
			pending = pending[:0]
			if i+1 == ends[commit+1] {
				commit++
				last, these = these, map[int64]bool{}
			}
			continue
		}
		pending = append(pending, w)
		if bytes.Equal(w.data, make([]byte, len(w.data))) {
			continue // behind the end
		}
		if meta := w.offset < 2*4096; meta && binary.NativeEndian.Uint32(w.data[sealOffset:]) == sealMagic {
			seals++
		} else if !meta {
			for at := w.offset; at < w.offset+int64(len(w.data)); at += 4096 {
				these[at] = true
				if last[at] {
					t.Fatalf("commit %d overwrites a page of the one before", commit+1)
				}
			}
		}
		cuts := 3
		if final := j.writes[i+1].data == nil; !final { // a part of the commit is on its way
			cuts = random.IntN(10) / 9
		}
		for range cuts {
			odds := []float64{0, 0.02, 0.5, 0.98, 1}[random.IntN(5)]
			torn := bytes.Clone(image)
			for _, w := range pending {
				for at := 0; at < len(w.data); at += 512 {
					if random.Float64() < odds {
						copy(torn[w.offset+int64(at):], w.data[at:min(at+512, len(w.data))])
					}
				}
			}
			path := filepath.Join(t.TempDir(), "torn.db")
			if err := os.WriteFile(path, torn, 0o600); err != nil {
				t.Fatal(err)
			}
			log.Reset()
			db, err := openFile(path, Commit, slog.New(slog.NewTextHandler(log, nil)))
			if err != nil {
				t.Fatalf("cut in commit %d: %v", commit+1, err)
			}
			switch digest(t, db) {
			case contents[commit+1]:
				went++
			case contents[commit]:
				stayed++
			default:
				t.Errorf("cut in commit %d: it is as after neither that nor the one before", commit+1)
			}
			if log.Len() > 0 {
				back++
			}
			// It goes on from there.
			if err := changeRows(db, random); err != nil {
				t.Fatal(err)
			}
			want := digest(t, db)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if db, err = openFile(path, Commit, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			if digest(t, db) != want {
				t.Errorf("cut in commit %d: the next commit is lost", commit+1)
			}
			db.Close()
			os.Remove(path)
		}
	}
	t.Logf("%d commits, %d with a seal; of the cuts %d left the new state, %d the old one, %d of these by going back", len(contents)-1, seals, went, stayed, back)
	if went == 0 || stayed == back || back == 0 || seals != len(contents)-1 {
		t.Error("not all of it was tried")
	}
}

// TestSyncFails: a commit that the disk does not take has not happened.
func TestSyncFails(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "restante.db")
	db, s, _ := openJournaled(t, path)
	for range 5 {
		if err := changeRows(db, random); err != nil {
			t.Fatal(err)
		}
	}
	want := digest(t, db)
	broken := errors.New("input/output error")
	sync := s.sync
	s.sync = func() error { return broken }
	for range 3 {
		if err := changeRows(db, random); !errors.Is(err, broken) {
			t.Fatalf("a commit: %v, want %v", err, broken)
		}
		if digest(t, db) != want {
			t.Fatal("what failed can be seen")
		}
	}
	s.sync = sync
	for range 5 {
		if err := changeRows(db, random); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := digest(t, db), db.Close(); err != nil {
		t.Fatal(err)
	} else if db, _, _ = openJournaled(t, path); digest(t, db) != want {
		t.Error("it is not the same after it was opened again")
	}
}

// TestSealHasNoRoom: the pages of a commit that are too many for a seal are on the
// disk before its meta page is written.
func TestSealHasNoRoom(t *testing.T) {
	t.Parallel()
	db, _, j := openJournaled(t, filepath.Join(t.TempDir(), "restante.db"))
	update := func(f func(b *bbolt.Bucket, row int, k []byte) error) {
		t.Helper()
		if err := db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("a"))
			for row := 0; err == nil && row < 4000; row++ {
				err = f(b, row, binary.BigEndian.AppendUint32(nil, uint32(row)))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	row := make([]byte, 3000) // two of them fill two pages
	update(func(b *bbolt.Bucket, _ int, k []byte) error { return b.Put(k, row) })
	update(func(b *bbolt.Bucket, i int, k []byte) error { // leaves holes
		if i%8 < 4 {
			return nil
		}
		return b.Delete(k)
	})
	before := len(j.writes)
	update(func(b *bbolt.Bucket, i int, k []byte) error {
		if i%8 < 4 {
			return nil
		}
		return b.Put(k, row)
	})
	var did []string
	for _, w := range j.writes[before:] {
		switch {
		case w.data == nil:
			did = append(did, "wait")
		case w.offset >= 2*int64(db.Info().PageSize):
			if n := len(did); n == 0 || did[n-1] != "pages" {
				did = append(did, "pages")
			}
		case binary.NativeEndian.Uint32(w.data[sealOffset:]) == sealMagic:
			did = append(did, "sealed meta page")
		default:
			did = append(did, "meta page")
		}
	}
	if got := strings.Join(did, ", "); got != "pages, wait, meta page, wait" {
		t.Errorf("it did: %s", got)
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
