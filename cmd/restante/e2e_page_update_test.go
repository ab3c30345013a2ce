package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

var pageVersion = regexp.MustCompile(`assets/v-[0-9a-f]+/`)

const oldVersion = "assets/v-0/"

// updated is a server in front of a site that had another version of the page
// until its views were asked for: it does not have them any more. If it never
// has the new page, neither.
func updated(t *testing.T, s *site, never bool) string {
	t.Helper()
	behind, err := url.Parse(s.ports["http"])
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: func(r *http.Response) error {
			if r.Request.URL.Path != "/" || done.Load() && !never {
				return nil
			}
			page, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			page = pageVersion.ReplaceAll(page, []byte(oldVersion))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(page)), int64(len(page))
			r.Header.Del("Content-Length")
			r.Header.Del("ETag")
			return nil
		},
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/"+oldVersion+"js/sessions") {
			done.Store(true)
			http.NotFound(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		front.CloseClientConnections() // the stream of events
		front.Close()
	})
	return front.URL
}

// A page whose server was updated meanwhile loads itself anew when it needs what
// is not there any more, and stays where it is.
func TestPageOfAnUpdatedServer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := s.postTo(t, "alice@app.test", "One")
	s.talk(t, "EHLO app.test", "QUIT")
	p := openTab(t, updated(t, s, false), "/", look{complaints: []string{"404 (Not Found)"}})
	p.waitRows(one)
	p.push("link", "Sessions")
	p.wait(`document.querySelector(".session-row")`)
	p.address("/?view=sessions")
	if n := eval[int](p, `performance.getEntriesByType("resource").filter((r) => r.name.includes("/assets/v-0/")).length`); n > 0 {
		t.Errorf("%d files of the old page are in use", n)
	}
	p.back()
	p.waitRows(one)

	// One that is the same as before cannot be mended so.
	p = openTab(t, updated(t, s, true), "/", look{complaints: []string{"404 (Not Found)"}})
	p.waitRows(one)
	p.script(`window.same = true`)
	p.push("link", "Sessions")
	p.waitText("[data-stage=sessions] [role=alert]", "Load the page anew")
	if !eval[bool](p, `window.same`) {
		t.Error("the page was loaded again")
	}
}
