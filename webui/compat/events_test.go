package compat

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// knockEvery is how often something is told until it is heard.
const knockEvery = 2 * time.Millisecond

// listener reads frames of a WebSocket.
type listener struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

// listen connects and waits until events are told: the subscription begins
// after the handshake.
func (f *fixture) listen(t *testing.T, path, first string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, strings.Replace(f.url, "http", "ws", 1)+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	l := &listener{t, ctx, conn}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		l.until(first)
	}()
	for {
		select {
		case <-heard:
			return l
		case <-ctx.Done():
			t.Fatal("nothing was told")
		case <-time.After(knockEvery):
			f.note("knock") // again, until it is heard
		}
	}
}

func (l *listener) next() string {
	_, data, err := l.conn.Read(l.ctx)
	if err != nil {
		l.t.Error(err)
		return ""
	}
	return string(data)
}

// until reads up to a frame that has all the words, and returns it.
func (l *listener) until(words ...string) string {
	for {
		got := l.next()
		if got == "" {
			return ""
		}
		all := true
		for _, w := range words {
			all = all && strings.Contains(got, w)
		}
		if all {
			return got
		}
	}
}

func TestMailpitEvents(t *testing.T) {
	t.Parallel()
	f := start(t)
	l := f.listen(t, "/api/events", `"Type":"new"`)
	r := f.putRich()
	var told struct {
		Type string
		Data summary
	}
	if err := json.Unmarshal([]byte(l.until(`"Type":"new"`, r.ID)), &told); err != nil {
		t.Fatal(err)
	}
	if told.Data.ID != r.ID || told.Data.Subject != "Grüße" || fmt.Sprint(told.Data.ReplyTo) != "[{Help help@example.test}]" {
		t.Errorf("new: %+v", told)
	}
	f.want(200, "PUT", "/api/v1/messages", fmt.Sprintf(`{"IDs":[%q],"Read":true}`, r.ID), asJSON)
	l.until(`{"Type":"update","Data":{"ID":"` + r.ID + `","Read":true}}`)
	f.want(200, "PUT", "/api/v1/tags", fmt.Sprintf(`{"IDs":[%q],"Tags":["t"]}`, r.ID), asJSON)
	l.until(`{"Type":"update","Data":{"ID":"` + r.ID + `","Tags":["t"]}}`)
	l.until(`"Type":"stats"`, `"Unread"`)
	f.want(200, "DELETE", "/api/v1/messages", fmt.Sprintf(`{"IDs":[%q]}`, r.ID), asJSON)
	l.until(`{"Type":"delete","Data":{"ID":"` + r.ID + `"}}`)
	f.want(200, "DELETE", "/api/v1/messages", "")
	l.until(`{"Type":"truncate","Data":null}`)
	l.until(`"Type":"stats"`, `"Total":0,"Unread":0`)
	f.end()
	for {
		if _, _, err := l.conn.Read(l.ctx); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Errorf("at the server's end: %v, want going away", err)
			}
			return
		}
	}
}

// TestForeignOrigin: a page from elsewhere must not listen to what arrives.
func TestForeignOrigin(t *testing.T) {
	t.Parallel()
	f := start(t)
	for path := range map[string]bool{"/api/events": true, "/api/v2/websocket": true} {
		_, resp, err := websocket.Dial(t.Context(), strings.Replace(f.url, "http", "ws", 1)+path,
			&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
		if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v, %v, want 403", path, resp, err)
		}
		f.want(426, "GET", path, "")
	}
}

func TestHogWebSocket(t *testing.T) {
	t.Parallel()
	f := start(t)
	l := f.listen(t, "/api/v2/websocket", `"Content"`)
	r := f.putRich()
	var m hogJSON
	if err := json.Unmarshal([]byte(l.until(r.ID)), &m); err != nil || m.ID != r.ID || m.MIME == nil {
		t.Errorf("told %+v (%v)", m, err)
	}
}

// TestHogEvents: server-sent events of whole messages, until the server ends.
func TestHogEvents(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", f.url+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if ct := resp.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Errorf("Content-Type is %q", ct)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				select {
				case found <- data:
				default:
				}
			}
		}
	}()
	var data string
	for data == "" {
		select {
		case data = <-found:
		case <-ctx.Done():
			t.Fatal("no event came")
		case <-time.After(knockEvery):
			f.note("knock") // the subscription begins some time after the header
		}
	}
	var m hogJSON
	if err := json.Unmarshal([]byte(data), &m); err != nil || m.Content.Headers["Subject"][0] != "knock" {
		t.Errorf("%s: %v", data, err)
	}
	f.end()
	for range found { // until the stream ends
	}
	if ctx.Err() != nil {
		t.Error("the stream went on when the server ended")
	}
}
