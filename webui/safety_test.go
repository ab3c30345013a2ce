package webui

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHost(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Hosts: []string{"mail.example.org", "*.corp.example"}})
	for host, ok := range map[string]bool{
		"localhost":                true,
		"localhost:8025":           true,
		"LocalHost.:8025":          true,
		"restante.localhost":       true,
		"127.0.0.1:8025":           true,
		"192.0.2.7":                true,
		"[::1]:8025":               true,
		"[2001:db8::1]":            true,
		"restante:8025":            true, // a container's name
		"host.docker.internal":     true,
		"mail.app.test":            true,
		"mail.example.org:8025":    true,
		"MAIL.example.org":         true,
		"a.b.corp.example":         true,
		"corp.example":             false,
		"evilcorp.example":         false,
		"example.org":              false,
		"evil.example":             false,
		"127.0.0.1.evil.example":   false,
		"localhost.evil.example":   false,
		"x.mail.example.org":       false,
		"mail.example.org.evil.io": false,
	} {
		for _, path := range []string{"/", "/v1/messages", "/livez", "/nope", "/assets/js/app.js"} {
			a := f.get(path, "Host: "+host)
			if refused := a.StatusCode == http.StatusMisdirectedRequest; refused == ok {
				t.Errorf("Host %s %s: got %d, allowed should be %v", host, path, a.StatusCode, ok)
			}
		}
	}
	wantProblem(t, f.get("/v1/messages", "Host: evil.example"), 421, "evil.example", "allowed hosts")
}

func TestAnyHost(t *testing.T) {
	t.Parallel()
	s := New(Config{Hosts: []string{"*"}}, start(t, Config{}).store, nil)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://evil.example/livez", nil))
	if w.Code != 200 {
		t.Errorf("got %d with Hosts *", w.Code)
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	at := "/v1/messages/" + f.put(plain, "a@b.test", "bob@app.test").ID
	own := f.url
	for _, c := range []struct {
		headers []string
		ok      bool
	}{
		{nil, true}, // curl
		{[]string{"Origin: " + own}, true},
		{[]string{"Origin: " + own, "Sec-Fetch-Site: same-origin"}, true},
		{[]string{"Origin: http://evil.example"}, false},
		{[]string{"Origin: null"}, false},
		{[]string{"Origin: http://localhost:1"}, false},
		{[]string{"Sec-Fetch-Site: cross-site"}, false},
		{[]string{"Sec-Fetch-Site: same-site", "Origin: http://127.0.0.1:1"}, false},
	} {
		for _, method := range []string{"PATCH", "DELETE", "POST", "PUT"} {
			a := f.do(method, at, `{"seen":true}`, append(c.headers, "Content-Type: application/json")...)
			if refused := a.StatusCode == http.StatusForbidden; refused == c.ok {
				t.Errorf("%s with %q: got %d, allowed should be %v", method, c.headers, a.StatusCode, c.ok)
			}
			if !c.ok {
				wantProblem(t, a, 403, "another origin")
			} else if method == "DELETE" {
				at = "/v1/messages/" + f.put(plain, "a@b.test", "bob@app.test").ID
			}
		}
		if a := f.get(at, c.headers...); a.StatusCode != 200 {
			t.Errorf("GET with %q: got %d", c.headers, a.StatusCode)
		}
	}
}

// A form of any page can send these types without being asked first.
func TestBodiesThatFormsCanSend(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	at := "/v1/messages/" + f.put(plain, "a@b.test", "bob@app.test").ID
	for _, ct := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", "application/jsonx"} {
		var headers []string
		if ct != "" {
			headers = []string{"Content-Type: " + ct}
		}
		wantProblem(t, f.do("PATCH", at, `{"seen":true}`, headers...), 415, "application/json")
	}
	if m := into[Message](t, f.get(at), 200); m.Seen {
		t.Error("a refused change was made")
	}
	wantProblem(t, f.do("POST", "/v1/messages?to=bob@app.test", "Hello.", "Content-Type: text/plain"), 415, "message/rfc822")
	wantProblem(t, f.do("POST", "/v1/import", "From a@b.test", "Content-Type: text/plain"), 415, "message/rfc822", "application/mbox")
}

func TestEveryAnswerCarriesSafeHeaders(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	at := "/v1/messages/" + f.put(mixed, "a@b.test", "bob@app.test").ID
	for _, path := range []string{"/", "/assets/js/app.js", "/v1/messages", at, at + "/raw", at + "/html", at + "/parts/2", "/livez", "/v1/openapi.json", "/nope"} {
		h := f.get(path).Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers are %v", path, h)
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "frame-ancestors 'none'") && !strings.Contains(csp, "sandbox") {
			t.Errorf("%s: policy is %q", path, csp)
		}
		if h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s may be read by other origins", path)
		}
	}
}

func TestUnknownPathsAreProblems(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for _, path := range []string{"/nope", "/v1", "/v1/", "/v1/nope", "/index.html", "/docs/none", "/openapi.json", "/assets/", "/assets/nope.js", "/assets/vendor/README.md", "/messages/1", "/favicon.ico"} {
		wantProblem(t, f.get(path), 404)
	}
	a := f.do("PUT", "/v1/messages", "{}", "Content-Type: application/json")
	wantProblem(t, a, 405, "GET")
	if allow := a.Header.Get("Allow"); !strings.HasPrefix(allow, "GET, ") || !strings.HasSuffix(allow, "PATCH, DELETE") {
		t.Errorf("Allow is %q", allow)
	}
	a = f.do("PUT", "/v1/messages/1", "{}", "Content-Type: application/json")
	if a.Header.Get("Allow") != "GET, PATCH, DELETE" {
		t.Errorf("Allow is %q", a.Header.Get("Allow"))
	}
}

func TestFramePolicy(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	id := f.put(mixed, "a@b.test", "bob@app.test").ID
	policy := func(path string, headers ...string) map[string]string {
		directives := make(map[string]string)
		for d := range strings.SplitSeq(f.get(path, headers...).Header.Get("Content-Security-Policy"), ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(d), " ")
			directives[name] = value
		}
		return directives
	}
	closed := policy("/v1/messages/" + id + "/html")
	for name, want := range map[string]string{
		"sandbox":         "allow-popups allow-popups-to-escape-sandbox",
		"default-src":     "'none'",
		"img-src":         "data: " + f.url + "/v1/messages/" + id + "/parts/",
		"style-src":       "'unsafe-inline'",
		"form-action":     "'none'",
		"base-uri":        "'none'",
		"frame-ancestors": "'self'",
	} {
		if closed[name] != want {
			t.Errorf("%s is %q, want %q", name, closed[name], want)
		}
	}
	open := policy("/v1/messages/" + id + "/html?remote=1")
	if open["img-src"] != closed["img-src"]+" http: https:" || open["sandbox"] != closed["sandbox"] || open["default-src"] != "'none'" {
		t.Errorf("with remote content the policy is %v", open)
	}
	odd := policy("/v1/messages/"+id+"/html", "Host: x;script-src")
	if _, injected := odd["script-src"]; injected || odd["img-src"] != "data:" {
		t.Errorf("a Host got into the policy: %v", odd)
	}
	bySeq := policy("/v1/messages/1/html")
	if bySeq["img-src"] != "data: "+f.url+"/v1/messages/1/parts/" {
		t.Errorf("asked for by seq, images may come from %q", bySeq["img-src"])
	}
	wantProblem(t, f.get("/v1/messages/"+f.put(plain, "", "b@c.test").ID+"/html"), 404, "no HTML")
}

// What takes mail and what configures clients is guarded as the API is.
func TestImportAndAutodiscoverAreGuarded(t *testing.T) {
	t.Parallel()
	f := start(t, everyDoor())
	for _, c := range []struct{ path, mediaType, body string }{
		{"/v1/import", "message/rfc822", "To: ana@app.test\r\n\r\nx"},
		{"/v1/import", "application/mbox", "From a@app.test Sat\nTo: ana@app.test\n\nx\n"},
		{autodiscoverPath, "text/xml", "<Autodiscover/>"},
	} {
		wantProblem(t, f.do("POST", c.path, c.body, "Content-Type: "+c.mediaType, "Origin: http://evil.example"), 403, "another origin")
		wantProblem(t, f.do("POST", c.path, c.body, "Content-Type: "+c.mediaType, "Host: evil.example.com"), 421, "does not answer")
		wantProblem(t, f.do("POST", c.path, c.body, "Content-Type: text/plain"), 415, "")
	}
	for _, path := range []string{"/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml", autodiscoverPath, "/restante.mobileconfig?email=ana@app.test"} {
		wantProblem(t, f.do("GET", path, "", "Host: evil.example.com"), 421, "does not answer")
	}
}
