package webui

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// outside is the rest of the world as the browser sees it: a proxy that every
// request to another host goes through, and that notes which host was asked.
type outside struct {
	mu    sync.Mutex
	hosts []string
}

func (o *outside) asked() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.hosts)
}

func (o *outside) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			req, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				return
			}
			host, _, err := net.SplitHostPort(req.Host)
			if err != nil {
				host = req.Host
			}
			o.mu.Lock()
			o.hosts = append(o.hosts, host)
			o.mu.Unlock()
			const gif = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;"
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(gif), gif)
		}()
	}
}

// startBrowser runs a Chromium of its own. Without one the test is skipped, or
// fails where the tools are required.
func startBrowser(t *testing.T) (context.Context, *outside) {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("RESTANTE_REQUIRE_TOOLS") == "1" {
			t.Fatal("no chromium on PATH, and RESTANTE_REQUIRE_TOOLS=1")
		}
		t.Skip("no chromium on PATH: install one to run this test")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	world := &outside{}
	go world.serve(l)
	t.Cleanup(func() { l.Close() })

	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("proxy-server", "http://"+l.Addr().String()),
		chromedp.Flag("proxy-bypass-list", "127.0.0.1"),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(60*time.Second),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has none for root
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		end, stop := context.WithTimeout(ctx, deadline)
		defer stop()
		_ = chromedp.Cancel(end)
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return ctx, world
}

// tab is one tab of the browser, looking at one server.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string

	mu       sync.Mutex
	requests []string // addresses that were asked for
	allowed  []string // complaints in the console that the test expects
	abroad   bool     // the test watches by itself what is asked of other hosts
}

// open makes a tab in a profile of its own. At the end of the test it checks
// that the console has no complaints and that only the server was asked.
func open(t *testing.T, browser context.Context, url string, width, height int64) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
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
		for _, r := range tb.requests {
			if !tb.abroad && !strings.HasPrefix(r, tb.url+"/") && !strings.HasPrefix(r, "data:") && !strings.HasPrefix(r, "about:") {
				t.Errorf("the page asked for %s", r)
			}
		}
	})
	return tb
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
