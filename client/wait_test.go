package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"restante"
	"restante/client"
)

func TestWaitFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	mail(t, srv, "alice@app.test", "first", "text")
	mail(t, srv, "alice@app.test", "second", "your code is 471199")
	q := client.Query{To: "alice@app.test"}
	m := must(c.Wait(limited(t), q, client.WaitOptions{}))(t)
	if m.Subject != "first" || !strings.Contains(m.Text, "text") {
		t.Errorf("found %q %q", m.Subject, m.Text)
	}
	if m = must(c.Wait(limited(t), q, client.WaitOptions{After: m.Seq}))(t); m.Subject != "second" || len(m.Codes) != 1 || m.Codes[0].Code != "471199" {
		t.Errorf("found %q with codes %v", m.Subject, m.Codes)
	}
	both := must(c.WaitN(limited(t), 2, q, client.WaitOptions{}))(t)
	if len(both) != 2 || both[0].Subject != "first" || both[1].Subject != "second" {
		t.Errorf("found %d: %+v", len(both), both)
	}
}

func TestWaitForWhatComes(t *testing.T) {
	t.Parallel()
	srv, c := start(t, client.WithMaxWait(20*time.Millisecond)) // many calls make one wait
	type result struct {
		m   *client.Message
		err error
	}
	done := make(chan result, 1)
	go func() {
		m, err := c.Wait(t.Context(), client.Query{Subject: "wanted"}, client.WaitOptions{Timeout: 10 * time.Second})
		done <- result{m, err}
	}()
	for i := range 30 { // while it waits; some between two calls
		mail(t, srv, "alice@app.test", fmt.Sprint("other ", i), "text")
	}
	mail(t, srv, "alice@app.test", "wanted", "text")
	select {
	case r := <-done:
		if r.err != nil || r.m.Subject != "wanted" {
			t.Errorf("%+v, %v", r.m, r.err)
		}
	case <-limited(t).Done():
		t.Error("the wait does not end")
	}
}

func TestNoMatchSaysWhy(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]client.Option{
		"one call":   nil,
		"many calls": {client.WithMaxWait(10 * time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, c := start(t, opts...)
			mail(t, srv, "ali@app.test", "Verify your address", "text")
			q := client.Query{To: "alice@app.test", Subject: "Verify"}
			begin := time.Now()
			_, err := c.Wait(limited(t), q, client.WaitOptions{Timeout: 100 * time.Millisecond})
			if took := time.Since(begin); took < 100*time.Millisecond {
				t.Errorf("it waited %v", took)
			}
			var e *client.NoMatch
			if !errors.As(err, &e) {
				t.Fatalf("the error is %v", err)
			}
			if e.Arrived != 1 || e.Nearest == nil || e.Nearest.Subject != "Verify your address" || e.Cursor != 1 || e.Query != q || e.Count != 1 || e.Waited < 100*time.Millisecond {
				t.Errorf("it is %+v", e)
			}
			for _, want := range []string{
				"no message for rcpt:=alice@app.test subject:Verify within 1", "1 message arrived, none matched",
				`"Verify your address"`, "subject matched", "rcpt was ali@app.test, wanted alice@app.test",
			} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
			var problem *client.Error
			if !errors.As(err, &problem) || problem.Status != http.StatusRequestTimeout {
				t.Errorf("below it is %v", problem)
			}
		})
	}
}

func TestNoMatchOfSeveral(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	mail(t, srv, "alice@app.test", "one", "text")
	_, err := c.WaitN(limited(t), 3, client.Query{Mailbox: "alice@app.test"}, client.WaitOptions{Timeout: 10 * time.Millisecond})
	var e *client.NoMatch
	if !errors.As(err, &e) || len(e.Matched) != 1 || e.Matched[0].Subject != "one" {
		t.Fatalf("the error is %v", err)
	}
	if want := "1 of 3 messages for mailbox alice@app.test within "; !strings.Contains(err.Error(), want) {
		t.Errorf("%q is not in %q", want, err)
	}
	_, err = c.Wait(limited(t), client.Query{}, client.WaitOptions{After: 1, Timeout: 10 * time.Millisecond})
	if err == nil || !strings.HasSuffix(err.Error(), ": nothing arrived") {
		t.Errorf("the error is %v", err)
	}
	if _, err := c.WaitN(limited(t), 0, client.Query{}, client.WaitOptions{}); err == nil {
		t.Error("waiting for none is no error")
	}
	var problem *client.Error
	if _, err := c.Wait(limited(t), client.Query{Text: "no:field"}, client.WaitOptions{}); !errors.As(err, &problem) || problem.Status != 400 {
		t.Errorf("a bad query: %v", err)
	}
}

// The server explains before the context ends.
func TestWaitEndsBeforeItsContext(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	mail(t, srv, "bob@app.test", "other", "text")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	_, err := c.Wait(ctx, client.Query{Subject: "wanted"}, client.WaitOptions{Timeout: time.Hour})
	var e *client.NoMatch
	if !errors.As(err, &e) || ctx.Err() != nil {
		t.Errorf("the error is %v, the context's %v", err, ctx.Err())
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Wait(ctx, client.Query{}, client.WaitOptions{After: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("in a cancelled context: %v", err)
	}
}

// talk opens an SMTP session and leaves it after the lines.
func talk(t *testing.T, srv *restante.Server, lines ...string) net.Conn {
	t.Helper()
	conn := must(net.Dial("tcp", srv.SMTPAddr()))(t)
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(conn)
	must(r.ReadString('\n'))(t)
	for _, line := range lines {
		must(fmt.Fprintf(conn, "%s\r\n", line))(t)
		must(r.ReadString('\n'))(t)
	}
	return conn
}

func TestNoMatchNamesFailedSessions(t *testing.T) {
	t.Parallel()
	srv, c := start(t, client.WithMaxWait(50*time.Millisecond))
	type outcome struct{ err error }
	done := make(chan outcome, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := must(c.Events(limited(t), client.Query{}, 0))(t)
	go func() {
		_, err := c.Wait(ctx, client.Query{Subject: "never"}, client.WaitOptions{Timeout: 1500 * time.Millisecond})
		done <- outcome{err}
	}()
	// Sessions fail until the wait is over; the first may have been before it.
	var err error
	for waiting := true; waiting; {
		talk(t, srv, "HELO a", "MAIL FROM:<a@app.test>", "RCPT TO:<b@app.test>", "DATA").Close()
		for e, err := range events {
			if err != nil {
				t.Fatal(err)
			}
			if e.Type == client.Ended {
				break
			}
		}
		events = must(c.Events(limited(t), client.Query{}, 0))(t)
		select {
		case o := <-done:
			err, waiting = o.err, false
		default:
		}
	}
	var e *client.NoMatch
	if !errors.As(err, &e) || len(e.FailedSessions) == 0 {
		t.Fatalf("the error is %v", err)
	}
	s := e.FailedSessions[0]
	if s.ID == "" || s.Protocol != "smtp" || !strings.Contains(err.Error(), "SMTP session "+s.ID+" failed meanwhile: ") {
		t.Errorf("%+v in %q", s, err)
	}
	ids := make(map[string]bool)
	for _, s := range e.FailedSessions {
		if ids[s.ID] {
			t.Errorf("session %s is there twice", s.ID)
		}
		ids[s.ID] = true
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	mail(t, srv, "alice@app.test", "before", "text")
	o := client.QuietOptions{For: 20 * time.Millisecond}
	if err := c.Quiet(limited(t), client.Query{}, o); err != nil {
		// The session that brought it may just be ending.
		var e *client.NotQuiet
		if !errors.As(err, &e) || len(e.Messages) > 0 {
			t.Errorf("after a message: %v", err)
		}
	}
	err := c.Quiet(limited(t), client.Query{Subject: "before"}, client.QuietOptions{For: 20 * time.Millisecond})
	if err != nil && !strings.Contains(err.Error(), "still at work") {
		t.Errorf("without a cursor it is from now on: %v", err)
	}

	mail(t, srv, "alice@app.test", "after", "text")
	err = c.Quiet(limited(t), client.Query{Mailbox: "alice@app.test"}, client.QuietOptions{After: new(uint64(1)), For: time.Minute})
	var e *client.NotQuiet
	if !errors.As(err, &e) || subjects(e.Messages) != "after" {
		t.Fatalf("after the cursor: %v", err)
	}
	if want := "not quiet for mailbox alice@app.test: 1 message arrived; "; !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"after" to alice@app.test`) {
		t.Errorf("%q is not in %q", want, err)
	}
	var problem *client.Error
	if !errors.As(err, &problem) || problem.Status != http.StatusConflict {
		t.Errorf("below it is %v", problem)
	}
	if err := c.Quiet(limited(t), client.Query{Text: "no:field"}, o); !errors.As(err, &problem) || problem.Status != 400 {
		t.Errorf("a bad query: %v", err)
	}
}

func TestQuietSeesSessionsAtWork(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	talk(t, srv, "HELO a", "MAIL FROM:<a@app.test>", "RCPT TO:<b@app.test>")
	err := c.Quiet(limited(t), client.Query{}, client.QuietOptions{For: 20 * time.Millisecond})
	var e *client.NotQuiet
	if !errors.As(err, &e) || e.Busy != 1 || len(e.Messages) != 0 {
		t.Fatalf("the error is %v, %+v", err, e)
	}
	if want := "nothing matched, but 1 SMTP session was still at work"; !strings.Contains(err.Error(), want) {
		t.Errorf("%q is not in %q", want, err)
	}
}

// A long time is made of several calls.
func TestQuietForLong(t *testing.T) {
	t.Parallel()
	srv, c := start(t, client.WithMaxWait(20*time.Millisecond))
	mail(t, srv, "alice@app.test", "before", "text")
	q := client.Query{Subject: "noise"}
	// At work at the end of the first calls, but not of the last one.
	talk(t, srv, "HELO a", "MAIL FROM:<a@app.test>", "RCPT TO:<b@app.test>").Close()
	begin := time.Now()
	if err := c.Quiet(limited(t), q, client.QuietOptions{For: 210 * time.Millisecond}); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took < 210*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	done := make(chan error, 1)
	go func() { done <- c.Quiet(t.Context(), q, client.QuietOptions{After: new(uint64(0)), For: time.Hour}) }()
	mail(t, srv, "alice@app.test", "noise", "text")
	var e *client.NotQuiet
	if err := <-done; !errors.As(err, &e) || subjects(e.Messages) != "noise" {
		t.Errorf("the error is %v", err)
	}
}
