package client_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"restante/client"
)

// next takes events off a stream one by one.
func next(t *testing.T, events iter.Seq2[client.Event, error]) func(...client.EventType) client.Event {
	t.Helper()
	pull, stop := iter.Pull2(events)
	t.Cleanup(stop)
	return func(types ...client.EventType) client.Event {
		t.Helper()
		for {
			e, err, ok := pull()
			if !ok || err != nil {
				t.Fatalf("the stream ended: %v", err)
			}
			if slices.Contains(types, e.Type) {
				return e
			}
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	event := next(t, must(c.Events(ctx, client.Query{}, 0))(t))

	mail(t, srv, "alice@app.test", "hello", "text")
	e := event(client.Stored)
	if e.Message == nil || e.Message.Subject != "hello" || e.ID != e.Message.ID || e.Seq != 1 || e.Mailboxes[0] != "alice@app.test" || e.Revision == 0 {
		t.Errorf("stored: %+v", e)
	}
	id, first := e.ID, e.Revision
	if e = event(client.Ended); e.Session == nil || e.Session.Protocol != "smtp" || !slices.Equal(e.Session.Messages, []string{id}) {
		t.Errorf("session: %+v", e.Session)
	}
	must(c.Mark(ctx, true, id))(t)
	if e = event(client.Seen); !e.Seen || e.ID != id || e.Revision <= first {
		t.Errorf("seen: %+v", e)
	}
	must(c.Tag(ctx, []string{"x"}, id))(t)
	if e = event(client.Tagged); !slices.Equal(e.Tags, []string{"x"}) {
		t.Errorf("tagged: %+v", e)
	}
	must(c.Delete(ctx, id))(t)
	if e = event(client.Deleted); e.ID != id || e.Seq != 1 {
		t.Errorf("deleted: %+v", e)
	}

	// The same again, from the first one on.
	event = next(t, must(c.Events(ctx, client.Query{}, first))(t))
	for _, want := range []client.EventType{client.Ended, client.Seen, client.Tagged, client.Deleted} {
		if e := event(client.Ended, client.Seen, client.Tagged, client.Deleted); e.Type != want || e.Revision <= first {
			t.Errorf("%+v, want %s", e, want)
		}
	}
	event = next(t, must(c.Events(ctx, client.Query{}, 1<<40))(t))
	event(client.Resync)
}

func TestEventsOfSome(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	bySubject := next(t, must(c.Events(ctx, client.Query{Subject: "wanted"}, 0))(t))
	byMailbox := next(t, must(c.Events(ctx, client.Query{Mailbox: "bob@app.test"}, 0))(t))
	mail(t, srv, "alice@app.test", "other", "text")
	mail(t, srv, "alice@app.test", "wanted", "text")
	mail(t, srv, "bob@app.test", "for bob", "text")
	if e := bySubject(client.Stored); e.Message.Subject != "wanted" {
		t.Errorf("by subject: %+v", e.Message)
	}
	if e := byMailbox(client.Stored); e.Message.Subject != "for bob" {
		t.Errorf("by mailbox: %+v", e.Message)
	}
	var problem *client.Error
	if _, err := c.Events(ctx, client.Query{Text: "no:field"}, 0); !errors.As(err, &problem) || problem.Status != 400 {
		t.Errorf("a bad query: %v", err)
	}
}

func TestEventsEndWithTheContext(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := must(c.Events(ctx, client.Query{}, 0))(t)
	mail(t, srv, "alice@app.test", "hello", "text")
	for _, err := range events {
		if err != nil {
			t.Error(err)
		}
		cancel()
	}
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Events(cancelled, client.Query{}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// cutter forwards connections and can cut them all.
type cutter struct {
	net.Listener
	to string

	mu    sync.Mutex
	conns []net.Conn
}

func newCutter(t *testing.T, srvURL string) *cutter {
	t.Helper()
	c := &cutter{Listener: must(net.Listen("tcp", "127.0.0.1:0"))(t), to: must(url.Parse(srvURL))(t).Host}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := c.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", c.to)
			if err != nil {
				in.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, in, out)
			c.mu.Unlock()
			wg.Go(func() { _, _ = io.Copy(out, in); out.Close() })
			wg.Go(func() { _, _ = io.Copy(in, out); in.Close() })
		}
	})
	t.Cleanup(func() {
		c.Close()
		c.cut()
		wg.Wait()
	})
	return c
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

func TestEventsGoOnAfterACut(t *testing.T) {
	t.Parallel()
	srv, _ := start(t)
	line := newCutter(t, srv.URL())
	c := connect(t, "http://"+line.Addr().String())
	event := next(t, must(c.Events(limited(t), client.Query{}, 0))(t))
	mail(t, srv, "alice@app.test", "m0", "text")
	if e := event(client.Stored); e.Message.Subject != "m0" {
		t.Fatalf("%+v", e)
	}
	line.cut()
	mail(t, srv, "alice@app.test", "m1", "text") // nobody listens
	mail(t, srv, "alice@app.test", "m2", "text")
	for _, want := range []string{"m1", "m2"} {
		if e := event(client.Stored, client.Resync); e.Type != client.Stored || e.Message.Subject != want {
			t.Errorf("%+v, want %s", e, want)
		}
	}
}

// Before the first event there is nothing to go on after.
func TestEventsCutBeforeTheFirst(t *testing.T) {
	t.Parallel()
	srv, _ := start(t)
	line := newCutter(t, srv.URL())
	c := connect(t, "http://"+line.Addr().String())
	event := next(t, must(c.Events(limited(t), client.Query{}, 0))(t))
	line.cut()
	mail(t, srv, "alice@app.test", "missed", "text")
	if e := event(client.Stored, client.Resync); e.Type == client.Stored && e.Message.Subject == "missed" {
		return // the stream told where it begins
	}
	mail(t, srv, "alice@app.test", "m1", "text")
	if e := event(client.Stored); e.Message.Subject != "m1" {
		t.Errorf("%+v", e)
	}
}

// A server that says no is not asked again; one that is away is.
func TestEventsAreAskedForAgain(t *testing.T) {
	t.Parallel()
	answers := make(chan func(http.ResponseWriter, *http.Request), 4)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (<-answers)(w, r) }))
	t.Cleanup(front.Close)
	c := connect(t, front.URL)
	stream := func(text string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	var last string
	answers <- stream("retry: 1\n\n: hello\n\nid: 7\nevent: tagged\ndata: {\"id\":\"a\",\ndata: \"tags\":[\"x\"]}\n\nid: 8\nevent: later\r\ndata\r\n\r\nid: 9\nevent: seen\ndata: {\"id\":\"cut")
	answers <- func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	answers <- func(w http.ResponseWriter, r *http.Request) {
		last = r.Header.Get("Last-Event-ID")
		stream("id: 9\nevent: seen\ndata: {\"id\":\"a\",\"seen\":true}\n\n")(w, r)
	}
	answers <- func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }
	var got []string
	var end error
	for e, err := range must(c.Events(limited(t), client.Query{}, 0))(t) {
		if end = err; err != nil {
			break
		}
		got = append(got, string(e.Type)+" "+strings.Join(e.Tags, ""))
	}
	if want := []string{"tagged x", "later ", "seen "}; !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
	if last != "8" {
		t.Errorf("it went on after %q", last)
	}
	var problem *client.Error
	if !errors.As(end, &problem) || problem.Status != http.StatusForbidden {
		t.Errorf("it ended with %v", end)
	}

	answers <- stream("id: 1\nevent: stored\ndata: {\n\n")
	for _, err := range must(c.Events(limited(t), client.Query{}, 0))(t) {
		if err == nil || !strings.Contains(err.Error(), "read an event") {
			t.Errorf("an event that cannot be read: %v", err)
		}
	}
}

// A connection over which nothing comes any more is given up.
func TestEventsGiveUpADeadConnection(t *testing.T) {
	t.Parallel()
	dead := make(chan struct{})
	asked := make(chan string, 10)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Last-Event-ID")
		_, _ = io.WriteString(w, "retry: 1\nid: 5\nevent: pruned\ndata: {}\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-dead:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(front.Close)
	t.Cleanup(func() { close(dead) })
	c := connect(t, front.URL, client.WithSilence(30*time.Millisecond))
	event := next(t, must(c.Events(limited(t), client.Query{}, 0))(t))
	event(client.Pruned)
	event(client.Pruned)
	if first, second := <-asked, <-asked; first != "" || second != "5" {
		t.Errorf("asked after %q, then %q", first, second)
	}
}
