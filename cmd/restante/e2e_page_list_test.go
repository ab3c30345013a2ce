package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"restante/mailstore"
)

// fillStore makes a store of n messages, "Order <i>" to user<i%50>. Their seqs are
// in that order but within each 64.
func fillStore(t *testing.T, path string, n int) {
	t.Helper()
	s, err := mailstore.Open(mailstore.Options{Path: path, Durability: mailstore.None})
	if err != nil {
		t.Fatal(err)
	}
	const senders = 64 // in step: messages of a round are committed together
	for from := 1; from <= n; from += senders {
		var round sync.WaitGroup
		for i := from; i < min(from+senders, n+1); i++ {
			in := s.NewIncoming()
			fmt.Fprintf(in, "From: Shop <shop@shop.test>\r\nTo: user%d@app.test\r\nSubject: Order %d\r\n\r\nYour order %d is on its way.\r\n", i%50, i, i)
			round.Go(func() {
				if _, err := in.Deliver(context.Background(), mailstore.Envelope{ReversePath: "shop@shop.test", Helo: "shop.test", Extended: true,
					Remote: "127.0.0.1:1", ForwardPaths: []mailstore.ForwardPath{{Address: fmt.Sprintf("user%d@app.test", i%50)}}}); err != nil {
					t.Error(err)
				}
			})
		}
		round.Wait()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

const (
	// firstRow notes when the first row was there, in ms since the page was asked for.
	firstRow = `new MutationObserver((_, watch) => {
		if (document.querySelector("[data-id]")) { window.firstRow = performance.now(); watch.disconnect() }
	}).observe(document, { childList: true, subtree: true });`
	// watchRows notes the most rows that there ever were at a time.
	watchRows = `window.mostRows = 0; new MutationObserver(() => {
		window.mostRows = Math.max(window.mostRows, document.querySelectorAll(".row").length)
	}).observe(document.querySelector(".rows"), { childList: true, subtree: true });`
)

// scrollTo puts the list's scrollbar somewhere, in parts of its way.
func (p *tab) scrollTo(part float64) {
	p.t.Helper()
	p.script(fmt.Sprintf(`{ const r = document.querySelector(".rows"); r.scrollTop = %g * (r.scrollHeight - r.clientHeight) }`, part))
}

// rowOf is a selector for the row of a message.
func rowOf(id string) string { return fmt.Sprintf(`.row[data-id=%q]`, id) }

// place is how far below the list's top a row is, in CSS pixels.
func (p *tab) place(selector string) float64 {
	p.t.Helper()
	return eval[float64](p, fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().top - document.querySelector(".rows").getBoundingClientRect().top`, selector))
}

// shownIDs are the ids of the rows, from top to bottom.
func (p *tab) shownIDs() []string {
	p.t.Helper()
	return eval[[]string](p, `[...document.querySelectorAll(".row[data-id]")].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((r) => r.dataset.id)`)
}

// waitRows waits until the list has these rows, from top to bottom.
func (p *tab) waitRows(ids ...string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`[...document.querySelectorAll(".row[data-id]")].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((r) => r.dataset.id).join() === %q`, strings.Join(ids, ",")))
}

// askedFor counts requests by the beginning of their path.
func (p *tab) askedFor(path string) (n int) {
	for _, r := range p.asked() {
		if strings.HasPrefix(r, p.url+path) {
			n++
		}
	}
	return n
}

// sibling opens a path in another tab of the same browser profile.
func (p *tab) sibling(path string, l look) *tab {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	other := &tab{t: p.t, ctx: ctx, url: p.url}
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		p.t.Fatal(err)
	}
	other.watch(cancel)
	other.wear(l)
	other.visit(path)
	return other
}

// TestListOf100000 goes to the ends of a long list and into its middle. However
// it is scrolled there are few rows, and few requests before the first.
func TestListOf100000(t *testing.T) {
	t.Parallel()
	browser(t)
	const n = 100_000
	data := filepath.Join(t.TempDir(), "store.db")
	fillStore(t, data, n)
	s := siteAt(t, data)
	p := s.open(t, "/", look{before: firstRow})
	p.wait(`window.firstRow`)
	p.wait(`document.querySelector(".canvas")?.ariaRowCount === "100000"`)
	if lists, pages := p.askedFor("/v1/messages?"), p.askedFor("/v1/pages"); lists > 2 || pages > 1 {
		t.Errorf("%d lists and %d pages were asked for before anything was scrolled", lists, pages)
	}
	// What it takes without the start of a browser's tab.
	p.reload()
	p.wait(`window.firstRow`)
	t.Logf("the first row was there after %.0f ms", eval[float64](p, `window.firstRow`)) // the aim is 300

	p.wait(`document.querySelector(".canvas")?.ariaRowCount === "100000"`)
	p.script(watchRows)
	p.scrollTo(1)
	p.wait(`document.querySelector('.row[data-seq="1"]')?.ariaRowIndex === "100000"`)
	p.waitText(`.row[data-seq="1"]`, "Your order ")
	p.shoot("list-end")
	p.scrollTo(0.5)
	p.wait(`document.querySelector('.row[data-seq="50000"]')?.ariaRowIndex === "50001"`)
	// Slowly through a part of it: nothing is left out.
	if missing := eval[int](p, `(async () => {
		const rows = document.querySelector(".rows"), seen = new Set();
		const frame = () => new Promise((done) => requestAnimationFrame(done));
		for (let i = 0; i < 60; i++) {
			rows.scrollTop += 150;
			const until = performance.now() + 20000;
			do await frame(); while (document.querySelector(".row.waiting") && performance.now() < until);
			for (const r of document.querySelectorAll(".row[data-seq]")) seen.add(Number(r.dataset.seq));
		}
		let missing = 0;
		for (let seq = 50000; seq > 50000 - 100; seq--) if (!seen.has(seq)) missing++;
		return missing;
	})()`); missing > 0 {
		t.Errorf("%d rows were never shown", missing)
	}
	before := p.askedFor("/v1/messages?")
	p.scrollTo(0)
	p.wait(fmt.Sprintf(`document.querySelector('.row[data-seq="%d"]')?.ariaRowIndex === "1"`, n))
	if most := eval[int](p, `window.mostRows`); most == 0 || most > 50 {
		t.Errorf("there were up to %d rows at a time", most)
	}
	// To drag the scrollbar from one end to the other is no reason to read it all.
	p.script(`{ const r = document.querySelector(".rows"); for (let i = 0; i < 400; i++) r.scrollTop = i / 400 * r.scrollHeight }`)
	for i := range 40 {
		p.scrollTo(float64(i) / 40)
	}
	p.scrollTo(0)
	p.wait(fmt.Sprintf(`document.querySelector('.row[data-seq="%d"]')?.ariaRowIndex === "1"`, n))
	if asked := p.askedFor("/v1/messages?") - before; asked > 100 {
		t.Errorf("%d requests for going through it", asked)
	}

	// A mailbox and a search, as long lists too.
	p.visit("/?" + url.Values{"box": {"user7@app.test"}}.Encode())
	p.wait(`document.querySelector(".canvas")?.ariaRowCount === "2000"`)
	p.scrollTo(1)
	p.waitText(`.row[aria-rowindex="2000"] .subject`, "Order 7")
	p.visit("/?q=subject:9")
	p.wait(`document.querySelector(".canvas")?.ariaRowCount === "40951"`)
	p.scrollTo(1)
	p.wait(`document.querySelector('.row[aria-rowindex="40951"]')?.dataset.seq <= 64`)

	// All of what a search found goes at once, and only that.
	p.press("*a")
	p.waitText("[data-selected]", "All 40,951 selected")
	p.press("#")
	p.waitText(".toast", "40,951 messages deleted.")
	p.wait(`document.querySelector(".none-here")`)
	p.push("button", "Undo")
	p.wait(`document.querySelector(".canvas")?.ariaRowCount === "40951"`)
}

// TestListFocusSurvivesScrolling: a row with the focus stays, wherever the list is.
func TestListFocusSurvivesScrolling(t *testing.T) {
	t.Parallel()
	browser(t)
	data := filepath.Join(t.TempDir(), "store.db")
	fillStore(t, data, 2000)
	p := siteAt(t, data).open(t, "/", look{})
	p.wait(`document.querySelector(".canvas")?.ariaRowCount === "2000"`)
	p.press("jjj")
	const third = `document.activeElement.closest(".row")?.dataset.seq === "1998"`
	p.wait(third)
	p.scrollTo(1)
	p.wait(`document.querySelector('.row[data-seq="1"]')`)
	p.wait(third)
	p.press(kb.ArrowDown)
	p.wait(`document.activeElement.closest(".row")?.dataset.seq === "1997"`)
	p.wait(`document.activeElement.getBoundingClientRect().top > 0`) // and it is in view again
	p.press(kb.End)
	p.wait(`document.activeElement.closest(".row")?.dataset.seq === "1"`)
	p.press(kb.Home)
	p.wait(`document.activeElement.closest(".row")?.dataset.seq === "2000"`)
	p.press(kb.Enter)
	p.wait(`document.querySelector(".row.current")?.dataset.seq === "2000"`)
	p.press("j")
	p.wait(`document.querySelector(".row.current")?.dataset.seq === "1999"`)
}

// TestListLive: what arrives is on top, and what is read does not move.
func TestListLive(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 40 {
		s.postTo(t, "alice@app.test", fmt.Sprintf("Old %d", i))
	}
	p := s.open(t, "/", look{})
	p.wait(`document.querySelectorAll(".row[data-id]").length > 5`)
	first := s.postTo(t, "alice@app.test", "At the top")
	p.waitText(rowOf(first), "At the top")
	if got := p.shownIDs()[0]; got != first {
		t.Errorf("the first row is %s, want %s", got, first)
	}

	p.script(`document.querySelector(".rows").scrollTop = 900`)
	p.wait(`document.querySelector('.row[aria-rowindex="15"][data-id]')`)
	anchor := eval[string](p, `document.querySelector('.row[aria-rowindex="15"]').dataset.id`)
	at := p.place(rowOf(anchor))
	for i := range 3 {
		s.postTo(t, "bob@app.test", fmt.Sprintf("New %d", i))
	}
	p.waitText(".fresh", "3 new messages")
	p.wait(fmt.Sprintf(`document.querySelector(%q).ariaRowIndex === "18"`, rowOf(anchor)))
	if now := p.place(rowOf(anchor)); now < at-1 || now > at+1 {
		t.Errorf("what was %.0f pixels from the top is at %.0f", at, now)
	}
	p.shoot("list-fresh")
	// What goes above does not move it either.
	s.send(t, "DELETE", "/v1/messages?mailbox=bob@app.test", "", "")
	p.gone(".fresh")
	p.wait(fmt.Sprintf(`document.querySelector(%q).ariaRowIndex === "15"`, rowOf(anchor)))
	if now := p.place(rowOf(anchor)); now < at-1 || now > at+1 {
		t.Errorf("after a deletion above it, it is at %.0f", now)
	}
	last := s.postTo(t, "bob@app.test", "Newest")
	p.push("button", "1 new message")
	p.gone(".fresh")
	p.wait(fmt.Sprintf(`document.querySelector(%q).ariaRowIndex === "1" && document.querySelector(".rows").scrollTop === 0`, rowOf(last)))
	p.wait(fmt.Sprintf(`document.activeElement.closest(".row") === document.querySelector(%q)`, rowOf(last)))
}

// TestListLiveOfSome: a mailbox, the unseen, and a search show what belongs
// there, as it comes and goes.
func TestListLiveOfSome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	old := s.postTo(t, "alice@app.test", "Welcome aboard")
	box := s.open(t, "/?box=alice@app.test", look{complaints: []string{"404 (Not Found)"}}) // of the mailbox, when it is empty
	search := s.open(t, "/?q=subject:welcome", look{})
	fresh := s.open(t, "/?unseen=1", look{})
	for _, p := range []*tab{box, search, fresh} {
		p.waitRows(old)
	}
	other := s.postTo(t, "bob@app.test", "Something else")
	both := s.post(t, map[string]any{"to": []string{"alice@app.test", "bob@app.test"}, "subject": "Welcome both", "text": "Hello."})
	fresh.waitRows(both, other, old)
	box.waitRows(both, old)
	search.waitRows(both, old)
	s.send(t, "DELETE", "/v1/mailboxes/alice@app.test", "", "")
	box.waitText(".none-title", "Nothing here yet")
	search.waitRows(both)
	fresh.waitRows(both, other)
	box.waitText(".none-here", "Mail to alice@app.test appears here")
	last := s.postTo(t, "alice@app.test", "Again")
	box.waitRows(last)
}

// TestListRow: a row says who, to whom, what, when, and what stands out.
func TestListRow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.post(t, map[string]any{
		"from": "Acme <a@acme.test>", "to": []string{"alice@app.test"}, "bcc": []string{"audit@app.test"}, "subject": "Your order", "text": "It has shipped.",
		"attachments": []map[string]any{{"name": "a.txt", "type": "text/plain", "content": "YQ=="}},
	})
	s.send(t, "PATCH", "/v1/messages/"+id, "application/json", `{"tags":["paid","vip","x"]}`)
	bad := s.postRaw(t, "Subject: \n\nNo From.\n", "bob@app.test")
	rtl := s.post(t, map[string]any{"to": []string{"alice@app.test"}, "subject": "مرحبا بك", "text": "שלום"})
	p := s.open(t, "/", look{})
	for _, want := range []string{"Acme", "Your order", "It has shipped.", "alice@app.test", "+1", "Bcc", "1 hidden recipient: audit@app.test", "1 attachment", "paid", "vip"} {
		p.wait(fmt.Sprintf(`document.querySelector(%q)?.textContent.includes(%q)`, rowOf(id), want))
	}
	for _, want := range []string{"(no subject)", "defects: "} {
		p.wait(fmt.Sprintf(`document.querySelector(%q)?.textContent.includes(%q)`, rowOf(bad), want))
	}
	if got := eval[string](p, fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).direction`, rowOf(rtl)+" .subject")); got != "rtl" {
		t.Errorf("a subject in Arabic is written %s", got)
	}
	if !eval[bool](p, fmt.Sprintf(`document.querySelector(%q).classList.contains("unseen")`, rowOf(id))) {
		t.Error("an unseen message is not marked")
	}
	p.shoot("list-rows")
	// In a mailbox its name is no news: only the others that have it.
	p.visit("/?box=alice@app.test")
	p.waitText(rowOf(id)+" .to", "also to audit@app.test")
	p.wait(fmt.Sprintf(`!document.querySelector(%q)`, rowOf(rtl)+" .to"))
}

// TestListStates: nothing found, a query that cannot be read.
func TestListStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postTo(t, "alice@app.test", "Here")
	p := s.open(t, "/?q=subject:nothing&box=alice@app.test", look{complaints: []string{"404 (Not Found)"}}) // of a mailbox that is empty
	p.waitText(".none-title", "No message matches")
	p.push("link", "Search all mail")
	p.address("/?q=subject%3Anothing")
	p.waitText(".none-title", "No message matches")
	p.push("link", "Clear the search")
	p.waitRows(id)
	// What cannot be read is not asked for; the rest of the page knows its numbers.
	p.visit("/?q=nosuch:x")
	p.waitText(".none-here", "There is no filter “nosuch:”.")
	p.waitText("#q-error", "There is no filter “nosuch:”.")
	p.waitText("#q-error mark", "nosuch:x")
	p.waitText(`.boxes [aria-current="page"]`, "1")
	two := s.postTo(t, "alice@app.test", "Two")
	p.waitText(`.boxes [aria-current="page"]`, "2")
	if n := p.askedFor("/v1/messages?q=nosuch"); n > 0 {
		t.Errorf("the server was asked for it %d times", n)
	}
	p.push("link", "Clear the search")
	p.waitRows(two, id)
	s.send(t, "DELETE", "/v1/messages/"+two, "", "")
	p.waitRows(id)
	p.visit("/?unseen=1&box=bob@app.test")
	p.waitText(".none-title", "Nothing unseen")
}

// TestListSelect: one, a range by keys and by mouse, all that match.
func TestListSelect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var ids []string // newest first
	for i := range 8 {
		ids = slices.Insert(ids, 0, s.postTo(t, "alice@app.test", fmt.Sprintf("Note %d", i)))
	}
	p := s.open(t, "/", look{})
	p.waitRows(ids...)
	selected := func(want ...string) {
		t.Helper()
		p.wait(fmt.Sprintf(`[...document.querySelectorAll('.row[aria-selected="true"]')].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((r) => r.dataset.id).join() === %q`, strings.Join(want, ",")))
	}
	p.press("jx")
	selected(ids[0])
	p.waitText("[data-selected]", "1 selected")
	p.press("J")
	p.wait(fmt.Sprintf(`document.activeElement.closest(".row").dataset.id === %q`, ids[1]))
	p.press("J")
	selected(ids[0], ids[1], ids[2])
	p.press("K")
	p.press("x")
	p.push("button", "Select none")
	selected()

	p.click(rowOf(ids[2]) + " input")
	call := fmt.Sprintf(`{ const e = new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }); document.querySelector(%q).dispatchEvent(e) }`, rowOf(ids[5])+" .open")
	p.script(call)
	selected(ids[2:6]...)
	p.address("/") // to select is not to open
	p.press("*a")
	p.waitText("[data-selected]", "All 8 selected")
	// What comes later is not selected.
	late := s.postTo(t, "alice@app.test", "Late")
	p.waitRows(append([]string{late}, ids...)...)
	selected(ids...)
	p.click(rowOf(ids[0]) + " input") // all but one
	selected(ids[1:]...)
	p.waitText("[data-selected]", "7 selected")
	p.press("#")
	p.waitRows(late, ids[0])
	p.waitText(".toast", "7 messages deleted.")
	p.visit("/docs") // who leaves has thought again
	s.waitFor(t, late, ids[0])
}

// waitFor waits until the server has these messages, newest first, and no others.
func (s *site) waitFor(t *testing.T, ids ...string) {
	t.Helper()
	var have []string
	for end := time.Now().Add(pagePatience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		have = have[:0]
		for _, m := range slices.Backward(s.all(t, "")) {
			have = append(have, m.ID)
		}
		if slices.Equal(have, ids) {
			return
		}
	}
	t.Fatalf("the server has %v, want %v", have, ids)
}

// TestListUndo: a deletion is not sent before its time, is sent after it, and
// can be undone.
func TestListUndo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, two, three := s.postTo(t, "alice@app.test", "One"), s.postTo(t, "alice@app.test", "Two"), s.postTo(t, "alice@app.test", "Three")
	p := s.open(t, "/", look{})
	p.waitRows(three, two, one)
	p.press("jj#")
	p.waitRows(three, one)
	p.waitText(".toast", "Message deleted.")
	p.wait(fmt.Sprintf(`document.activeElement.closest(".row")?.dataset.id === %q`, one)) // on to the one below
	s.waitFor(t, three, two, one)                                                         // the server does not know yet
	// An event about it does not bring it back.
	s.send(t, "PATCH", "/v1/messages/"+two, "application/json", `{"seen":true}`)
	four := s.postTo(t, "alice@app.test", "Four")
	p.waitRows(four, three, one)
	p.push("button", "Undo")
	p.waitRows(four, three, two, one)
	p.wait(fmt.Sprintf(`!document.querySelector(%q).classList.contains("unseen")`, rowOf(two))) // as it is by now
	p.gone(".toast")

	// Two deletions, the last one undone by key: the other goes when its time is up.
	p.press("#")
	p.waitRows(four, three, one)
	begun := time.Now()
	p.press("#")
	p.wait(`document.querySelectorAll(".row[data-id]").length === 2`)
	p.press("z")
	p.wait(`document.querySelectorAll(".row[data-id]").length === 3`)
	s.waitFor(t, four, three, one)
	if took := time.Since(begun); took < 5*time.Second {
		t.Errorf("it was deleted after %v", took)
	}
	p.waitRows(four, three, one)
	p.gone(".toast")

	// A page that is closed sends what is left.
	p.press("#")
	p.wait(`document.querySelectorAll(".row[data-id]").length === 2`)
	left := p.shownIDs()
	p.visit("/docs")
	s.waitFor(t, left...)
}

// TestListMarkAndTag: seen, unseen, tags, on one and on several.
func TestListMarkAndTag(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, two := s.postTo(t, "alice@app.test", "One"), s.postTo(t, "alice@app.test", "Two")
	p := s.open(t, "/", look{})
	p.waitRows(two, one)
	unseen := func(want int) {
		t.Helper()
		p.wait(fmt.Sprintf(`document.querySelectorAll(".row.unseen").length === %d`, want))
		for end := time.Now().Add(pagePatience); len(s.all(t, "is:unseen")) != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d are unseen at the server, want %d", len(s.all(t, "is:unseen")), want)
			}
		}
	}
	p.press("*aI")
	unseen(0)
	p.push("button", "Mark unseen")
	unseen(2)
	p.push("button", "Select none")
	p.press("j")
	p.press("I")
	unseen(1)
	p.press("u")
	unseen(2)

	tags := func(id, want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.textContent).join() === %q`, rowOf(id)+" .tag", want))
	}
	p.press("l")
	p.wait(`document.activeElement.matches(".tagging input")`)
	p.press("paid")
	p.press(kb.Enter)
	tags(two, "paid")
	p.gone(".tagging")
	p.press("*al")
	p.wait(`document.activeElement.matches(".tagging input")`)
	p.wait(`document.querySelector(".tag-choice input")?.indeterminate`) // one of the two has it
	p.press("pa")                                                        // a known one is offered, also one that only others have given
	p.waitText(".tag-choice", "paid")
	p.waitText(".tag-choice", "New tag “pa”")
	p.click(".tag-choice input")
	p.fill(".tagging .field", "urgent")
	p.press(kb.Enter)
	tags(one, "paid,urgent")
	tags(two, "paid,urgent")
	for end := time.Now().Add(pagePatience); len(s.all(t, "tag:paid tag:urgent")) != 2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the server does not have the tags")
		}
	}
	// Another client's tags are shown as they come.
	s.send(t, "PATCH", "/v1/messages/"+one, "application/json", `{"tags":["theirs"]}`)
	tags(one, "theirs")
}
