package client_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"restante/client"
)

func TestInbox(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	mail(t, srv, "other@app.test", "before", "text")
	in := must(c.NewInbox(ctx, client.InboxOptions{Prefix: "signup", TTL: time.Hour}))(t)
	if !strings.HasPrefix(in.Address, "signup") || !strings.HasPrefix(in.Address, in.ID+"@") || in.Cursor != 1 || in.Mailbox == "" {
		t.Errorf("the inbox is %+v", in)
	}
	if left := time.Until(in.Expires); left <= 0 || left > time.Hour {
		t.Errorf("it expires in %v", left)
	}
	if err := in.Quiet(ctx, client.Query{}, client.QuietOptions{For: 10 * time.Millisecond}); err != nil && !strings.Contains(err.Error(), "at work") {
		t.Error(err)
	}

	// Everything to log in with is there.
	at := net.JoinHostPort(in.SMTP.Host, fmt.Sprint(in.SMTP.Port))
	auth := smtp.PlainAuth("", in.SMTP.User, in.SMTP.Password, in.SMTP.Host)
	if err := smtp.SendMail(at, auth, "shop@app.test", []string{in.Address}, []byte("Subject: hello\r\n\r\nhi\r\n")); err != nil {
		t.Fatal(err)
	}
	if m := must(in.Wait(ctx, client.Query{Subject: "hello"}, client.WaitOptions{}))(t); m.Envelope.User != in.SMTP.User {
		t.Errorf("it was sent by %q", m.Envelope.User)
	}
	if err := in.Quiet(ctx, client.Query{}, client.QuietOptions{For: 10 * time.Millisecond}); err == nil || !strings.Contains(err.Error(), "hello") {
		t.Errorf("it is quiet: %v", err)
	}
	if got := pop3Stat(t, in.POP3); !strings.HasPrefix(got, "+OK 1 ") {
		t.Errorf("POP3 has %s", got)
	}

	again := must(c.Inbox(ctx, in.ID))(t)
	list := must(c.Inboxes(ctx))(t)
	if again.Address != in.Address || len(list) != 1 || list[0].Address != in.Address || list[0].POP3 != in.POP3 {
		t.Errorf("found %+v and %+v", again, list)
	}
	if m := must(c.Mailbox(ctx, in.Mailbox))(t); !m.Inbox || m.Messages != 1 {
		t.Errorf("its mailbox is %+v", m)
	}
	if err := list[0].Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Latest(ctx, client.Query{Mailbox: in.Mailbox}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("its mail is still there: %v", err)
	}
	if err := in.Close(ctx); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("closed twice: %v", err)
	}
	if page := must(c.List(ctx, client.Query{}, client.ListOptions{}))(t); subjects(page.Messages) != "before" {
		t.Errorf("left are %s", subjects(page.Messages))
	}
}

func TestInboxesAreDifferent(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	known := make(map[string]bool)
	for range 100 {
		in := must(c.NewInbox(limited(t), client.InboxOptions{Domain: "inbox.test"}))(t)
		if known[in.Address] || !strings.HasSuffix(in.Address, "@inbox.test") || !in.Expires.IsZero() {
			t.Fatalf("the inbox is %+v", in)
		}
		known[in.Address] = true
	}
}

func pop3Stat(t *testing.T, at client.Endpoint) string {
	t.Helper()
	conn := must(net.Dial("tcp", net.JoinHostPort(at.Host, fmt.Sprint(at.Port))))(t)
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(conn)
	answer := must(r.ReadString('\n'))(t)
	for _, line := range []string{"USER " + at.User, "PASS " + at.Password, "STAT"} {
		must(fmt.Fprintf(conn, "%s\r\n", line))(t)
		answer = must(r.ReadString('\n'))(t)
	}
	return answer
}
