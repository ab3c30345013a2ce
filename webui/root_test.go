package webui

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const pictured = `From: Ana <ana@example.test>
To: bob@app.test
Subject: With a picture
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html

<p>See <img src="cid:dot"></p>
--b
Content-Type: image/gif
Content-ID: <dot>
Content-Transfer-Encoding: base64

R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7
--b--
`

// Behind a proxy that shows the server under a path, the page never asks for
// anything outside that path, and what a message holds is shown.
func TestPageUnderARoot(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	f := start(t, Config{Root: "/mail"})
	m := f.put(pictured, "ana@example.test", "bob@app.test")
	image := make(chan struct{}, 100)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.srv.Handler().ServeHTTP(w, r)
		if r.URL.Path == "/mail/v1/messages/"+m.ID+"/parts/2" {
			image <- struct{}{}
		}
	}))
	t.Cleanup(func() { proxy.CloseClientConnections(); proxy.Close() })
	tb := open(t, browser, proxy.URL+"/mail", 1200, 900) // which complains of requests elsewhere
	tb.goTo("/")
	tb.click(".row")
	tb.wait(`document.querySelector('#subject')?.innerText === 'With a picture'`)
	select {
	case <-image: // the frame's policy lets it load
	case <-time.After(deadline):
		t.Fatal("the frame did not load its picture")
	}
	f.put(plain, "ana@example.test", "bob@app.test")
	tb.wait(`document.querySelectorAll('.row').length === 2`) // events come too
}
