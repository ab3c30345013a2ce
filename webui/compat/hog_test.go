package compat

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// hogList is MailHog's list as a client reads it.
type hogAnswer struct {
	Total, Start, Count int
	Items               []hogJSON
}

func (a hogAnswer) subjects() string {
	var out []string
	for _, m := range a.Items {
		out = append(out, m.Content.Headers["Subject"]...)
	}
	return strings.Join(out, " ")
}

func TestHogMessage(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.putRich()
	got := into[hogJSON](f, "/api/v1/messages/"+r.ID)
	if got.ID != r.ID || got.From.Mailbox != "bounce" || got.From.Domain != "example.test" || len(got.To) != 4 || got.To[3].Domain != "hidden.test" {
		t.Errorf("envelope: %+v", got)
	}
	if got.Raw.From != "bounce@example.test" || len(got.Raw.To) != 4 || got.Raw.Helo != "app.test" || got.Raw.Data != strings.ReplaceAll(rich, "\n", "\r\n") {
		t.Errorf("Raw: %+v", got.Raw)
	}
	h := got.Content.Headers
	if fmt.Sprint(h["Subject"]) != "[=?utf-8?q?Gr=C3=BC=C3=9Fe?=]" || fmt.Sprint(h["Return-Path"]) != "[<bounce@example.test>]" ||
		len(h["Received"]) != 1 || fmt.Sprint(h["List-Unsubscribe"]) != "[<mailto:off@example.test>, <https://example.test/off>]" {
		t.Errorf("headers: %v", h)
	}
	if !strings.HasPrefix(got.Content.Body, "preamble\r\n--m\r\n") || got.Content.Size != len(got.Raw.Data) {
		t.Errorf("body: %.40q, %d", got.Content.Body, got.Content.Size)
	}
	if got.MIME == nil || len(got.MIME.Parts) != 2 || got.MIME.Parts[0].MIME == nil || len(got.MIME.Parts[0].MIME.Parts) != 2 {
		t.Fatalf("MIME: %+v", got.MIME)
	}
	text := got.MIME.Parts[0].MIME.Parts[0].MIME.Parts[0]
	if text.Body != "Sch=C3=B6n, see https://example.test/verify?code=123456" || text.Headers["Content-Transfer-Encoding"][0] != "quoted-printable" {
		t.Errorf("text: %+v", text)
	}
	if page := got.MIME.Parts[1]; page.Body != "PGI+aGk8L2I+" || page.Headers["Content-Disposition"][0] != `attachment; filename="page.html"` {
		t.Errorf("attachment: %+v", page)
	}
	a := f.get("/api/v1/messages/" + r.ID + "/download")
	if a.body != strings.ReplaceAll(rich, "\n", "\r\n") || a.Header.Get("Content-Type") != "message/rfc822" {
		t.Errorf("download: %v", a.Header)
	}
	a = f.get("/api/v1/messages/" + r.ID + "/mime/part/1/download")
	if a.body != "<b>hi</b>" || !strings.Contains(a.Header.Get("Content-Disposition"), "page.html") {
		t.Errorf("part: %q, %v", a.body, a.Header)
	}
	for _, path := range []string{"/mime/part/2/download", "/mime/part/-1/download", "/mime/part/x/download"} {
		f.want(404, "GET", "/api/v1/messages/"+r.ID+path, "")
	}
	f.want(404, "GET", "/api/v1/messages/nobody", "")
}

func TestHogSinglePart(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.put("Subject: s\n\nbody\n", "", "bob")
	got := into[hogJSON](f, "/api/v1/messages/"+r.ID)
	if got.MIME != nil || got.Content.Body != "body\r\n" || got.To[0].Mailbox != "bob" || got.To[0].Domain != "" || got.Content.Headers["Message-ID"][0] != r.ID {
		t.Errorf("got %+v, content %+v", got, got.Content)
	}
	f.want(404, "GET", "/api/v1/messages/"+r.ID+"/mime/part/0/download", "")
}

func TestHogPagesAndSearch(t *testing.T) {
	t.Parallel()
	f := start(t)
	for i := range 60 {
		f.note(fmt.Sprint(i))
	}
	f.put("From: Zoe <zoe@example.test>\nTo: Named <other@app.test>\nSubject: z\n\nthe needle is here\n", "zoe-bounce@mx.test", "Real@App.test")
	if got := into[hogAnswer](f, "/api/v2/messages"); got.Total != 61 || got.Count != 50 || got.Start != 0 {
		t.Errorf("got %d of %d from %d", got.Count, got.Total, got.Start)
	}
	for path, want := range map[string]string{
		"/api/v2/messages?limit=2":                               "z 59",
		"/api/v2/messages?start=59&limit=9":                      "1 0",
		"/api/v2/messages?start=61":                              "",
		"/api/v2/search?kind=to&query=bob&start=58":              "1 0",
		"/api/v2/search?kind=to&query=real@app.test":             "z", // of the envelope
		"/api/v2/search?kind=to&query=named":                     "z", // of the header
		"/api/v2/search?kind=from&query=zoe@":                    "z",
		"/api/v2/search?kind=from&query=zoe-bounce":              "z",
		"/api/v2/search?kind=containing&query=" + q("needle is"): "z",
		"/api/v2/search?kind=containing&query=" + q(`quo"te\`):   "",
		"/api/v2/search?kind=containing&query=" + q("from:zoe"):  "",
		"/api/v2/search?kind=from&query=nobody":                  "",
	} {
		if got := into[hogAnswer](f, path); got.subjects() != want || got.Count != len(got.Items) {
			t.Errorf("%s: got %q (%d), want %q", path, got.subjects(), got.Count, want)
		}
	}
	if got := into[hogAnswer](f, "/api/v2/search?kind=to&query=bob&limit=1"); got.Total != 60 {
		t.Errorf("a search counts %d, want 60", got.Total)
	}
	for _, path := range []string{"/api/v2/search", "/api/v2/search?kind=to", "/api/v2/search?kind=cc&query=x", "/api/v2/search?query=x"} {
		f.want(400, "GET", path, "")
	}
}

func q(s string) string { return url.QueryEscape(s) }

func TestHogDelete(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.note("x")
	f.note("y")
	if body := f.want(200, "DELETE", "/api/v1/messages/"+r.ID, ""); body != "" {
		t.Errorf("the answer is %q, want nothing", body)
	}
	if got := into[hogAnswer](f, "/api/v2/messages").subjects(); got != "y" {
		t.Errorf("left is %q, want y", got)
	}
	f.want(404, "DELETE", "/api/v1/messages/"+r.ID, "")
}

// TestCollision: GET /api/v1/messages is in both APIs. Mailpit's wins except
// where the client says that it is MailHog's.
func TestCollision(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.note("x")
	for _, header := range []string{"Accept: text/json", "User-Agent: mailhog-client/1.0"} {
		if got := into[[]hogJSON](f, "/api/v1/messages", header); len(got) != 1 || got[0].Content.Headers["Subject"][0] != "x" {
			t.Errorf("%s: got %+v", header, got)
		}
	}
	for _, header := range []string{"Accept: application/json", "Accept: */*", "User-Agent: curl/8"} {
		if got := into[pitList](f, "/api/v1/messages", header); got.subjects() != "x" {
			t.Errorf("%s: got %+v", header, got)
		}
	}
	if body := f.want(200, "GET", "/api/v2/outgoing-smtp", ""); strings.TrimSpace(body) != "{}" {
		t.Errorf("outgoing-smtp: %s", body)
	}
}

func TestSections(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain":             {"--b\nA\n--b\nB\n--b--\nepilogue", "A|B"},
		"preamble":          {"pre\n--b\nA\n--b--\n", "A"},
		"CRLF":              {"--b\r\nA\r\n\r\n--b--\r\n", "A\r\n"},
		"no end":            {"--b\nA\n--b\nB\n", "A|B\n"},
		"padding":           {"--b \t\nA\n--b-- \n", "A"},
		"longer boundary":   {"--b\n--bb\nA\n--bb--\n--b--", "--bb\nA\n--bb--"},
		"not at line start": {"--b\nx --b\n--b--", "x --b"},
		"empty part":        {"--b\n--b\nB\n--b--", "|B"},
		"none":              {"no delimiter", ""},
	} {
		var got []string
		for _, s := range sections([]byte(c.in), "b") {
			got = append(got, string(s))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: got %q, want %q", name, s, c.want)
		}
	}
}

// FuzzContentOf: whatever arrives, it is taken apart, and no octet is made up.
func FuzzContentOf(f *testing.F) {
	f.Add([]byte(strings.ReplaceAll(rich, "\n", "\r\n")))
	f.Add([]byte("\n\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := contentOf(raw, 0)
		if !strings.HasSuffix(string(raw), c.Body) {
			t.Errorf("the body %q is not the end of %q", c.Body, raw)
		}
	})
}
