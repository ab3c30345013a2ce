package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"restante/internal/chrome"
)

// Hosts that hostile mail calls end in this; no reader of these tests allows any.
const hostile = ".attachment.hostile.test"

// callHome is a script that tells a host, and leaves a mark where it runs.
func callHome(name string) string {
	return "try { top.pwned = 1; parent.pwned = 1; window.pwned = 1 } catch {} new Image().src = 'http://" + name + hostile + "/'"
}

// hostileFile is an attachment that would run something or call somebody.
type hostileFile struct{ name, mediaType, content string }

func hostileFiles() []hostileFile {
	page := func(name string) string {
		return "<!doctype html><script>" + callHome(name) + "</script><img src='http://img-" + name + hostile + "/'><meta http-equiv=refresh content='0;url=http://refresh-" + name + hostile + "/'>"
	}
	svg := `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="` + callHome("svgload") + `"><script>` + callHome("svg") + `</script><image href="http://svgimage` + hostile + `/"/><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="http://svgframe` + hostile + `/"/></foreignObject></svg>`
	return []hostileFile{
		{"../../x.html", "text/html", page("html")},
		{`..\..\windows.html`, "text/html; charset=utf-7", page("utf7")},
		{"x.svg", "image/svg+xml", svg},
		{"x.xml", "text/xml", `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="http://xsl` + hostile + `/"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">` + callHome("xml") + `</x:script>`},
		{"x.xhtml", "application/xhtml+xml", `<html xmlns="http://www.w3.org/1999/xhtml"><script>` + callHome("xhtml") + `</script></html>`},
		{"x.js", "text/javascript", callHome("js")},
		{"x.css", "text/css", "@import 'http://css" + hostile + "/';"},
		{"x.txt", "text/plain", page("text")},
		{"x.json", "application/json", `{"x": "<script>` + callHome("json") + `</script>"}`},
		{"x.png", "image/png", page("png")},
		{"x.mhtml", "multipart/related", page("mhtml")},
		{"no-type", "html", page("notype")},
		{"x.ics", "text/calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:<img src=x onerror=\"" + callHome("ics") + "\">\r\nLOCATION:javascript:" + callHome("icslink") + "\r\nATTACH:http://icsattach" + hostile + "/\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"},
		{"x.pdf", "application/pdf", hostilePDF()},
	}
}

// hostilePDF calls when it is opened, in each way that a PDF has.
func hostilePDF() string {
	return "%PDF-1.7\n" +
		"1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/AA<</WC 5 0 R>>/AcroForm<</Fields[]>>>>endobj\n" +
		"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/AA<</O 5 0 R>>>>endobj\n" +
		"4 0 obj<</S/JavaScript/JS(this.submitForm\\('http://pdfsubmit" + hostile + "/'\\); app.launchURL\\('http://pdflaunch" + hostile + "/'\\); this.getURL\\('http://pdfget" + hostile + "/'\\);)/Next 5 0 R>>endobj\n" +
		"5 0 obj<</S/URI/URI(http://pdfuri" + hostile + "/)/Next<</S/SubmitForm/F(http://pdfform" + hostile + "/)>>>>endobj\n" +
		"trailer<</Root 1 0 R>>\n%%EOF\n"
}

func hostileAttachments(files []hostileFile) string {
	var b strings.Builder
	b.WriteString("From: \"<script>" + callHome("from") + "</script>\" <x@hostile.test>\nTo: ana@app.test\nSubject: <img src=x onerror=\"" + callHome("subject") + "\">\n" +
		"X-<b>: <iframe src=http://header" + hostile + "/>\nList-Unsubscribe: <javascript:" + callHome("unsubscribe") + ">, <data:text/html,x>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nSee javascript:" + callHome("textlink") + " and data:text/html,<script>" + callHome("textdata") + "</script> and http://textplain" + hostile + "/\n")
	for _, f := range files {
		fmt.Fprintf(&b, "--b\nContent-Type: %s\nContent-Disposition: inline; filename=\"%s\"\nContent-Transfer-Encoding: base64\n\n%s\n", f.mediaType, strings.ReplaceAll(f.name, `\`, `\\`), base64.StdEncoding.EncodeToString([]byte(f.content)))
	}
	b.WriteString("--b--\n")
	return b.String()
}

// called is who was told by hostile mail.
func called(b *chrome.Browser) []string {
	return slices.DeleteFunc(b.Asked(), func(host string) bool { return !strings.HasSuffix(host, hostile) })
}

// TestHostileAttachments looks at hostile attachments in every view of the
// page, and opens each by its own address. Nothing may run where the page is at
// home, and nobody may be called.
func TestHostileAttachments(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	files := hostileFiles()
	id := s.postRaw(t, hostileAttachments(files), "ana@app.test")
	p := s.open(t, "/?m="+id, look{complaints: []string{blockedContent, "Failed to load resource"}, abroad: []string{"mhjfbmdgcfjbbpaeojofohoefgiehjai"}})
	var dialogs atomic.Int32
	if err := chromedp.Listen(p.ctx, func(e any) {
		if _, ok := e.(*cdppage.EventJavascriptDialogOpening); ok {
			dialogs.Add(1)
		}
	}); err != nil {
		t.Fatal(err)
	}
	judge := func(when string) {
		t.Helper()
		if hosts := called(browser(t)); len(hosts) > 0 {
			t.Errorf("%s: it called %q", when, hosts)
		}
		if n := dialogs.Load(); n > 0 {
			t.Errorf("%s: it opened %d dialogs", when, n)
		}
	}

	p.waitText("#subject", "<img src=x onerror=")
	p.wait(`document.querySelector(".invitation:not([aria-busy])")`) // it may be taller than the room that was kept
	for _, view := range []string{"text", "links", "headers", "source", "delivery", "parts"} {
		p.click("#tab-" + view)
		p.wait(fmt.Sprintf(`document.querySelector("#tab-%s[aria-selected=true]")`, view))
		if bad := eval[[]string](p, `[...document.querySelectorAll("article.message :is([href], [src])")].map(e => e.href ?? e.src).filter(a => !/^(https?|mailto):/.test(a))`); len(bad) > 0 {
			t.Errorf("%s leads to %q", view, bad)
		}
		judge(view)
	}
	// All previews, of attachments and of parts.
	p.waitText(".event h3", "<img src=x onerror=")
	p.script(`document.querySelectorAll(".node button[aria-expanded=false], .file .bordered").forEach(b => b.click())`)
	p.wait(`document.querySelectorAll(".node .peek").length > 6 && document.querySelector("iframe.pdf")`)
	p.until("the viewer of PDFs", func(context.Context) (bool, error) {
		return slices.ContainsFunc(p.asked(), func(a string) bool { return strings.HasPrefix(a, "chrome-extension://") }), nil
	})
	p.script(`document.querySelectorAll(".picture img").forEach(i => i.loading = "eager")`)
	p.wait(`[...document.querySelectorAll(".picture img")].every(i => i.complete)`)
	if eval[bool](p, `"pwned" in window || document.querySelectorAll("article.message :is(script, foreignObject, object, embed)").length > 0`) {
		t.Error("something ran in the page, or could")
	}
	judge("all previews")

	// Each by its own address, as it is and as the viewer of PDFs asks for it.
	for i, f := range files {
		at := fmt.Sprintf("/v1/messages/%s/parts/%d", id, i+2)
		for _, how := range []string{"", "?viewer=true", "?download=true"} {
			p.wantSafe(at+how, f)
			judge(f.name + how)
		}
	}
	p.visit("/?m=" + id)
	p.waitText("#subject", "<img src=x onerror=")
	if eval[bool](p, `"pwned" in window || document.cookie !== "" || [...Object.keys(localStorage)].some(k => !k.startsWith("restante."))`) {
		t.Error("it left something in the page's origin")
	}
	judge("in the end")
}

// wantSafe opens an attachment in the tab: it is saved, or it is shown in an
// origin of its own and nothing of it runs.
func (p *tab) wantSafe(path string, f hostileFile) {
	p.t.Helper()
	resp, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	h := resp.Header
	name := h.Get("Content-Disposition")
	if strings.ContainsAny(name, `/\`) || strings.Contains(name, "..") {
		p.t.Errorf("%s: it is saved under %s", path, name)
	}
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") == "" {
		p.t.Errorf("%s: headers %v", path, h)
	}
	pdf := f.mediaType == "application/pdf" && strings.HasSuffix(path, "?viewer=true")
	if !pdf && !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") {
		p.t.Errorf("%s: it is in no sandbox: %s", path, h.Get("Content-Security-Policy"))
	}

	ctx, cancel := context.WithTimeout(p.ctx, pagePatience)
	defer cancel()
	err = chromedp.Do(ctx, chromedp.Navigate(p.url+path))
	saved := strings.HasPrefix(name, "attachment")
	switch {
	case saved && (err == nil || !strings.Contains(err.Error(), "ERR_ABORTED")):
		p.t.Errorf("%s: opening it gave %v, want a download", path, err)
	case !saved && err != nil:
		p.t.Errorf("%s: %v", path, err)
	case !saved && !pdf:
		if origin := eval[string](p, `self.origin`); origin != "null" {
			p.t.Errorf("%s: its origin is %s", path, origin)
		}
	}
}
