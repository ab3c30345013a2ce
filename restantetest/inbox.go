package restantetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"restante/client"
)

const (
	// defaultTimeout is how long an Inbox waits unless it is told otherwise.
	defaultTimeout = 10 * time.Second

	// inboxTTL ends the inboxes of tests that were killed.
	inboxTTL = 24 * time.Hour

	// A wait ends this part of the time that is left, or this much at most,
	// before the test's own deadline: after that nothing is logged any more.
	marginPart, maxMargin = 10, 2 * time.Second
)

// Inbox is an address of a test's own, and the mail for it. It remembers which
// messages its waits have returned: none is returned twice.
type Inbox struct {
	// Address is where to send to. SMTP and POP3 say how, for programs that
	// want to log in; both are empty for a [Server.Mailbox].
	Address string
	SMTP    client.Endpoint
	POP3    client.Endpoint

	// Timeout is how long a wait takes at most; 0 is 10 seconds. The deadline of
	// the test shortens it.
	Timeout time.Duration

	server  *Server
	mailbox string
	after   uint64 // only seqs above

	mu    sync.Mutex
	taken map[string]bool // ids of the messages that were returned
}

// Inbox returns a fresh address that nobody else has. It and its mail go with the
// test.
func (s *Server) Inbox(t TB) *Inbox {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	made, err := s.client.NewInbox(ctx, client.InboxOptions{TTL: inboxTTL})
	if err != nil {
		t.Fatalf("make an inbox: %v", err)
	}
	in := &Inbox{Address: made.Address, SMTP: made.SMTP, POP3: made.POP3, server: s, mailbox: made.Mailbox}
	s.report(t, made.Cursor).add(in, made.Close)
	return in
}

// Mailbox returns the mail of an address that the program under test has chosen,
// from now on. Tests that run at the same time must not share one.
func (s *Server) Mailbox(t TB, address string) *Inbox {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	info, err := s.client.Info(ctx)
	if err != nil {
		t.Fatalf("mailbox %s: %v", address, err)
	}
	in := &Inbox{Address: address, server: s, mailbox: address, after: info.Counts.Newest}
	s.report(t, in.after).add(in, nil)
	return in
}

// Wait returns the oldest message in the inbox that matches all terms and that no
// wait has returned yet: at once when it is there, else the moment it arrives. When
// none comes in time the test fails, with what came instead and why it is not it.
//
// A term is one of a query as everywhere in Restante: "subject:verify",
// "from:shop@app.test", "has:attachment"; [client.Query] makes them of any text.
func (in *Inbox) Wait(t TB, terms ...string) *Message {
	t.Helper()
	return in.WaitN(t, 1, terms...)[0]
}

// WaitN is [Inbox.Wait] for n messages, oldest first. The test fails when there are
// fewer in time; it does not look whether there are more: see [Inbox.Quiet].
func (in *Inbox) WaitN(t TB, n int, terms ...string) []*Message {
	t.Helper()
	timeout := in.timeLeft(t)
	ctx, cancel := context.WithTimeout(t.Context(), timeout+answerTime)
	defer cancel()
	found, err := in.take(ctx, n, terms, time.Now().Add(timeout))
	if err != nil {
		if got := len(found); got > 0 {
			t.Fatalf("inbox %s: %d of %d messages came; then: %v", in.Address, got, n, err)
		}
		t.Fatalf("inbox %s: %v", in.Address, err)
	}
	out := make([]*Message, len(found))
	for i, m := range found {
		out[i] = &Message{Message: m, t: t, client: in.server.client}
	}
	return out
}

// take waits for n messages that were not taken yet.
func (in *Inbox) take(ctx context.Context, n int, terms []string, end time.Time) ([]*client.Message, error) {
	var found []*client.Message
	after := in.after
	for {
		more, err := in.server.client.WaitN(ctx, n-len(found), in.query(terms), client.WaitOptions{
			After: after, Timeout: max(time.Until(end), time.Millisecond),
		})
		if err != nil {
			in.untake(found)
			return found, err
		}
		in.mu.Lock()
		for _, m := range more {
			after = m.Seq
			if !in.taken[m.ID] {
				if in.taken == nil {
					in.taken = make(map[string]bool)
				}
				in.taken[m.ID] = true
				found = append(found, m)
			}
		}
		in.mu.Unlock()
		if len(found) == n {
			return found, nil
		}
	}
}

// untake gives back what a wait took that then failed.
func (in *Inbox) untake(found []*client.Message) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, m := range found {
		delete(in.taken, m.ID)
	}
}

// Quiet fails the test when the inbox has a message that matches and that no wait
// has returned, or gets one within d. While some client talks to the server at the
// end of that time, and might still bring one, it goes on: until none does for a
// moment, at most for Timeout.
func (in *Inbox) Quiet(t TB, d time.Duration, terms ...string) {
	t.Helper()
	end := time.Now().Add(max(in.timeLeft(t), d))
	ctx, cancel := context.WithDeadline(t.Context(), end.Add(answerTime))
	defer cancel()
	busy, err := in.quiet(ctx, d, terms, end)
	if err != nil {
		t.Fatalf("inbox %s: %v", in.Address, err)
	}
	if busy > 0 {
		t.Logf("inbox %s: nothing came, but SMTP sessions were at work all the time, at last %d", in.Address, busy)
	}
}

// How long nobody may talk to the server after the time that was asked for, when
// somebody did at its end: a shorter moment each time, since on a server that many
// tests share somebody always does.
const (
	longestMoment  = 20 * time.Millisecond
	shortestMoment = time.Millisecond
)

// quiet returns how many sessions were at work when it gave up waiting for them.
func (in *Inbox) quiet(ctx context.Context, d time.Duration, terms []string, end time.Time) (busy int, err error) {
	c, q := in.server.client, in.query(terms)
	page, err := c.List(ctx, q, client.ListOptions{Oldest: true, After: in.after, Limit: 1000})
	if err != nil {
		return 0, err
	}
	var early []client.Summary
	for _, m := range page.Messages {
		if !in.wasTaken(m.ID) {
			early = append(early, m)
		}
	}
	if len(early) > 0 {
		return 0, &client.NotQuiet{Query: q, Messages: early}
	}
	after := page.Cursor
	if page.Next > 0 {
		after = page.Next
	}
	window, moment := d, longestMoment
	for {
		err := c.Quiet(ctx, q, client.QuietOptions{After: &after, For: window})
		not, ok := errors.AsType[*client.NotQuiet](err)
		if !ok || len(not.Messages) > 0 {
			return 0, err
		}
		if time.Now().After(end) {
			return not.Busy, nil
		}
		window, moment = min(d, moment), max(moment/2, shortestMoment)
	}
}

func (in *Inbox) wasTaken(id string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.taken[id]
}

func (in *Inbox) query(terms []string) client.Query {
	return client.Query{Mailbox: in.mailbox, Text: strings.Join(terms, " ")}
}

// timeLeft is how long a wait may take.
func (in *Inbox) timeLeft(t TB) time.Duration {
	timeout := in.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	test, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return timeout
	}
	deadline, ok := test.Deadline()
	if !ok {
		return timeout
	}
	left := time.Until(deadline)
	left -= min(left/marginPart, maxMargin)
	return max(min(timeout, left), time.Millisecond)
}
