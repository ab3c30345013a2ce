package webui

import (
	"fmt"
	"strings"
	"testing"
)

// mailboxFile has a message from somebody else than its From field says, one for
// nobody, an empty one, one over the limit, and one that was delivered before.
func mailboxFile() string {
	return "From box@app.test Sat Nov 21 10:00:00 2026\nFrom: app@app.test\nTo: Ana <ana@app.test>, bob@app.test\nSubject: first\n\nhello\n>From here\n\n" +
		"From - Sat Nov 21 10:00:00 2026\nSubject: for nobody\n\nx\n\n" +
		"From - Sat Nov 21 10:00:00 2026\n\n" +
		"From - Sat Nov 21 10:00:00 2026\nTo: ana@app.test\nSubject: large\n\n" + strings.Repeat("x", 3000) + "\n\n" +
		"From - Sat Nov 21 10:00:00 2026\nReturn-Path: <>\nDelivered-To: carl@app.test\nTo: list@app.test\nSubject: last\n\ny\n"
}

func TestImportMailboxFile(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Settings: Settings{Limits: Limits{MessageBytes: 2000}}})
	got := into[Imported](t, f.do("POST", "/v1/import", mailboxFile(), "Content-Type: application/mbox"), 200)
	if got.Imported != 2 || got.Failed != 3 || len(got.IDs) != 2 {
		t.Fatalf("got %+v, want 2 imported and 3 failed", got)
	}
	for i, want := range []struct {
		message int
		reason  string
	}{{2, "names no recipient"}, {3, "is empty"}, {4, "larger than 2000 octets"}} {
		if failure := got.Failures[i]; failure.Message != want.message || !strings.Contains(failure.Reason, want.reason) {
			t.Errorf("failure %d is %+v, want message %d, %q", i, failure, want.message, want.reason)
		}
	}
	for i, want := range []string{"box@app.test to ana@app.test bob@app.test", " to carl@app.test"} {
		m := into[Message](t, f.get("/v1/messages/"+got.IDs[i]), 200)
		if parties := m.Sender + " to " + strings.Join(m.Recipients, " "); parties != want {
			t.Errorf("message %d is from %s, want %s", i, parties, want)
		}
	}
	if raw := f.get("/v1/messages/" + got.IDs[0] + "/raw").body; raw != "From: app@app.test\nTo: Ana <ana@app.test>, bob@app.test\nSubject: first\n\nhello\nFrom here\n" {
		t.Errorf("the octets are %q", raw)
	}
}

func TestImportMessage(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	// What the body is shows in its beginning, not in its type.
	for i, kind := range []string{"message/rfc822", "application/mbox"} {
		got := into[Imported](t, f.do("POST", "/v1/import", plain, "Content-Type: "+kind), 200)
		if got.Imported != 1 || got.Failed != 0 {
			t.Fatalf("%s: got %+v", kind, got)
		}
		m := into[Message](t, f.get("/v1/messages/"+got.IDs[0]), 200)
		if m.Sender != "ana@example.test" || fmt.Sprint(m.Recipients) != "[bob@app.test]" || m.Seq != uint64(i+1) {
			t.Errorf("%s: %d from %s to %s", kind, m.Seq, m.Sender, m.Recipients)
		}
	}
	got := into[Imported](t, f.do("POST", "/v1/import?from=x@app.test&to=y@app.test&to=z@app.test", plain, "Content-Type: message/rfc822"), 200)
	m := into[Message](t, f.get("/v1/messages/"+got.IDs[0]), 200)
	if m.Sender != "x@app.test" || fmt.Sprint(m.Recipients) != "[y@app.test z@app.test]" {
		t.Errorf("with an envelope: from %s to %s", m.Sender, m.Recipients)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	wantProblem(t, f.do("POST", "/v1/import", "", "Content-Type: message/rfc822"), 400, "empty")
	wantProblem(t, f.do("POST", "/v1/import", "x"), 415, "application/mbox") // a form's type
	wantProblem(t, f.do("POST", "/v1/import", "{}", "Content-Type: application/json"), 415, "application/mbox")
	wantProblem(t, f.do("POST", "/v1/import", plain, "Content-Type: message/rfc822", "Origin: https://elsewhere.test", "Sec-Fetch-Site: cross-site"), 403, "another origin")
	wantProblem(t, f.do("POST", "/v1/import?too=a@app.test", plain, "Content-Type: message/rfc822"), 400, "It takes from, to")
	if n := into[List](t, f.get("/v1/messages"), 200).Total; n != 0 {
		t.Errorf("%d messages were imported", n)
	}
}
