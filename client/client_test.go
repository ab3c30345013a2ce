package client_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"restante"
	"restante/client"
)

// Whoever imports it gets nothing else.
func TestOnlyTheStandardLibrary(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "restante/client").Output()
	if got := strings.Fields(string(out)); err != nil || len(got) != 1 || got[0] != "restante/client" {
		t.Errorf("it depends on %s, %v", got, err)
	}
}

func TestNewRefusesWhatIsNoURL(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "127.0.0.1:8025", "localhost:8025", "ftp://h", "http://", "http://h/?a=b", "http://h/#x", "unix:", "http://[::1"} {
		if _, err := client.New(bad); err == nil {
			t.Errorf("New(%q) is no error", bad)
		}
	}
}

func TestURLHasNoPassword(t *testing.T) {
	t.Parallel()
	c := connect(t, "http://user:secret@h.test/mail/")
	if got := c.URL(); got != "http://h.test/mail" {
		t.Errorf("URL is %s", got)
	}
}

// FromEnv is asked in a process of its own, since tests run in parallel.
func TestFromEnv(t *testing.T) {
	t.Parallel()
	if os.Getenv("RESTANTE_CLIENT_TEST") != "" {
		c := must(client.FromEnv())(t)
		os.Stdout.WriteString("URL=" + c.URL() + "\n")
		return
	}
	for env, want := range map[string]string{"": "http://127.0.0.1:8025", "http://h.test:1/": "http://h.test:1"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFromEnv$")
		cmd.Env = append(os.Environ(), "RESTANTE_CLIENT_TEST=1", "RESTANTE_URL="+env)
		out, err := cmd.Output()
		if err != nil || !bytes.Contains(out, []byte("URL="+want+"\n")) {
			t.Errorf("RESTANTE_URL=%s: %v, %s", env, err, out)
		}
	}
}

// guarded serves a server below a path, for those who know the password.
func guarded(t *testing.T, srv *restante.Server, authorization string) string {
	t.Helper()
	target := must(url.Parse(srv.URL()))(t)
	forward := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.StripPrefix("/mail", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != authorization {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		forward.ServeHTTP(w, r)
	})))
	t.Cleanup(front.Close)
	return front.URL + "/mail"
}

func TestCredentialsAndPath(t *testing.T) {
	t.Parallel()
	srv, _ := start(t)
	basic := "Basic dXNlcjpzZWNyZXQ=" // user:secret
	at := guarded(t, srv, basic)
	for name, c := range map[string]*client.Client{
		"option": connect(t, at, client.WithBasicAuth("user", "secret")),
		"URL":    connect(t, strings.Replace(at, "http://", "http://user:secret@", 1)),
		"token":  connect(t, guarded(t, srv, "Bearer t0ken"), client.WithToken("t0ken")),
	} {
		if _, err := c.Info(limited(t)); err != nil {
			t.Errorf("by %s: %v", name, err)
		}
	}
	_, err := connect(t, at, client.WithBasicAuth("user", "wrong")).Info(limited(t))
	var e *client.Error
	if !errors.As(err, &e) || e.Status != http.StatusUnauthorized || !strings.Contains(err.Error(), "who are you?") {
		t.Errorf("with the wrong password: %v", err)
	}
}

type countingTransport struct{ n int }

func (c *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n++
	return http.DefaultTransport.RoundTrip(r)
}

func TestOwnHTTPClient(t *testing.T) {
	t.Parallel()
	rt := new(countingTransport)
	_, c := start(t, client.WithHTTPClient(&http.Client{Transport: rt}))
	if _, err := c.Info(limited(t)); err != nil || rt.n != 1 {
		t.Errorf("%v after %d requests", err, rt.n)
	}
}

func TestSocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "rt") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	_, c := startWith(t, restante.Config{HTTP: "unix:" + filepath.Join(dir, "s")})
	if err := c.Ready(limited(t)); err != nil {
		t.Error(err)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	at := "http://" + l.Addr().String()
	l.Close()
	_, err := connect(t, at).Info(limited(t))
	if err == nil || !strings.Contains(err.Error(), "no restante at "+at) {
		t.Errorf("the error is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := connect(t, at).Info(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// What stands in between answers as it likes.
func TestAnswersOfOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status            int
		mediaType, body   string
		wantText, notWant string
	}{
		{502, "text/html", "<h1>Bad   gateway</h1>", "GET /v1/info: 502 Bad Gateway: <h1>Bad gateway</h1>", ""},
		{500, "application/json", "{", "500 Internal Server Error: {", ""},
		{500, "text/plain", "", "the answer says no more", ""},
		{503, "text/plain", strings.Repeat("é", 500), "…", strings.Repeat("é", 101)},
		{418, "application/problem+json", `{"title":"Teapot","detail":"Short and stout."}`, "418 Teapot: Short and stout.", ""},
		{500, "application/json", `{"message":"no"}`, `500 Internal Server Error: {"message":"no"}`, ""},
		{200, "text/html", "<html>", "read the answer", ""},
	} {
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", tt.mediaType)
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		}))
		t.Cleanup(front.Close)
		_, err := connect(t, front.URL).Info(limited(t))
		if err == nil || !strings.Contains(err.Error(), tt.wantText) || tt.notWant != "" && strings.Contains(err.Error(), tt.notWant) {
			t.Errorf("%d %s: %v", tt.status, tt.body, err)
		}
		if errors.Is(err, client.ErrNotFound) {
			t.Errorf("%d is ErrNotFound", tt.status)
		}
	}
}
