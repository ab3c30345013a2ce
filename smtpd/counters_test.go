package smtpd

import (
	"slices"
	"testing"
	"time"
)

func TestBusy(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	never := time.Now().Add(time.Hour) // nobody was heard from since
	want := func(when string, since time.Time, n int) {
		t.Helper()
		if got := r.server.Busy(since); got != n {
			t.Errorf("%s: got %d busy sessions, want %d", when, got, n)
		}
	}
	want("before anybody connects", time.Time{}, 0)
	c := r.ready()
	want("an idle client", never, 0)
	want("a client that was heard from", time.Now().Add(-patience), 1)
	c.begin()
	want("in a transaction", never, 1)
	c.ask("DATA", "354 ")
	c.send("Subject: a\r\n")
	want("in DATA", never, 1)
	c.ask("\r\nbody\r\n.", "250 ")
	want("after the message", never, 0)
	c.begin()
	c.ask("RSET", "250 ")
	want("after RSET", never, 0)
	if n := r.server.Open(); n != 1 {
		t.Errorf("got %d connections, want 1", n)
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{MaxMessageBytes: 100, MaxRecipients: 1})
	c := r.ready()
	c.ask("MAIL FROM:<a@b.test> SIZE=101", "552 ")
	c.ask("MAIL FROM:<a b@c.test>", "501 ")
	c.begin()
	c.ask("RCPT TO:<e@f.test>", "452 ")
	c.ask("MAIL FROM:<a@b.test>", "503 ")
	c.ask("DATA", "354 ")
	c.ask("Subject: a\r\n\r\nbody\r\n.", "250 ")
	c.ask("QUIT", "221 ")
	r.session()

	got := r.server.Counters()
	if got.Sessions != 1 || got.Failed != 1 || got.Delivered != 1 || got.Octets != uint64(len("Subject: a\r\n\r\nbody\r\n")) {
		t.Errorf("got %+v, want one session, which failed in part, and one message", got)
	}
	if got.Accept.Count != 1 || got.Accept.Sum <= 0 {
		t.Errorf("got %d times, %v s in all, want one", got.Accept.Count, got.Accept.Sum)
	}
	for _, reason := range []string{"too-large", "too-many-recipients", "out-of-order"} {
		if got.Refused[reason] != 1 {
			t.Errorf("got %v, want one refused as %s", got.Refused, reason)
		}
	}
	known := Reasons()
	for reason := range got.Refused {
		if !slices.Contains(known, reason) {
			t.Errorf("%q is not among the reasons %v", reason, known)
		}
	}
}
