package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// longSite is a site with n messages, in one list.
func longSite(t *testing.T, n int) *site {
	t.Helper()
	browser(t)
	data := filepath.Join(t.TempDir(), "store.db")
	fillStore(t, data, n)
	return siteAt(t, data)
}

// has waits until the server counts as many messages that match.
func (s *site) has(t *testing.T, query string, want int) {
	t.Helper()
	var n int
	for end := time.Now().Add(pagePatience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if n = len(s.all(t, query)); n == want {
			return
		}
	}
	t.Fatalf("the server has %d messages for %q, want %d", n, query, want)
}

// counts waits until the list has as many messages.
func (p *tab) counts(n int) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.querySelector(".canvas")?.ariaRowCount === "%d"`, n))
}

// selectFirst selects the first n messages, one by one and not as all of a list.
func (p *tab) selectFirst(n int) {
	p.t.Helper()
	p.scrollTo(0)
	row := func(place int) string { return fmt.Sprintf(`.row[aria-rowindex="%d"][data-id]`, place) }
	p.wait(fmt.Sprintf(`document.querySelector(%q)`, row(1)))
	p.script(fmt.Sprintf(`document.querySelector(%q).click()`, row(1)+" input"))
	p.script(fmt.Sprintf(`document.querySelector(".rows").scrollTop = %d * document.querySelector(".row").offsetHeight`, n-3))
	p.wait(fmt.Sprintf(`document.querySelector(%q)`, row(n)))
	p.script(fmt.Sprintf(`document.querySelector(%q).dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }))`, row(n)+" .open"))
	p.wait(fmt.Sprintf(`document.querySelector("[data-selected]")?.dataset.selected === "%d"`, n))
}

// TestListDeleteMany: what is deleted one by one has to be named to the server
// in what a browser sends for a page that is left. More than that is asked about.
func TestListDeleteMany(t *testing.T) {
	t.Parallel()
	const n = 9900
	s := longSite(t, n)
	p := s.open(t, "/", look{})
	p.counts(n)
	p.selectFirst(4900)
	p.press("#")
	p.waitText(".question", "Delete 4,900 messages?")
	p.waitText(".question", "cannot be undone")
	p.press(kb.Escape)
	p.gone(".question")
	p.counts(n)
	p.press("#")
	p.waitText(".question", "Delete 4,900 messages?")
	p.push("button", "Delete")
	p.counts(n - 4900)
	p.waitText(".toast", "4,900 messages deleted.")
	if p.count(`[data-toast="deleted"]`) > 0 {
		t.Error("it is said that it can be undone")
	}
	s.has(t, "", 5000)

	// Two that do not go together: the first goes when the second comes.
	p.selectFirst(2400)
	p.press("#")
	p.counts(2600)
	p.waitText(`[data-toast="deleted"]`, "2,400 messages deleted.")
	s.has(t, "", 5000)
	p.selectFirst(2400)
	p.press("#")
	p.counts(200)
	s.has(t, "", 2600)
	p.visit("/docs")
	s.has(t, "", 200)
}

// TestListMarkMany: all that match are marked and tagged, as many at a time as
// the server takes, until one says stop.
func TestListMarkMany(t *testing.T) {
	t.Parallel()
	const n = 2300
	s := longSite(t, n)
	// Changes wait until they are let through.
	p := s.open(t, "/", look{before: `{
		const ask = window.fetch;
		window.held = [];
		window.fetch = async (url, how) => {
			if (how?.method === "PATCH" && window.held) await new Promise((go) => window.held.push(go));
			return ask(url, how);
		};
	}`})
	p.counts(n)
	p.press("*aI")
	p.wait(`window.held.length === 1`)
	p.script(`window.held.shift()()`)
	p.waitText(".toast", "1,000 of 2,300 marked")
	p.wait(`window.held.length === 1`)
	p.push("button", "Stop")
	p.script(`window.held.shift()()`)
	s.has(t, "is:unseen", 300)
	p.gone(".toast")
	if left := eval[int](p, `window.held.length`); left > 0 {
		t.Errorf("%d requests after it was stopped", left)
	}
	p.script(`window.held = null`)
	p.press("I")
	s.has(t, "is:unseen", 0)

	p.press("l")
	p.wait(`document.activeElement.matches(".tagging input")`)
	p.press("paid" + kb.Enter)
	s.has(t, "tag:paid", n)
	p.gone(".toast")
	p.scrollTo(1)
	p.waitText(`.row[data-seq="1"] .tag`, "paid")
	if asked := p.askedFor("/v1/messages?"); asked > n/10 { // how many it is is a matter of time, but it is not one for each
		t.Errorf("%d lists were asked for", asked)
	}
}

// TestListTallerThanDrawn: browsers draw no more than some 16 million pixels. The
// scrollbar of a longer list moves by more than it shows.
func TestListTallerThanDrawn(t *testing.T) {
	t.Parallel()
	const n = 10_000
	s := longSite(t, n)
	p := s.open(t, "/", look{})
	p.counts(n)
	const tall = 4000 // pixels, so that few messages are a long list
	p.script(fmt.Sprintf(`{ const s = new CSSStyleSheet(); s.replaceSync(".row, .row-probe { height: %dpx !important }"); document.adoptedStyleSheets.push(s) }`, tall))
	p.wait(`document.querySelector(".canvas").offsetHeight === 12_000_000`)
	where := func(place int) string {
		return fmt.Sprintf(`(() => { const r = document.querySelector('.row[aria-rowindex="%d"][data-seq="%d"]'), box = document.querySelector(".rows").getBoundingClientRect(); return r && r.getBoundingClientRect().%%s - box.%%s })()`, place, n+1-place)
	}
	near := func(place int, edge string, want float64) {
		t.Helper()
		at := fmt.Sprintf(where(place), edge, edge)
		p.wait(at + ` != null && Math.abs(` + at + ` - ` + strconv.FormatFloat(want, 'f', 0, 64) + `) < 4`)
	}
	near(1, "top", 0)
	p.scrollTo(1)
	near(n, "bottom", 0)
	p.scrollTo(0.5)
	p.wait(fmt.Sprintf(`document.querySelector('.row[data-seq="%d"]')?.ariaRowIndex === "%d"`, n/2, n/2+1))
	p.wait(`!document.querySelector(".row.waiting")`)

	// What is read does not move when something comes, but for what a pixel of the
	// scrollbar is.
	at := fmt.Sprintf(`document.querySelector('.row[data-seq="%d"]').getBoundingClientRect().top`, n/2)
	before := eval[float64](p, at)
	s.postTo(t, "alice@app.test", "New")
	p.waitText(".fresh", "1 new message")
	p.counts(n + 1)
	p.wait(fmt.Sprintf(`Math.abs(%s - %g) <= 4`, at, before))

	// By keyboard to its ends.
	p.scrollTo(0)
	p.wait(fmt.Sprintf(`document.querySelector('.row[data-seq="%d"]')`, n+1))
	p.press("j")
	p.wait(fmt.Sprintf(`document.activeElement.closest(".row")?.dataset.seq === "%d"`, n+1))
	p.press(kb.End)
	p.wait(`document.activeElement.closest(".row")?.dataset.seq === "1"`)
	p.press("k")
	p.wait(`document.activeElement.closest(".row")?.dataset.seq === "2"`)
	p.press(kb.Home)
	p.wait(fmt.Sprintf(`document.activeElement.closest(".row")?.dataset.seq === "%d"`, n+1))
	p.wait(`Math.abs(document.activeElement.closest(".row").getBoundingClientRect().top - document.querySelector(".rows").getBoundingClientRect().top) < 4`)
}
