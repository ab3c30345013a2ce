package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"restante/client"
)

func TestListGoesThroughPages(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	for i := range 7 {
		mail(t, srv, "alice@app.test", fmt.Sprint("m", i), "text")
	}
	mail(t, srv, "bob@app.test", "other", "text")
	q := client.Query{Mailbox: "alice@app.test"}
	for _, tt := range []struct {
		o    client.ListOptions
		want string
	}{
		{client.ListOptions{Limit: 3}, "m6 m5 m4 m3 m2 m1 m0"},
		{client.ListOptions{Limit: 3, Oldest: true}, "m0 m1 m2 m3 m4 m5 m6"},
		{client.ListOptions{Limit: 2, After: 2, Before: 6}, "m4 m3 m2"},
		{client.ListOptions{Limit: 2, After: 2, Before: 6, Oldest: true}, "m2 m3 m4"},
	} {
		if got := subjects(collect(t, c.All(limited(t), q, tt.o))); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.o, got, tt.want)
		}
	}
	page := must(c.List(limited(t), q, client.ListOptions{Limit: 3}))(t)
	if len(page.Messages) != 3 || page.Next == 0 || page.Cursor != 8 || page.Total != 8 || page.Unseen != 8 || page.Bytes == 0 {
		t.Errorf("the page is %+v", page)
	}
	for m := range c.All(limited(t), q, client.ListOptions{Limit: 1}) {
		if m.Subject != "m6" {
			t.Errorf("first is %s", m.Subject)
		}
		break
	}
	_, err := c.List(limited(t), client.Query{Text: "nofield:x"}, client.ListOptions{})
	var e *client.Error
	if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Detail, "nofield") {
		t.Errorf("a bad query: %v", err)
	}
	for _, err := range c.All(limited(t), client.Query{Text: "nofield:x"}, client.ListOptions{}) {
		if !errors.As(err, &e) {
			t.Errorf("a bad query: %v", err)
		}
	}
}

func TestReadAMessage(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	octets(t, srv, "alice@app.test", rich)
	octets(t, srv, "bob@app.test", "Subject: bare\r\n\r\nhi\r\n")
	s := must(c.List(limited(t), client.Query{}, client.ListOptions{Oldest: true}))(t).Messages[0]
	ctx := limited(t)
	m := must(c.Get(ctx, s.ID))(t)
	for len(m.Sessions) == 0 { // the session's record is written when it has ended
		m = must(c.Get(ctx, s.ID))(t)
	}

	if len(m.Links) == 0 || len(m.Codes) == 0 || len(m.Attachments) == 0 || len(m.Trace) == 0 {
		t.Fatalf("the message is %+v", m)
	}
	for _, tt := range []struct{ what, got, want string }{
		{"subject", m.Subject, "Grüße"},
		{"from", m.From[0].String(), `"Shop" <shop@app.test>`},
		{"to", m.To[0].Address, "alice@app.test"},
		{"message id", m.MessageID, "1@app.test"},
		{"date", m.Date.UTC().Format(time.RFC3339), "2026-11-21T10:00:00Z"},
		{"header", m.Header("subject"), "Grüße"},
		{"no header", m.Header("X-None"), ""},
		{"sender", m.Envelope.Sender, "shop@app.test"},
		{"recipient", m.Envelope.Recipients[0].Address, "alice@app.test"},
		{"mailbox", m.Envelope.Recipients[0].Mailbox, "alice@app.test"},
		{"attachment", m.Attachments[0].Name, "bill.pdf"},
		{"attachment's octets", fmt.Sprint(m.Attachments[0].Octets), "4"},
		{"tree", m.Parts[0].Type + " " + m.Parts[0].Parts[0].Parts[1].Type, "multipart/mixed text/html"},
		{"trace", m.Trace[0].Name, "Return-Path"},
		{"link", m.Links[0].Href + " " + m.Links[0].Text + " " + m.Links[0].Where, "https://app.test/verify?t=1 Verify html"},
		{"code", m.Codes[0].Code + " " + m.Codes[0].Where, "471199 text"},
		{"unsubscribe", fmt.Sprint(m.Unsubscribe), "[{https://app.test/bye true}]"},
		{"sessions", fmt.Sprint(m.Sessions), "[" + m.Session + "]"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if len(m.Session) == 0 || !strings.Contains(m.Text, "471199") || !strings.Contains(m.HTML, "Verify</a>") {
		t.Errorf("session %q, text %q, HTML %q", m.Session, m.Text, m.HTML)
	}

	raw, err := c.Raw(ctx, m.ID)
	if got := read(t, raw, err); got != rich {
		t.Errorf("raw is %q", got)
	}
	eml, err := c.EML(ctx, m.ID)
	if got := read(t, eml, err); !strings.HasPrefix(got, "Return-Path: <shop@app.test>\r\n") || !strings.HasSuffix(got, rich) {
		t.Errorf("EML is %q", got)
	}
	if got := must(c.Text(ctx, m.ID))(t); got != m.Text {
		t.Errorf("text is %q, want %q", got, m.Text)
	}
	if got := must(c.HTML(ctx, m.ID))(t); !strings.Contains(got, "Verify</a>") {
		t.Errorf("HTML is %q", got)
	}
	part, err := c.Part(ctx, m.ID, m.Attachments[0].Path)
	if got := read(t, part, err); got != "%PDF" {
		t.Errorf("part is %q", got)
	}
	if m := must(c.Get(ctx, m.ID))(t); m.Seen {
		t.Error("reading has marked it as seen")
	}
}

func TestLatest(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	mail(t, srv, "alice@app.test", "first", "text")
	mail(t, srv, "alice@app.test", "second", "text")
	mail(t, srv, "bob@app.test", "third", "text")
	for q, want := range map[client.Query]string{
		{}:                                       "third",
		{Mailbox: "alice@app.test"}:              "second",
		{To: "alice@app.test", Subject: "first"}: "first",
	} {
		if m := must(c.Latest(limited(t), q))(t); m.Subject != want {
			t.Errorf("%+v: %s, want %s", q, m.Subject, want)
		}
	}
	if m, err := c.Latest(limited(t), client.Query{Subject: "fourth"}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("what is not there: %v, %v", m, err)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	mail(t, srv, "alice@app.test", "here", "text")
	m := must(c.Latest(limited(t), client.Query{}))(t)
	ctx := limited(t)
	for what, call := range map[string]func() error{
		"get":     func() error { _, err := c.Get(ctx, "nope"); return err },
		"slashes": func() error { _, err := c.Get(ctx, "../mailboxes"); return err },
		"raw":     func() error { _, err := c.Raw(ctx, "nope"); return err },
		"eml":     func() error { _, err := c.EML(ctx, "nope"); return err },
		"text":    func() error { _, err := c.Text(ctx, "nope"); return err },
		"html":    func() error { _, err := c.HTML(ctx, m.ID); return err },
		"part":    func() error { _, err := c.Part(ctx, m.ID, "7.1"); return err },
		"mailbox": func() error { _, err := c.Mailbox(ctx, "nobody@app.test"); return err },
		"inbox":   func() error { _, err := c.Inbox(ctx, "nope"); return err },
		"session": func() error { _, err := c.Session(ctx, "s7777"); return err },
		"restore": func() error { _, _, err := c.Restore(ctx, "p777"); return err },
		"forget":  func() error { return c.DeleteSnapshot(ctx, "p777") },
	} {
		if err := call(); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
