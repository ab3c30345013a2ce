package mailstore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"go.etcd.io/bbolt"
)

// dump renders all that a person could see of a store.
func dump(t *testing.T, s *Store) string {
	t.Helper()
	out := ""
	page, err := s.List(t.Context(), ListOptions{Limit: 1000, Oldest: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Messages {
		out += fmt.Sprintf("%s %v %v %v %.20q\n", m.ID, m.Mailboxes(), m.Seen, m.Tags, contentOf(t, s, m.Seq))
	}
	boxes, err := s.Mailboxes("", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range boxes {
		d, err := s.Maildrop(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		out += fmt.Sprintf("%s %d %d %d %v\n", b.Name, b.Messages, b.Unseen, b.Octets, d.Entries)
	}
	totals, _ := s.Totals()
	return out + fmt.Sprint(totals.Messages, totals.Unseen, totals.Bytes)
}

// contents counts what is stored, also of deleted messages.
func contents(s *Store) (n int) {
	s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketMessages).ForEach(func(k, _ []byte) error {
			if len(k) > len(seqKey(0)) {
				n++
			}
			return nil
		})
	})
	return n
}

// TestSnapshot changes a store at random in every way there is, and puts it back.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	ctx := t.Context()
	rng := rand.New(rand.NewPCG(7, 8))
	box := func() string { return fmt.Sprintf("u%d@x.test", rng.IntN(3)) }
	change := func() {
		totals, _ := s.Totals()
		for range 40 {
			seq := uint64(rng.IntN(int(totals.Newest)+1)) + 1
			var err error
			switch rng.IntN(6) {
			case 0:
				_, err = s.Delete(ctx, seq, seq+1)
			case 1:
				err = s.DeleteFrom(ctx, box(), []uint64{seq, seq + 2, seq + 3})
			case 2:
				err = s.SetSeen(ctx, rng.IntN(2) == 0, seq, seq+1)
			case 3:
				if err = s.SetTags(ctx, seq, []string{fmt.Sprint(rng.IntN(5))}); errors.Is(err, ErrNotFound) {
					err = nil
				}
			default:
				deliver(t, s, mail("s", fmt.Sprint(rng.Uint64())), box(), box())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 150 {
		deliver(t, s, mail("s", fmt.Sprint(rng.Uint64())), box(), box())
	}
	change()
	want := dump(t, s)
	snap, err := s.NewSnapshot(ctx, "before", "")
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		change()
		if round == 2 {
			if _, err := s.DeleteAll(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := s.Restore(ctx, snap.ID); err != nil {
			t.Fatal(err)
		}
		if got := dump(t, s); got != want {
			t.Fatalf("round %d: after Restore the store is\n%s\nwant\n%s", round, got, want)
		}
	}
	change()
	if err := s.DeleteSnapshot(ctx, snap.ID); err != nil {
		t.Fatal(err)
	}
	totals, _ := s.Totals()
	if n := contents(s); n != int(totals.Messages) {
		t.Errorf("%d contents are kept for %d messages", n, totals.Messages)
	}
	if _, _, err := s.Restore(ctx, snap.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("Restore of a deleted snapshot: %v", err)
	}
	if err := s.DeleteSnapshot(ctx, "nonsense"); !errors.Is(err, ErrNotFound) {
		t.Errorf("DeleteSnapshot of nonsense: %v", err)
	}
}

// TestSnapshotOfMailbox puts back one mailbox and leaves the others as they are.
func TestSnapshotOfMailbox(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	ctx := t.Context()
	both := deliver(t, s, mail("both", "b"), "a@x.test", "b@x.test")
	only := deliver(t, s, mail("only", "b"), "a@x.test")
	snap, err := s.NewSnapshot(ctx, "", "A+x@x.test")
	if err != nil || snap.Mailbox != "a@x.test" || snap.Messages != 2 || snap.Cursor != only.Seq {
		t.Fatalf("snapshot is %+v, %v", snap, err)
	}
	later := deliver(t, s, mail("later", "b"), "a@x.test", "b@x.test")
	sub := s.Subscribe(0)
	defer sub.Close()
	if err := s.DeleteFrom(ctx, "a@x.test", []uint64{both.Seq, only.Seq}); err != nil {
		t.Fatal(err)
	}
	removed, restored, err := s.Restore(ctx, snap.ID)
	if removed != 1 || restored != 2 || err != nil {
		t.Errorf("Restore: removed %d, restored %d, %v; want 1, 2", removed, restored, err)
	}
	if got := seqs(t, s, ListOptions{Mailbox: "a@x.test", Oldest: true}); got != fmt.Sprint([]uint64{both.Seq, only.Seq}) {
		t.Errorf("mailbox a holds %s", got)
	}
	if got := seqs(t, s, ListOptions{Mailbox: "b@x.test", Oldest: true}); got != fmt.Sprint([]uint64{both.Seq, later.Seq}) {
		t.Errorf("mailbox b holds %s", got)
	}
	for {
		if e := next(t, sub); e.Type == Resync {
			break
		}
	}
	list, err := s.Snapshots()
	if err != nil || len(list) != 1 || *list[0] != *snap {
		t.Errorf("snapshots are %+v, %v; want %+v", list, err, snap)
	}
}

// TestSessionsOf leads from a message to the sessions that brought and fetched it.
func TestSessionsOf(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Sessions: 4})
	in := s.NewIncoming()
	smtp := s.NewSessionID()
	r, err := in.Deliver(t.Context(), Envelope{Session: smtp, ForwardPaths: []ForwardPath{{Address: "a@x.test"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.RecordSession(&Session{ID: smtp, Protocol: "smtp", Messages: []string{r.ID}})
	fetch := func() string {
		id := s.NewSessionID()
		s.RecordSession(&Session{ID: id, Protocol: "pop3", Messages: []string{r.ID, "gone-1"}})
		return id
	}
	check := func(want ...string) {
		t.Helper()
		deliver(t, s, "x", "b@x.test") // after what was recorded
		list, err := s.SessionsOf(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, rec := range list {
			got = append(got, rec.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("sessions are %v, want %v", got, want)
		}
	}
	one := fetch()
	two := fetch()
	check(smtp, one, two)
	three, four := fetch(), fetch()
	check(one, two, three, four)
	if _, err := s.Delete(t.Context(), r.Seq); err != nil {
		t.Fatal(err)
	}
	s.view(func(tx *bbolt.Tx) error {
		if n := tx.Bucket(bucketFetches).Stats().KeyN; n != 0 {
			t.Errorf("%d fetches of a deleted message are kept", n)
		}
		return nil
	})
}
