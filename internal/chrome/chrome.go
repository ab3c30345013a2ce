// Package chrome starts Chromium, for the tests of the page and for its pictures.
package chrome

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long Chromium may take to start, and to end.
const patience = time.Minute

// Browser is a running Chromium with a profile of its own. It reaches 127.0.0.1;
// for every other host a proxy answers with a small picture: nothing gets out.
type Browser struct {
	ctx     context.Context
	profile string
	stop    []func()

	mu    sync.Mutex
	hosts []string
}

// Find is the path of Chromium, or of a browser that is made from it.
func Find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium on PATH")
}

// Start starts Chromium. Whoever starts it calls Close.
func Start() (*Browser, error) {
	b := &Browser{}
	if err := b.start(); err != nil {
		b.Close()
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	return b, nil
}

func (b *Browser) start() (err error) {
	if b.profile, err = os.MkdirTemp("", "restante-chromium-"); err != nil {
		return err
	}
	b.stop = append(b.stop, func() { _ = os.RemoveAll(b.profile) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	world := &http.Server{Handler: http.HandlerFunc(b.outside)}
	world.SetKeepAlivesEnabled(false)
	go world.Serve(l)
	b.stop = append(b.stop, func() { world.Close() })

	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("proxy-server", "http://"+l.Addr().String()),
		chromedp.Flag("proxy-bypass-list", "127.0.0.1"),
		chromedp.UserDataDir(b.profile),
		chromedp.WSURLReadTimeout(patience),
	)
	if program, err := Find(); err == nil { // else chromedp knows where other systems have it
		options = append(options, chromedp.ExecPath(program))
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has none for root
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	b.ctx = ctx
	b.stop = append(b.stop, end, cancel)
	if err := chromedp.Do(ctx); err != nil {
		return err
	}
	b.stop = append(b.stop, func() {
		closing, stop := context.WithTimeout(ctx, patience)
		defer stop()
		_ = chromedp.Cancel(closing) // it ends by itself
	})
	return nil
}

// outside is the rest of the world.
func (b *Browser) outside(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.hosts = append(b.hosts, (&url.URL{Host: r.Host}).Hostname())
	b.mu.Unlock()
	const gif = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;"
	w.Header().Set("Content-Type", "image/gif")
	_, _ = w.Write([]byte(gif))
}

// Context is the browser's, for chromedp; tabs are made from it.
func (b *Browser) Context() context.Context { return b.ctx }

// Asked lists the other hosts that were asked for something, in order; one that was
// asked twice is there twice.
func (b *Browser) Asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.hosts)
}

// Close ends the browser and removes its profile. Another call does nothing.
func (b *Browser) Close() {
	for _, stop := range slices.Backward(b.stop) {
		stop()
	}
	b.stop = nil
}
