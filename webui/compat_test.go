package webui

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"restante/mailstore"
)

// TestCompatBehindGuards: the APIs of Mailpit and MailHog are there, and as
// well guarded as the rest.
func TestCompatBehindGuards(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Version: "9.9.9"})
	f.put(plain, "ana@example.test", "bob@app.test")
	const json = "Content-Type: application/json"
	for _, c := range []struct {
		method, path, body string
		headers            []string
		status             int
		has                string
	}{
		{"GET", "/api/v1/info", "", nil, 200, `"Version":"9.9.9"`},
		{"GET", "/api/v2/messages", "", nil, 200, `"total":1`},
		{"GET", "/view/latest.txt", "", nil, 200, "At noon?"},
		{"PUT", "/api/v1/messages", `{"Read":true}`, []string{json}, 200, "ok"},
		{"PUT", "/api/v1/messages", `{"Read":true}`, []string{"Content-Type: text/plain"}, 200, "ok"}, // Mailpit never asked for one
		{"POST", "/view/latest.txt", "{}", []string{json}, 405, "GET"},
		{"GET", "/api/v1/info", "", []string{"Host: rebound.example"}, 421, "rebound.example"},
		{"PUT", "/api/v1/messages", `{"Read":true}`, []string{json, "Origin: https://evil.example"}, 403, "evil.example"},
		{"DELETE", "/api/v1/messages", "", []string{"Origin: https://evil.example"}, 403, "evil.example"},
		{"DELETE", "/api/v1/messages", "", []string{"Sec-Fetch-Site: cross-site"}, 403, ""},
	} {
		a := f.do(c.method, c.path, c.body, c.headers...)
		if a.StatusCode != c.status || !strings.Contains(a.body, c.has) {
			t.Errorf("%s %s %v: got %d, want %d with %q: %s", c.method, c.path, c.headers, a.StatusCode, c.status, c.has, a.body)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: no nosniff", c.method, c.path)
		}
	}
}

// TestShutdownEndsWebSockets: net/http forgets connections that were taken
// over; Shutdown does not.
func TestShutdownEndsWebSockets(t *testing.T) {
	t.Parallel()
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	srv := New(Config{}, store, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	var conns []*websocket.Conn
	for _, path := range []string{"/api/events", "/api/v2/websocket", "/api/events"} {
		conn, _, err := websocket.Dial(ctx, "ws://"+l.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		conns = append(conns, conn)
	}
	resp, err := http.Get("http://" + l.Addr().String() + "/api/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	closed := make(chan error, len(conns))
	for _, conn := range conns {
		go func() {
			_, _, err := conn.Read(ctx)
			closed <- err
		}()
	}
	if err := srv.Shutdown(ctx); err != nil {
		t.Fatalf("Shutdown: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	srv.mu.Lock()
	if srv.conns != 0 {
		t.Errorf("%d connections run after Shutdown, want 0", srv.conns)
	}
	srv.mu.Unlock()
	for range conns {
		if err := <-closed; websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("a WebSocket ended with %v, want going away", err)
		}
	}
	if _, err := io.ReadAll(resp.Body); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the event stream ended with %v", err)
	}
}
