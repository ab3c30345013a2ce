package webui

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

func q(text string) string { return url.QueryEscape(text) }

func TestWait(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	old := f.put(note("verify"), "", "alice@x.test")
	if w := into[Waited](t, f.get("/v1/wait?q="+q("subject:verify")), 200); len(w.Messages) != 1 || w.Messages[0].ID != old.ID || w.Cursor != old.Seq {
		t.Errorf("what is there already: %+v", w)
	}
	done := make(chan answer, 1)
	go func() {
		done <- f.get(fmt.Sprintf("/v1/wait?q=%s&mailbox=alice@x.test&after=%d&count=2&timeout=20s", q("subject:verify"), old.Seq))
	}()
	f.put(note("verify"), "", "bob@x.test")
	one := f.put(note("verify 1"), "", "alice@x.test")
	f.put(note("other"), "", "alice@x.test")
	two := f.put("Subject: verify 2\n\nYour code is 471 123: https://x.test/v?t=1\n", "", "Alice+x@x.test")
	w := into[Waited](t, <-done, 200)
	if len(w.Messages) != 2 || w.Messages[0].ID != one.ID || w.Messages[1].ID != two.ID || w.Cursor != two.Seq {
		t.Fatalf("waited for %+v", w)
	}
	m := w.Messages[1]
	if !strings.Contains(m.Text, "Your code") || len(m.Codes) == 0 || m.Codes[0].Code != "471123" ||
		len(m.Links) != 1 || m.Links[0].Href != "https://x.test/v?t=1" || m.Links[0].Where != "text" {
		t.Errorf("the message is not whole: %q %+v %+v", m.Text, m.Codes, m.Links)
	}
	for query, word := range map[string]string{
		"?timeout=soon": "soon", "?timeout=6m": "5m", "?timeout=-1s": "-1s", "?q=" + q("from:"): "needs a value",
	} {
		wantProblem(t, f.get("/v1/wait"+query), 400, word)
	}
	if a := f.get("/v1/wait?subject=x"); a.StatusCode/100 != 4 || !strings.Contains(a.body, "subject") {
		t.Errorf("an unknown parameter: %d %s", a.StatusCode, a.body)
	}
}

func TestWaitInVain(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	f.put(note("before"), "", "ali@x.test")
	cursor := f.store
	totals, err := cursor.Totals()
	if err != nil {
		t.Fatal(err)
	}
	near := f.put(note("Verify it"), "", "ali@x.test")
	rec := &mailstore.Session{ID: f.store.NewSessionID(), Protocol: "smtp", Failed: true, Outcome: "RCPT refused", Ended: time.Now().Add(time.Hour)}
	f.store.RecordSession(rec)
	f.put(note("after it"), "", "carl@x.test") // the record is there
	path := fmt.Sprintf("/v1/wait?timeout=1ms&after=%d&q=%s", totals.Newest, q("subject:verify rcpt:alice@x.test"))
	a := f.get(path)
	wantProblem(t, a, http.StatusRequestTimeout, "2 messages arrived", "rcpt was ali@x.test, wanted alice@x.test")
	p := into[WaitProblem](t, a, http.StatusRequestTimeout)
	if p.Arrived != 2 || p.Nearest == nil || p.Nearest.Message.ID != near.ID || !strings.HasPrefix(p.Nearest.Reason, "subject matched, ") ||
		len(p.Matched) != 0 || p.Cursor != near.Seq+1 {
		t.Errorf("the problem is %+v", p)
	}
	if len(p.FailedSessions) != 1 || p.FailedSessions[0].Outcome != "RCPT refused" {
		t.Errorf("failed sessions are %+v", p.FailedSessions)
	}
}

// TestWaitEnds: a wait ends with its client and with the server.
// TestWaitCountsWhatIsThere: what was deleted while it was waited for does not count.
func TestWaitCountsWhatIsThere(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for round := range 20 {
		box := fmt.Sprintf("box%d@x.test", round)
		gone := f.put(note("gone"), "", box)
		done := make(chan answer, 1)
		go func() { done <- f.get("/v1/wait?count=2&timeout=20s&mailbox=" + box) }()
		f.get("/v1/info") // gives the wait time to look, which it need not take
		into[Deleted](t, f.do("DELETE", "/v1/messages?id="+gone.ID, ""), 200)
		one, two := f.put(note("one"), "", box), f.put(note("two"), "", box)
		if w := into[Waited](t, <-done, 200); len(w.Messages) != 2 || w.Messages[0].ID != one.ID || w.Messages[1].ID != two.ID || w.Cursor != two.Seq {
			t.Fatalf("round %d: waited for 2, got %d, cursor %d", round, len(w.Messages), w.Cursor)
		}
	}
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", f.url+"/v1/wait?timeout=5m", nil)
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() {
		_, err := http.DefaultTransport.RoundTrip(req)
		gone <- err
	}()
	cancel()
	if err := <-gone; err == nil {
		t.Error("a wait that was given up was answered")
	}
	done := make(chan answer, 1)
	go func() { done <- f.get("/v1/wait?timeout=5m") }()
	f.srv.end()
	wantProblem(t, <-done, http.StatusServiceUnavailable, "shutting down")
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	busy := make(chan int, 1)
	f := start(t, Config{Busy: func(time.Time) int {
		select {
		case n := <-busy:
			return n
		default:
			return 0
		}
	}})
	old := f.put(note("old"), "", "a@x.test")
	if a := f.get("/v1/quiet?for=1ms"); a.StatusCode != http.StatusNoContent || a.body != "" {
		t.Errorf("quiet: %d %s", a.StatusCode, a.body)
	}
	p := into[QuietProblem](t, f.get("/v1/quiet?for=1m&after=0"), http.StatusConflict)
	if len(p.Messages) != 1 || p.Messages[0].ID != old.ID {
		t.Errorf("after 0: %+v", p)
	}
	done := make(chan answer, 1)
	go func() { done <- f.get(fmt.Sprintf("/v1/quiet?for=1m&after=%d&q=%s", old.Seq, q("subject:hello"))) }()
	f.put(note("other"), "", "a@x.test")
	f.put(note("hello"), "", "a@x.test")
	if p := into[QuietProblem](t, <-done, http.StatusConflict); len(p.Messages) != 1 || p.Messages[0].Subject != "hello" {
		t.Errorf("answered %+v", p)
	}
	busy <- 2
	if p := into[QuietProblem](t, f.get("/v1/quiet?for=1ms"), http.StatusConflict); p.Busy != 2 || len(p.Messages) != 0 {
		t.Errorf("with sessions at work: %+v", p)
	}
	wantProblem(t, f.get("/v1/quiet?for=2m"), 400, "1m")
	if a := f.get("/v1/quiet?after=x"); a.StatusCode/100 != 4 {
		t.Errorf("a bad cursor: %d %s", a.StatusCode, a.body)
	}
}
