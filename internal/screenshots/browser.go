package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"restante/internal/chrome"
)

const patience = 30 * time.Second // for what a page must come to at all

// hasChinese makes sure that two Chinese characters look different: those that
// no font has are all the same box.
func hasChinese(b *chrome.Browser) error {
	const drawn = `["\u6e2f", "\u90ae"].map((c) => {
		const pen = Object.assign(document.createElement("canvas"), { width: 40, height: 40 }).getContext("2d");
		pen.font = "30px sans-serif";
		pen.fillText(c, 5, 32);
		return pen.canvas.toDataURL();
	})`
	pictures, err := chromedp.Run(b.Context(), chromedp.Evaluate[[]string](drawn))
	if err != nil {
		return err
	}
	if pictures[0] == pictures[1] {
		return errors.New("no font here has Chinese characters: install one, such as fonts-noto-cjk")
	}
	return nil
}

// tab is a page in a profile of its own.
type tab struct {
	ctx   context.Context
	close func()
}

var languages = map[string]string{"en": "en-GB", "zh": "zh-CN"}

func open(b *chrome.Browser, l look) (*tab, error) {
	ctx, cancel := chromedp.NewContext(b.Context(), chromedp.WithNewBrowserContext())
	t := &tab{ctx, cancel}
	if err := t.wear(l); err != nil {
		cancel()
		return nil, err
	}
	return t, nil
}

// wear makes the browser a reader's.
func (t *tab) wear(l look) error {
	if err := chromedp.Do(t.ctx); err != nil { // binds the tab's life to its context
		return err
	}
	var options []chromedp.EmulateViewportOption
	if l.width < 800 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	if err := t.do(chromedp.EmulateViewport(l.width, l.height, options...)); err != nil {
		return err
	}
	agent, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](`navigator.userAgent`))
	if err != nil {
		return err
	}
	_, err1 := chromedp.Call(t.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: languages[l.language]})
	_, err2 := chromedp.Call(t.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Lisbon"})
	_, err3 := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	return errors.Join(err1, err2, err3)
}

func (t *tab) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

func (t *tab) visit(url string) error { return t.do(chromedp.Navigate(url)) }

// await waits until an element is there.
func (t *tab) await(selector string) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	for {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`!!document.querySelector(%q)?.getClientRects().length`, selector)))
		if err != nil || found {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no %s: %w", selector, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// click clicks on an element, from a script: it may be out of sight.
func (t *tab) click(selector string) error {
	if err := t.await(selector); err != nil {
		return err
	}
	return t.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).click()`, selector)))
}

// write types into a field.
func (t *tab) write(selector, text string) error {
	if err := t.await(selector); err != nil {
		return err
	}
	return t.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).focus()`, selector)), chromedp.KeyEvent(text))
}

// press strikes keys.
func (t *tab) press(keys string, options ...chromedp.KeyOption) error {
	return t.do(chromedp.KeyEvent(keys, options...))
}

// calm is over when nothing has changed for a while and all pictures are there.
const calm = `new Promise((resolve) => {
	let timer = 0;
	const again = () => { clearTimeout(timer); timer = setTimeout(() => document.fonts.ready.then(resolve), 600) };
	new MutationObserver(again).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
	new PerformanceObserver(again).observe({ entryTypes: ["resource"] });
	again();
})`

// picture is what is seen once it has come to rest.
func (t *tab) picture(format string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](calm, chromedp.EvalAwaitPromise)); err != nil {
		return nil, err
	}
	how := cdppage.CaptureScreenshotParams{Format: cdppage.CaptureScreenshotFormat(format)}
	if format != "png" {
		how.Quality = new(int64(quality))
	}
	shot, err := chromedp.Call(ctx, cdppage.CaptureScreenshot, how)
	return shot.Data, err
}

const quality = 50 // of 100: text stays sharp
