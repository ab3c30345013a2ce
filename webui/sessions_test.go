package webui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	smtp := f.store.NewSessionID()
	r := f.deliver("Subject: s\r\n\r\nb\r\n", mailstore.Envelope{Session: smtp, ForwardPaths: []mailstore.ForwardPath{{Address: "a@x.test"}}})
	began := time.Now().Add(-time.Minute)
	record := func(id, protocol string, failed bool, messages ...string) {
		f.store.RecordSession(&mailstore.Session{ID: id, Protocol: protocol, Failed: failed, Messages: messages, Started: began, Ended: time.Now(),
			Helo: "app", Outcome: "done", Transcript: []mailstore.Line{{At: 1500 * time.Microsecond, From: mailstore.Client, Text: "QUIT"}, {From: mailstore.Note, Text: "gone"}}})
	}
	record(smtp, "smtp", false, r.ID)
	pop := f.store.NewSessionID()
	record(pop, "pop3", false, r.ID)
	bad := f.store.NewSessionID()
	record(bad, "smtp", true)
	f.put(note("after them"), "", "b@x.test")
	ids := func(query string) string {
		l := into[SessionList](t, f.get("/v1/sessions"+query), 200)
		var out []string
		for _, rec := range l.Sessions {
			out = append(out, rec.ID)
		}
		return strings.Join(out, " ") + "|" + l.Next
	}
	for query, want := range map[string]string{
		"":                       fmt.Sprintf("%s %s %s|", bad, pop, smtp),
		"?protocol=smtp":         fmt.Sprintf("%s %s|", bad, smtp),
		"?failed=true":           bad + "|",
		"?limit=1":               bad + "|" + bad,
		"?limit=1&before=" + bad: pop + "|" + pop,
		"?message=" + r.ID:       fmt.Sprintf("%s %s|", smtp, pop),
	} {
		if got := ids(query); got != want {
			t.Errorf("sessions%s: %q, want %q", query, got, want)
		}
	}
	got := into[Session](t, f.get("/v1/sessions/"+smtp), 200)
	if got.Helo != "app" || len(got.Messages) != 1 || fmt.Sprint(got.Transcript) != "[{1.5 client QUIT} {0 note gone}]" {
		t.Errorf("session is %+v", got)
	}
	if m := into[Message](t, f.get("/v1/messages/"+r.ID), 200); fmt.Sprint(m.Sessions) != fmt.Sprint([]string{smtp, pop}) {
		t.Errorf("the message's sessions are %v", m.Sessions)
	}
	wantProblem(t, f.get("/v1/sessions/nonsense"), 404, "no such session")
	wantProblem(t, f.get("/v1/sessions?before=nonsense"), 404, "no such session")
	wantProblem(t, f.get("/v1/sessions?message=gone-1"), 404, "no such message")
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	keep := f.put(note("keep"), "", "a@x.test")
	p := into[Snapshot](t, f.do("POST", "/v1/snapshots", `{"name":"before"}`, asJSON), 201)
	if p.Messages != 1 || p.Cursor != keep.Seq || p.Name != "before" {
		t.Errorf("snapshot is %+v", p)
	}
	f.put(note("new"), "", "a@x.test")
	into[Deleted](t, f.do("DELETE", "/v1/messages?id="+keep.ID, ""), 200)
	if r := into[Restored](t, f.do("POST", "/v1/snapshots/"+p.ID+"/restore", ""), 200); r.Removed != 1 || r.Restored != 1 {
		t.Errorf("restored %+v", r)
	}
	if l := into[List](t, f.get("/v1/messages"), 200); len(l.Messages) != 1 || l.Messages[0].ID != keep.ID {
		t.Errorf("messages are %+v", l.Messages)
	}
	if l := into[SnapshotList](t, f.get("/v1/snapshots"), 200); len(l.Snapshots) != 1 || l.Snapshots[0] != p {
		t.Errorf("snapshots are %+v", l)
	}
	if a := f.do("DELETE", "/v1/snapshots/"+p.ID, ""); a.StatusCode != 204 {
		t.Errorf("DELETE: %d %s", a.StatusCode, a.body)
	}
	wantProblem(t, f.do("DELETE", "/v1/snapshots/"+p.ID, ""), 404, "no such snapshot")
	wantProblem(t, f.do("POST", "/v1/snapshots/"+p.ID+"/restore", ""), 404, "no such snapshot")
	bare := into[Snapshot](t, f.do("POST", "/v1/snapshots", ""), 201)
	if bare.Mailbox != "" {
		t.Errorf("snapshot is %+v", bare)
	}
	// A snapshot of no mailbox would put nothing back.
	for _, several := range []string{"*", "*@x.test"} {
		wantProblem(t, f.do("POST", "/v1/snapshots", `{"mailbox":"`+several+`"}`, asJSON), 400, "one mailbox")
	}
	if l := into[SnapshotList](t, f.get("/v1/snapshots"), 200); len(l.Snapshots) != 1 {
		t.Errorf("snapshots are %+v", l)
	}
}

// TestMessageForms: the forms a message can be had in, and by latest.
func TestMessageForms(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	r := f.put("Subject: =?utf-8?q?caf=C3=A9?=\nList-Unsubscribe: <https://x.test/u>, <mailto:u@x.test>\n"+
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\nHello.\n", "s@x.test", "a@x.test")
	f.put(note("newer"), "", "b@x.test")
	m := into[Message](t, f.get("/v1/messages/latest?q=subject:caf%C3%A9&mailbox=a@x.test"), 200)
	if m.ID != r.ID || len(m.Unsubscribe) != 2 || !m.Unsubscribe[0].OneClick || m.Unsubscribe[1].OneClick {
		t.Errorf("latest is %+v", m)
	}
	if m := into[Message](t, f.get("/v1/messages/latest"), 200); m.Subject != "newer" {
		t.Errorf("latest is %q", m.Subject)
	}
	wantProblem(t, f.get("/v1/messages/latest?q=nowhere"), 404, "No message matches")
	wantProblem(t, f.get("/v1/messages/"+r.ID+"?q=x"), 400, "latest only")
	raw, eml := f.get("/v1/messages/"+r.ID+"/raw"), f.get("/v1/messages/"+r.ID+"/eml")
	if !strings.HasPrefix(eml.body, "Return-Path: <s@x.test>\r\nReceived: ") || !strings.HasSuffix(eml.body, raw.body) || len(eml.body) <= len(raw.body) ||
		eml.Header.Get("Content-Type") != "message/rfc822" || eml.ContentLength != int64(len(eml.body)) {
		t.Errorf("eml is %q", eml.body)
	}
	if a := f.get("/v1/messages/" + r.ID + "/text"); a.body != "Hello.\n" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("text is %q, %s", a.body, a.Header.Get("Content-Type"))
	}
	h := into[Headers](t, f.get("/v1/messages/"+r.ID+"/headers"), 200)
	if len(h.Headers) != 3 || h.Headers[0].Value != "café" || len(h.Trace) != 2 || h.Trace[0].Name != "Return-Path" {
		t.Errorf("headers are %+v", h)
	}
	empty := f.put("Subject: x\n\n", "", "a@x.test")
	wantProblem(t, f.get("/v1/messages/"+empty.ID+"/text"), 404, "no text")
	if l := into[List](t, f.get("/v1/messages"), 200); l.Unseen != 3 {
		t.Errorf("a GET changed something: %d are unseen, want 3", l.Unseen)
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Version: "1.2", SMTP: "127.0.0.1:25", Settings: Settings{Hostname: "mx", Limits: Limits{MessageBytes: 7}, Persona: "ses", Personas: []string{"gmail", "ses"}},
		Open: func() (int, int) { return 3, 4 }})
	f.put(note("s"), "", "a@x.test")
	got := into[Info](t, f.get("/v1/info"), 200)
	if got.Version != "1.2" || got.SMTP != "127.0.0.1:25" || got.Hostname != "mx" || got.Limits.MessageBytes != 7 || got.Persona != "ses" || len(got.Personas) != 2 ||
		got.Counts.Messages != 1 || got.Counts.Newest != 1 || got.Sessions != (Open{3, 4}) {
		t.Errorf("info is %+v", got)
	}
}
