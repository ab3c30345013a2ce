package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"restante"
	"restante/client"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	event := next(t, must(c.Events(ctx, client.Query{}, 0))(t))
	mail(t, srv, "alice@app.test", "hello", "text")
	good := event(client.Ended).Session.ID
	talk(t, srv, "HELO a", "MAIL FROM:<a@app.test>", "RCPT TO:<b@app.test>", "DATA").Close()
	failed := event(client.Ended).Session.ID
	port := strings.TrimPrefix(srv.POP3Addr(), "127.0.0.1:")
	var n int
	must(fmt.Sscan(port, &n))(t)
	pop3Stat(t, client.Endpoint{Host: "127.0.0.1", Port: n, User: "alice@app.test", Password: "any"})
	pop3 := event(client.Ended).Session.ID

	m := must(c.Latest(ctx, client.Query{}))(t)
	for _, tt := range []struct {
		o    client.SessionOptions
		want string
	}{
		{client.SessionOptions{}, pop3 + " " + failed + " " + good},
		{client.SessionOptions{Protocol: "pop3"}, pop3},
		{client.SessionOptions{Protocol: "smtp"}, failed + " " + good},
		{client.SessionOptions{Protocol: "smtp", Failed: true}, failed},
		{client.SessionOptions{Message: m.ID}, good},
		{client.SessionOptions{Before: failed}, good},
	} {
		var ids []string
		for _, s := range collect(t, c.Sessions(ctx, tt.o)) {
			ids = append(ids, s.ID)
			if s.Transcript != nil {
				t.Errorf("%+v: a list has transcripts", tt.o)
			}
		}
		if got := strings.Join(ids, " "); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.o, got, tt.want)
		}
	}

	s := must(c.Session(ctx, good))(t)
	if s.Protocol != "smtp" || s.Remote == "" || s.Helo == "" || s.Failed || s.Outcome == "" || fmt.Sprint(s.Messages) != "["+m.ID+"]" || s.Ended.Before(s.Started) {
		t.Errorf("the session is %+v", s)
	}
	var said []string
	for i, l := range s.Transcript {
		said = append(said, l.From+" "+strings.TrimSpace(l.Text))
		if i > 0 && l.MS < s.Transcript[i-1].MS {
			t.Errorf("line %d comes before line %d", i, i-1)
		}
	}
	if text := strings.Join(said, "\n"); !strings.Contains(text, "client MAIL FROM:<shop@app.test>") || !strings.HasPrefix(text, "server 220 ") {
		t.Errorf("the transcript is\n%s", text)
	}
	if s := must(c.Session(ctx, failed))(t); !s.Failed || s.Outcome == "" {
		t.Errorf("the failed session is %+v", s)
	}
}

func TestSessionPages(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	event := next(t, must(c.Events(ctx, client.Query{}, 0))(t))
	const n = 120 // more than a page
	for range n {
		mail(t, srv, "alice@app.test", "x", "text")
		event(client.Ended)
	}
	ids := make(map[string]bool)
	for _, s := range collect(t, c.Sessions(ctx, client.SessionOptions{})) {
		ids[s.ID] = true
	}
	if len(ids) != n {
		t.Errorf("%d sessions, want %d", len(ids), n)
	}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	here := func() string {
		t.Helper()
		return subjects(must(c.List(ctx, client.Query{}, client.ListOptions{Oldest: true}))(t).Messages)
	}
	mail(t, srv, "alice@app.test", "a", "text")
	mail(t, srv, "bob@app.test", "b", "text")
	all := must(c.Snapshot(ctx, "", "base"))(t)
	alice := must(c.Snapshot(ctx, "alice@app.test", ""))(t)
	if all.ID == "" || all.Name != "base" || all.Messages != 2 || all.Cursor != 2 || all.Created.IsZero() || alice.Messages != 1 || alice.Mailbox != "alice@app.test" {
		t.Errorf("snapshots are %+v and %+v", all, alice)
	}
	if list := must(c.Snapshots(ctx))(t); len(list) != 2 || list[0] != *all || list[1] != *alice {
		t.Errorf("the list is %+v", list)
	}
	must(c.DeleteWhere(ctx, client.Query{Subject: "a"}))(t)
	mail(t, srv, "bob@app.test", "c", "text")
	if removed, restored, err := c.Restore(ctx, alice.ID); removed != 0 || restored != 1 || err != nil || here() != "a b c" {
		t.Errorf("alice's: %d removed, %d restored, %v; there is %s", removed, restored, err, here())
	}
	if removed, restored, err := c.Restore(ctx, all.ID); removed != 1 || restored != 0 || err != nil || here() != "a b" {
		t.Errorf("all: %d removed, %d restored, %v; there is %s", removed, restored, err, here())
	}
	if err := c.DeleteSnapshot(ctx, all.ID); err != nil {
		t.Error(err)
	}
	if err := c.DeleteSnapshot(ctx, all.ID); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	srv, c := startWith(t, restante.Config{MaxMessageSize: 12345, MaxRecipients: 17, MailboxMaxMessages: 5, Hostname: "mail.test"})
	mail(t, srv, "alice@app.test", "a", "text")
	i := must(c.Info(limited(t)))(t)
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"smtp", i.SMTP, srv.SMTPAddr()},
		{"pop3", i.POP3, srv.POP3Addr()},
		{"http", "http://" + i.HTTP, srv.URL()},
		{"smtps", i.SMTPS, ""},
		{"hostname", i.Hostname, "mail.test"},
		{"message bytes", i.Limits.MessageBytes, int64(12345)},
		{"recipients", i.Limits.Recipients, 17},
		{"mailbox retention", i.Retention.Mailbox.MaxMessages, int64(5)},
		{"ephemeral", i.Ephemeral, true},
		{"naming", i.Naming, "full"},
		{"separator", i.Separator, "+"},
		{"starttls", i.StartTLS, false},
		{"messages", i.Counts.Messages, int64(1)},
		{"newest", i.Counts.Newest, uint64(1)},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, tt.got, tt.want)
		}
	}
	if i.Version == "" || i.Durability == "" {
		t.Errorf("the info is %+v", i)
	}
	if err := c.Ready(limited(t)); err != nil {
		t.Error(err)
	}
}
