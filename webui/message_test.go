package webui

import (
	"strings"
	"testing"

	"restante/mailstore"
)

// mixed has an alternative of text and HTML with an inline image, and two
// attachments.
const mixed = `From: =?utf-8?q?Ana_L=C3=BAcia?= <Ana@Example.test>
To: Bob <BOB@app.test>
Cc: team@app.test
Subject: Minutes
 of Thursday
Date: Fri, 20 Nov 2026 16:12:00 +0100
Message-ID: <m1@example.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

The minutes.
--a
Content-Type: text/html; charset=utf-8

<p>The <b>minutes</b>. <img src="cid:dot@x"> <img src="https://cdn.test/a.png"></p>
--a--
--r
Content-Type: image/gif
Content-ID: <dot@x>
Content-Transfer-Encoding: base64

R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7
--r--
--m
Content-Type: application/pdf; name="../../etc/minutes.pdf"
Content-Disposition: attachment
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--m
Content-Type: text/html; name=evil.html
Content-Disposition: attachment; filename=evil.html

<script>alert(1)</script>
--m--
`

func TestMessageTellsAll(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	auth := "ana"
	r := f.deliver(strings.ReplaceAll(mixed, "\n", "\r\n"), mailstore.Envelope{
		ReversePath: "bounce@example.test", Helo: "app.test", Extended: true, Remote: "127.0.0.1:50000",
		User: "ana", Mechanism: "PLAIN", TLS: "TLS 1.3", Session: "s1", Body: "8BITMIME", Ret: "HDRS", EnvID: "e1", Auth: &auth,
		ForwardPaths: []mailstore.ForwardPath{
			{Address: "bob@app.test", Notify: []string{"FAILURE"}, ORcpt: "robert@app.test", ORcptType: "rfc822"},
			{Address: "team@app.test"},
			{Address: "auditor+x@app.test"},
		},
	})
	m := into[Message](t, f.get("/v1/messages/"+r.ID), 200)

	if m.ID != r.ID || m.Seq != r.Seq || m.Subject != "Minutes of Thursday" || m.MessageID != "m1@example.test" || m.Session != "s1" {
		t.Errorf("message is %+v", m)
	}
	if m.Date == nil || m.Date.UTC().Hour() != 15 {
		t.Errorf("date is %v", m.Date)
	}
	e := m.Envelope
	if e.Sender != "bounce@example.test" || e.User != "ana" || e.Mechanism != "PLAIN" || e.TLS != "TLS 1.3" || e.Body != "8BITMIME" ||
		e.Ret != "HDRS" || e.EnvID != "e1" || e.Auth == nil || *e.Auth != "ana" || !e.Extended || e.Helo != "app.test" {
		t.Errorf("envelope is %+v", e)
	}
	if len(e.Recipients) != 3 {
		t.Fatalf("recipients are %+v", e.Recipients)
	}
	if p := e.Recipients[0]; p.Mailbox != "bob@app.test" || p.Hidden || p.Notify[0] != "FAILURE" || p.ORcpt != "robert@app.test" {
		t.Errorf("first recipient is %+v; To names it in other letters", p)
	}
	if p := e.Recipients[2]; p.Mailbox != "auditor@app.test" || !p.Hidden {
		t.Errorf("third recipient is %+v", p)
	}
	if strings.Join(m.Hidden, " ") != "auditor+x@app.test" {
		t.Errorf("hidden are %q", m.Hidden)
	}
	if len(m.Trace) < 2 || m.Trace[0].Name != "Return-Path" || m.Trace[1].Name != "Received" {
		t.Errorf("trace is %+v", m.Trace)
	}
	if h := m.Headers[0]; h.Name != "From" || h.Raw != "From: =?utf-8?q?Ana_L=C3=BAcia?= <Ana@Example.test>\r\n" || h.Value != "Ana Lúcia <Ana@Example.test>" {
		t.Errorf("first field is %+v", h)
	}
	if strings.TrimSpace(m.Text) != "The minutes." || !strings.Contains(m.HTML, "cid:dot@x") {
		t.Errorf("text %q, html %q", m.Text, m.HTML)
	}
	if strings.Join(m.Remote, " ") != "https://cdn.test/a.png" {
		t.Errorf("remote is %q", m.Remote)
	}
	if len(m.Attachments) != 2 || m.Attachments[0].Type != "application/pdf" || m.Attachments[0].Octets != 9 || m.Attachments[1].Path != "3" {
		t.Errorf("attachments are %+v", m.Attachments)
	}
	if len(m.Parts) != 1 || len(m.Parts[0].Parts) != 3 || m.Parts[0].Parts[0].Parts[1].Path != "1.2" || m.Parts[0].Parts[0].Parts[1].ContentID != "dot@x" {
		t.Errorf("parts are %+v", m.Parts)
	}
}

func TestMessageListsDefects(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	r := f.put("Subject: x\nBcc: secret@app.test\n\nhello\n", "", "secret@app.test")
	m := into[Message](t, f.get("/v1/messages/"+r.ID), 200)
	for _, d := range m.Defects {
		if d.Code == "bcc-sent" && strings.Contains(d.Text, "hidden") {
			return
		}
	}
	t.Errorf("a Bcc field that was sent is not among %+v", m.Defects)
}

func TestGetChangesNothing(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	r := f.put(mixed, "a@b.test", "bob@app.test")
	at := "/v1/messages/" + r.ID
	for _, path := range []string{at, at + "/raw", at + "/html", at + "/html?remote=true", at + "/parts/2", "/v1/messages", "/", "/?m=" + r.ID} {
		for _, method := range []string{"GET", "HEAD"} {
			if a := f.do(method, path, ""); a.StatusCode != 200 {
				t.Errorf("%s %s: %d", method, path, a.StatusCode)
			} else if method == "HEAD" && a.body != "" {
				t.Errorf("HEAD %s has a body", path)
			}
		}
	}
	if m := into[Message](t, f.get(at), 200); m.Seen {
		t.Error("reading marked it as seen")
	}
	if l := into[List](t, f.get("/v1/messages"), 200); l.Unseen != 1 || l.Total != 1 {
		t.Errorf("totals are %+v", l)
	}
}

func TestChangeMessage(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	r := f.put(plain, "a@b.test", "bob@app.test")
	at := "/v1/messages/" + r.ID
	patch := func(body string) answer {
		return f.do("PATCH", at, body, "Content-Type: Application/JSON; charset=utf-8") // RFC 9110 §8.3.1: in any case
	}

	if s := into[Summary](t, patch(`{"seen":true}`), 200); !s.Seen {
		t.Errorf("got %+v", s)
	}
	if s := into[Summary](t, patch(`{"tags":["b","a"]}`), 200); !s.Seen || strings.Join(s.Tags, " ") != "a b" {
		t.Errorf("got %+v", s)
	}
	if s := into[Summary](t, patch(`{"seen":false,"tags":[]}`), 200); s.Seen || len(s.Tags) != 0 {
		t.Errorf("got %+v", s)
	}
	for body, status := range map[string]int{
		``:                          400,
		`{}`:                        400,
		`{"seen":`:                  400,
		`null`:                      400,
		`[]`:                        400,
		`{"seen":"yes"}`:            400,
		`{"seen":null}`:             400,
		`{"sean":true}`:             400,
		`{"seen":true,"unknown":1}`: 400,
		`{"tags":[""]}`:             400,
		`{"seen":true,"tags":[""]}`: 400,
		`{"tags":"a"}`:              400,
		`{"seen":true,"seen":true}`: 400,
		`{"seen":true} {}`:          400,
	} {
		wantProblem(t, patch(body), status)
	}
	if a := patch(`{"seen":` + strings.Repeat("ä", 100_000)); a.StatusCode != 400 || len(a.body) > 2000 || !strings.Contains(a.body, `\"seen\":ä`) {
		t.Errorf("a long body that cannot be read: %d, %d octets: %.300s", a.StatusCode, len(a.body), a.body)
	}
	if m := into[Message](t, f.get(at), 200); m.Seen || len(m.Tags) != 0 {
		t.Errorf("refused changes changed it: %+v", m.Summary)
	}
}

func TestDeleteMessage(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	r := f.put(plain, "a@b.test", "bob@app.test", "carol@app.test")
	other := f.put(plain, "a@b.test", "bob@app.test")
	at := "/v1/messages/" + r.ID
	if a := f.do("DELETE", at, ""); a.StatusCode != 204 || a.body != "" {
		t.Fatalf("got %d %q", a.StatusCode, a.body)
	}
	for _, path := range []string{at, at + "/raw", at + "/html", at + "/parts/1"} {
		wantProblem(t, f.get(path), 404, "no such message")
	}
	wantProblem(t, f.do("DELETE", at, ""), 404)
	l := into[List](t, f.get("/v1/messages"), 200)
	if l.Total != 1 || l.Messages[0].ID != other.ID {
		t.Errorf("left is %+v", l)
	}
	wantProblem(t, f.do("DELETE", "/v1/messages", ""), 400, "Say what to delete")
	wantProblem(t, f.do("DELETE", "/v1/messages/", ""), 404)
	if l := into[List](t, f.get("/v1/messages"), 200); l.Total != 1 {
		t.Error("a DELETE without an id deleted something")
	}
}

func TestUnknownMessage(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for _, id := range []string{"nope", "0", "99", "-1", "a-b", "%00", strings.Repeat("9", 40)} {
		wantProblem(t, f.get("/v1/messages/"+id), 404, "no such message")
	}
	wantProblem(t, f.get("/v1/messages/"+strings.Repeat("x", 101)), 400, "path.id")
}
