package webui

import (
	"errors"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRawIsExactlyWhatArrived(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	odd := "Subject: x\r\n\r\nbare\nLF, bare\rCR, \x00 and \xff, no end of line"
	big := "Subject: big\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", 100_000)
	for _, raw := range []string{odd, big, "", "\r\n"} {
		r := f.putOctets(raw, "", "bob@app.test")
		a := f.get("/v1/messages/" + r.ID + "/raw")
		if a.body != raw {
			t.Errorf("%d octets went in, %d others came out", len(raw), len(a.body))
		}
		if a.Header.Get("Content-Type") != "message/rfc822" || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
			a.Header.Get("Content-Disposition") != "attachment; filename="+r.ID+".eml" || a.ContentLength != int64(len(raw)) {
			t.Errorf("headers are %v", a.Header)
		}
	}
}

func TestRealWorldMessages(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../shared/corpus/*.eml")
	if len(files) == 0 {
		t.Skip("no corpus beside the repository")
	}
	f := start(t, Config{})
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := f.putOctets(string(raw), "a@b.test", "bob@app.test")
		at := "/v1/messages/" + r.ID
		if got := f.get(at + "/raw").body; got != string(raw) {
			t.Errorf("%s: raw differs", name)
		}
		m := into[Message](t, f.get(at), 200)
		if html := f.get(at + "/html"); (html.StatusCode == 200) != (m.HTML != "") {
			t.Errorf("%s: html is %d, but the message has %d octets of it", name, html.StatusCode, len(m.HTML))
		}
		checkParts(t, f, at, m.Parts)
	}
}

// checkParts fetches every part and compares its size with what is told.
func checkParts(t *testing.T, f *fixture, at string, parts []Part) {
	t.Helper()
	for _, p := range parts {
		if p.Path != "" && len(p.Parts) == 0 {
			a := f.get(at + "/parts/" + p.Path)
			if a.StatusCode != 200 || int64(len(a.body)) != p.Octets {
				t.Errorf("%s part %s (%s): got %d with %d octets, want %d", at, p.Path, p.Type, a.StatusCode, len(a.body), p.Octets)
			}
			checkHarmless(t, a)
		}
		checkParts(t, f, at, p.Parts)
	}
}

// checkHarmless checks the headers that keep a part from running.
func checkHarmless(t *testing.T, a answer) {
	t.Helper()
	h := a.Header
	if !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox; default-src 'none';") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: headers are %v", a.Request.URL, h)
	}
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Errorf("%s: Content-Type %q: %v", a.Request.URL, h.Get("Content-Type"), err)
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if err != nil || strings.ContainsAny(params["filename"], "/\\\r\n\x00") {
		t.Errorf("%s: Content-Disposition %q: %v", a.Request.URL, h.Get("Content-Disposition"), err)
	}
	if kind != "attachment" && !inlineTypes[mediaType] {
		t.Errorf("%s: %s is shown inline", a.Request.URL, mediaType)
	}
}

func TestPart(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	at := "/v1/messages/" + f.put(mixed, "a@b.test", "bob@app.test").ID
	for _, c := range []struct{ path, contentType, disposition, body string }{
		{"1.1.1", "text/plain; charset=utf-8", "inline; filename=part", "The minutes."},
		{"1.2", "image/gif", "inline; filename=part", "GIF89a"},
		{"1.2?download=true", "image/gif", "attachment; filename=part", "GIF89a"},
		{"2", "application/pdf", "attachment; filename=minutes.pdf", "%PDF-1.4\n"},
		{"3", "text/html", "attachment; filename=evil.html", "<script>alert(1)</script>"},
	} {
		a := f.get(at + "/parts/" + c.path)
		if a.StatusCode != 200 || a.Header.Get("Content-Type") != c.contentType || a.Header.Get("Content-Disposition") != c.disposition || !strings.HasPrefix(a.body, c.body) {
			t.Errorf("part %s: got %d %v %q", c.path, a.StatusCode, a.Header, a.body)
		}
		checkHarmless(t, a)
	}
	// A PDF is shown when somebody asks for it, and nothing else is.
	pdf := f.get(at + "/parts/2?viewer=true")
	if pdf.Header.Get("Content-Disposition") != "inline; filename=minutes.pdf" || pdf.Header.Get("Content-Security-Policy") != pdfPolicy {
		t.Errorf("a PDF for the viewer: %v", pdf.Header)
	}
	for _, path := range []string{"3?viewer=true", "2?viewer=true&download=true"} {
		a := f.get(at + "/parts/" + path)
		checkHarmless(t, a)
		if !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment;") {
			t.Errorf("part %s: %v", path, a.Header)
		}
	}
	wantProblem(t, f.get(at+"/parts/9"), 404, "no part 9")
	wantProblem(t, f.get(at+"/parts/x"), 400, "path.path")
	wantProblem(t, f.get(at+"/parts/..%2f..%2fraw"), 400, "path.path")
}

func TestPartOfAMessageWithOnePart(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	raw := "Content-Type: application/zip; name=a.zip\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n"
	at := "/v1/messages/" + f.put(raw, "a@b.test", "bob@app.test").ID
	m := into[Message](t, f.get(at), 200)
	if len(m.Attachments) != 1 || m.Attachments[0].Path != "1" {
		t.Fatalf("attachments are %+v", m.Attachments)
	}
	if a := f.get(at + "/parts/1"); a.body != "PK\x03\x04" {
		t.Errorf("got %q", a.body)
	}
}

func TestPartsThatBrowsersWouldTakeApart(t *testing.T) {
	t.Parallel()
	for mediaType, want := range map[string]string{
		"text/javascript":              "text/plain; charset=x",
		"application/x-javascript":     "text/plain; charset=x",
		"application/ecmascript":       "text/plain; charset=x",
		"text/css":                     "text/plain; charset=x",
		"text/html":                    "text/html; charset=x",
		"multipart/x-mixed-replace":    "application/octet-stream",
		"image/svg+xml":                "image/svg+xml",
		"":                             "application/octet-stream",
		"nonsense":                     "application/octet-stream",
		"text/html; x=\"\r\nEvil: 1\"": "application/octet-stream",
	} {
		if got := served(mediaType, "x"); got != want {
			t.Errorf("served(%q) = %q, want %q", mediaType, got, want)
		}
	}
}

func TestSafeName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"report.pdf":                      "report.pdf",
		"../../x.html":                    "x.html",
		`C:\Windows\a.exe`:                "a.exe",
		"..":                              "part",
		"":                                "part",
		"a\r\nSet-Cookie: x":              "aSet-Cookie x",
		"\u202egpj.exe":                   "gpj.exe",
		"a\x00b":                          "ab",
		".htaccess":                       "htaccess",
		"Übersicht 北京.txt":                "Übersicht 北京.txt",
		`"quoted" <b>|*?.txt`:             "quoted b.txt",
		strings.Repeat("é", 200) + ".pdf": strings.Repeat("é", 116) + ".pdf",
	} {
		if got := safeName(name); got != want {
			t.Errorf("safeName(%q) = %q, want %q", name, got, want)
		}
		if _, params, err := mime.ParseMediaType(disposition("attachment", name)); err != nil || params["filename"] != want {
			t.Errorf("disposition of %q gives %q, %v", name, params["filename"], err)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a.pdf", "../x", "a\r\nb", "\xff", "=?utf-8?q?x?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		v := disposition("attachment", name)
		if strings.ContainsAny(v, "\r\n\x00") {
			t.Fatalf("disposition of %q is %q", name, v)
		}
		if s := safeName(name); s == "" || s == "." || s == ".." || strings.ContainsAny(s, `/\`) {
			t.Fatalf("safeName(%q) = %q", name, s)
		}
	})
}

// narrow takes limit octets and then fails, as a client that has gone.
type narrow struct {
	*httptest.ResponseRecorder
	limit, written, largest int
}

func (w *narrow) Write(p []byte) (int, error) {
	w.largest = max(w.largest, len(p))
	if w.written += len(p); w.written > w.limit {
		return 0, errors.New("the client has gone")
	}
	return len(p), nil
}

// A download must not hold the message in memory: it comes in pieces, and the
// server stops when the client does.
func TestContentIsStreamed(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	body := strings.Repeat("0123456789abcd\r\n", 16<<20/16)
	r := f.putOctets("Content-Type: application/zip\r\n\r\n"+body, "", "bob@app.test")
	for _, path := range []string{"/raw", "/parts/1"} {
		w := &narrow{ResponseRecorder: httptest.NewRecorder(), limit: 1 << 20}
		func() {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("%s: ended with %v, want an aborted connection", path, v)
				}
			}()
			f.srv.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/v1/messages/"+r.ID+path, nil))
		}()
		if w.largest > 4<<20 || w.written > 8<<20 {
			t.Errorf("%s: wrote %d octets, up to %d at once, to a client that took %d", path, w.written, w.largest, w.limit)
		}
	}
}
