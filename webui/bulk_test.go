package webui

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const asJSON = "Content-Type: application/json"

func note(subject string) string {
	return "From: ana@example.test\nTo: bob@app.test\nSubject: " + subject + "\n\nHello.\n"
}

func (f *fixture) total() int64 {
	f.t.Helper()
	totals, err := f.store.Totals()
	if err != nil {
		f.t.Fatal(err)
	}
	return totals.Messages
}

// TestDeleteNeedsATarget: what does not say what to delete deletes nothing.
func TestDeleteNeedsATarget(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	id := f.put(note("one"), "a@x.test", "bob@app.test").ID
	for _, tt := range []struct{ query, body, word string }{
		{"", "", "Say what to delete"},
		{"", "{}", "ids"},
		{"", `{"ids":[]}`, "body.ids"},
		{"", `{"ids":"all"}`, "body.ids"},
		{"", `{"ids":[`, ""},
		{"?all=true&id=" + id, "", "only one"},
		{"?all=true&q=subject:one", "", "only one"},
		{"?all=false", "", "Say what to delete"},
		{"?q=subject:", "", "needs a value"},
		{"?mailbox=ann@app.test&mailbox=bob@app.test", "", "query.mailbox"}, // not the first of them alone
		{"?all=true&all=false", "", "query.all"},
		{"", `{"ids":["` + id + `"],"ids":[]}`, "ids is there twice"},
	} {
		wantProblem(t, f.do("DELETE", "/v1/messages"+tt.query, tt.body, asJSON), http.StatusBadRequest, tt.word)
	}
	for _, query := range []string{"?ids=" + id, "?everything=true", "?all=perhaps"} {
		if a := f.do("DELETE", "/v1/messages"+query, ""); a.StatusCode/100 != 4 {
			t.Errorf("DELETE with %s: %d %s", query, a.StatusCode, a.body)
		}
	}
	wantProblem(t, f.do("DELETE", "/v1/messages", `{"ids":["`+id+`"]}`, "Content-Type: text/plain"), http.StatusUnsupportedMediaType, "text/plain")
	if n := f.total(); n != 1 {
		t.Errorf("%d messages are left, want 1", n)
	}
}

func TestDeleteMessages(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	var ids []string
	for i := range 8 {
		ids = append(ids, f.put(note(fmt.Sprintf("%s %d", []string{"even", "odd"}[i%2], i)), "a@x.test", fmt.Sprintf("u%d@app.test", i%4)).ID)
	}
	for _, tt := range []struct {
		query, body string
		deleted     int
	}{
		{"?id=" + ids[0] + "&id=" + ids[1] + "&id=gone-1", "", 2},
		{"", `{"ids":["` + ids[2] + `"]}`, 1},
		{"?q=subject:odd&mailbox=u3@app.test", "", 2},
		{"?mailbox=U0%2Bx@app.test", "", 1},
		{"?q=subject:even", "", 1},
		{"?all=true", "", 1},
		{"?all=true", "", 0},
	} {
		if got := into[Deleted](t, f.do("DELETE", "/v1/messages"+tt.query, tt.body, asJSON), 200); got.Deleted != tt.deleted {
			t.Errorf("DELETE %s %s: %d deleted, want %d", tt.query, tt.body, got.Deleted, tt.deleted)
		}
	}
}

func TestChangeMessages(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	one, two := f.put(note("1"), "", "a@x.test").ID, f.put(note("2"), "", "a@x.test").ID
	for _, body := range []string{"", "{}", `{"ids":[]}`, `{"ids":["` + one + `"]}`, `{"ids":["` + one + `"],"seen":true,"deleted":true}`, `{"ids":["` + one + `"],"tags":[""]}`} {
		if a := f.do("PATCH", "/v1/messages", body, asJSON); a.StatusCode/100 != 4 {
			t.Errorf("PATCH %s: %d %s", body, a.StatusCode, a.body)
		}
	}
	if l := into[List](t, f.get("/v1/messages"), 200); l.Unseen != 2 {
		t.Errorf("bad requests changed something: %+v", l)
	}
	got := into[Changed](t, f.do("PATCH", "/v1/messages", `{"ids":["`+one+`","`+two+`","gone-1"],"seen":true,"tags":["paid"]}`, asJSON), 200)
	if l := into[List](t, f.get("/v1/messages?q=is:seen+tag:paid"), 200); got.Changed != 2 || len(l.Messages) != 2 {
		t.Errorf("%d changed, %d seen and tagged, want 2", got.Changed, len(l.Messages))
	}
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for _, to := range []string{"ana@x.test", "bob@x.test", "bob@x.test", "bobby@x.test", "carl@y.test"} {
		f.put(note("s"), "", to)
	}
	names := func(query string) string {
		l := into[MailboxList](t, f.get("/v1/mailboxes"+query), 200)
		var out []string
		for _, m := range l.Mailboxes {
			out = append(out, fmt.Sprintf("%s:%d", m.Name, m.Messages))
		}
		return strings.Join(out, " ") + "|" + l.Next
	}
	for query, want := range map[string]string{
		"":                          "ana@x.test:1 bob@x.test:2 bobby@x.test:1 carl@y.test:1|",
		"?limit=2":                  "ana@x.test:1 bob@x.test:2|bob@x.test",
		"?limit=2&after=bob@x.test": "bobby@x.test:1 carl@y.test:1|",
		"?prefix=Bob":               "bob@x.test:2 bobby@x.test:1|",
		"?prefix=bob@x.test":        "bob@x.test:2|",
		"?prefix=bob&limit=1":       "bob@x.test:2|bob@x.test",
		"?prefix=nobody":            "|",
	} {
		if got := names(query); got != want {
			t.Errorf("mailboxes%s: %q, want %q", query, got, want)
		}
	}
	if m := into[Mailbox](t, f.get("/v1/mailboxes/Bob+tag@x.test"), 200); m.Name != "bob@x.test" || m.Unseen != 2 || m.Octets == 0 || m.Newest != 3 {
		t.Errorf("mailbox is %+v", m)
	}
	wantProblem(t, f.get("/v1/mailboxes/nobody@x.test"), 404, "no such mailbox")
	if c := into[Changed](t, f.do("PATCH", "/v1/mailboxes/bob@x.test", `{"seen":true}`, asJSON), 200); c.Changed != 2 {
		t.Errorf("%d changed, want 2", c.Changed)
	}
	if m := into[Mailbox](t, f.get("/v1/mailboxes/bob@x.test"), 200); m.Unseen != 0 {
		t.Errorf("%d are unseen", m.Unseen)
	}
	if d := into[Deleted](t, f.do("DELETE", "/v1/mailboxes/bob@x.test", ""), 200); d.Deleted != 2 {
		t.Errorf("%d deleted, want 2", d.Deleted)
	}
	wantProblem(t, f.do("DELETE", "/v1/mailboxes/bob@x.test", ""), 404, "no such mailbox")
	wantProblem(t, f.do("DELETE", "/v1/mailboxes/*", ""), 400, "all=true")
	if n := f.total(); n != 3 {
		t.Errorf("%d messages are left, want 3", n)
	}
}

func TestInboxes(t *testing.T) {
	t.Parallel()
	f := start(t, Config{SMTP: "127.0.0.1:1025", POP3: "127.0.0.1:1110"})
	bare := into[Inbox](t, f.do("POST", "/v1/inboxes", ""), 201)
	b := into[Inbox](t, f.do("POST", "/v1/inboxes", `{"prefix":"signup","ttl":"10m"}`, asJSON), 201)
	if !strings.HasPrefix(b.Address, "signup-") || b.Expires == nil || b.SMTP == nil || b.SMTP.Port != 1025 ||
		b.POP3 == nil || b.POP3.User != b.Address || b.POP3.Password == "" || b.POP3S != nil {
		t.Errorf("inbox is %+v", b)
	}
	if bare.Address == b.Address || bare.Expires != nil {
		t.Errorf("inbox is %+v", bare)
	}
	f.put(note("hello"), "", b.Address)
	if l := into[List](t, f.get("/v1/messages?mailbox="+b.Address), 200); len(l.Messages) != 1 {
		t.Errorf("%d messages are in it, want 1", len(l.Messages))
	}
	if l := into[MailboxList](t, f.get("/v1/mailboxes"), 200); len(l.Mailboxes) != 1 || !l.Mailboxes[0].Inbox {
		t.Errorf("mailboxes are %+v", l)
	}
	if l := into[InboxList](t, f.get("/v1/inboxes"), 200); len(l.Inboxes) != 2 {
		t.Errorf("inboxes are %+v", l)
	}
	if got := into[Inbox](t, f.get("/v1/inboxes/"+b.ID), 200); got.Address != b.Address {
		t.Errorf("inbox is %+v", got)
	}
	if d := into[Deleted](t, f.do("DELETE", "/v1/inboxes/"+b.ID, ""), 200); d.Deleted != 1 || f.total() != 0 {
		t.Errorf("%d deleted, %d left", d.Deleted, f.total())
	}
	wantProblem(t, f.get("/v1/inboxes/"+b.ID), 404, "no such inbox")
	wantProblem(t, f.do("DELETE", "/v1/inboxes/"+b.ID, ""), 404, "no such inbox")
	wantProblem(t, f.do("POST", "/v1/inboxes", `{"prefix":"a b"}`, asJSON), 400, "letters, digits")
	wantProblem(t, f.do("POST", "/v1/inboxes", `{"ttl":"soon"}`, asJSON), 400, "10m")
}
