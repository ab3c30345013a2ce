package webui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"restante/internal/chrome"
	"restante/internal/tools"
)

// startBrowser runs a Chromium of its own. Without one the test is skipped, or
// fails where the tools are required.
func startBrowser(t *testing.T) *chrome.Browser {
	t.Helper()
	if _, err := chrome.Find(); err != nil {
		tools.Missing(t, err)
	}
	b, err := chrome.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// tab is one tab of the browser, looking at one server.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string

	mu       sync.Mutex
	requests []string
	allowed  []string // complaints in the console that the test expects
	abroad   bool     // the test watches by itself what is asked of other hosts
}

// open makes a tab in a profile of its own. At the end of the test it checks
// that the console has no complaints and that only the server was asked.
func open(t *testing.T, browser *chrome.Browser, url string, width, height int64) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser.Context(), chromedp.WithNewBrowserContext())
	tb := &tab{t: t, ctx: ctx, url: url}
	// The first call binds the tab's life to its context: no deadline here.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	tb.do(chromedp.EmulateViewport(width, height))
	err := chromedp.Listen(ctx, func(e any) {
		if r, ok := e.(*network.EventRequestWillBeSent); ok {
			tb.mu.Lock()
			tb.requests = append(tb.requests, r.Request.URL)
			tb.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	complaints := make(chan []string, 1)
	messages := chromedp.Console(ctx)
	go func() {
		var all []string
		for m, err := range messages {
			if err != nil {
				break
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" || m.Type == "assert" {
				all = append(all, m.String()+" at "+m.URL)
			}
		}
		complaints <- all
	}()
	t.Cleanup(func() {
		cancel()
		for _, c := range <-complaints {
			if !slices.ContainsFunc(tb.allowed, func(a string) bool { return strings.Contains(c, a) }) {
				t.Errorf("the console says: %s", c)
			}
		}
		for _, r := range tb.asked() { // what was under way when it was cancelled may still come
			if !tb.abroad && !strings.HasPrefix(r, tb.url+"/") && !strings.HasPrefix(r, "data:") && !strings.HasPrefix(r, "about:") {
				t.Errorf("the page asked for %s", r)
			}
		}
	})
	return tb
}

// asked lists the addresses that were asked for.
func (tb *tab) asked() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return slices.Clone(tb.requests)
}

func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, deadline)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tb.t.Fatal(err)
	}
}

func (tb *tab) goTo(path string) {
	tb.t.Helper()
	tb.do(chromedp.Navigate(tb.url + path))
}

func (tb *tab) click(selector string) {
	tb.t.Helper()
	tb.wait(fmt.Sprintf("document.querySelector(%q)", selector))
	tb.do(chromedp.Click(chromedp.CSS(selector)))
}

// wait waits until an expression is true in the page.
func (tb *tab) wait(expression string) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, deadline)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok {
			return
		}
		select {
		case <-ctx.Done():
			text, _ := chromedp.Run(tb.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
			tb.t.Fatalf("waited in vain for %s (%v) on\n%s", expression, err, text)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func eval[T any](tb *tab, expression string) T {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, deadline)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("%s: %v", expression, err)
	}
	return v
}
