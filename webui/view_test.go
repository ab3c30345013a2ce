package webui

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

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
	browser, world := startBrowser(t)
	t.Cleanup(func() {
		for _, host := range world.asked() {
			if !strings.HasSuffix(host, ".google.com") && !strings.HasSuffix(host, ".googleapis.com") && !strings.HasSuffix(host, ".gvt1.com") {
				t.Errorf("the browser asked %s", host)
			}
		}
	})
	for name, test := range map[string]func(*testing.T, context.Context){
		"empty":   testEmpty,
		"live":    testLive,
		"message": testMessage,
		"history": testHistory,
		"delete":  testDelete,
		"search":  testSearch,
		"keys":    testKeys,
		"scroll":  testScroll,
		"offline": testOffline,
		"phone":   testPhone,
		"many":    testManyVisits,
		"pruned":  testPruned,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

func testEmpty(t *testing.T, browser context.Context) {
	f := start(t, Config{SMTP: "127.0.0.1:41025", POP3: "0.0.0.0:41110"})
	tb := open(t, browser, f.url, 1440, 900)
	tb.goTo("/")
	tb.wait(`document.querySelector('.empty')`)
	text := tb.text(".empty")
	for _, want := range []string{"No mail yet", "127.0.0.1:41025", "localhost:41110", "curl -sS smtp://127.0.0.1:41025"} {
		if !strings.Contains(text, want) {
			t.Errorf("the empty page does not say %q: %s", want, text)
		}
	}
	f.put(lines("first"), "", "bob@app.test")
	tb.wait(subjects + ` === 'first'`)
	tb.wait(`!document.querySelector('.empty')`)
}

func testLive(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	old := f.put(lines("old"), "", "bob@app.test")
	tb := open(t, browser, f.url, 1440, 900)
	tb.goTo("/")
	tb.wait(subjects + ` === 'old'`)
	tb.do(chromedp.Evaluate[chromedp.Void](`window.sameDocument = true`))
	for i := range 20 {
		f.put(lines(fmt.Sprint(i)), "", "bob@app.test")
	}
	tb.wait(subjects + ` === '19|18|17|16|15|14|13|12|11|10|9|8|7|6|5|4|3|2|1|0|old'`)
	tb.wait(`document.title === '(21) Restante'`)
	tb.wait(`document.querySelector('.totals').innerText.includes('21 unseen')`)
	if _, err := f.store.Delete(t.Context(), old.Seq); err != nil {
		t.Fatal(err)
	}
	tb.wait(`!document.body.innerText.includes('old')`)
	if err := f.store.SetSeen(t.Context(), true, 2, 3, 4); err != nil {
		t.Fatal(err)
	}
	tb.wait(`document.querySelectorAll('.row.unseen').length === 17 && document.title === '(17) Restante'`)
	if !eval[bool](tb, `window.sameDocument`) {
		t.Error("the page was loaded again")
	}
}

func testMessage(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	r := f.put(mixed, "bounce@example.test", "bob@app.test", "team@app.test", "auditor@app.test")
	tb := open(t, browser, f.url, 1440, 900)
	tb.allowed = []string{"Content Security Policy", "Content-Security-Policy"} // the blocked image
	tb.goTo("/")
	tb.wait(`document.querySelector('.row.unseen')`)
	if row := tb.text(".row"); !strings.Contains(row, "2 attachments") || !strings.Contains(row, "Ana Lúcia") || !strings.Contains(row, "to Bob") {
		t.Errorf("the row says %q", row)
	}
	tb.click(".row")
	tb.wait(`document.querySelector('#subject')?.innerText === 'Minutes of Thursday'`)
	tb.wait(`!document.querySelector('.row.unseen') && document.querySelector('.row[aria-current=true]')`)
	if m := into[Message](t, f.get("/v1/messages/"+r.ID), 200); !m.Seen {
		t.Error("opening it did not mark it as seen")
	}
	head := tb.text(".head")
	for _, want := range []string{"Ana Lúcia Ana@Example.test", "team@app.test", "bounce@example.test", "auditor@app.test hidden", "minutes.pdf", "evil.html"} {
		if !strings.Contains(strings.Join(strings.Fields(head), " "), want) {
			t.Errorf("the head does not say %q: %s", want, head)
		}
	}
	if strings.Contains(tb.text(".rcpt:not(.bcc)"), "hidden") {
		t.Error("a recipient that To names is called hidden")
	}
	tb.wait(`document.querySelector('iframe').getAttribute('sandbox') === 'allow-popups allow-popups-to-escape-sandbox'`)
	if got := tb.text(".remote"); !strings.Contains(got, "1 remote resource blocked") {
		t.Errorf("the bar says %q", got)
	}
	tb.click("#tab-text")
	tb.wait(`document.querySelector('pre.text')?.innerText.includes('The minutes.')`)
	tb.click("#tab-headers")
	tb.wait(`document.querySelector('table')?.innerText.includes('Ana Lúcia')`)
	if table := tb.text("table"); !strings.Contains(table, "Return-Path") || strings.Contains(table, "=?utf-8?q?") {
		t.Errorf("headers are %s", table)
	}
	tb.click(".switch")
	tb.wait(`document.querySelector('table').innerText.includes('=?utf-8?q?Ana_L=C3=BAcia?=')`)
	tb.click("#tab-source")
	tb.wait(`document.querySelector('pre.source')?.innerText.includes('--m--')`)
	tb.wait(`new URLSearchParams(location.search).get('tab') === 'source'`)
	tb.click(".actions button") // mark as unseen
	tb.wait(`document.querySelector('.row.unseen') && !document.querySelector('#subject')`)
}

func testHistory(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	one, two := f.put(lines("one"), "", "bob@app.test"), f.put(lines("two"), "", "bob@app.test")
	tb := open(t, browser, f.url, 1440, 900)
	row := func(id string) string { return fmt.Sprintf(".row[data-id=%q]", id) }
	at := func(heading, search string) {
		t.Helper()
		tb.wait(fmt.Sprintf(`(document.querySelector('#subject')?.innerText ?? '') === %q && location.search === %q`, heading, search))
	}
	tb.goTo("/")
	tb.click(row(one.ID))
	at("one", "?m="+one.ID)
	tb.click("#tab-source")
	at("one", "?m="+one.ID+"&tab=source")
	tb.click(row(two.ID))
	at("two", "?m="+two.ID)
	back := chromedp.Evaluate[chromedp.Void](`history.back()`)
	forward := chromedp.Evaluate[chromedp.Void](`history.forward()`)
	tb.do(back)
	at("one", "?m="+one.ID+"&tab=source")
	tb.wait(`document.querySelector('pre.source')?.innerText.includes('Subject: one')`)
	tb.do(back)
	at("one", "?m="+one.ID)
	tb.wait(`document.querySelector('pre.text')`)
	tb.do(back)
	at("", "")
	tb.do(forward)
	at("one", "?m="+one.ID)

	// A deep link, with everything in it.
	tb.goTo("/?q=subject%3Atwo&m=" + one.ID + "&tab=headers")
	tb.wait(`document.querySelector('table')?.innerText.includes('one@x')`)
	tb.wait(subjects + ` === 'two' && document.querySelector('#q').value === 'subject:two'`)
}

func testDelete(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	var ids []string
	for i := range 4 {
		ids = append(ids, f.put(lines(fmt.Sprint(i)), "", "bob@app.test").ID)
	}
	tb := open(t, browser, f.url, 1440, 900)
	tb.goTo("/?m=" + ids[2])
	tb.wait(`document.querySelector('#subject')?.innerText === '2'`)
	tb.click(".danger")
	tb.wait(subjects + ` === '3|1|0' && document.querySelector('#subject')?.innerText === '1'`)
	wantProblem(t, f.get("/v1/messages/"+ids[2]), 404)
	tb.press("#")
	tb.wait(subjects + ` === '3|0' && document.querySelector('#subject')?.innerText === '0'`)
	f.do("DELETE", "/v1/messages/"+ids[0], "")
	tb.wait(subjects + ` === '3' && document.querySelector('.message').innerText.includes('not here any more')`)
	tb.goTo("/?m=nonsense")
	tb.allowed = []string{"404"}
	tb.wait(`document.querySelector('.message').innerText.includes('not here any more')`)
}

func testSearch(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	f.put(lines("apple"), "", "bob@app.test")
	f.put(lines("pear"), "", "carol@app.test")
	tb := open(t, browser, f.url, 1440, 900)
	tb.allowed = []string{"400 (Bad Request)"}
	tb.goTo("/")
	tb.wait(subjects + ` === 'pear|apple'`)
	// One event that types unless it is prevented, as keyboards make it.
	if _, err := chromedp.Call(tb.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Text: "/"}); err != nil {
		t.Fatal(err)
	}
	tb.wait(`document.activeElement.id === 'q' && document.activeElement.value === ''`)
	tb.press("subject:apple")
	tb.wait(subjects + ` === 'apple' && location.search === '?q=subject%3Aapple'`)
	f.put(lines("cherry"), "", "bob@app.test")
	f.put(lines("apples"), "", "bob@app.test")
	tb.wait(subjects + ` === 'apples|apple'`)

	retype := func(q string) {
		t.Helper()
		tb.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#q').select()`))
		tb.press(q)
	}
	retype("subject:pear colour:red")
	tb.wait(`document.querySelector('.malformed')?.innerText.includes('colour:')`)
	if got := tb.text(".malformed mark"); got != "colour:red" {
		t.Errorf("it points at %q", got)
	}
	retype("nowhere")
	tb.wait(`document.querySelector('.end')?.innerText === 'No message matches.' && !document.querySelector('.malformed')`)
	tb.click(".brand")
	tb.wait(subjects + ` === 'apples|cherry|pear|apple' && document.querySelector('#q').value === '' && location.search === ''`)
}

func testKeys(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	for _, s := range []string{"c", "b", "a"} {
		f.put(lines(s), "", "bob@app.test")
	}
	tb := open(t, browser, f.url, 1440, 900)
	focused := func(subject string) {
		t.Helper()
		tb.wait(fmt.Sprintf(`document.activeElement.querySelector?.('.subject')?.innerText === %q`, subject))
	}
	tb.goTo("/")
	tb.wait(subjects + ` === 'a|b|c'`)
	tb.press("j")
	focused("a")
	tb.press("j")
	focused("b")
	tb.press("k")
	focused("a")
	tb.press(kb.Enter)
	tb.wait(`document.querySelector('#subject')?.innerText === 'a'`)
	tb.press("j")
	focused("b")
	tb.wait(`document.querySelector('#subject')?.innerText === 'b'`)
	tb.press("jjj") // stops at the last
	focused("c")
	tb.press(kb.Escape)
	tb.wait(`!document.querySelector('#subject') && location.search === ''`)
	tb.press("#")
	tb.wait(subjects + ` === 'a|b'`)
	focused("b")
	tb.press("k")
	tb.press(kb.Enter)
	tb.wait(`document.querySelector('#subject')?.innerText === 'a'`)
	tb.do(chromedp.Focus(chromedp.CSS("#tab-text")))
	tb.press(kb.ArrowRight)
	tb.wait(`document.activeElement.id === 'tab-headers' && document.activeElement.getAttribute('aria-selected') === 'true'`)
}

func testScroll(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	for i := range 130 {
		f.put(lines(fmt.Sprintf("n%03d", i)), "", "bob@app.test")
	}
	tb := open(t, browser, f.url, 1440, 900)
	tb.goTo("/")
	tb.wait(`document.querySelectorAll('.row').length === 50`)
	for _, n := range []int{100, 130} {
		tb.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('.list').scrollTo(0, 1e6)`))
		tb.wait(fmt.Sprintf(`document.querySelectorAll('.row').length === %d`, n))
	}
	tb.wait(subjects + `.endsWith('n001|n000')`)

	// What one reads stays where it is.
	const place = `(() => { const e = document.querySelector('.row[data-read]'); return e.getBoundingClientRect().top })()`
	tb.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('.list').scrollTo(0, 3000);
		document.elementFromPoint(100, 400).closest('.row').dataset.read = 'yes'`))
	before := eval[float64](tb, place)
	for i := range 3 {
		f.put(lines(fmt.Sprintf("new%d", i)), "", "bob@app.test")
	}
	tb.wait(`document.querySelectorAll('.row').length === 133 && document.querySelector('.fresh')?.innerText.includes('3 new messages')`)
	if after := eval[float64](tb, place); after != before {
		t.Errorf("the row that was read moved from %v to %v", before, after)
	}
	tb.click(".fresh")
	tb.wait(`document.querySelector('.list').scrollTop === 0 && !document.querySelector('.fresh')`)
	tb.wait(subjects + `.startsWith('new2|new1|new0|n129')`)
}

// testOffline lets the server go away and come back: before the page had an
// event, after it had one, and with more missed than the server remembers.
func testOffline(t *testing.T, browser context.Context) {
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

func testPhone(t *testing.T, browser context.Context) {
	f := start(t, Config{})
	f.put(lines("one"), "", "bob@app.test")
	r := f.put(mixed, "", "bob@app.test")
	tb := open(t, browser, f.url, 390, 844)
	tb.allowed = []string{"Content Security Policy", "Content-Security-Policy"}
	visible := func(list, message bool) {
		t.Helper()
		tb.wait(fmt.Sprintf(`!!document.querySelector('.list').offsetParent === %v && !!document.querySelector('.message').offsetParent === %v`, list, message))
		if w := eval[int](tb, `document.documentElement.scrollWidth`); w > 390 {
			t.Errorf("the page is %d pixels wide", w)
		}
	}
	tb.goTo("/")
	tb.wait(`document.querySelectorAll('.row').length === 2`)
	visible(true, false)
	tb.click(fmt.Sprintf(".row[data-id=%q]", r.ID))
	tb.wait(`document.querySelector('iframe')`)
	visible(false, true)
	for _, name := range []string{"text", "headers", "source"} {
		tb.click("#tab-" + name)
		tb.wait(fmt.Sprintf(`document.querySelector('.view.%s')`, name))
		visible(false, true)
	}
	tb.click(".back")
	visible(true, false)
	tb.click(fmt.Sprintf(".row[data-id=%q]", r.ID))
	tb.click(".danger")
	visible(true, false)
	tb.wait(subjects + ` === 'one'`)
}

// Every visit opens an event stream, and browsers have six connections for one
// server: those of pages that were left must not be among them.
func testManyVisits(t *testing.T, browser context.Context) {
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
func testPruned(t *testing.T, browser context.Context) {
	f := startOver(t, Config{}, mailstore.Options{
		Retention:  mailstore.Retention{MaxMessages: 4},
		PerMailbox: mailstore.Retention{MaxMessages: 2},
	})
	tb := open(t, browser, f.url, 1440, 900)
	tb.goTo("/")
	tb.wait(`document.querySelector('.empty')`)
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
