package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"image/color"
	"image/png"
	"net/smtp"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"restante/internal/tools"
)

// clipboard notes what the page copies, in window.copied.
const clipboard = `window.copied = []; Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied.push(text) } } });`

// blockedContent is what Chromium says of content that the frame's policy blocks.
const blockedContent = "Content Security Policy"

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNYkJICAAMQAWlxVLhHAAAAAElFTkSuQmCC" // a pixel of a dull red

// verifyMail is a mail as an application sends it to somebody who signs up.
const verifyMail = `From: Harbour <no-reply@app.test>
To: Ana =?utf-8?q?L=C3=BAcia?= <ana@app.test>, carol@app.test
Cc: Team <team@app.test>
Subject: Verify your =?utf-8?q?a=C3=A7count?=
Date: Sat, 21 Nov 2026 03:40:00 +0000
Message-ID: <verify@app.test>
List-Unsubscribe: <mailto:off@app.test>, <https://app.test/off>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8

Your verification code is 471 193.
Go on at https://app.test/verify?t=abc&utm_source=mail (soon).
> You wrote this.
>> And I that.
-- 
Harbour
--inner
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Your verification code is <b>471 193</b>.</p><p><a href=3D"https://app.test=
/verify?t=3Dabc&amp;utm_source=3Dmail">Verify</a> <a href=3D"https://evil.test/=
x">https://app.test/account</a> <a href=3D"javascript:alert(1)">No link</a></p>
--inner--
--outer
Content-Type: text/calendar; charset=utf-8; method=REQUEST; name=invite.ics
Content-Disposition: attachment; filename=invite.ics

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
DTSTART;TZID=Europe/Lisbon:20261204T150000
DURATION:PT45M
SUMMARY:Onboarding\, part one
LOCATION:Room 4
ORGANIZER;CN=Team:mailto:team@app.test
ATTENDEE;CN="Ana, L.";PARTSTAT=ACCEPTED:mailto:ana@app.test
END:VEVENT
END:VCALENDAR
--outer
Content-Type: image/png; name="foto.png"
Content-Disposition: attachment; filename="foto.png"
Content-Transfer-Encoding: base64

` + dot + `
--outer
Content-Type: text/csv; name=ports.csv
Content-Disposition: attachment; filename=ports.csv

port,draught
Vigo,15
--outer--
`

// folded is the text of an element on one line.
func (p *tab) folded(selector string) string {
	p.t.Helper()
	return strings.Join(strings.Fields(p.text(selector)), " ")
}

func wantAll(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s does not say %q: %s", what, want, text)
		}
	}
}

func TestMessageAtAGlance(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, strings.Replace(verifyMail, "Message-ID: <verify@app.test>\n", "", 1), "ana@app.test", "team@app.test", "audit@app.test")
	p := s.open(t, "/?m="+id, look{before: clipboard})
	p.waitText("#subject", "Verify your açcount")
	p.waitText(".invitation", "Onboarding, part one")
	head := p.folded(".head")
	wantAll(t, "the head", head, "Invitation Onboarding, part one Friday, December 4, 2026", "(Europe/Lisbon) Room 4", "From Harbour no-reply@app.test", "Ana Lúcia ana@app.test, carol@app.test", "Cc Team team@app.test", "Nov 21, 2026",
		"audit@app.test hidden", "Not sent to carol@app.test", "471193", "Verify app.test/verify", "The text says app.test, the link leads to evil.test.",
		"invite.ics", "foto.png", "ports.csv", "Message-ID")
	if n := p.count(".rcpt.bcc"); n != 1 {
		t.Errorf("%d recipients are marked as hidden, want 1: %s", n, head)
	}

	p.click(".invitation a")
	p.waitText(".file .event", "Ana, L.")

	p.push("button", "Copy the code 471193")
	p.wait(`window.copied.at(-1) === "471193"`)
	p.click(".glance-links li:first-child .copy")
	p.wait(`window.copied.at(-1) === "https://app.test/verify?t=abc&utm_source=mail"`)
	p.waitText(".glance-links li:first-child [role=status]", "Copied")
	if p.count(`article a[href^="javascript"]`) > 0 {
		t.Error("a script became a link")
	}

	p.click(".rcpt.bcc")
	p.wait(`new URLSearchParams(location.search).get("box") === "audit@app.test"`)
}

// darkMail is white in the light and blue in the dark, and has a picture.
const darkMail = `From: a@app.test
To: ana@app.test
Subject: Day and night
MIME-Version: 1.0
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=utf-8

<meta name="color-scheme" content="light dark"><style>
body { margin: 0; background: #ffffff }
@media (prefers-color-scheme: dark) { body { background: #0000ff } }
img { position: absolute; top: 0; left: 0; width: 50px; height: 50px }
@media (max-width: 400px) { img { width: 200px } }
</style><img src="cid:dot@x">
--r
Content-Type: image/png
Content-ID: <dot@x>
Content-Transfer-Encoding: base64

` + dot + `
--r--
`

// waitColour waits until a place in the frame, in pixels of the page, is shown
// in a colour, give or take.
func (p *tab) waitColour(dx, dy int, want color.RGBA) {
	p.t.Helper()
	near := func(a uint32, b uint8) bool { d := int(a>>8) - int(b); return d > -40 && d < 40 }
	p.until(fmt.Sprintf("the colour %v", want), func(ctx context.Context) (bool, error) {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`(() => { const r = document.querySelector(".easel iframe").getBoundingClientRect(); return [r.left, r.top, devicePixelRatio] })()`))
		if err != nil || len(at) < 3 {
			return false, err
		}
		shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			return false, err
		}
		picture, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			return false, err
		}
		r, g, b, _ := picture.At(int((at[0]+float64(dx))*at[2]), int((at[1]+float64(dy))*at[2])).RGBA()
		return near(r, want.R) && near(g, want.G) && near(b, want.B), nil
	})
}

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{0, 0, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	dull  = color.RGBA{160, 100, 100, 255}
)

func TestMessageWidthAndColours(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, darkMail, "ana@app.test")
	p := s.open(t, "/?m="+id, look{dark: true})
	choose := func(group, value string) {
		t.Helper()
		p.click(fmt.Sprintf(`[data-choice=%s] input[value=%s]`, group, value))
		p.wait(fmt.Sprintf(`document.querySelector("[data-choice=%s] input[value=%s]").checked`, group, value))
	}

	// The page is dark, the mail is shown as in a light program until asked.
	p.waitColour(300, 100, white)
	p.waitColour(20, 20, dull)
	choose("width", "phone")
	p.wait(`document.querySelector(".easel iframe").offsetWidth === 390`)
	p.waitColour(150, 20, dull) // as the media query for narrow windows has it
	choose("scheme", "dark")
	p.waitColour(300, 100, blue)
	p.shoot("message-phone-dark")

	// It is remembered.
	p.reload()
	p.wait(`document.querySelector(".easel iframe")?.offsetWidth === 390`)
	p.waitColour(300, 100, blue)

	// Turned round, but for pictures.
	choose("scheme", "inverted")
	p.waitColour(300, 100, black)
	p.waitColour(20, 20, dull)

	choose("scheme", "light")
	choose("width", "desktop")
	p.wait(`document.querySelector(".easel iframe").offsetWidth === 1200`)
	if shown := eval[float64](p, `document.querySelector(".easel iframe").getBoundingClientRect().width - document.querySelector(".easel").clientWidth`); shown > 1 {
		t.Errorf("a desktop's width is %v pixels too wide for the pane", shown)
	}
	p.waitText(".scaled", "%")
	p.waitColour(150, 20, white)

	// By keys, and no further than there are widths.
	p.strike("[")
	p.wait(`document.querySelector(".easel iframe").offsetWidth === 768`)
	p.strike("[")
	p.strike("[")
	p.wait(`document.querySelector(".easel iframe").offsetWidth === 390`)
	for range 3 {
		p.strike("]")
	}
	p.wait(`document.querySelector("[data-choice=width] input[value=fit]").checked`)
	p.wait(`document.querySelector(".easel iframe").offsetWidth === document.querySelector(".easel").clientWidth`)

	// A mail without colours for the dark says so.
	plain := s.post(t, map[string]any{"to": []string{"ana@app.test"}, "subject": "Plain", "html": "<p>Hello"})
	p.visit("/?m=" + plain)
	choose("scheme", "dark")
	p.waitText(".remark", "no colours of its own")
}

func TestMessageRemoteContent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.post(t, map[string]any{"to": []string{"ana@app.test"}, "subject": "Far", "html": `<img src="http://one.message.test/a.gif"><img src="http://one.message.test/b.gif"><p style="background: url(http://two.message.test/c.gif)">x`})
	p := s.open(t, "/?m="+id, look{complaints: []string{blockedContent}, abroad: []string{"one.message.test", "two.message.test"}})
	p.waitText(".remote summary", "3 remote resources blocked")
	p.click(".remote summary")
	p.waitText(".hosts", "http://one.message.test/b.gif")
	if hosts := eval[[]string](p, `[...document.querySelectorAll(".hosts h3")].map(e => e.innerText)`); !slices.Equal(hosts, []string{"one.message.test 2", "two.message.test 1"}) {
		t.Errorf("hosts are %q", hosts)
	}
	for _, host := range []string{"one.message.test", "two.message.test"} {
		if slices.Contains(browser(t).Asked(), host) {
			t.Errorf("%s was asked before it was allowed", host)
		}
	}
	p.push("switch", "Load remote content")
	p.waitText(".remote summary", "3 remote resources allowed")
	for _, host := range []string{"one.message.test", "two.message.test"} {
		p.until(host+" to be asked", func(context.Context) (bool, error) { return slices.Contains(browser(t).Asked(), host), nil })
	}
	// It is for this message alone.
	other := s.post(t, map[string]any{"to": []string{"ana@app.test"}, "subject": "Other", "html": `<img src="http://three.message.test/">`})
	p.visit("/?m=" + other)
	p.waitText(".remote summary", "1 remote resource blocked")
}

func TestMessageText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, verifyMail, "ana@app.test")
	p := s.open(t, "/?m="+id+"&tab=text&q=verification", look{})
	p.wait(`document.querySelector(".text a")?.href === "https://app.test/verify?t=abc&utm_source=mail"`)
	if link := eval[string](p, `(a => a.target + " " + a.rel)(document.querySelector(".text a"))`); link != "_blank noopener noreferrer" {
		t.Errorf("a link opens as %q", link)
	}
	if marks := eval[[]string](p, `[...document.querySelectorAll(".text mark")].map(e => e.innerText)`); !slices.Equal(marks, []string{"verification"}) {
		t.Errorf("%q is marked", marks)
	}
	if quoted := eval[[]string](p, `[...document.querySelectorAll(".text .quoted")].map(e => e.innerText)`); !slices.Equal(quoted, []string{"> You wrote this.", ">> And I that."}) {
		t.Errorf("%q is quoted", quoted)
	}
	p.waitText(".text .signature", "Harbour")

	// Right-to-left text runs from the right.
	hebrew := s.post(t, map[string]any{"to": []string{"ana@app.test"}, "subject": "שלום", "text": "שלום עולם"})
	p.visit("/?m=" + hebrew)
	p.wait(`document.querySelector(".text")?.matches(":dir(rtl)") && document.querySelector("#subject").matches(":dir(rtl)")`)
}

// TestLongMessage shows three megabytes of text and ten of source, to the end,
// and stays at work meanwhile.
func TestLongMessage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	text := strings.Repeat("A line of a log that somebody sent by mail, https://app.test/log for more.\n", 42_000)
	long := s.postRaw(t, "Subject: Long\n\n"+text+"The last line.\n", "ana@app.test")
	p := s.open(t, "/?m="+long, look{})
	p.wait(`document.querySelector(".text")?.textContent.endsWith("The last line.")`)
	if n := eval[int](p, `document.querySelectorAll(".text .chunk").length`); n < 100 {
		t.Errorf("it is laid out in %d pieces", n)
	}
	if lines := eval[int](p, `document.querySelectorAll(".text a").length`); lines != 42_000 {
		t.Errorf("it shows %d links of 42,000", lines)
	}

	zip := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789abcdef"), 460_000))
	var lines strings.Builder
	for part := range slices.Chunk([]byte(zip), 76) {
		lines.Write(part)
		lines.WriteByte('\n')
	}
	big := s.postRaw(t, "Subject: Big\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n"+lines.String()+"\n", "ana@app.test")
	p.visit("/?m=" + big + "&tab=source")
	p.wait(`document.querySelector(".source[aria-busy=false]")?.textContent.length > 9_000_000`)
	if ends := eval[bool](p, fmt.Sprintf(`document.querySelector(".source").textContent.trimEnd().endsWith(%q)`, zip[len(zip)-8:])); !ends {
		t.Error("the source does not go to its end")
	}
	if hidden := eval[string](p, `getComputedStyle(document.querySelector(".source .chunk:last-child")).contentVisibility`); hidden != "auto" {
		t.Errorf("what is out of sight is laid out: %s", hidden)
	}
	p.push("tab", "Delivery")
	p.waitText("#view", "Envelope")
}

func TestMessageHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, verifyMail, "ana@app.test")
	p := s.open(t, "/?m="+id+"&tab=headers", look{})
	p.waitText(".headers", "Ana Lúcia <ana@app.test>")
	if first := p.folded(".headers tr:first-child"); first != "From Harbour <no-reply@app.test>" {
		t.Errorf("the first field is %q", first)
	}
	wantAll(t, "the trace", p.folded(".headers .trace"), "Added at delivery", "Return-Path", "Received")
	p.push("switch", "As sent")
	p.waitText(".headers", "=?utf-8?q?L=C3=BAcia?=")
	p.fill(".filter", "unsub")
	p.wait(`document.querySelectorAll(".headers tr").length === 2 && document.querySelector(".headers mark").innerText === "Unsub"`)
	p.fill(".filter", "nothing like it")
	p.waitText("#view", "No field matches.")
	// As sent it stays.
	p.visit("/?m=" + id + "&tab=headers")
	p.waitText(".headers", "=?utf-8?q?L=C3=BAcia?=")
}

func TestMessageSource(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, verifyMail, "ana@app.test")
	p := s.open(t, "/?m="+id+"&tab=source", look{before: clipboard})
	p.wait(`document.querySelector(".source[aria-busy=false]")`)
	if got := eval[string](p, `document.querySelector(".source").textContent`); got != s.raw(t, id) {
		t.Errorf("the source is not what was sent: %s", difference(got, s.raw(t, id)))
	}
	texts := func(kind string) string {
		return eval[string](p, fmt.Sprintf(`[...document.querySelectorAll(".source .%s")].map(e => e.textContent.trim()).join("|")`, kind))
	}
	if got, want := texts("boundary"), "--outer|--inner|--inner|--inner--\r\n--outer|--outer|--outer|--outer--"; got != want {
		t.Errorf("boundaries are %q, want %q", got, want)
	}
	if got := texts("encoded"); got != dot {
		t.Errorf("encoded is %q", got)
	}
	wantAll(t, "the names", texts("name"), "From:", "Subject:", "Content-Disposition:")
	p.push("button", "Copy Source")
	p.wait(`window.copied.length === 1`)
	if copied := eval[string](p, `window.copied[0]`); copied != s.raw(t, id) {
		t.Error("what is copied is not what was sent")
	}
}

func TestMessageParts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, verifyMail, "ana@app.test")
	p := s.open(t, "/?m="+id+"&tab=parts", look{})
	p.wait(`document.querySelector(".picture img")?.naturalWidth === 1`)
	p.waitText(".peek", "Vigo,15")
	p.waitText(".event .when", "Friday, December 4, 2026")
	wantAll(t, "the event", p.folded(".event"), "Invitation Onboarding, part one", "3:00", "3:45", "(Europe/Lisbon)", "Where Room 4", "Organizer Team team@app.test", "Ana, L. ana@app.test accepted")

	tree := eval[[]string](p, `[...document.querySelectorAll(".node .line")].map(e => e.innerText.replace(/\s+/g, " ").trim())`)
	if len(tree) != 7 {
		t.Fatalf("the tree has %d rows: %q", len(tree), tree)
	}
	wantAll(t, "a row", tree[0], "multipart/mixed")
	wantAll(t, "a row", tree[3], "1.2", "text/html", "utf-8 · quoted-printable", " B ", "Show")
	wantAll(t, "a row", tree[5], "image/png foto.png", "base64 · attachment")
	if depth := eval[string](p, `document.querySelector("[data-path='1.2']").style.getPropertyValue("--depth")`); depth != "2" {
		t.Errorf("1.2 stands at depth %s", depth)
	}
	p.push("button", "Show text/html 1.2 as text")
	p.waitText(`[data-path="1.2"] .peek`, "<p>Your verification code")

	href := eval[string](p, `document.querySelector("[data-part='4'] a[download]").getAttribute("href")`)
	if body := string(s.get(t, "/"+href)); !strings.HasPrefix(body, "port,draught") {
		t.Errorf("the download is %q", body)
	}
}

func TestMessagePDF(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
	id := s.post(t, map[string]any{"to": []string{"ana@app.test"}, "subject": "Invoice", "text": "x", "attachments": []map[string]any{{"name": "invoice.pdf", "type": "application/pdf", "content": base64.StdEncoding.EncodeToString([]byte(pdf))}}})
	// The viewer is the browser's own, and has an address of its own.
	p := s.open(t, "/?m="+id+"&tab=parts", look{abroad: []string{"mhjfbmdgcfjbbpaeojofohoefgiehjai"}})
	p.waitText(".file", "invoice.pdf")
	if asked := p.asked(); slices.ContainsFunc(asked, func(a string) bool { return strings.Contains(a, "/parts/") }) {
		t.Errorf("before anybody wanted to see it, the page asked for %q", asked)
	}
	p.push("button", "Show the PDF here")
	p.until("the viewer", func(context.Context) (bool, error) {
		return slices.ContainsFunc(p.asked(), func(a string) bool {
			return strings.HasPrefix(a, "chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai/")
		}), nil
	})
	p.wait(`document.querySelector("iframe.pdf")`)
}

func TestMessageLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, verifyMail, "ana@app.test")
	p := s.open(t, "/?m="+id+"&tab=links", look{before: clipboard})
	p.waitText(".codes", "471193")
	rows := eval[[]string](p, `[...document.querySelectorAll("ol.links li")].map(e => e.innerText.replace(/\s+/g, " ").trim())`)
	want := []string{
		"Verify HTML https://app.test/verify?t=abc&utm_source=mail Tracking: utm_source",
		"https://app.test/account HTML https://evil.test/x The text says app.test, the link leads to evil.test.",
	}
	for i, row := range want {
		if i >= len(rows) || rows[i] != row {
			t.Errorf("links are %q, want %q at %d", rows, row, i)
		}
	}
	unsubscribe := p.folded("section:has(#unsubscribe-title)")
	wantAll(t, "unsubscribe", unsubscribe, "mailto:off@app.test by mail", "https://app.test/off one click (RFC 8058)")
	p.click(`[data-href="https://evil.test/x"] .copy`)
	p.wait(`window.copied.at(-1) === "https://evil.test/x"`)
	if p.count(`article [href^="javascript"]`) > 0 {
		t.Error("a script became a link")
	}
}

func TestMessageDelivery(t *testing.T) {
	t.Parallel()
	s := newTLSSite(t)
	c, err := smtp.Dial(s.ports["smtp"])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	say := func(code int, line string) {
		t.Helper()
		id, err := c.Text.Cmd("%s", line)
		if err != nil {
			t.Fatal(err)
		}
		c.Text.StartResponse(id)
		defer c.Text.EndResponse(id)
		if _, _, err := c.Text.ReadResponse(code); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if err := c.Hello("web-1.app.test"); err != nil {
		t.Fatal(err)
	}
	if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
		t.Fatal(err)
	}
	if err := c.Auth(smtp.PlainAuth("", "mailer", "pass-word-7", s.host("smtp"))); err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"First", "Second"} {
		say(250, "MAIL FROM:<bounce@app.test> RET=HDRS ENVID=QQ314")
		say(250, "RCPT TO:<ana@app.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old@app.test")
		say(250, "RCPT TO:<audit+log@app.test>")
		say(354, "DATA")
		say(250, "To: ana@app.test\r\nMessage-ID: <"+subject+"@x>\r\nSubject: "+subject+"\r\n\r\nx\r\n.")
	}
	second := s.one(t, "subject:second")

	// While the session goes on it is not told of; then it is, by itself.
	p := s.open(t, "/?m="+second.ID+"&tab=delivery", look{})
	p.waitText("#view", "has not ended yet")
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	p.waitText(".session", "2 messages were delivered")
	p.waitText(".transcript", "MAIL FROM:<bounce@app.test>")

	envelope := p.folded(".facts.envelope")
	wantAll(t, "the envelope", envelope, "Reverse-path bounce@app.test", "ana@app.test To NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old@app.test → ana@app.test",
		"audit+log@app.test hidden → audit@app.test", "RET=HDRS ENVID=QQ314", "EHLO web-1.app.test at 127.0.0.1:", "TLS 1.3", "mailer by PLAIN", "octets", "Second@x")

	// What was said about this message, and then all of it.
	first := p.folded(".turn")
	if !strings.Contains(first, "MAIL FROM") {
		t.Errorf("it begins with %q", first)
	}
	if n := p.count(".turn.client"); n != 5 {
		t.Errorf("the client says %d things about this message", n)
	}
	if tones := eval[[]string](p, `[...document.querySelectorAll(".turn.server")].map(e => e.dataset.tone)`); !slices.Equal(tones, []string{"good", "good", "good", "more", "good"}) {
		t.Errorf("the replies' tones are %q", tones)
	}
	p.push("switch", "The whole session")
	p.waitText(".transcript", "STARTTLS")
	if text := p.text(".transcript"); strings.Contains(text, "pass-word-7") || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte("\x00mailer\x00pass-word-7"))) {
		t.Error("the transcript has the password")
	}

	// Who fetches it is there at once.
	if got := s.maildrop(t, "ana@app.test"); len(got) != 2 {
		t.Fatalf("the maildrop has %d messages", len(got))
	}
	p.waitText(".session:last-child summary", "Fetched by POP3, ana@app.test")
	p.click(".session:last-child summary")
	p.waitText(".session:last-child .transcript", "RETR 2")
}

func TestMessageSendAgain(t *testing.T) {
	t.Parallel()
	tools.Need(t, "curl", "swaks")
	s := newSite(t)
	raw := crlf("To: ana@app.test\nSubject: Once more\n\n.A line with a dot.\nAnd 'quotes', \\n, %DATE%.\n")
	id := s.postRaw(t, raw, "ana@app.test", "o'hara+x@app.test")
	p := s.open(t, "/?m="+id, look{before: clipboard})
	p.waitText("#subject", "Once more")

	check := func(how string, n int) {
		t.Helper()
		p.until(how, func(context.Context) (bool, error) { return len(s.all(t, "subject:once")) == n, nil })
		for _, got := range s.all(t, "subject:once") {
			m := s.message(t, got.ID)
			if s.raw(t, got.ID) != raw || m.Sender != "app@app.test" || !slices.Equal(m.Recipients, []string{"ana@app.test", "o'hara+x@app.test"}) {
				t.Errorf("%s: from %s to %q: %q", how, m.Sender, m.Recipients, s.raw(t, got.ID))
			}
		}
	}
	p.push("button", "Send again")
	p.wait(`document.querySelector("dialog.again .primary")`)
	p.click("dialog.again .primary")
	p.gone("dialog.again")
	check("sent again in place", 2)
	p.waitText(".toasts", "Delivered again.")

	p.strike("r")
	for i, name := range []string{"curl", "swaks"} {
		p.click(fmt.Sprintf(`[data-command=%s] button`, name))
		p.wait(fmt.Sprintf(`window.copied.length === %d`, i+1))
		out, err := exec.CommandContext(t.Context(), "sh", "-c", eval[string](p, `window.copied.at(-1)`)).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		check(name, 3+i)
	}
}

func TestMessageActions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postTo(t, "ana@app.test", "One")
	s.postTo(t, "ana@app.test", "Two")
	p := s.open(t, "/?m="+id, look{})
	p.waitText("#subject", "One")
	p.until("it to be seen", func(context.Context) (bool, error) { return s.seen(t, id), nil })
	p.push("button", "Mark unseen")
	p.until("it to be unseen", func(context.Context) (bool, error) { return !s.seen(t, id), nil })
	p.waitNamed("button", "Mark seen")
	if href := eval[string](p, `document.querySelector("[data-do=download]").getAttribute("href")`); string(s.get(t, "/"+href)) != s.raw(t, id) {
		t.Errorf("the download at %s is another", href)
	}
	s.change(t, id, `{"tags": ["signup"]}`)
	p.waitText(".head .tags", "signup")
	p.push("button", "Tags")
	p.wait(`document.querySelector("dialog.tagging[open]")`)
	p.press(kb.Escape)
	p.gone("dialog.tagging")
	p.push("button", "Delete")
	p.wait(`document.querySelector("#subject")?.innerText !== "One"`)

	// One that is deleted elsewhere says so.
	three := s.postTo(t, "ana@app.test", "Three")
	p.click(rowAt(three) + " a")
	p.waitText("#subject", "Three")
	if status, body := s.ask(t, "DELETE", "/v1/messages/"+three); status >= 300 {
		t.Fatalf("DELETE: %d %s", status, body)
	}
	p.waitText(".message.nothing", "not here any more")
}

func (s *site) seen(t *testing.T, id string) bool {
	t.Helper()
	return decoded[struct{ Seen bool }](t, string(s.get(t, "/v1/messages/"+id))).Seen
}

func (s *site) change(t *testing.T, id, change string) {
	t.Helper()
	if status, body := s.send(t, "PATCH", "/v1/messages/"+id, "application/json", change); status >= 300 {
		t.Fatalf("PATCH: %d %s", status, body)
	}
}

// holdFirst keeps the first answer about a message until letGo is called.
const holdFirst = `{
	const ask = fetch;
	let held = 0;
	window.fetch = async (...a) => {
		const answer = await ask(...a);
		if (/v1\/messages\/[^/?]+$/.test(String(a[0])) && !a[1]?.method && !held++) await new Promise((go) => (window.letGo = go));
		return answer;
	};
}`

// What is told of a message while it is asked for is newer than the answer. The
// message is seen all the same, and so is the next.
func TestMessageNews(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, two := s.postTo(t, "ana@app.test", "One"), s.postTo(t, "ana@app.test", "Two")
	p := s.open(t, "/?m="+one, look{before: holdFirst})
	p.wait(`window.letGo`)
	s.change(t, one, `{"tags": ["told"]}`)
	p.waitText(rowAt(one), "told")
	p.script(`letGo()`)
	p.waitText(".head .tags", "told")
	p.until("it to be seen", func(context.Context) (bool, error) { return s.seen(t, one), nil })
	p.click(rowAt(two) + " a")
	p.waitText("#subject", "Two")
	p.until("the next to be seen", func(context.Context) (bool, error) { return s.seen(t, two), nil })

	p = s.open(t, "/?m="+one, look{before: holdFirst, complaints: []string{"404"}})
	p.wait(`window.letGo`)
	p.wait(fmt.Sprintf(`document.querySelector(%q)`, rowAt(one)))
	s.ask(t, "DELETE", "/v1/messages/"+one)
	p.gone(rowAt(one))
	p.script(`letGo()`)
	p.waitText(".message.nothing", "not here any more")
}

// holdStream keeps the page from following the server until letGo is called.
const holdStream = `{
	const request = navigator.locks.request.bind(navigator.locks);
	const go = new Promise((go) => (window.letGo = go));
	navigator.locks.request = async (...a) => (await go, request(...a));
}`

// What happens between the reading of the list and the first event is told.
func TestNewsBeforeTheStream(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, two := s.postTo(t, "ana@app.test", "One"), s.postTo(t, "ana@app.test", "Two")
	p := s.open(t, "/", look{before: holdStream})
	p.wait(fmt.Sprintf(`document.querySelector(%q)`, rowAt(two)))
	s.change(t, one, `{"tags": ["told"], "seen": true}`)
	s.ask(t, "DELETE", "/v1/messages/"+two)
	three := s.postTo(t, "ana@app.test", "Three")
	p.script(`letGo()`)
	p.waitText(rowAt(one), "told")
	p.gone(rowAt(one) + ".unseen")
	p.gone(rowAt(two))
	p.waitText(rowAt(three), "Three")
}

func TestMessageKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, verifyMail, "ana@app.test")
	p := s.open(t, "/?m="+id, look{before: clipboard})
	p.waitText("#subject", "Verify")
	for i, name := range []string{"html", "text", "links", "parts", "headers", "source", "delivery"} {
		p.strike(fmt.Sprint(i + 1))
		p.wait(fmt.Sprintf(`document.querySelector("#tab-%s[aria-selected=true]") && document.querySelector("#view").dataset.view === "%s"`, name, name))
	}
	p.address("/?m=" + id + "&tab=delivery")
	p.strike("y")
	p.wait(`window.copied.at(-1) === "471193"`)
	p.strike("r")
	p.wait(`document.querySelector("dialog.again[open]")`)
	p.press(kb.Escape)
	p.gone("dialog.again")

	// In the row of tabs, arrows walk, and Tab goes on to the view.
	p.focusNamed("tab", "Delivery")
	p.press(kb.ArrowRight)
	p.wait(`document.activeElement.id === "tab-html"`)
	p.press(kb.ArrowLeft)
	p.wait(`document.activeElement.id === "tab-delivery"`)
	p.back()
	p.wait(`document.querySelector("#tab-html[aria-selected=true]")`)
}

// TestMessageOnAPhone has all tabs in reach, and nothing that is wider than the
// screen, in both languages.
func TestMessageOnAPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, verifyMail, "ana@app.test", "audit@app.test")
	for _, language := range []string{"en-US", "zh-CN"} {
		l := phone
		l.language = language
		p := s.open(t, "/?m="+id, l)
		p.wait(`document.querySelector("#tab-delivery")`)
		for _, name := range []string{"html", "text", "links", "parts", "headers", "source", "delivery"} {
			p.click("#tab-" + name)
			p.wait(fmt.Sprintf(`document.querySelector("#tab-%s[aria-selected=true]")`, name))
			wide := eval[[]string](p, `[...document.querySelectorAll("article.message *:not(iframe)")].filter(e => {
				const r = e.getBoundingClientRect();
				return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".hidden, .peek, .hosts, .digest");
			}).map(e => e.tagName + "." + e.className)`)
			if len(wide) > 0 {
				t.Errorf("%s, %s: %q are wider than the screen", language, name, wide)
			}
		}
		p.shoot("message-phone-" + language)
	}
}
