package webui

import (
	"fmt"
	"testing"
	"time"

	"restante/mailstore"
)

func TestAttempts(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	id := f.store.NewSessionID()
	f.store.RecordSession(&mailstore.Session{
		ID: id, Protocol: "smtp", Failed: true, Started: time.Now(), Ended: time.Now(), Faults: []string{"rule f3, RCPT, 451"},
		Attempts: []mailstore.Attempt{
			{At: time.Millisecond, ReversePath: "app@x.test", Refused: []string{"a@x.test"}, Outcome: "RCPT refused"},
			{At: 2 * time.Millisecond, ForwardPaths: []string{"b@x.test"}, Outcome: "broke off", Octets: 70_000, Content: []byte("Subject: \xe9\r\n\r\n")},
		},
	})
	f.put(note("after it"), "", "b@x.test")
	got := into[Session](t, f.get("/v1/sessions/"+id), 200)
	if want := "[{1 app@x.test [] [a@x.test] RCPT refused 0 } {2  [b@x.test] [] broke off 70000 Subject: \uFFFD\r\n\r\n}]"; fmt.Sprint(got.Attempts) != want || fmt.Sprint(got.Faults) != "[rule f3, RCPT, 451]" {
		t.Errorf("faults %q, attempts\n%v, want\n%s", got.Faults, got.Attempts, want)
	}
	if list := into[SessionList](t, f.get("/v1/sessions"), 200); fmt.Sprint(list.Sessions[0].Faults) != "[rule f3, RCPT, 451]" {
		t.Errorf("the list has %+v", list.Sessions)
	}
	a := f.get("/v1/sessions/" + id + "/attempts/1")
	if a.StatusCode != 200 || a.body != "Subject: \xe9\r\n\r\n" || a.Header.Get("Content-Type") != "message/rfc822" {
		t.Errorf("the octets: %d %q of %s", a.StatusCode, a.body, a.Header.Get("Content-Type"))
	}
	wantProblem(t, f.get("/v1/sessions/"+id+"/attempts/2"), 404, "has 2 transactions")
	wantProblem(t, f.get("/v1/sessions/none/attempts/0"), 404, "no such session")
}
