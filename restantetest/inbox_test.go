package restantetest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"restante/client"
	"restante/restantetest"
)

func TestWait(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)
	send(t, srv, inbox.Address, "first", "text")
	send(t, srv, "other@app.test", "other", "text")
	send(t, srv, inbox.Address, "second", "text")
	send(t, srv, inbox.Address, "third", "text")
	// Each once, in whatever order they are asked for.
	for _, step := range []struct{ term, want string }{
		{"subject:second", "second"}, {"from:shop@app.test", "first"}, {"", "third"},
	} {
		if m := inbox.Wait(t, step.term); m.Subject != step.want {
			t.Errorf("%q: %s, want %s", step.term, m.Subject, step.want)
		}
	}
	var sending sync.WaitGroup
	sending.Go(func() { send(t, srv, inbox.Address, "fourth", "text") })
	defer sending.Wait()
	if m := inbox.Wait(t, client.Query{Subject: "fourth", To: inbox.Address}.String()); m.Subject != "fourth" {
		t.Errorf("found %s", m.Subject)
	}
}

func TestWaitN(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)
	send(t, srv, inbox.Address, "m0", "text")
	send(t, srv, inbox.Address, "m1", "text")
	if m := inbox.Wait(t, "subject:m1"); m.Subject != "m1" {
		t.Errorf("found %s", m.Subject)
	}
	send(t, srv, inbox.Address, "m2", "text")
	send(t, srv, inbox.Address, "m3", "text")
	var got []string
	for _, m := range inbox.WaitN(t, 3) {
		got = append(got, m.Subject)
	}
	if s := strings.Join(got, " "); s != "m0 m2 m3" {
		t.Errorf("found %s", s)
	}
}

func TestWaitFailsWithTheReason(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	var address string
	tr := try(t, 0, func(t restantetest.TB) {
		inbox := srv.Inbox(t)
		inbox.Timeout = 50 * time.Millisecond
		address = inbox.Address
		send(t, srv, inbox.Address, "Welcome", "text")
		inbox.Wait(t, "subject:verify")
	})
	wants(t, tr.fatal, "inbox "+address, "no message for subject:verify in mailbox "+address, "1 message arrived, none matched", `subject was "Welcome", wanted verify`)
	wants(t, tr.log.String(), "mail for "+address+":\n", `"Welcome" from <shop@app.test> to `+address+" (no wait returned it)", "mail for others since: none", "SMTP sessions that failed since: none")
}

func TestWaitNFailsWithWhatCame(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	tr := try(t, 0, func(t restantetest.TB) {
		inbox := srv.Inbox(t)
		inbox.Timeout = 50 * time.Millisecond
		send(t, srv, inbox.Address, "m0", "text")
		send(t, srv, inbox.Address, "m1", "text")
		inbox.WaitN(t, 3)
	})
	wants(t, tr.fatal, "2 of 3 messages for mailbox ", "2 messages arrived in all")
	tr = try(t, 0, func(t restantetest.TB) {
		inbox := srv.Inbox(t)
		inbox.Timeout = 50 * time.Millisecond
		send(t, srv, inbox.Address, "m0", "text")
		send(t, srv, inbox.Address, "m1", "text")
		inbox.Wait(t)
		inbox.WaitN(t, 2)
	})
	wants(t, tr.fatal, "1 of 2 messages came; then: no message for mailbox ", "nothing arrived")
	if strings.Contains(tr.log.String(), `"m0" from <shop@app.test> to inbox (no`) {
		t.Errorf("what was returned is logged as if it was not:\n%s", &tr.log)
	}
}

// The deadline of the test comes first, and the reason is still told.
func TestWaitEndsBeforeTheTest(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	tr := try(t, 3*time.Second, func(t restantetest.TB) { srv.Inbox(t).Wait(t) })
	wants(t, tr.fatal, "no message for mailbox ", " within 2.", "nothing arrived")
	tr = try(t, time.Nanosecond, func(t restantetest.TB) { srv.Inbox(t).Wait(t) })
	wants(t, tr.fatal, "no message for mailbox ")
}

func TestWaitFailsOnABadQuery(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	tr := try(t, 0, func(t restantetest.TB) { srv.Inbox(t).Wait(t, "colour:red") })
	wants(t, tr.fatal, "400", `"colour:" is not a field`)
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)
	send(t, srv, "other@app.test", "for others", "text")
	inbox.Quiet(t, 20*time.Millisecond)
	send(t, srv, inbox.Address, "waited for", "text")
	inbox.Wait(t)
	inbox.Quiet(t, 20*time.Millisecond)
	inbox.Quiet(t, 20*time.Millisecond, "subject:password")

	tr := try(t, 0, func(t restantetest.TB) {
		in := srv.Inbox(t)
		send(t, srv, in.Address, "too early", "text")
		in.Quiet(t, 20*time.Millisecond)
	})
	wants(t, tr.fatal, "not quiet for mailbox ", `"too early"`)
	tr = try(t, 0, func(tt restantetest.TB) {
		in := srv.Inbox(tt)
		var sending sync.WaitGroup
		sending.Go(func() { send(t, srv, in.Address, "too late", "text") })
		defer sending.Wait()
		in.Quiet(tt, time.Minute)
	})
	wants(t, tr.fatal, "not quiet for mailbox ", `"too late"`)
}

// What other tests send all the time does not fail a test; a client that is about
// to bring something is waited for.
func TestQuietWithOthersAtWork(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)
	stop := make(chan struct{})
	var others sync.WaitGroup
	for i := range 3 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					send(t, srv, fmt.Sprintf("other%d@app.test", i), "noise", "text")
				}
			}
		})
	}
	inbox.Quiet(t, 50*time.Millisecond)
	close(stop)
	others.Wait()

	conn, say := dial(t, srv)
	say("EHLO app.test")
	say("MAIL FROM:<shop@app.test>")
	tr := try(t, 0, func(t restantetest.TB) {
		in := srv.Inbox(t)
		in.Timeout = 50 * time.Millisecond
		in.Quiet(t, 20*time.Millisecond)
	})
	if tr.failed {
		t.Errorf("it fails: %s", tr.fatal)
	}
	wants(t, tr.log.String(), "nothing came, but SMTP sessions were at work all the time, at last 1")
	say("RCPT TO:<" + inbox.Address + ">")
	say("DATA")
	others.Go(func() { say("Subject: slow\r\n\r\ntext\r\n.") }) // whenever: it is at work until then
	tr = try(t, 0, func(t restantetest.TB) { inbox.Quiet(t, 20*time.Millisecond) })
	wants(t, tr.fatal, `"slow" to `+inbox.Address)
	others.Wait()
	conn.Close()
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	send(t, srv, "admin@app.test", "before", "text")
	admin := srv.Mailbox(t, "admin@app.test")
	send(t, srv, "admin@app.test", "after", "text")
	if m := admin.Wait(t); m.Subject != "after" {
		t.Errorf("found %s", m.Subject)
	}
	admin.Quiet(t, 10*time.Millisecond)
}

// Tests in parallel on one server never meet.
func TestInboxesInParallel(t *testing.T) {
	t.Parallel()
	const inboxes, mails = 50, 20
	srv := restantetest.Start(t)
	var mu sync.Mutex
	known := make(map[string]bool)
	for i := range inboxes {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			inbox := srv.Inbox(t)
			mu.Lock()
			if known[inbox.Address] {
				t.Errorf("%s is given twice", inbox.Address)
			}
			known[inbox.Address] = true
			mu.Unlock()
			for n := range mails {
				subject := fmt.Sprintf("mail %d of %d", n, i)
				if n%2 == 0 {
					send(t, srv, inbox.Address, subject, "text")
				} else {
					sent := make(chan struct{})
					defer func() { <-sent }()
					go func() {
						defer close(sent)
						send(t, srv, inbox.Address, subject, "text")
					}()
				}
				if m := inbox.Wait(t); m.Subject != subject || m.Recipients[0] != inbox.Address {
					t.Errorf("found %q for %s, want %q for %s", m.Subject, m.Recipients[0], subject, inbox.Address)
				}
			}
		})
	}
}
