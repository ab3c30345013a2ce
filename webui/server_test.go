package webui

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

func (f *fixture) dial() net.Conn {
	f.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	return conn
}

// serve runs a server of its own on a free port.
func serve(t *testing.T, f *fixture, cfg Config) (s *Server, addr string, done <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = New(cfg, f.store, nil)
	ended := make(chan error, 1)
	go func() {
		if cfg.TLS != nil {
			ended <- s.ServeTLS(l)
		} else {
			ended <- s.Serve(l)
		}
	}()
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	return s, l.Addr().String(), ended
}

func within(t *testing.T, what string, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(deadline):
		t.Fatalf("%s did not end", what)
		return nil
	}
}

func TestShutdownEndsEventStreamsAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	s, addr, done := serve(t, f, Config{})
	f.url = "http://" + addr
	events := f.follow(t.Context(), "")
	f.put(plain, "", "bob@app.test")
	next(t, events)

	// A connection that a browser made ahead of need.
	idle, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()

	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	began := time.Now()
	if err := s.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second { // net/http alone needs 5 s
		t.Errorf("Shutdown took %v", took)
	}
	if err := within(t, "Serve", done); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	for range events { // ends
	}
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("a second Shutdown returned %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(l); err != nil {
		t.Errorf("Serve after Shutdown returned %v", err)
	}
}

func TestShutdownWaitsForRequests(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	s, addr, done := serve(t, f, Config{})
	at := "/v1/messages/" + f.put(plain, "", "bob@app.test").ID
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"seen":true}`
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", at, len(body), body[:5])
	waitFor(t, "the request to begin", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.conns == 1 && len(s.fresh) == 0
	})
	shut := make(chan error, 1)
	go func() { shut <- s.Shutdown(context.Background()) }()
	if err := within(t, "Serve", done); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	select {
	case <-shut:
		t.Fatal("Shutdown did not wait for the request")
	default:
	}
	fmt.Fprint(conn, body[5:])
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Errorf("got %q, %v", answer, err)
	}
	if err := within(t, "Shutdown", shut); err != nil {
		t.Errorf("Shutdown returned %v", err)
	}
}

func TestShutdownIsHardWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	s, addr, done := serve(t, f, Config{})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "PATCH /v1/messages/1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	waitFor(t, "the request to begin", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.conns == 1 && len(s.fresh) == 0
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown returned %v", err)
	}
	if err := within(t, "Serve", done); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns != 0 {
		t.Errorf("%d connections run after Shutdown", s.conns)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestServeTLS(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	helper := httptest.NewUnstartedServer(nil)
	helper.StartTLS()
	defer helper.Close()
	_, addr, _ := serve(t, f, Config{TLS: &tls.Config{Certificates: helper.TLS.Certificates}})
	resp, err := helper.Client().Get("https://" + addr + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("got %d", resp.StatusCode)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := f.srv.ServeTLS(l); err == nil {
		t.Error("ServeTLS works without Config.TLS")
	}
}

func TestHealthAndInfo(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Version: "1.2.3", SMTP: "127.0.0.1:1025", HTTP: "127.0.0.1:8025"})
	if i := into[Info](t, f.get("/v1/info"), 200); !reflect.DeepEqual(i, Info{Version: "1.2.3", SMTP: "127.0.0.1:1025", HTTP: "127.0.0.1:8025", Everywhere: []string{}, Settings: Settings{Personas: []string{}}}) {
		t.Errorf("info is %+v", i)
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if h := into[Health](t, f.get(path), 200); h.Status != "ok" {
			t.Errorf("%s is %+v", path, h)
		}
	}
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	into[Health](t, f.get("/livez"), 200)
	wantProblem(t, f.get("/readyz"), 503, "closed")
	wantProblem(t, f.get("/v1/messages"), 503, "shutting down")
	wantProblem(t, f.get("/v1/messages/1"), 503, "shutting down")
}
