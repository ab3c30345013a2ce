package mailstore

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestInbox(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "restante.db")
	o := Options{Path: path, Durability: None, Now: func() time.Time { return clock }}
	s := openTest(t, o)
	ctx := t.Context()
	deliver(t, s, "before", "x@x.test")
	keep, err := s.NewInbox(ctx, InboxOptions{Prefix: "Signup"})
	if err != nil {
		t.Fatal(err)
	}
	short, err := s.NewInbox(ctx, InboxOptions{TTL: time.Minute, Domain: "mine.test"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(keep.Address, "signup-") || !strings.HasSuffix(keep.Address, "@"+DefaultInboxDomain) || keep.Mailbox != keep.Address || keep.Cursor != 1 {
		t.Errorf("inbox is %+v", keep)
	}
	if !strings.HasSuffix(short.Address, "@mine.test") || !short.Expires.Equal(clock.Add(time.Minute)) {
		t.Errorf("inbox is %+v", short)
	}
	deliver(t, s, "1", keep.Address)
	deliver(t, s, "2", short.Address)
	if !s.CheckInbox(keep.Address, keep.Password) || !s.CheckInbox(keep.ID, keep.Password) ||
		s.CheckInbox(keep.Address, short.Password) || s.CheckInbox("x@x.test", "") || s.CheckInbox(keep.ID+"@other.test", keep.Password) {
		t.Error("the wrong credentials are right, or the right ones wrong")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openTest(t, o)
	if list, err := s.Inboxes(); err != nil || len(list) != 2 {
		t.Errorf("inboxes after opening again: %v, %v", list, err)
	}
	if err := s.expireInboxes(); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(time.Minute)
	if err := s.expireInboxes(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Inbox(short.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the expired inbox: %v", err)
	}
	if _, err := s.Mailbox(short.Mailbox); !errors.Is(err, ErrNoMailbox) {
		t.Errorf("its mail: %v", err)
	}
	if n, err := s.DeleteInbox(ctx, keep.ID); n != 1 || err != nil {
		t.Errorf("DeleteInbox: %d, %v", n, err)
	}
	if _, err := s.DeleteInbox(ctx, keep.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("DeleteInbox again: %v", err)
	}
	if got := seqs(t, s, ListOptions{}); got != "[1]" {
		t.Errorf("%s is left", got)
	}
}

// TestInboxNaming: whatever names mailboxes, each inbox has one of its own.
func TestInboxNaming(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {Naming: Local}, {Naming: Domain}, {Separator: "-"}, {Separator: "none"}} {
		s := openTest(t, o)
		a, err := s.NewInbox(t.Context(), InboxOptions{Prefix: "a"})
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.NewInbox(t.Context(), InboxOptions{Prefix: "a"})
		if err != nil {
			t.Fatal(err)
		}
		if a.Mailbox == b.Mailbox || s.MailboxFor(a.Address) != a.Mailbox {
			t.Errorf("with %+v two inboxes are %+v and %+v", o, a, b)
		}
	}
	s := openTest(t, Options{})
	for _, o := range []InboxOptions{{Prefix: "a+b"}, {Prefix: "a b"}, {Prefix: strings.Repeat("x", 33)}, {Domain: "a@b"}, {TTL: -1}} {
		if b, err := s.NewInbox(t.Context(), o); err == nil {
			t.Errorf("NewInbox(%+v) made %+v", o, b)
		}
	}
}

func TestDeleteMatching(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	for i := range 12 {
		deliver(t, s, mail([]string{"old", "new"}[i%2], "x"), "a@x.test")
	}
	if n, err := s.DeleteMatching(t.Context(), ListOptions{Query: query(t, "subject:old")}); n != 6 || err != nil {
		t.Errorf("DeleteMatching: %d, %v", n, err)
	}
	if got := seqs(t, s, ListOptions{Oldest: true}); got != "[2 4 6 8 10 12]" {
		t.Errorf("%s is left", got)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Path: filepath.Join(t.TempDir(), "restante.db"), Retention: Retention{MaxMessages: 2}})
	for range 3 {
		deliver(t, s, "12345", "a@x.test")
	}
	if _, err := s.Delete(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	st := s.Stats()
	if st.Delivered != 3 || st.Octets != 15 || st.Pruned != 1 || st.Deleted != 1 || st.Batch.Count < 4 ||
		st.CommitSeconds.Count != st.Batch.Count || st.FileBytes == 0 {
		t.Errorf("stats are %+v", st)
	}
}
