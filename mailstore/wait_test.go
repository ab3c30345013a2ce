package mailstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func query(t testing.TB, text string) *Query {
	t.Helper()
	q, err := ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestWait: what is there is found at once, what arrives later when it arrives,
// never anything from before the cursor.
func TestWait(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	old := deliver(t, s, mail("verify", "old"), "alice@x.test")

	got, err := s.Wait(ctx, WaitOptions{Query: query(t, "subject:verify"), Mailbox: "alice@x.test"})
	if err != nil || got[0].Seq != old.Seq {
		t.Fatalf("Wait for what is there: %v, %v", got, err)
	}
	type result struct {
		messages []*Message
		err      error
	}
	for _, o := range []WaitOptions{
		{After: old.Seq, Query: query(t, "verify"), Count: 2},
		{After: old.Seq, Query: query(t, "body:second"), Mailbox: "Alice+x@x.test"},
		{After: old.Seq, Mailbox: "*@x.test", Count: 2},
		{After: old.Seq, Query: query(t, "-first subject:verify")},
	} {
		after := s.state.Load().seq
		o.After = after
		done := make(chan result, 1)
		go func() {
			messages, err := s.Wait(ctx, o)
			done <- result{messages, err}
		}()
		deliver(t, s, mail("other", "noise"), "bob@y.test")
		first := deliver(t, s, mail("verify", "first"), "alice@x.test")
		second := deliver(t, s, mail("verify", "the second"), "alice@x.test")
		r := <-done
		if r.err != nil {
			t.Errorf("Wait %+v: %v", o, r.err)
			continue
		}
		want := fmt.Sprint([]uint64{first.Seq, second.Seq})
		if o.Count == 0 {
			want = fmt.Sprint([]uint64{second.Seq})
		}
		var seqs []uint64
		for _, m := range r.messages {
			seqs = append(seqs, m.Seq)
		}
		if fmt.Sprint(seqs) != want {
			t.Errorf("Wait %+v: %v, want %s", o, seqs, want)
		}
	}
}

// TestWaitNoGap: many waits that race with deliveries miss none.
func TestWaitNoGap(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for n := range 100 {
		box := fmt.Sprintf("u%d@x.test", n)
		wg.Go(func() {
			if _, err := s.Wait(ctx, WaitOptions{Mailbox: box, Query: query(t, "code")}); err != nil {
				t.Errorf("Wait for %s: %v", box, err)
			}
		})
		wg.Go(func() {
			if _, err := tryDeliver(s, mail("s", "the code"), box); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s.waits.mu.Lock()
	defer s.waits.mu.Unlock()
	if n := s.waits.count + s.waits.byPath + len(s.waits.by); n != 0 {
		t.Errorf("%d waiters are left", n)
	}
}

func TestWaitExplains(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	expired, cancel := context.WithCancel(t.Context())
	cancel()
	wait := func(o WaitOptions) *NoMatch {
		t.Helper()
		_, err := s.Wait(expired, o)
		e, ok := errors.AsType[*NoMatch](err)
		if !ok || !errors.Is(err, context.Canceled) {
			t.Fatalf("Wait: %v, want a *NoMatch of context.Canceled", err)
		}
		return e
	}
	if e := wait(WaitOptions{}); e.Arrived != 0 || !strings.Contains(e.Error(), "no message arrived") {
		t.Errorf("with nothing there: %+v", e)
	}
	deliver(t, s, mail("Hello", "x"), "carol@x.test")
	near := deliver(t, s, mail("Verify your address", "x"), "ali@x.test")
	if found, err := s.Wait(expired, WaitOptions{Query: query(t, "verify")}); err != nil || found[0].Seq != near.Seq {
		t.Errorf("what is there, without any time: %v, %v", found, err)
	}
	e := wait(WaitOptions{Query: query(t, "subject:verify rcpt:alice@x.test")})
	if e.Arrived != 2 || e.Nearest == nil || e.Nearest.Seq != near.Seq ||
		e.Reason != "subject matched, rcpt was ali@x.test, wanted alice@x.test" {
		t.Errorf("near miss: %+v", e)
	}
	e = wait(WaitOptions{Mailbox: "alice@x.test"})
	if !strings.Contains(e.Error(), "mailbox was ali@x.test, wanted alice@x.test") {
		t.Errorf("wrong mailbox: %v", e)
	}
	e = wait(WaitOptions{Query: query(t, "verify"), Count: 1, After: near.Seq})
	if e.Arrived != 0 {
		t.Errorf("after the cursor: %+v", e)
	}
}

func TestWaitEndsWithTheStore(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	done := make(chan error, 1)
	go func() {
		_, err := s.Wait(context.Background(), WaitOptions{})
		done <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("Wait: %v, want ErrClosed", err)
	}
	if _, err := tryDeliver(s, "x", "a@x.test"); !errors.Is(err, ErrClosed) {
		t.Errorf("Deliver: %v, want ErrClosed", err)
	}
	if _, err := s.Totals(); !errors.Is(err, ErrClosed) {
		t.Errorf("Totals: %v, want ErrClosed", err)
	}
	if _, err := s.List(t.Context(), ListOptions{}); !errors.Is(err, ErrClosed) {
		t.Errorf("List: %v, want ErrClosed", err)
	}
}

// next takes an event within a deadline.
func next(t *testing.T, sub *Subscription) Event {
	t.Helper()
	select {
	case e, ok := <-sub.Events():
		if !ok {
			t.Fatalf("the subscription ended: %v", sub.Err())
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event came")
	}
	panic("unreachable")
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	ctx := t.Context()
	sub := s.Subscribe(0)
	defer sub.Close()
	r := deliver(t, s, mail("s", "b"), "a@x.test", "b@x.test")
	id := s.NewSessionID()
	for _, err := range []error{
		s.SetSeen(ctx, true, r.Seq), s.SetSeen(ctx, true, r.Seq), // the second changes nothing
		s.SetTags(ctx, r.Seq, []string{"t"}),
		s.DeleteFrom(ctx, "a@x.test", []uint64{r.Seq}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.RecordSession(&Session{ID: id, Protocol: "smtp", Transcript: []Line{{Text: "x"}}})
	if n, err := s.Delete(ctx, r.Seq); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	var got []string
	var revisions []uint64
	for range 6 {
		e := next(t, sub)
		got = append(got, fmt.Sprintf("%s %d %v %v %v", e.Type, e.Seq, e.Mailboxes, e.Seen, e.Tags))
		revisions = append(revisions, e.Revision)
		if e.Type == Stored && (e.Message == nil || e.Message.Subject != "s") {
			t.Errorf("stored without its message: %+v", e)
		}
		if e.Type == Ended && (e.Session == nil || e.Session.ID != id || e.Session.Transcript != nil) {
			t.Errorf("session: %+v", e.Session)
		}
	}
	want := []string{
		"stored 1 [a@x.test b@x.test] false []", "seen 1 [a@x.test b@x.test] true []", "tagged 1 [a@x.test b@x.test] false [t]",
		"deleted 1 [a@x.test] false []", "session 0 [] false []", "deleted 1 [] false []",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("events were\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	resumed := s.Subscribe(revisions[2])
	defer resumed.Close()
	if e := next(t, resumed); e.Revision != revisions[3] || e.Type != Deleted {
		t.Errorf("resumed after %d with %+v", revisions[2], e)
	}
}

// TestSlowSubscriber: one that does not read is dropped, and delays nobody.
func TestSlowSubscriber(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	r := deliver(t, s, "x", "a@x.test")
	sub := s.Subscribe(0)
	for i := range 2*ringSize + 10 {
		if err := s.SetSeen(t.Context(), i%2 == 0, r.Seq); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.After(10 * time.Second)
	for open := true; open; {
		select {
		case _, open = <-sub.Events():
		case <-deadline:
			t.Fatal("the subscription does not end")
		}
	}
	if err := sub.Err(); !errors.Is(err, ErrSlow) {
		t.Errorf("Err: %v, want ErrSlow", err)
	}
	other := openTest(t, Options{})
	if first, later := s.state.Load().revision, other.state.Load().revision; first >= later {
		t.Errorf("a store's newest revision is %d, a later one begins at %d", first, later)
	}
	late := s.Subscribe(1)
	defer late.Close()
	if e := next(t, late); e.Type != Resync || e.Revision != s.state.Load().revision {
		t.Errorf("resuming from too long ago gives %+v, want resync", e)
	}
}
