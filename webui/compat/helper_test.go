package compat

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

const deadline = 20 * time.Second // for what must happen at all

// fixture is both APIs over a store of its own.
type fixture struct {
	t      testing.TB
	store  *mailstore.Store
	url    string
	ending chan struct{}
}

func start(t testing.TB) *fixture {
	t.Helper()
	return startWith(t, mailstore.Options{Ephemeral: true}, Info{Version: "1.2.3"})
}

func startWith(t testing.TB, o mailstore.Options, info Info) *fixture {
	t.Helper()
	store, err := mailstore.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	ending := make(chan struct{})
	info.Ending = ending
	srv := httptest.NewServer(New(store, nil, info))
	f := &fixture{t: t, store: store, url: srv.URL, ending: ending}
	t.Cleanup(func() {
		f.end()
		srv.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// end tells streams that the server ends.
func (f *fixture) end() {
	select {
	case <-f.ending:
	default:
		close(f.ending)
	}
}

// put delivers a message given with bare LFs.
func (f *fixture) put(raw, from string, to ...string) mailstore.Receipt {
	f.t.Helper()
	env := mailstore.Envelope{ReversePath: from, Helo: "app.test", Extended: true, Remote: "127.0.0.1:50000"}
	for _, a := range to {
		env.ForwardPaths = append(env.ForwardPaths, mailstore.ForwardPath{Address: a})
	}
	in := f.store.NewIncoming()
	if _, err := io.WriteString(in, strings.ReplaceAll(raw, "\n", "\r\n")); err != nil {
		f.t.Fatal(err)
	}
	r, err := in.Deliver(f.t.Context(), env)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

// note delivers a short message with a subject.
func (f *fixture) note(subject string) mailstore.Receipt {
	f.t.Helper()
	return f.put(fmt.Sprintf("From: ana@example.test\nTo: bob@app.test\nSubject: %s\n\nHello\n", subject), "ana@example.test", "bob@app.test")
}

type answer struct {
	*http.Response
	body string
}

// do sends a request; headers are "Name: value". A body of "" is none.
func (f *fixture) do(method, path, body string, headers ...string) answer {
	f.t.Helper()
	var from io.Reader
	if body != "" {
		from = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, from)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
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

// want sends a request that must have a status and gives its body.
func (f *fixture) want(status int, method, path, body string, headers ...string) string {
	f.t.Helper()
	a := f.do(method, path, body, headers...)
	if a.StatusCode != status {
		f.t.Fatalf("%s %s %s: got %d, want %d: %s", method, path, body, a.StatusCode, status, a.body)
	}
	return a.body
}

// into decodes the JSON of a GET that must succeed.
func into[T any](f *fixture, path string, headers ...string) T {
	f.t.Helper()
	var v T
	body := f.want(200, "GET", path, "", headers...)
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		f.t.Fatalf("%s: %v in %s", path, err, body)
	}
	return v
}

// pitList is Mailpit's list as a client reads it.
type pitList struct {
	listHead
	Count    int       `json:"count"`
	Messages []summary `json:"messages"`
}

func (l pitList) subjects() string {
	var out []string
	for _, m := range l.Messages {
		out = append(out, m.Subject)
	}
	return strings.Join(out, " ")
}

// count is how many messages the store has.
func (f *fixture) count() int64 {
	f.t.Helper()
	totals, err := f.store.Totals()
	if err != nil {
		f.t.Fatal(err)
	}
	return totals.Messages
}

// rich has text, HTML, an inline image and an attachment.
const rich = `From: Ana Lima <ana@example.test>
To: Bob <bob@app.test>, carl@app.test
Cc: dora@app.test
Reply-To: Help <help@example.test>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Fri, 20 Nov 2026 16:12:00 +0000
Message-ID: <rich@example.test>
List-Unsubscribe: <mailto:off@example.test>,
 <https://example.test/off>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

preamble
--m
Content-Type: multipart/related; boundary="m2"

--m2
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Sch=C3=B6n, see https://example.test/verify?code=123456
--a
Content-Type: text/html; charset=utf-8

<p>Nice <img src="cid:dot@x"> <a href="https://example.test/verify">go</a></p>
--a--
--m2
Content-Type: image/png; name=dot.png
Content-ID: <dot@x>
Content-Disposition: inline; filename=dot.png
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC
--m2--
--m
Content-Type: text/html; name="page.html"
Content-Disposition: attachment; filename="page.html"
Content-Transfer-Encoding: base64

PGI+aGk8L2I+
--m--
`

func (f *fixture) putRich() mailstore.Receipt {
	f.t.Helper()
	return f.put(rich, "bounce@example.test", "bob@app.test", "carl@app.test", "dora@app.test", "eve@hidden.test")
}
