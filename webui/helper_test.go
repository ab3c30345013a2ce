package webui

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

const deadline = 20 * time.Second // for what must happen at all

// fixture is a server over a store of its own.
type fixture struct {
	t     testing.TB
	store *mailstore.Store
	srv   *Server
	url   string
}

func start(t testing.TB, cfg Config) *fixture {
	t.Helper()
	return startOver(t, cfg, mailstore.Options{})
}

func startOver(t testing.TB, cfg Config, options mailstore.Options) *fixture {
	t.Helper()
	options.Ephemeral = true
	store, err := mailstore.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	srv := New(cfg, store, nil)
	h := httptest.NewServer(srv.Handler())
	t.Cleanup(func() {
		srv.end()
		h.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{t: t, store: store, srv: srv, url: h.URL}
}

// put delivers a message given with bare LFs.
func (f *fixture) put(raw, from string, to ...string) mailstore.Receipt {
	f.t.Helper()
	return f.putOctets(strings.ReplaceAll(raw, "\n", "\r\n"), from, to...)
}

func (f *fixture) putOctets(raw, from string, to ...string) mailstore.Receipt {
	f.t.Helper()
	env := mailstore.Envelope{ReversePath: from, Helo: "app.test", Extended: true, Remote: "127.0.0.1:50000"}
	for _, a := range to {
		env.ForwardPaths = append(env.ForwardPaths, mailstore.ForwardPath{Address: a})
	}
	return f.deliver(raw, env)
}

func (f *fixture) deliver(raw string, env mailstore.Envelope) mailstore.Receipt {
	f.t.Helper()
	in := f.store.NewIncoming()
	if _, err := io.WriteString(in, raw); err != nil {
		f.t.Fatal(err)
	}
	r, err := in.Deliver(f.t.Context(), env)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

type answer struct {
	*http.Response
	body string
}

// do sends a request; headers are "Name: value".
func (f *fixture) do(method, path, body string, headers ...string) answer {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer{resp, string(all)}
}

func (f *fixture) get(path string, headers ...string) answer {
	f.t.Helper()
	return f.do("GET", path, "", headers...)
}

// into decodes an answer that must have the status.
func into[T any](t testing.TB, a answer, status int) T {
	t.Helper()
	var v T
	if a.StatusCode != status {
		t.Fatalf("%s %s: got %d, want %d: %s", a.Request.Method, a.Request.URL, a.StatusCode, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%s: %v in %s", a.Request.URL, err, a.body)
	}
	return v
}

// wantProblem checks that an answer is a problem document whose text has words.
func wantProblem(t testing.TB, a answer, status int, words ...string) {
	t.Helper()
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("%s %s: Content-Type is %q, want application/problem+json", a.Request.Method, a.Request.URL, ct)
	}
	p := into[problem](t, a, status)
	if p.Status != status || p.Title != http.StatusText(status) {
		t.Errorf("problem says %d %q, want %d %q", p.Status, p.Title, status, http.StatusText(status))
	}
	for _, w := range words {
		if !strings.Contains(p.Detail, w) {
			t.Errorf("%s %s: detail %q does not mention %q", a.Request.Method, a.Request.URL, p.Detail, w)
		}
	}
}

const plain = `From: Ana <ana@example.test>
To: bob@app.test
Subject: Lunch
Date: Fri, 20 Nov 2026 16:12:00 +0000
Message-ID: <1@example.test>

At noon?
`
