package webui

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

const token = "0123456789abcdef0123456789abcdef"

func TestCredentials(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	f := start(t, Config{
		Auth: func(user, password string) bool {
			asked.Add(1)
			return user == "ana" && password == "right"
		},
		Tokens: []string{token},
	})
	basic := func(user, password string) string {
		r, _ := http.NewRequest("GET", "/", nil)
		r.SetBasicAuth(user, password)
		return "Authorization: " + r.Header.Get("Authorization")
	}
	for _, c := range []struct {
		header string
		ok     bool
	}{
		{basic("ana", "right"), true},
		{"Authorization: Bearer " + token, true},
		{"Authorization: bearer  " + token + " ", true},
		{basic("anybody", token), true}, // for browsers
		{"X-None: 1", false},
		{basic("ana", "wrong"), false},
		{basic("an", "aright"), false},
		{basic("bob", "right"), false},
		{"Authorization: Bearer right", false},
		{"Authorization: Bearer ", false},
		{"Authorization: Bearer", false},
		{"Authorization: " + token, false},
	} {
		for _, path := range []string{"/", "/v1/messages", "/v1/events", "/assets/js/app.js", "/v1/openapi.json", "/api/v1/messages", "/nope"} {
			a := f.do("HEAD", path, "", c.header)
			if refused := a.StatusCode == http.StatusUnauthorized; refused == c.ok {
				t.Errorf("%s with %q: got %d, should be let in: %v", path, c.header, a.StatusCode, c.ok)
			}
		}
	}
	a := f.get("/v1/messages")
	wantProblem(t, a, http.StatusUnauthorized, "user name and password", "token")
	if got := strings.Join(a.Header.Values("WWW-Authenticate"), "; "); !strings.Contains(got, `Basic realm="Restante", charset="UTF-8"`) || !strings.Contains(got, "Bearer") {
		t.Errorf("got WWW-Authenticate %q", got)
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if a := f.get(path); a.StatusCode != 200 {
			t.Errorf("%s without credentials: got %d, want 200", path, a.StatusCode)
		}
	}
	before := asked.Load()
	f.get("/v1/messages", basic("ana", "right"))
	if asked.Load() != before {
		t.Error("a password that was right is hashed again")
	}
}

func TestCredentialsComeFirst(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Tokens: []string{token}})
	id := f.put(plain, "a@b.test", "bob@app.test").ID
	if a := f.do("DELETE", "/v1/messages/"+id, ""); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("DELETE without a token: got %d, want 401", a.StatusCode)
	}
	if _, err := f.store.Message(id); err != nil {
		t.Errorf("the message is gone: %v", err)
	}
	if a := f.do("DELETE", "/v1/messages/"+id, "", "Authorization: Bearer "+token); a.StatusCode != http.StatusNoContent {
		t.Errorf("DELETE with the token: got %d, want 204", a.StatusCode)
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	const page = "http://localhost:3000"
	preflight := []string{"Origin: " + page, "Access-Control-Request-Method: DELETE", "Access-Control-Request-Headers: content-type", "Sec-Fetch-Site: cross-site"}

	closed := start(t, Config{})
	if a := closed.do("OPTIONS", "/v1/messages", "", preflight...); a.StatusCode < 400 || a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without origins, a preflight got %d, %q", a.StatusCode, a.Header)
	}
	if a := closed.get("/v1/messages", "Origin: "+page); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without origins, a page elsewhere may read: %q", a.Header)
	}

	f := start(t, Config{Origins: []string{page, "https://app.test"}, Tokens: []string{token}})
	a := f.do("OPTIONS", "/v1/messages", "", preflight...)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": page, "Access-Control-Allow-Methods": "DELETE", "Access-Control-Allow-Headers": "Authorization",
	} {
		if got := a.Header.Get(name); a.StatusCode != 204 || !strings.Contains(got, want) {
			t.Errorf("preflight: got %d and %s %q, want 204 and %q", a.StatusCode, name, got, want)
		}
	}
	if got := a.Header.Get("Access-Control-Allow-Credentials"); got != "" {
		t.Errorf("what the browser keeps is let through: %q", got)
	}
	a = f.get("/v1/messages", "Origin: "+page)
	if a.StatusCode != 401 || a.Header.Get("Access-Control-Allow-Origin") != page || a.Header.Get("Vary") != "Origin" {
		t.Errorf("without a token: got %d, %q, want 401 that the page can read", a.StatusCode, a.Header)
	}
	id := f.put(plain, "a@b.test", "bob@app.test").ID
	a = f.do("DELETE", "/v1/messages/"+id, "", "Origin: "+page, "Sec-Fetch-Site: cross-site", "Authorization: Bearer "+token)
	if a.StatusCode != 204 {
		t.Errorf("a listed page may not delete: %d %s", a.StatusCode, a.body)
	}
	for _, origin := range []string{"http://localhost:3001", "http://evil.test", "null", "https://localhost:3000"} {
		a := f.do("DELETE", "/v1/messages/1", "", "Origin: "+origin, "Sec-Fetch-Site: cross-site", "Authorization: Bearer "+token)
		if a.StatusCode != 403 || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: got %d, %q, want 403", origin, a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"))
		}
	}
}

func TestCORSForAny(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Origins: []string{"*"}})
	id := f.put(plain, "a@b.test", "bob@app.test").ID
	a := f.do("DELETE", "/v1/messages/"+id, "", "Origin: http://any.test", "Sec-Fetch-Site: cross-site")
	if a.StatusCode != 204 || a.Header.Get("Access-Control-Allow-Origin") != "http://any.test" {
		t.Errorf("got %d, %q", a.StatusCode, a.Header)
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Root: "/tools/mail"})
	id := f.put("Subject: HTML\nContent-Type: text/html\n\n<p>Hello</p>\n", "a@b.test", "bob@app.test").ID
	for _, path := range []string{"/", "/v1/messages", "/v1/messages/" + id, "/v1/messages/" + id + "/raw", "/assets/js/app.js", "/livez", "/v1/openapi.json", "/v1/mailboxes/bob%40app.test"} {
		for _, root := range []string{"/tools/mail", ""} { // a proxy may take it away
			if a := f.get(root + path); a.StatusCode != 200 {
				t.Errorf("%s%s: got %d, want 200", root, path, a.StatusCode)
			}
		}
	}
	for _, path := range []string{"/tools/mailbox", "/tools/mail/nope", "/tools/", "/tools/mail/tools/mail/"} {
		if a := f.get(path); a.StatusCode != 404 {
			t.Errorf("%s: got %d, want 404", path, a.StatusCode)
		}
	}
	a := f.get("/tools/mail?x=1")
	if a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != "/tools/mail/?x=1" {
		t.Errorf("got %d to %q, want a redirect to /tools/mail/?x=1", a.StatusCode, a.Header.Get("Location"))
	}
	policy := f.get("/tools/mail/v1/messages/" + id + "/html").Header.Get("Content-Security-Policy")
	if want := "/tools/mail/v1/messages/" + id + "/parts/"; !strings.Contains(policy, want) {
		t.Errorf("the frame's policy %q does not allow %s", policy, want)
	}
}

// TestPageIsRelative holds that the page refers to nothing by an absolute path,
// which would not be under a proxy's.
func TestPageIsRelative(t *testing.T) {
	t.Parallel()
	for name, a := range loadAssets() {
		if strings.HasPrefix(name, "vendor/") {
			continue
		}
		for _, absolute := range []string{`"/v1`, "`/v1", `"/assets`, `'/v1`, `'/assets`, `href="/`, `src="/`, `url(/`, `location = "/`} {
			if strings.Contains(string(a.body), absolute) {
				t.Errorf("%s has %s", name, absolute)
			}
		}
	}
}
