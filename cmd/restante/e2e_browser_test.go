package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/evanw/esbuild/pkg/api"

	"restante/internal/chrome"
	"restante/internal/tools"
)

const pagePatience = 30 * time.Second // for what a page must come to at all

// chromium is the one of this test process. It starts with the first test that
// needs it, and TestMain ends it.
var chromium = &sharedBrowser{}

type sharedBrowser struct {
	once    sync.Once
	running *chrome.Browser
	err     error
}

// browser is the shared Chromium. Without one the test is skipped, or fails
// where the tools are required.
func browser(t *testing.T) *chrome.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	if _, err := chrome.Find(); err != nil {
		tools.Missing(t, err)
	}
	chromium.once.Do(func() { chromium.running, chromium.err = chrome.Start() })
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.running
}

// close ends the browser if a test began it.
func (s *sharedBrowser) close() {
	if s.running != nil {
		s.running.Close()
	}
}

// look is how a reader comes to a page. Zero: a laptop, in daylight, in English.
type look struct {
	width, height int64
	touch         bool // a phone or tablet
	dark          bool
	still         bool     // prefers-reduced-motion
	language      string   // "en-US", "zh-CN"; what navigator.languages says
	before        string   // JavaScript that runs before anything of the page
	complaints    []string // what the console may say
	abroad        []string // hosts that the page may ask
}

var phone = look{width: 390, height: 844, touch: true}

// tab is a tab of the shared browser, in a profile of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string // of the server, without a slash at its end

	mu         sync.Mutex
	requests   []string
	complaints []string // that are expected
	abroad     []string // hosts that may be asked
}

// open opens a path of the site in a tab. At the end of the test the console must have
// had no complaints, and no other server may have been asked.
func (s *site) open(t *testing.T, path string, l look) *tab {
	t.Helper()
	return openTab(t, s.ports["http"], path, l)
}

func openTab(t *testing.T, server, path string, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser(t).Context(), chromedp.WithNewBrowserContext())
	p := &tab{t: t, ctx: ctx, url: server, complaints: l.complaints, abroad: l.abroad}
	// The first call binds the tab's life to its context: no deadline here.
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		t.Fatal(err)
	}
	p.watch(cancel)
	p.wear(l)
	p.visit(path)
	return p
}

// watch collects what is asked for and complained of, and judges it at the end.
func (p *tab) watch(cancel func()) {
	p.t.Helper()
	err := chromedp.Listen(p.ctx, func(e any) {
		if r, ok := e.(*network.EventRequestWillBeSent); ok {
			p.mu.Lock()
			p.requests = append(p.requests, r.Request.URL)
			p.mu.Unlock()
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	call(p, network.Enable, network.EnableParams{})
	said := make(chan []string, 1)
	messages := chromedp.Console(p.ctx)
	go func() {
		var all []string
		for m, err := range messages {
			if err != nil || p.t.Context().Err() != nil { // at its end the test's servers are killed
				break
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" || m.Type == "assert" {
				all = append(all, m.String()+" at "+m.URL)
			}
		}
		said <- all
	}()
	p.t.Cleanup(func() {
		cancel()
		for _, complaint := range <-said {
			if !slices.ContainsFunc(p.complaints, func(known string) bool { return strings.Contains(complaint, known) }) {
				p.t.Errorf("the console says: %s", complaint)
			}
		}
		for _, r := range p.asked() {
			if u, err := url.Parse(r); err != nil || !p.home(r) && !slices.Contains(p.abroad, u.Hostname()) {
				p.t.Errorf("the page asked for %s", r)
			}
		}
	})
}

func (p *tab) home(request string) bool {
	for _, scheme := range []string{"data:", "about:", "blob:", p.url + "/"} {
		if strings.HasPrefix(request, scheme) {
			return true
		}
	}
	return false
}

// asked is every address that was asked for so far.
func (p *tab) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// wear makes the browser look as it does for that reader.
func (p *tab) wear(l look) {
	p.t.Helper()
	if l.width == 0 {
		l.width, l.height = 1440, 900
	}
	p.resize(l.width, l.height, l.touch)
	p.media(l.dark, l.still)
	if l.language == "" {
		l.language = "en-US"
	}
	agent := eval[string](p, `navigator.userAgent`)
	call(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: l.language})
	call(p, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Berlin"})
	if l.before != "" {
		call(p, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: l.before})
	}
}

// resize changes the size of the window.
func (p *tab) resize(width, height int64, touch bool) {
	p.t.Helper()
	if touch {
		p.do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait))
		return
	}
	p.do(chromedp.EmulateViewport(width, height))
}

// media changes what the system prefers.
func (p *tab) media(dark, still bool) {
	p.t.Helper()
	scheme, motion := "light", "no-preference"
	if dark {
		scheme = "dark"
	}
	if still {
		motion = "reduce"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
	}})
}

// visit loads a path of the server and waits for the page to be there.
func (p *tab) visit(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.url + path))
}

func (p *tab) reload() {
	p.t.Helper()
	p.do(chromedp.Reload())
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pagePatience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// call sends one command of the DevTools protocol.
func call[P, R any](p *tab, cmd cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pagePatience)
	defer cancel()
	r, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// eval is the value of an expression in the page; promises are waited for.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pagePatience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// module is an expression for a module of the page that is not served by
// itself. It is read from the sources, and loaded a second time: what it keeps is
// its own.
func (p *tab) module(name string) string {
	p.t.Helper()
	call(p, cdppage.SetBypassCSP, cdppage.SetBypassCSPParams{Enabled: true})
	p.reload()
	assets, err := filepath.Abs("../../webui/assets")
	if err != nil {
		p.t.Fatal(err)
	}
	built := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(assets, "js", name)},
		Bundle:      true,
		Format:      api.FormatESModule,
		Define:      map[string]string{"import.meta.url": "moduleURL"},
		Banner:      map[string]string{"js": `const moduleURL = location.origin + "/assets/js/app.js";`},
		Alias: map[string]string{
			"preact": assets + "/vendor/preact.mjs", "preact/hooks": assets + "/vendor/preact-hooks.mjs", "htm": assets + "/vendor/htm.mjs",
			"@preact/signals": assets + "/vendor/preact-signals.mjs", "@preact/signals-core": assets + "/vendor/preact-signals-core.mjs",
		},
	})
	if len(built.Errors) > 0 {
		p.t.Fatalf("%s: %v", name, built.Errors)
	}
	return fmt.Sprintf("import(%q)", "data:text/javascript;base64,"+base64.StdEncoding.EncodeToString(built.OutputFiles[0].Contents))
}

// script runs JavaScript for what it does.
func (p *tab) script(source string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](source))
}

// until waits until something holds.
func (p *tab) until(what string, holds func(ctx context.Context) (bool, error)) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pagePatience)
	defer cancel()
	for {
		ok, err := holds(ctx)
		if ok && err == nil {
			return
		}
		select {
		case <-ctx.Done():
			text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.href + '\n' + document.body?.innerText`))
			p.t.Fatalf("waited in vain for %s (%v) on\n%s", what, err, text)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// wait waits until an expression is true in the page.
func (p *tab) wait(expression string) {
	p.t.Helper()
	p.until(expression, func(ctx context.Context) (bool, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
	})
}

// waitText waits until the first element that matches shows a text.
func (p *tab) waitText(selector, text string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.querySelector(%q)?.innerText.includes(%q)`, selector, text))
}

// gone waits until nothing that matches is there.
func (p *tab) gone(selector string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`!document.querySelector(%q)`, selector))
}

// text is the text of the first element that matches, as it is shown.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "(none)"`, selector))
}

// count is how many elements match.
func (p *tab) count(selector string) int {
	p.t.Helper()
	return eval[int](p, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// click clicks on the first element that matches, with the mouse.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.querySelector(%q)?.getClientRects().length`, selector))
	// Not chromedp.Click: it waits for nodes that named's DOM.getDocument has renumbered.
	spot := eval[[]float64](p, fmt.Sprintf(`(() => {
		const el = document.querySelector(%q);
		el.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
		const { left, top, width, height } = el.getBoundingClientRect();
		return [left + width / 2, top + height / 2];
	})()`, selector))
	p.do(chromedp.MouseClickXY(spot[0], spot[1]))
}

// push clicks on the visible element that has a role and an accessible name,
// as assistive technology has them.
func (p *tab) push(role, name string) {
	p.t.Helper()
	p.eachNamed(role, name, func(id runtime.RemoteObjectID) bool {
		spot := on[[]float64](p, id, `function () {
			this.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
			const { left, top, width, height } = this.getBoundingClientRect();
			if (!width || !height || !this.checkVisibility({ visibilityProperty: true })) return [];
			const [x, y] = [left + width / 2, top + height / 2];
			const at = document.elementFromPoint(x, y);
			return at && (this.contains(at) || at.contains(this)) ? [x, y] : [];
		}`)
		if len(spot) < 2 {
			return false
		}
		p.do(chromedp.MouseClickXY(spot[0], spot[1]))
		return true
	})
}

// focusNamed gives the keyboard's focus to an element by role and name.
func (p *tab) focusNamed(role, name string) {
	p.t.Helper()
	p.eachNamed(role, name, func(id runtime.RemoteObjectID) bool {
		return on[bool](p, id, `function () { this.focus(); return document.activeElement === this }`)
	})
}

// waitNamed waits for an element with a role and an accessible name.
func (p *tab) waitNamed(role, name string) {
	p.t.Helper()
	p.eachNamed(role, name, func(runtime.RemoteObjectID) bool { return true })
}

// eachNamed waits until one of the elements with a role and a name is taken.
func (p *tab) eachNamed(role, name string, take func(runtime.RemoteObjectID) bool) {
	p.t.Helper()
	p.until(fmt.Sprintf("%s %q", role, name), func(ctx context.Context) (bool, error) {
		nodes, err := p.named(ctx, role, name)
		if err != nil {
			return false, err
		}
		for _, id := range nodes {
			r, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: id})
			if err != nil {
				continue // it has gone meanwhile
			}
			if take(r.Object.ObjectID) {
				return true, nil
			}
		}
		return false, nil
	})
}

// named finds what is not hidden from assistive technology.
func (p *tab) named(ctx context.Context, role, name string) ([]cdp.BackendNodeID, error) {
	doc, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		return nil, err
	}
	found, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		BackendNodeID: doc.Root.BackendNodeID, AccessibleName: name, Role: role,
	})
	var ids []cdp.BackendNodeID
	for _, n := range found.Nodes {
		if !n.Ignored {
			ids = append(ids, n.BackendDOMNodeID)
		}
	}
	return ids, err
}

// on calls a JavaScript function with an element as this.
func on[T any](p *tab, id runtime.RemoteObjectID, function string) (v T) {
	p.t.Helper()
	r := call(p, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: function, ObjectID: id, ReturnByValue: new(true), AwaitPromise: new(true),
	})
	if r.ExceptionDetails != nil {
		p.t.Fatalf("%s: %v", function, r.ExceptionDetails)
	}
	if err := json.Unmarshal([]byte(r.Result.Value), &v); err != nil {
		p.t.Fatalf("%s: %v in %s", function, err, r.Result.Value)
	}
	return v
}

// press types keys, one after the other; those of package kb too.
func (p *tab) press(keys string, options ...chromedp.KeyOption) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, r := range keys {
			for _, k := range strokes(r, options) {
				if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, *k); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// strokes are the events of a key. The character goes with the key that is
// pressed, as in life: a page that takes the key for itself keeps it out of the
// field that it moves the focus to.
func strokes(r rune, options []chromedp.KeyOption) []*input.DispatchKeyEventParams {
	events := kb.Encode(r)
	for _, e := range events {
		for _, o := range options {
			o(e)
		}
	}
	if len(events) < 3 {
		return events
	}
	down, char, up := events[0], events[1], events[2]
	if down.Modifiers&^int64(chromedp.ModifierShift) == 0 {
		down.Text, down.UnmodifiedText = char.Text, char.UnmodifiedText
	}
	return []*input.DispatchKeyEventParams{down, up}
}

// fill puts a text where a field's was, by typing.
func (p *tab) fill(selector, text string) {
	p.t.Helper()
	p.click(selector)
	p.script(fmt.Sprintf(`document.querySelector(%q).select()`, selector))
	p.press(text)
}

// address waits until the address behind the server's is this.
func (p *tab) address(want string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`location.pathname + location.search === %q`, want))
}

func (p *tab) back()    { p.t.Helper(); p.script(`history.back()`) }
func (p *tab) forward() { p.t.Helper(); p.script(`history.forward()`) }

// shoot keeps a picture, where RESTANTE_SHOTS names a directory for them.
func (p *tab) shoot(name string) {
	p.t.Helper()
	dir := os.Getenv("RESTANTE_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, pagePatience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err = errors.Join(err, os.WriteFile(dir+"/"+name+".png", png, 0o600)); err != nil {
		p.t.Error(err)
	}
}

// post delivers a message that the server composes, and gives its id. The
// content is a JSON object's members but for from and to.
func (s *site) post(t *testing.T, mail map[string]any) string {
	t.Helper()
	if mail["from"] == nil {
		mail["from"] = "App <app@app.test>"
	}
	body, err := json.Marshal(mail)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := s.send(t, http.MethodPost, "/v1/messages", "application/json", string(body))
	if status != http.StatusCreated {
		t.Fatalf("POST /v1/messages: %d %s", status, answer)
	}
	return decoded[struct{ ID string }](t, string(answer)).ID
}

// postTo delivers a short message.
func (s *site) postTo(t *testing.T, to, subject string) string {
	t.Helper()
	return s.post(t, map[string]any{"to": []string{to}, "subject": subject, "text": "Text of " + subject + "."})
}

// postRaw delivers a message as it is, but that its lines end in CRLF.
func (s *site) postRaw(t *testing.T, raw string, to ...string) string {
	t.Helper()
	query := url.Values{"from": {"app@app.test"}, "to": to}
	status, answer := s.send(t, http.MethodPost, "/v1/messages?"+query.Encode(), "message/rfc822", crlf(raw))
	if status != http.StatusCreated {
		t.Fatalf("POST /v1/messages: %d %s", status, answer)
	}
	return decoded[struct{ ID string }](t, string(answer)).ID
}

func TestBrowserHarness(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "Hello")
	p := s.open(t, "/", look{dark: true, language: "zh-CN"})
	p.wait(`document.querySelector('[data-id]')`)
	if got := eval[string](p, `navigator.language + matchMedia("(prefers-color-scheme: dark)").matches + innerWidth`); got != "zh-CNtrue1440" {
		t.Errorf("the browser is %s", got)
	}
}
