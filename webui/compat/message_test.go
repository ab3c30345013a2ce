package compat

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.putRich()
	got := into[detail](f, "/api/v1/message/"+r.ID)
	if got.ID != r.ID || got.Subject != "Grüße" || got.MessageID != "rich@example.test" || got.ReturnPath != "bounce@example.test" {
		t.Errorf("got %+v", got)
	}
	if got.From != (address{"Ana Lima", "ana@example.test"}) || len(got.To) != 2 || len(got.Cc) != 1 ||
		fmt.Sprint(got.Bcc) != "[{ eve@hidden.test}]" || fmt.Sprint(got.ReplyTo) != "[{Help help@example.test}]" {
		t.Errorf("addresses: %+v", got)
	}
	if !strings.HasPrefix(got.Text, "Schön, see") || !strings.Contains(got.HTML, `src="cid:dot@x"`) {
		t.Errorf("text %q, HTML %q", got.Text, got.HTML)
	}
	if got.Date.UTC().Format("2006-01-02 15:04") != "2026-11-20 16:12" {
		t.Errorf("Date is %v", got.Date)
	}
	u := got.ListUnsubscribe
	if fmt.Sprint(u.Links) != "[mailto:off@example.test https://example.test/off]" || u.Errors != "" || u.HeaderPost != "List-Unsubscribe=One-Click" {
		t.Errorf("ListUnsubscribe: %+v", u)
	}
	if len(got.Inline) != 1 || len(got.Attachments) != 1 {
		t.Fatalf("%d inline, %d attachments, want 1 and 1", len(got.Inline), len(got.Attachments))
	}
	if in := got.Inline[0]; in.FileName != "dot.png" || in.ContentID != "dot@x" || in.ContentType != "image/png" || in.Size != 69 {
		t.Errorf("inline: %+v", in)
	}
	page := got.Attachments[0]
	sum := md5.Sum([]byte("<b>hi</b>"))
	if page.FileName != "page.html" || page.Size != 9 || page.Checksums.MD5 != hex.EncodeToString(sum[:]) ||
		len(page.Checksums.SHA1) != 40 || len(page.Checksums.SHA256) != 64 {
		t.Errorf("attachment: %+v", page)
	}
	// What a browser would run is saved instead.
	a := f.get("/api/v1/message/" + r.ID + "/part/" + page.PartID)
	if a.body != "<b>hi</b>" || a.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("part: %q, %v", a.body, a.Header)
	}
	if a := f.get("/api/v1/message/latest/part/" + got.Inline[0].PartID); a.Header.Get("Content-Type") != "image/png" || len(a.body) != 69 {
		t.Errorf("inline part: %d octets, %v", len(a.body), a.Header)
	}
	f.want(404, "GET", "/api/v1/message/"+r.ID+"/part/9.9", "")
	f.want(404, "GET", "/api/v1/message/nobody", "")
}

// TestGetChangesNothing: in Mailpit, looking at a message marks it as read.
func TestGetChangesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.putRich()
	before := f.store.Stats().Batch.Count
	for _, path := range []string{"", "/headers", "/raw", "/part/1", "/part/1/thumb", "/html-check", "/link-check", "/sa-check"} {
		f.want(200, "GET", "/api/v1/message/"+r.ID+path, "")
	}
	f.want(200, "GET", "/view/"+r.ID+".html", "")
	f.want(200, "GET", "/api/v1/messages/"+r.ID, "")
	if m, err := f.store.MessageBySeq(r.Seq); err != nil || m.Seen {
		t.Errorf("after looking at it, seen is %v (%v), want false", m.Seen, err)
	}
	if after := f.store.Stats().Batch.Count; after != before {
		t.Errorf("GETs made %d changes", after-before)
	}
}

func TestLatest(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.note("first")
	f.note("second")
	if got := into[detail](f, "/api/v1/message/latest").Subject; got != "second" {
		t.Errorf("latest is %q, want second", got)
	}
	if got := into[detail](f, "/api/v1/message/latest?query=subject:first").Subject; got != "first" {
		t.Errorf("latest with a query is %q, want first", got)
	}
	f.want(404, "GET", "/api/v1/message/latest?query=subject:third", "")
}

func TestHeadersAndRaw(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.putRich()
	h := into[map[string][]string](f, "/api/v1/message/"+r.ID+"/headers")
	if fmt.Sprint(h["Mime-Version"]) != "[1.0]" || fmt.Sprint(h["Subject"]) != "[=?utf-8?q?Gr=C3=BC=C3=9Fe?=]" ||
		fmt.Sprint(h["List-Unsubscribe"]) != "[<mailto:off@example.test>, <https://example.test/off>]" {
		t.Errorf("headers: %v", h)
	}
	a := f.get("/api/v1/message/" + r.ID + "/raw?dl=1")
	if a.body != strings.ReplaceAll(rich, "\n", "\r\n") {
		t.Errorf("raw differs from what was sent: %q", a.body)
	}
	if a.Header.Get("Content-Disposition") != `attachment; filename="`+r.ID+`.eml"` || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("raw: %v", a.Header)
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.putRich()
	a := f.get("/view/latest.html")
	part := into[detail](f, "/api/v1/message/latest").Inline[0].PartID
	if want := `<img src="../api/v1/message/` + r.ID + `/part/` + part + `">`; !strings.Contains(a.body, want) {
		t.Errorf("the HTML has no %s: %s", want, a.body)
	}
	if p := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "sandbox") || strings.Contains(p, "allow-scripts") {
		t.Errorf("Content-Security-Policy is %q", p)
	}
	if a := f.get("/view/" + r.ID + ".txt"); !strings.HasPrefix(a.body, "Schön") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("text: %q, %v", a.body, a.Header)
	}
	f.note("without HTML")
	f.want(404, "GET", "/view/latest.html", "")
	f.want(200, "GET", "/view/latest.html?query=subject:gr%C3%BC%C3%9Fe", "")
	f.want(404, "GET", "/view/latest", "")
}

// TestNotOffered: the answers have the original's shape and say what they are.
func TestNotOffered(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.putRich()
	base := "/api/v1/message/" + r.ID
	if got := into[spamCheck](f, base+"/sa-check"); got.Error == "" || got.Rules != nil {
		t.Errorf("sa-check: %+v", got)
	}
	if got := into[linkCheck](f, base+"/link-check"); got.Errors != 1 || !strings.Contains(got.Links[0].Status, "Not checked") {
		t.Errorf("link-check: %+v", got)
	}
	if got := into[htmlCheck](f, base+"/html-check"); len(got.Warnings) != 1 || got.Total.Supported != 0 {
		t.Errorf("html-check: %+v", got)
	}
	for _, check := range []string{"html-check", "link-check", "sa-check"} {
		f.want(404, "GET", "/api/v1/message/nobody/"+check, "")
	}
	if s := f.want(501, "POST", base+"/release", `{"To":["x@y.test"]}`); !strings.Contains(s, "never sends mail on") {
		t.Errorf("release: %s", s)
	}
	f.want(501, "POST", "/api/v1/messages/"+r.ID+"/release", `{"Host":"x","Port":"25","Email":"x@y.test"}`)
	f.want(501, "GET", "/api/v1/chaos", "")
	f.want(501, "PUT", "/api/v1/chaos", `{}`)
	f.want(404, "GET", "/api/v2/jim", "")
	f.want(404, "POST", "/api/v2/jim", "{}")
	if f.count() != 1 {
		t.Errorf("%d messages, want 1", f.count())
	}
}

func TestApp(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.note("x")
	f.note("y")
	if err := f.store.SetTags(t.Context(), r.Seq, []string{"t"}); err != nil {
		t.Fatal(err)
	}
	if err := f.store.SetSeen(t.Context(), true, r.Seq); err != nil {
		t.Fatal(err)
	}
	got := into[appInformation](f, "/api/v1/info")
	if got.Version != "1.2.3" || got.Messages != 2 || got.Unread != 1 || got.Tags["t"] != 1 || got.RuntimeStats.SMTPAccepted != 2 ||
		got.Database != f.store.Path() || got.RuntimeStats.Memory == 0 {
		t.Errorf("info: %+v", got)
	}
	if got := into[appSettings](f, "/api/v1/webui"); got.MessageRelay.Enabled || got.SpamAssassin || got.ChaosEnabled {
		t.Errorf("webui: %+v", got)
	}
}

// picture is a message whose only part is a PNG of the given size, red.
func picture(t *testing.T, w, h int) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = []byte{255, 0, 0, 255}[i%4]
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(b.Bytes()) // base64 in quotes
	if err != nil {
		t.Fatal(err)
	}
	return "From: a@b.test\nMIME-Version: 1.0\nContent-Type: image/png; name=p.png\nContent-Disposition: attachment; filename=p.png\nContent-Transfer-Encoding: base64\n\n" +
		strings.Trim(string(text), `"`) + "\n"
}

func TestThumb(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, c := range []struct {
		name        string
		raw         string
		middle, rim bool // are red
	}{
		{"large", picture(t, 400, 400), true, true},
		{"small", picture(t, 60, 40), true, false},
		{"tall", picture(t, 100, 400), true, false},
		{"one pixel", picture(t, 1, 1), false, false},
		{"no image", "From: a@b.test\n\ntext\n", false, false},
		{"broken", "From: a@b.test\nContent-Type: image/png\n\nnot a png\n", false, false},
	} {
		r := f.put(c.raw, "a@b.test", "b@c.test")
		a := f.get("/api/v1/message/" + r.ID + "/part/1/thumb")
		img, err := jpeg.Decode(strings.NewReader(a.body))
		if err != nil || a.Header.Get("Content-Type") != "image/jpeg" || img.Bounds().Size() != image.Pt(180, 120) {
			t.Errorf("%s: %v, %v: %v", c.name, a.StatusCode, a.Header, err)
			continue
		}
		red := func(x, y int) bool {
			p := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
			return p.R > 200 && p.G < 60 && p.B < 60
		}
		if red(90, 60) != c.middle || red(3, 3) != c.rim {
			t.Errorf("%s: middle is red: %v, rim: %v, want %v and %v", c.name, red(90, 60), red(3, 3), c.middle, c.rim)
		}
	}
	f.want(404, "GET", "/api/v1/message/latest/part/7/thumb", "")
}
