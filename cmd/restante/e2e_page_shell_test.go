package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// boxAt is the link to a mailbox.
func boxAt(name string) string { return fmt.Sprintf(`.boxes [data-box=%q]`, name) }

// rowAt is a message's row in the list.
func rowAt(id string) string { return fmt.Sprintf(`.row[data-id=%q]`, id) }

// here waits until the mailboxes' pane says where the reader is.
func (p *tab) here(name string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.querySelector('.boxes [aria-current="page"] :is(.name, .address)')?.textContent === %q`, name))
}

// Whatever is shown is in the address, and can be come back to.
func TestPageDeepLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alice, bob := s.postTo(t, "alice@app.test", "for alice"), s.postTo(t, "bob@app.test", "for bob")

	p := s.open(t, "/?box=alice%40app.test&m="+alice+"&tab=headers", look{})
	p.here("alice@app.test")
	p.waitText(".message h1", "for alice")
	p.wait(`document.querySelector('[role=tab][aria-selected=true]')?.id === 'tab-headers'`)
	p.wait(`document.querySelectorAll('.row').length === 1`)

	p.click(boxAt("bob@app.test"))
	p.address("/?box=bob%40app.test")
	p.gone(rowAt(alice))
	p.click(rowAt(bob) + " a")
	p.address("/?box=bob%40app.test&m=" + bob)
	p.click(`a.box[href="?unseen=1"]`) // its name has the count, while there is one
	p.address("/?unseen=1")
	p.here("Unseen")
	p.push("link", "Sessions")
	p.address("/?view=sessions")
	p.wait(`document.querySelector('[data-stage=sessions] *') && !document.querySelector('.list')`)
	p.press("gh")
	p.address("/?view=setup")
	p.wait(`document.querySelector('[data-stage=setup] *')`)
	p.press("gf")
	p.address("/?view=faults")
	p.wait(`document.querySelector('[data-stage=faults] *')`)
	p.press("gs")
	p.address("/?view=sessions")
	p.press("gu")
	p.address("/?unseen=1")
	p.press("ga")
	p.address("/")
	p.here("All mail")
	for _, want := range []string{"/?unseen=1", "/?view=sessions", "/?view=faults", "/?view=setup", "/?view=sessions", "/?unseen=1", "/?box=bob%40app.test&m=" + bob} {
		p.back()
		p.address(want)
	}
	p.here("bob@app.test")
	p.waitText(".message h1", "for bob")
	p.back()
	p.address("/?box=bob%40app.test")
	p.gone(".message h1")
	p.forward()
	p.waitText(".message h1", "for bob")

	// What is shown survives a reload, and a link can be opened elsewhere.
	p.reload()
	p.waitText(".message h1", "for bob")
	p.here("bob@app.test")
	if got := eval[string](p, `document.querySelector('.boxes [data-box="alice@app.test"]').href`); !strings.HasSuffix(got, "/?box=alice%40app.test") {
		t.Errorf("the link to a mailbox is %s", got)
	}
}

// Panes are resized by pointer and by keys, and keep their widths.
func TestPagePanesAreResized(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "Hello")
	p := s.open(t, "/", look{})
	p.wait(`document.querySelector('.row')`)
	width := func(pane string) float64 {
		t.Helper()
		return eval[float64](p, fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().width`, pane))
	}
	for _, c := range []struct{ pane, name string }{{".boxes", "Width of the mailboxes"}, {".list", "Width of the list"}} {
		p.waitNamed("separator", c.name)
		before := width(c.pane)
		spot := eval[[]float64](p, fmt.Sprintf(`(() => { const r = document.querySelector('[role=separator][aria-label=%q]').getBoundingClientRect(); return [r.left + r.width / 2, r.top + 300] })()`, c.name))
		p.do(
			chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, spot[0], spot[1], chromedp.ButtonLeft),
			chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, spot[0]+20, spot[1], chromedp.ButtonLeft),
			chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, spot[0]+50, spot[1], chromedp.ButtonLeft),
			chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, spot[0]+50, spot[1], chromedp.ButtonLeft),
		)
		p.wait(fmt.Sprintf(`Math.abs(document.querySelector(%q).getBoundingClientRect().width - %v) < 1`, c.pane, before+50))
		p.focusNamed("separator", c.name)
		p.press(kb.ArrowRight)
		p.press(kb.ArrowRight)
		p.press(kb.ArrowLeft)
		p.wait(fmt.Sprintf(`Math.abs(document.querySelector(%q).getBoundingClientRect().width - %v) < 1`, c.pane, before+66))
		if now := eval[string](p, `document.activeElement.getAttribute('aria-valuenow')`); now != fmt.Sprint(before+66) {
			t.Errorf("%s says it is at %s, want %v", c.name, now, before+66)
		}
	}
	boxes, list := width(".boxes"), width(".list")
	p.reload()
	p.wait(`document.querySelector('.row')`)
	if got := [2]float64{width(".boxes"), width(".list")}; got != [2]float64{boxes, list} {
		t.Errorf("after a reload the panes are %v wide, want %v and %v", got, boxes, list)
	}
	p.focusNamed("separator", "Width of the list")
	p.press(kb.Home)
	p.wait(`document.querySelector('.list').offsetWidth === 280`)
	p.press(kb.Enter) // as it was made
	p.wait(`document.querySelector('.list').offsetWidth === 392`)
	// Nothing is squeezed out when the window gets smaller.
	p.resize(1120, 800, false)
	p.wait(`document.querySelector('.message').offsetWidth >= 380`)
}

// Where storage holds nonsense, or none may be used, the page is as it was made.
func TestPageStorageIsNotTrusted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "Hello")
	for name, before := range map[string]string{
		"nonsense": `for (const k of ["theme", "language", "list-width", "boxes-width", "searches", "notifications"]) localStorage.setItem("restante." + k, "{nonsense")`,
		"types":    `for (const k of ["theme", "language", "list-width", "boxes-width", "searches", "notifications"]) localStorage.setItem("restante." + k, '{"a": [-1]}')`,
		"blocked":  `Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError") } })`,
	} {
		t.Run(name, func(t *testing.T) {
			p := s.open(t, "/", look{before: before})
			p.wait(`document.querySelector('.row') && document.querySelector('.list').offsetWidth === 392`)
			p.press("t")
			p.wait(`document.documentElement.dataset.theme === 'dark'`)
		})
	}
}

// On a phone there is one pane at a time, and nothing is wider than the screen.
func TestPageOnAPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postTo(t, "alice@app.test", "Hello")
	s.postTo(t, "bob@app.test", "Other")
	p := s.open(t, "/", phone)
	visible := func(want ...string) {
		t.Helper()
		for _, pane := range []string{".top", ".boxes", ".list", ".message", "[data-stage=sessions]"} {
			p.wait(fmt.Sprintf(`!!document.querySelector(%q)?.checkVisibility() === %v`, pane, slices.Contains(want, pane)))
		}
		if w := eval[int](p, `document.documentElement.scrollWidth`); w > 390 {
			t.Errorf("with %q the page is %d pixels wide", want, w)
		}
	}
	p.wait(`document.querySelectorAll('.row').length === 2`)
	visible(".top", ".list")
	p.push("button", "Show mailboxes")
	visible(".top", ".list", ".boxes")
	p.wait(`document.querySelector('dialog:modal .boxes')`)
	p.press(kb.Escape)
	visible(".top", ".list")
	p.wait(`document.activeElement.getAttribute('aria-label') === 'Show mailboxes'`)
	p.push("button", "Show mailboxes")
	p.click(boxAt("alice@app.test"))
	visible(".top", ".list")
	p.wait(`document.querySelectorAll('.row').length === 1`)
	p.click(rowAt(id) + " a")
	visible(".message")
	p.back()
	visible(".top", ".list")
	p.push("button", "Show mailboxes")
	p.push("link", "Sessions")
	visible(".top", "[data-stage=sessions]")
	if p.count("[role=separator][aria-orientation]") != 0 {
		t.Error("there are separators where there is one pane")
	}
}

// On a tablet list and message are side by side, the mailboxes in a drawer.
func TestPageOnATablet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postTo(t, "alice@app.test", "Hello")
	p := s.open(t, "/?m="+id, look{width: 820, height: 1180, touch: true})
	p.waitText(".message h1", "Hello")
	p.wait(`document.querySelector('.list').checkVisibility() && !document.querySelector('.boxes')`)
	p.push("button", "Show mailboxes")
	p.click(`a.box[href="?unseen=1"]`)
	p.address("/?unseen=1")
	p.gone(".boxes")
	// With more room the mailboxes come back by themselves.
	p.resize(1400, 900, false)
	p.wait(`document.querySelector('.boxes')?.checkVisibility()`)
	p.gone("dialog")
}

// Counts follow the server, without a reload.
func TestPageMailboxes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.postTo(t, "alice@app.test", "one")
	p := s.open(t, "/", look{})
	counts := func(name, want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`[...document.querySelectorAll(%q)].map((n) => n.textContent.replace(/[^\d/]/g, "")).join("") === %q`, boxAt(name)+" .n", want))
	}
	places := func(want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`[...document.querySelectorAll('.boxes > ul:first-child .box')].map((b) => b.innerText.replace(/\s+/g, " ").trim()).join("|") === %q`, want))
	}
	counts("alice@app.test", "1/1")
	s.postTo(t, "alice@app.test", "two")
	s.postTo(t, "bob@app.test", "three")
	counts("alice@app.test", "2/2")
	counts("bob@app.test", "1/1")
	places("All mail 3|Unseen 3|Failed sessions")
	if status, body := s.send(t, http.MethodPatch, "/v1/messages/"+first, "application/json", `{"seen": true}`); status != http.StatusNoContent && status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	counts("alice@app.test", "1/2")
	places("All mail 3|Unseen 2|Failed sessions")

	// A session that fails is counted the moment it ends.
	c := dialSMTP(t, s.ports["smtp"])
	for _, line := range []struct{ code, command string }{{"250", "MAIL FROM:<a@app.test>"}, {"501", "RCPT TO:<not an address>"}, {"221", "QUIT"}} {
		if _, err := c.command(line.code, line.command); err != nil {
			t.Fatal(err)
		}
	}
	places("All mail 3|Unseen 2|Failed sessions 1")

	// The menu of a mailbox.
	p.push("button", "Actions for alice@app.test")
	p.waitNamed("menu", "Actions for alice@app.test")
	p.wait(`document.activeElement.innerText.trim() === 'Mark all as seen'`)
	p.press(kb.ArrowDown)
	p.press(kb.ArrowUp)
	p.press(kb.Enter)
	p.gone("[role=menu]")
	counts("alice@app.test", "2")
	places("All mail 3|Unseen 1|Failed sessions 1")

	// Deleting asks first, says how many go, and that they do not come back.
	p.click(boxAt("alice@app.test"))
	p.address("/?box=alice%40app.test")
	p.push("button", "Actions for alice@app.test")
	p.push("menuitem", "Delete mailbox…")
	p.waitNamed("dialog", "Delete alice@app.test?")
	for _, want := range []string{"Its 2 messages", "cannot be undone"} {
		p.waitText("dialog", want)
	}
	p.push("button", "Cancel")
	p.gone("dialog")
	if got := len(s.all(t, "mailbox:alice@app.test")); got != 2 {
		t.Errorf("after Cancel there are %d messages", got)
	}
	p.push("button", "Actions for alice@app.test")
	p.push("menuitem", "Delete mailbox…")
	p.push("button", "Delete 2 messages")
	p.gone(boxAt("alice@app.test"))
	p.address("/")
	p.wait(`document.activeElement.matches(".box")`) // and not lost
	places("All mail 1|Unseen 1|Failed sessions 1")
	if got := len(s.all(t, "")); got != 1 {
		t.Errorf("after the deletion there are %d messages, want bob's", got)
	}

	// A disposable inbox is marked as one.
	status, body := s.send(t, http.MethodPost, "/v1/inboxes", "application/json", `{"prefix": "signup"}`)
	if status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	inbox := decoded[struct{ Address string }](t, string(body)).Address
	s.postTo(t, inbox, "for the test")
	p.waitNamed("link", inbox+" 1 unseen, 1 in all, disposable inbox")
	p.waitNamed("link", "bob@app.test 1 unseen, 1 in all")
}

// Ten thousand mailboxes are a page at a time, and found by their beginning.
func TestPageManyMailboxes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--max-recipients=10000", "--naming=full")
	for thousand := range 10 {
		var to []string
		for n := range 1000 {
			to = append(to, fmt.Sprintf("box-%d%03d@app.test", thousand, n))
		}
		s.post(t, map[string]any{"envelope": map[string]any{"to": to}, "to": []string{"all@app.test"}, "subject": "many", "text": "x"})
	}
	p := s.open(t, "/?box=box-5555%40app.test", look{})
	p.wait(`document.querySelectorAll('.boxes [data-box]').length === 101`)
	p.here("box-5555@app.test") // though the list has not come so far
	p.push("button", "More mailboxes")
	p.wait(`document.querySelectorAll('.boxes [data-box]').length > 250`)
	p.push("button", "More mailboxes")
	p.push("button", "More mailboxes")
	p.wait(`document.querySelector('.boxes [data-box="box-1500@app.test"]')`)
	p.fill(".boxes-filter input", "box-99")
	p.wait(`document.querySelectorAll('.boxes [data-box]').length === 100`)
	p.click(boxAt("box-9999@app.test"))
	p.address("/?box=box-9999%40app.test")
	p.fill(".boxes-filter input", "nobody")
	p.waitText(".boxes", "No mailbox begins like this.")
	// Live, in what is shown of them.
	p.fill(".boxes-filter input", "box-9999")
	p.wait(`document.querySelectorAll('.boxes [data-box]').length === 1`)
	s.postTo(t, "box-9999@app.test", "one more")
	p.waitNamed("link", "box-9999@app.test 2 unseen, 2 in all")
}

// The language is the browser's, or the reader's choice, which stays.
func TestPageLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "Hello")
	p := s.open(t, "/", look{language: "zh-CN"})
	p.here("全部邮件")
	p.wait(`document.documentElement.lang === 'zh-Hans'`)
	if asked := strings.Join(p.asked(), " "); strings.Contains(asked, "lang/en.json") {
		t.Error("a Chinese reader's page loads the English words")
	}
	p.press("gs")
	p.wait(`document.title.includes('会话')`)
	p.press("ga")

	p.push("button", "设置")
	p.push("radio", "English")
	p.here("All mail")
	p.waitNamed("dialog", "Settings")
	p.wait(`document.documentElement.lang === 'en'`)
	p.reload()
	p.here("All mail")
	p.push("button", "Settings")
	p.push("radio", "Browser’s")
	p.here("全部邮件")

	// Dates and numbers are the reader's: a Briton's are not an American's.
	for language, want := range map[string]string{"en-GB": "24", "en-US": "12"} {
		q := s.open(t, "/", look{language: language})
		q.wait(`document.querySelector('.row time')`)
		clock := map[bool]string{true: "12", false: "24"}[strings.HasSuffix(strings.TrimSpace(q.text(".row time")), "M")]
		if clock != want {
			t.Errorf("%s: the time is %s, want a %s-hour clock", language, q.text(".row time"), want)
		}
	}
	// A language that there is not is shown in English.
	q := s.open(t, "/", look{language: "fr-FR"})
	q.here("All mail")
}

// painted is the ground's colour in the first frame that has one.
const painted = `addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => {
	window.firstPaper = getComputedStyle(document.documentElement).backgroundColor;
	window.firstTheme = document.documentElement.dataset.theme;
}))`

// The theme is the system's, or the reader's choice, from the first frame on.
func TestPageTheme(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "Hello")
	const light, dark = "rgb(245, 242, 234)", "rgb(22, 21, 19)"
	p := s.open(t, "/", look{before: painted})
	paper := func(want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`getComputedStyle(document.documentElement).backgroundColor === %q && document.querySelector('meta[name=theme-color]').content === %q`, want, want))
	}
	p.wait(`document.querySelector('.row')`)
	paper(light)
	p.media(true, false)
	paper(dark)
	p.push("button", "Settings")
	p.push("radio", "Light")
	paper(light)
	p.press(kb.Escape)
	p.gone("[popover]")
	p.wait(`document.activeElement.getAttribute('aria-label') === 'Settings'`)
	p.reload()
	p.wait(`window.firstPaper`)
	if got := eval[string](p, `window.firstTheme + " " + window.firstPaper`); got != "light "+light {
		t.Errorf("the first frame is %s, want the reader's choice", got)
	}
	p.wait(`document.querySelector('.row')`)
	p.press("t") // back to what the system has, and with it from then on
	paper(dark)
	p.media(false, false)
	paper(light)
	p.press("t")
	paper(dark)
	p.reload()
	p.wait(`window.firstPaper`)
	if got := eval[string](p, `window.firstTheme + " " + window.firstPaper`); got != "dark "+dark {
		t.Errorf("the first frame is %s, want the reader's choice", got)
	}
}

// The tab tells how much is unseen, by its title and its picture.
func TestPageTitleAndPicture(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/", look{})
	p.wait(`document.title === 'Restante'`)
	picture := `decodeURIComponent(document.querySelector('link[rel=icon]').href)`
	p.wait(picture + `.includes('<svg') && !` + picture + `.includes('<text')`)
	s.postTo(t, "alice@app.test", "one")
	id := s.postTo(t, "bob@app.test", "two")
	p.wait(`document.title === '(2) Restante'`)
	p.wait(picture + `.includes('>2</text>')`)
	p.click(boxAt("bob@app.test"))
	p.wait(`document.title === '(2) bob@app.test · Restante'`)
	p.click(rowAt(id) + " a")
	p.wait(`document.title === '(1) bob@app.test · Restante'`)
	p.wait(picture + `.includes('>1</text>')`)
}

// A server that goes away is told of, and what came meanwhile is caught up with.
func TestPageCatchesUp(t *testing.T) {
	t.Parallel()
	needSignals(t)
	data := filepath.Join(t.TempDir(), "store.db")
	s := siteAt(t, data)
	s.postTo(t, "alice@app.test", "before")
	p := s.open(t, "/", look{complaints: []string{"ERR_", "Failed to load resource"}})
	p.wait(`document.querySelectorAll('.row').length === 1`)
	p.gone(".offline")
	if code := s.end(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	p.waitText(".notices .offline", "cannot be reached")
	p.click(".row .open")
	p.waitText(".message", "The server cannot be reached.")
	// Meanwhile another server, elsewhere, takes mail for the same store.
	between := siteAt(t, data)
	between.postTo(t, "carol@app.test", "meanwhile")
	between.postTo(t, "alice@app.test", "also")
	if code := between.end(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	again := siteAt(t, data, "--http="+strings.TrimPrefix(s.ports["http"], "http://"))
	p.gone(".offline")
	p.waitText("#subject", "before")
	p.wait(`document.querySelectorAll('.row').length === 3`)
	p.wait(fmt.Sprintf(`document.querySelector(%q)`, boxAt("carol@app.test")))
	p.wait(`document.title === '(2) Restante'`)
	again.postTo(t, "dave@app.test", "after")
	p.wait(`document.querySelectorAll('.row').length === 4`)
	p.wait(fmt.Sprintf(`document.querySelector(%q)`, boxAt("dave@app.test")))
}

// stubbed stands for the desktop: it notes what it was asked and told.
const stubbed = `window.asked = 0; window.told = [];
window.Notification = class {
	static permission = "default";
	static async requestPermission() { window.asked++; return (this.permission = window.answer ?? "granted") }
	constructor(title, options) { window.told.push({ title, ...options, click: () => this.onclick() }) }
	close() {}
};
document.hasFocus = () => !window.away;`

// Notifications are asked for when the reader wants them, and never before.
func TestPageNotifications(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "first")
	p := s.open(t, "/", look{before: stubbed})
	p.wait(`document.querySelector('.row')`)
	p.script(`window.away = true`)
	s.postTo(t, "alice@app.test", "not told")
	p.wait(`document.querySelectorAll('.row').length === 2`)
	p.push("button", "Settings")
	p.wait(`window.asked === 0`)
	p.push("switch", "Notify me of new mail")
	p.wait(`window.asked === 1`)
	p.press(kb.Escape)
	id := s.postTo(t, "alice@app.test", "Your code")
	p.wait(`window.told.length === 1`)
	if got := eval[string](p, `window.told[0].title + "/" + window.told[0].body`); got != "App/Your code" {
		t.Errorf("it tells %s", got)
	}
	p.script(`window.told[0].click()`)
	p.address("/?m=" + id)
	// Many at once are one notification.
	p.script(`window.told = []`)
	for n := range 12 {
		s.postTo(t, "alice@app.test", fmt.Sprint("burst ", n))
	}
	p.wait(`window.told.some((n) => /new messages/.test(n.title)) || window.told.length === 12`)
	if n := eval[int](p, `window.told.length`); n > 6 {
		t.Errorf("12 messages at once are %d notifications", n)
	}
	// Nobody is told of what they look at.
	p.script(`window.away = false; window.told = []`)
	s.postTo(t, "alice@app.test", "seen here")
	p.wait(`[...document.querySelectorAll('.row .subject')].some((e) => e.innerText === 'seen here')`)
	// The switch stays, and where the browser refuses it goes off again.
	p.script(`window.away = true`)
	if n := eval[int](p, `window.told.length`); n != 0 {
		t.Errorf("%d notifications of what is looked at", n)
	}
	q := s.open(t, "/", look{before: stubbed + `; window.answer = "denied"`})
	q.push("button", "Settings")
	q.push("switch", "Notify me of new mail")
	q.waitText(".settings", "does not allow it")
	q.wait(`!document.querySelector('.settings [role=switch]').checked && localStorage.getItem('restante.notifications') === null`)
}

// Everything in the frame can be reached and worked without a mouse.
func TestPageByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "for alice")
	s.postTo(t, "bob@app.test", "for bob")
	p := s.open(t, "/", look{})
	p.wait(`document.querySelectorAll('.row').length === 2 && document.querySelector('.boxes [data-box]')`)
	focus := `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText).replace(/\s+/g, ' ').trim()`
	tabTo := func(want string) {
		t.Helper()
		for range 40 {
			p.press(kb.Tab)
			if strings.HasPrefix(eval[string](p, focus), want) {
				if !eval[bool](p, `document.activeElement.matches(':focus-visible')`) {
					t.Errorf("the focus on %s cannot be seen", want)
				}
				return
			}
		}
		t.Fatalf("Tab does not come to %q", want)
	}
	p.press(kb.Tab)
	p.wait(focus + ` === 'Skip to the messages'`)
	tabTo("Settings")
	p.press(kb.Enter)
	p.waitNamed("dialog", "Settings")
	p.press(kb.Escape)
	p.wait(focus + ` === 'Settings'`)
	tabTo("All mail")
	p.press(kb.ArrowDown)
	p.press(kb.ArrowDown)
	p.wait(focus + `.startsWith('Failed sessions')`)
	p.press(kb.ArrowDown)
	p.wait(focus + `.startsWith('alice')`)
	p.press(kb.Enter)
	p.address("/?box=alice%40app.test")
	p.wait(`document.querySelectorAll('.row').length === 1`)
	tabTo("Actions for alice@app.test")
	p.press(kb.Enter)
	p.waitNamed("menu", "Actions for alice@app.test")
	p.press("d") // the item that begins so
	p.press(kb.Enter)
	p.waitNamed("dialog", "Delete alice@app.test?")
	p.press(kb.Escape)
	p.gone("dialog")
	tabTo("Width of the mailboxes")
	tabTo("Width of the list")
	p.press(kb.ArrowRight)
	p.wait(`document.querySelector('.list').offsetWidth === 408`)
	p.reload()
	p.wait(`document.querySelector('.row')`)
	p.press(kb.Tab)
	p.press(kb.Enter) // skip
	p.wait(`document.activeElement.closest('.list')`)
}
