package webui

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"restante/internal/chrome"
	"restante/mailstore"
)

// subjects is the list as the page shows it.
const subjects = `[...document.querySelectorAll('.row .subject')].map(e => e.innerText).join('|')`

func lines(subject string) string {
	return fmt.Sprintf("From: Ana <ana@example.test>\nTo: Bob <bob@app.test>\nSubject: %s\nDate: Fri, 20 Nov 2026 16:12:00 +0000\nMessage-ID: <%s@x>\n\nText of %s.\n", subject, subject, subject)
}

// TestPage looks at the page with a real browser.
func TestPage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	browser := startBrowser(t)
	t.Cleanup(func() {
		for _, host := range browser.Asked() {
			if !strings.HasSuffix(host, ".google.com") && !strings.HasSuffix(host, ".googleapis.com") && !strings.HasSuffix(host, ".gvt1.com") {
				t.Errorf("the browser asked %s", host)
			}
		}
	})
	for name, test := range map[string]func(*testing.T, *chrome.Browser){
		"offline": testOffline,
		"many":    testManyVisits,
		"pruned":  testPruned,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

// testOffline lets the server go away and come back: before the page had an
// event, after it had one, and with more missed than the server remembers.
func testOffline(t *testing.T, browser *chrome.Browser) {
	for name, c := range map[string]struct{ known, forgotten bool }{
		"fresh":     {false, false},
		"resumed":   {true, false},
		"forgotten": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, Config{})
			s, addr, _ := serve(t, f, Config{})
			f.put(lines("before"), "", "bob@app.test")
			gone := f.put(lines("gone"), "", "bob@app.test")
			tb := open(t, browser, "http://"+addr, 1440, 900)
			tb.allowed = []string{"ERR_", "Failed to load resource"}
			tb.goTo("/")
			tb.wait(subjects + ` === 'gone|before'`)
			if c.known {
				kept := f.put(lines("known"), "", "bob@app.test")
				tb.wait(subjects + ` === 'known|gone|before'`)
				tb.click(".row[data-id='" + kept.ID + "']")
				tb.wait(`document.querySelector('#subject')?.innerText === 'known'`)
				f.do("DELETE", "/v1/messages/"+kept.ID, "")
				tb.wait(subjects + ` === 'gone|before'`)
			}
			if err := s.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			tb.wait(`document.querySelector('.offline')`)
			f.put(lines("meanwhile"), "", "bob@app.test")
			if _, err := f.store.Delete(t.Context(), gone.Seq); err != nil {
				t.Fatal(err)
			}
			for i := 0; c.forgotten && i < 3000; i++ {
				if err := f.store.SetSeen(t.Context(), i%2 == 0, 1); err != nil {
					t.Fatal(err)
				}
			}
			l, err := net.Listen("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			again := New(Config{}, f.store, nil)
			go func() { _ = again.Serve(l) }()
			t.Cleanup(func() { _ = again.Shutdown(context.Background()) })
			tb.wait(`!document.querySelector('.offline')`)
			tb.wait(subjects + ` === 'meanwhile|before'`)
			f.put(lines("after"), "", "bob@app.test")
			tb.wait(subjects + ` === 'after|meanwhile|before'`)
		})
	}
}

// Every visit opens an event stream, and browsers have six connections for one
// server: those of pages that were left must not be among them.
func testManyVisits(t *testing.T, browser *chrome.Browser) {
	f := start(t, Config{})
	f.put(lines("one"), "", "bob@app.test")
	tb := open(t, browser, f.url, 1440, 900)
	for i := range 10 {
		tb.goTo(fmt.Sprintf("/?q=one&visit=%d", i))
		tb.wait(subjects + ` === 'one'`)
	}
	tb.do(chromedp.Evaluate[chromedp.Void](`history.back()`))
	tb.wait(`location.search.endsWith('visit=8')`)
	f.put(lines("one more"), "", "bob@app.test")
	tb.wait(subjects + ` === 'one more|one'`)
}

// What retention removes goes from the list, and the list says so. A message
// that is taken out of one of its mailboxes stays.
func testPruned(t *testing.T, browser *chrome.Browser) {
	f := startOver(t, Config{}, mailstore.Options{
		Retention:  mailstore.Retention{MaxMessages: 4},
		PerMailbox: mailstore.Retention{MaxMessages: 2},
	})
	tb := open(t, browser, f.url, 1440, 900)
	tb.goTo("/")
	tb.wait(`document.querySelector('.first')`)
	f.put(lines("1"), "", "bob@app.test", "carol@app.test")
	f.put(lines("2"), "", "bob@app.test")
	f.put(lines("3"), "", "bob@app.test") // 1 goes from bob's
	tb.wait(subjects + ` === '3|2|1'`)
	f.put(lines("4"), "", "bob@app.test") // 2 goes
	tb.wait(subjects + ` === '4|3|1'`)
	f.put(lines("5"), "", "dave@app.test")
	f.put(lines("6"), "", "erin@app.test") // 1 goes, the oldest of all
	tb.wait(subjects + ` === '6|5|4|3'`)
	tb.wait(`document.querySelector('.end').innerText === '2 older messages were removed by retention.'`)
}
