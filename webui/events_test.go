package webui

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

// event is one event as it was read from a stream.
type event struct{ id, kind, data string }

// follow opens the event stream. The channel gives its events and is closed at
// its end.
func (f *fixture) follow(ctx context.Context, last string) <-chan event {
	f.t.Helper()
	return f.followAt(ctx, "/v1/events", last)
}

func (f *fixture) followAt(ctx context.Context, path, last string) <-chan event {
	f.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", f.url+path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.t.Fatal(err)
	}
	if ct := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || ct != "text/event-stream" {
		f.t.Fatalf("got %d, %s", resp.StatusCode, ct)
	}
	events := make(chan event, 1000)
	go func() {
		defer close(events)
		defer resp.Body.Close()
		var e event
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ":")
			value = strings.TrimPrefix(value, " ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
			case "":
				if lines.Text() != "" {
					e = event{kind: "comment", data: value}
				}
				if e != (event{}) {
					events <- e
				}
				e = event{}
			}
		}
	}()
	return events
}

// next waits for an event that is no comment.
func next(t testing.TB, events <-chan event) event {
	t.Helper()
	timeout := time.After(deadline)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatal("the stream ended")
			}
			if e.kind != "comment" {
				return e
			}
		case <-timeout:
			t.Fatal("no event came")
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	events := f.follow(t.Context(), "")

	r := f.put(plain, "ana@example.test", "bob@app.test", "carol@app.test")
	stored := next(t, events)
	var s Summary
	if err := json.Unmarshal([]byte(stored.data), &s); err != nil || stored.kind != "stored" || s.ID != r.ID || s.Subject != "Lunch" {
		t.Fatalf("got %+v, %v", stored, err)
	}
	// The same shape as in the list.
	fromList, err := json.Marshal(into[List](t, f.get("/v1/messages"), 200).Messages[0])
	if err != nil || string(fromList) != stored.data {
		t.Errorf("event has %s\n list has %s", stored.data, fromList)
	}

	f.do("PATCH", "/v1/messages/"+r.ID, `{"seen":true,"tags":["x"]}`, "Content-Type: application/json")
	if e := next(t, events); e.kind != "seen" || !strings.Contains(e.data, `"seen":true`) || !strings.Contains(e.data, r.ID) {
		t.Errorf("got %+v", e)
	}
	if e := next(t, events); e.kind != "tagged" || !strings.Contains(e.data, `"tags":["x"]`) {
		t.Errorf("got %+v", e)
	}
	if err := f.store.DeleteFrom(t.Context(), "bob@app.test", []uint64{r.Seq}); err != nil {
		t.Fatal(err)
	}
	if e := next(t, events); e.kind != "deleted" || !strings.Contains(e.data, `"mailboxes":["bob@app.test"]`) {
		t.Errorf("got %+v", e)
	}
	f.do("DELETE", "/v1/messages/"+r.ID, "")
	if e := next(t, events); e.kind != "deleted" || !strings.Contains(e.data, `"mailboxes":[]`) || !strings.Contains(e.data, r.ID) {
		t.Errorf("got %+v", e)
	}
	f.store.RecordSession(&mailstore.Session{ID: "s9", Protocol: "smtp", Outcome: "1 message delivered"})
	if e := next(t, events); e.kind != "session" || !strings.Contains(e.data, `"outcome":"1 message delivered"`) {
		t.Errorf("got %+v", e)
	}
}

func TestEventsResume(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	ctx, leave := context.WithCancel(t.Context())
	events := f.follow(ctx, "")
	f.put(plain, "", "bob@app.test")
	last := next(t, events)
	leave()

	var missed []string
	for range 5 {
		missed = append(missed, f.put(plain, "", "bob@app.test").ID)
	}
	events = f.follow(t.Context(), last.id)
	for _, id := range missed {
		e := next(t, events)
		if e.kind != "stored" || !strings.Contains(e.data, id) || e.id <= last.id {
			t.Fatalf("after %s came %+v, want %s", last.id, e, id)
		}
		last = e
	}
	now := f.put(plain, "", "bob@app.test").ID
	if e := next(t, events); !strings.Contains(e.data, now) {
		t.Errorf("got %+v, want %s", e, now)
	}
}

// Who reads a list and then follows from its revision misses nothing.
func TestEventsAfterList(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for range 2 { // at the beginning of a store, and later
		page := into[List](t, f.get("/v1/messages?limit=1"), 200)
		news := f.put(plain, "", "bob@app.test").ID
		if e := next(t, f.followAt(t.Context(), fmt.Sprintf("/v1/events?after=%d", page.Revision), "")); e.kind != "stored" || !strings.Contains(e.data, news) {
			t.Errorf("after %d came %+v, want %s", page.Revision, e, news)
		}
	}
}

func TestEventsTooOldToResume(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	ctx, leave := context.WithCancel(t.Context())
	events := f.follow(ctx, "")
	r := f.put(plain, "", "bob@app.test")
	last := next(t, events)
	leave()
	for i := range 3000 { // more than the store remembers
		if err := f.store.SetSeen(t.Context(), i%2 == 0, r.Seq); err != nil {
			t.Fatal(err)
		}
	}
	events = f.follow(t.Context(), last.id)
	e := next(t, events)
	if e.kind != "resync" || e.id == last.id || e.data != "{}" {
		t.Fatalf("got %+v, want a resync", e)
	}
	now := f.put(plain, "", "bob@app.test").ID
	if e := next(t, events); !strings.Contains(e.data, now) {
		t.Errorf("got %+v, want %s", e, now)
	}
	wantProblem(t, f.get("/v1/events", "Last-Event-ID: yesterday"), 400, "Last-Event-ID")
	wantProblem(t, f.get("/v1/events?page=x"), 400, "page")
}

func TestEventsHeartbeat(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	f.srv.heartbeat = time.Millisecond
	events := f.follow(t.Context(), "")
	for range 3 {
		select {
		case e := <-events:
			if e.kind != "comment" {
				t.Errorf("got %+v", e)
			}
		case <-time.After(deadline):
			t.Fatal("no heart-beat came")
		}
	}
	if a := f.do("HEAD", "/v1/events", ""); a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD gives %d %v", a.StatusCode, a.Header)
	}
}

// A client that does not read delays nobody and is dropped.
func TestEventsSlowClient(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	conn := f.dial()
	fmt.Fprint(conn, "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	reader := bufio.NewReader(conn)
	if line, err := reader.ReadString('\n'); err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	r := f.put("Subject: "+strings.Repeat("x", 900)+"\n\nx\n", "", "bob@app.test")
	tags := []string{strings.Repeat("t", 100), strings.Repeat("u", 100)}
	for i := range 40_000 { // some 10 MB, more than sockets and the store remember
		if err := f.store.SetTags(t.Context(), r.Seq, tags[i%2:i%2+1]); err != nil {
			t.Fatal(err)
		}
	}
	_ = conn.SetReadDeadline(time.Now().Add(deadline))
	n := 0
	for {
		line, err := reader.ReadString('\n')
		if strings.HasPrefix(line, "data:") {
			n++
		}
		if err == io.EOF {
			break // the server has ended the stream
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n > 40_000 {
		t.Error("every event was kept for a client that did not read")
	}
}
