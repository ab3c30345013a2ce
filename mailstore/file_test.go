package mailstore

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

func TestInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	openTest(t, Options{Path: path})
	if s, err := Open(Options{Path: path}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second Open: %v, %v; want ErrInUse", s, err)
	}
	if _, _, err := Compact(path); !errors.Is(err, ErrInUse) {
		t.Errorf("Compact: %v, want ErrInUse", err)
	}
}

// TestDamaged: what is not a store, or a broken one, is refused and stays as it is.
func TestDamaged(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "good.db")
	s := openTest(t, Options{Path: good})
	for i := range 200 {
		deliver(t, s, mail(fmt.Sprint(i), strings.Repeat("text ", 500)), "a@x.test")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.db")
	db, err := bbolt.Open(other, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err })
	db.Close()
	foreign, _ := os.ReadFile(other)

	late := filepath.Join(t.TempDir(), "late.db")
	if err := os.WriteFile(late, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err = bbolt.Open(late, 0o600, nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keySchema, binary.BigEndian.AppendUint64(nil, schemaVersion+1))
	}); err != nil {
		t.Fatal(err)
	}
	db.Close()
	newer, _ := os.ReadFile(late)
	wiped := bytes.Clone(whole)
	clear(wiped[:8192])
	for name, tt := range map[string]struct {
		file []byte
		want error
	}{
		"text":      {[]byte("Dear diary, this is not a database.\n"), ErrDamaged},
		"cut":       {whole[:100_000], ErrDamaged},
		"cut early": {whole[:5000], ErrDamaged},
		"no meta":   {wiped, ErrDamaged},
		"foreign":   {foreign, ErrDamaged},
		"newer":     {newer, ErrNewerSchema},
	} {
		path := filepath.Join(t.TempDir(), "restante.db")
		if err := os.WriteFile(path, tt.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(Options{Path: path}); !errors.Is(err, tt.want) {
			t.Errorf("%s: Open: %v, %v; want %v", name, s, err, tt.want)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(after, tt.file) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// TestDamagedPages: pages overwritten inside a file end no process, whether the
// file was closed or not.
func TestDamagedPages(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path})
	for i := range 300 {
		deliver(t, s, mail(fmt.Sprint(i), strings.Repeat(fmt.Sprint("text ", i), 100)), "a@x.test")
	}
	open, err := os.ReadFile(path) // as after a crash
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	closed, _ := os.ReadFile(path)
	for name, file := range map[string][]byte{"open": open, "closed": closed} {
		refused := 0
		for page := 2; page < 60; page += 3 {
			broken := bytes.Clone(file)
			rand.Read(broken[page*4096 : page*4096+64])
			path := filepath.Join(t.TempDir(), "restante.db")
			if err := os.WriteFile(path, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(Options{Path: path, Durability: None})
			if err != nil {
				if refused++; !errors.Is(err, ErrDamaged) {
					t.Errorf("%s, page %d: %v, want ErrDamaged", name, page, err)
				}
				continue
			}
			// It may read or fail, but it answers.
			if page, err := s.List(t.Context(), ListOptions{Limit: 1000}); err == nil {
				for _, m := range page.Messages {
					if c, err := s.Content(m.Seq); err == nil {
						io.Copy(io.Discard, c)
						c.Close()
					}
				}
			}
			s.Close()
		}
		if name == "open" && refused == 0 {
			t.Errorf("no damaged file was refused")
		}
	}
}

// TestReopen: everything survives, seqs and sessions go on, IDs are stable.
func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "restante.db")
	s := openTest(t, Options{Path: path})
	r := deliver(t, s, mail("s", "b"), "a@x.test")
	gone := deliver(t, s, mail("s", "b"), "a@x.test")
	if _, err := s.Delete(t.Context(), gone.Seq); err != nil {
		t.Fatal(err)
	}
	session := &Session{ID: s.NewSessionID(), Protocol: "pop3", Started: time.Unix(1, 5).UTC(), Ended: time.Unix(2, 0).UTC(), User: "u",
		Outcome: "done", Failed: true, Messages: []string{r.ID}, Transcript: []Line{{At: 7, From: Client, Text: "QUIT"}, {At: 9, From: Server, Text: "+OK"}}}
	s.RecordSession(session)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, Options{Path: path})
	if _, err := s.Message(r.ID); err != nil {
		t.Errorf("the message: %v", err)
	}
	if next := deliver(t, s, "x", "a@x.test"); next.Seq != gone.Seq+1 {
		t.Errorf("seq %d follows %d", next.Seq, gone.Seq)
	}
	if got, err := s.Session(session.ID); err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", session) {
		t.Errorf("session is %+v, %v; want %+v", got, err, session)
	}
	if id := s.NewSessionID(); id == session.ID {
		t.Errorf("session ID %s is given twice", id)
	}
	other := openTest(t, Options{})
	if _, err := other.Message(r.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another store knows the ID: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
}

// attachment is n octets that do not compress, after a header.
func attachment(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	copy(b, "Content-Type: application/octet-stream\r\n\r\n")
	return b
}

// TestAbortLeavesNothing: what was staged of a message goes with it, also when
// the process ends before.
func TestAbortLeavesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path})
	big := attachment(4 << 20)
	stage := func(s *Store) *Incoming {
		in := s.NewIncoming()
		if _, err := in.Write(big); err != nil {
			t.Fatal(err)
		}
		if in.awaitStaging(); in.content == 0 {
			t.Fatal("nothing was staged")
		}
		return in
	}
	rows := func(s *Store) (n int) {
		s.view(func(tx *bbolt.Tx) error {
			for _, b := range [][]byte{bucketChunks, bucketMessages, bucketStaging} {
				n += tx.Bucket(b).Stats().KeyN
			}
			return nil
		})
		return n
	}
	in := stage(s)
	if rows(s) == 0 {
		t.Fatal("nothing is in the file")
	}
	in.Abort()
	deliver(t, s, "x", "a@x.test") // after the unstaging, in order
	if n := rows(s); n != 2 {
		t.Errorf("%d rows are left, want a record and its tail", n)
	}
	in = stage(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	in.Abort()
	s = openTest(t, Options{Path: path})
	if n := rows(s); n != 2 {
		t.Errorf("%d rows are left after opening again, want 2", n)
	}
}

func TestSessionsKept(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Sessions: 5})
	var ids []string
	for range 12 {
		id := s.NewSessionID()
		ids = append(ids, id)
		s.RecordSession(&Session{ID: id, Protocol: "smtp", Transcript: []Line{{Text: "x"}}})
	}
	deliver(t, s, "x", "a@x.test") // after all of them
	list, err := s.Sessions("", 100)
	if err != nil || len(list) != 5 || list[0].ID != ids[11] || list[4].ID != ids[7] || list[0].Transcript != nil {
		t.Errorf("sessions are %v, %v", list, err)
	}
	if page, err := s.Sessions(ids[9], 1); err != nil || len(page) != 1 || page[0].ID != ids[8] {
		t.Errorf("the one before %s is %v, %v", ids[9], page, err)
	}
	if _, err := s.Session(ids[0]); !errors.Is(err, ErrNotFound) {
		t.Errorf("an old session: %v, want ErrNotFound", err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	clock := now
	s := openTest(t, Options{Now: func() time.Time { return clock }, Retention: Retention{MaxMessages: 4, MaxBytes: 100, MaxAge: time.Hour}})
	sub := s.Subscribe(0)
	defer sub.Close()
	for range 5 {
		deliver(t, s, "0123456789", "a@x.test")
	}
	if got := seqs(t, s, ListOptions{}); got != "[5 4 3 2]" {
		t.Errorf("by count, %s is left", got)
	}
	deliver(t, s, strings.Repeat("x", 75), "a@x.test")
	if got := seqs(t, s, ListOptions{}); got != "[6 5 4]" {
		t.Errorf("by octets, %s is left", got)
	}
	if _, err := tryDeliver(s, strings.Repeat("x", 101), "a@x.test"); !errors.Is(err, ErrOverCap) {
		t.Errorf("more than the cap: %v, want ErrOverCap", err)
	}
	clock = now.Add(61 * time.Minute)
	deliver(t, s, "y", "a@x.test")
	if got := seqs(t, s, ListOptions{}); got != "[7]" {
		t.Errorf("by age, %s is left", got)
	}
	clock = clock.Add(2 * time.Hour)
	if err := s.expire(); err != nil {
		t.Fatal(err)
	}
	totals, _ := s.Totals()
	if totals.Messages != 0 || totals.Bytes != 0 || totals.Unseen != 0 || totals.Pruned != 7 || totals.PrunedUpTo != 7 {
		t.Errorf("totals are %+v", totals)
	}
	pruned := 0
	for range 14 {
		if e := next(t, sub); e.Type == Pruned {
			pruned++
		}
	}
	if pruned != 7 {
		t.Errorf("%d events tell of pruning, want 7", pruned)
	}
}

func TestRetentionPerMailbox(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := openTest(t, Options{Now: func() time.Time { return clock }, PerMailbox: Retention{MaxMessages: 2, MaxAge: time.Hour}})
	deliver(t, s, "1", "a@x.test", "b@x.test")
	deliver(t, s, "2", "a@x.test")
	deliver(t, s, "3", "a@x.test")
	if m, err := s.MessageBySeq(1); err != nil || fmt.Sprint(m.Mailboxes()) != "[b@x.test]" {
		t.Errorf("message 1 is in %v, %v; want b alone", m, err)
	}
	if got := seqs(t, s, ListOptions{Mailbox: "a@x.test"}); got != "[3 2]" {
		t.Errorf("mailbox a holds %s", got)
	}
	clock = clock.Add(2 * time.Hour)
	if err := s.expire(); err != nil {
		t.Fatal(err)
	}
	if got := seqs(t, s, ListOptions{}); got != "[]" {
		t.Errorf("%s is left", got)
	}
}

// TestRetentionOfAnOlderFile: caps hold from the start, not from the next
// delivery to a mailbox on.
func TestRetentionOfAnOlderFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path, Durability: None})
	const many = deleteBatch + 5
	for i := range many {
		deliver(t, s, "x", "a@x.test", fmt.Sprintf("b%d@x.test", i%2))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		per            Retention
		messages, kept int64 // of a@x.test, and in all
	}{
		{Retention{MaxMessages: 200}, 200, 400},
		{Retention{MaxMessages: 3}, 3, 6},
		{Retention{MaxBytes: 1}, 1, 2},
	} {
		s := openTest(t, Options{Path: path, Durability: None, PerMailbox: tt.per})
		m, err := s.Mailbox("a@x.test")
		totals, _ := s.Totals()
		if err != nil || m.Messages != tt.messages || totals.Messages != tt.kept {
			t.Errorf("with %+v: the mailbox has %d messages, the store %d, %v; want %d, %d", tt.per, m.Messages, totals.Messages, err, tt.messages, tt.kept)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestChurn: with a cap the file stops growing.
func TestChurn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path, Durability: None, Retention: Retention{MaxMessages: 200}})
	content := string(attachment(40_000))
	var early int64
	for i := range 3000 {
		deliver(t, s, content[:1000+i*13%39_000], fmt.Sprintf("u%d@x.test", i%7))
		if i == 400 {
			early = sizeOf(t, path)
		}
	}
	if now := sizeOf(t, path); now > 2*max(early, 16<<20) {
		t.Errorf("the file has %d octets, had %d after twice the cap", now, early)
	}
}

func TestCompact(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path, Durability: None})
	big := attachment(1 << 20)
	for range 40 {
		deliver(t, s, string(big), "a@x.test")
	}
	keep := deliver(t, s, "kept", "a@x.test")
	for seq := range uint64(39) {
		if _, err := s.Delete(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, after, err := Compact(path)
	if err != nil || after >= before*3/4 {
		t.Errorf("Compact: from %d to %d octets, %v", before, after, err)
	}
	s = openTest(t, Options{Path: path})
	if got := contentOf(t, s, keep.Seq); got != "kept" {
		t.Errorf("content after compaction is %q", got)
	}
	if got := contentOf(t, s, 40); got != string(big) {
		t.Error("large content after compaction is another")
	}
}

// TestCompactAtStart: a file that is mostly free is rewritten when it is opened.
func TestCompactAtStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path, Durability: None})
	big := attachment(8 << 20)
	for range 12 {
		deliver(t, s, string(big), "a@x.test")
	}
	if _, err := s.DeleteAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := deliver(t, s, "kept", "a@x.test")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, Options{Path: path})
	if got := contentOf(t, s, r.Seq); got != "kept" {
		t.Errorf("content is %q", got)
	}
	if now := sizeOf(t, path); now > 32<<20 {
		t.Errorf("the file still has %d octets", now)
	}
}

// TestEphemeral leaves nothing behind.
func TestEphemeral(t *testing.T) {
	t.Parallel()
	s, err := Open(Options{Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, s, "x", "a@x.test")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(s.Path())); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder: %v", err)
	}
}
