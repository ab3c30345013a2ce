package webui

import (
	"strings"
	"testing"
)

func TestDocsPage(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	a := f.get("/docs")
	csp := a.Header.Get("Content-Security-Policy")
	if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "http") {
		t.Errorf("got %d, policy %q", a.StatusCode, csp)
	}
	for _, wrong := range []string{`="/`, `="http`} {
		if strings.Contains(a.body, wrong) {
			t.Errorf("an address in the page is not relative: %s", wrong)
		}
	}
	for _, path := range []string{"/assets/vendor/rapidoc.js", "/assets/js/docs.js", "/assets/css/docs.css"} {
		if a := f.get(path); a.StatusCode != 200 {
			t.Errorf("%s: got %d", path, a.StatusCode)
		}
	}
}

// The page shows every operation, can try one, and asks nobody but the server.
// It is at work under the path of a proxy too.
func TestDocsInABrowser(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for _, root := range []string{"", "/mail"} {
		f := start(t, Config{Root: root})
		tb := open(t, browser, f.url, 1200, 900)
		tb.goTo(root + "/docs")
		const shown = `document.querySelector("rapi-doc")?.shadowRoot?.`
		tb.wait(shown + `textContent.includes("Wait for messages")`)
		tb.wait(shown + `textContent.includes("Deliver a message")`)
		const section = `querySelector("[id='get-/v1/info']")`
		tb.wait(shown + section)
		tb.wait(shown + section + `?.querySelector("api-request")?.shadowRoot?.querySelector(".btn-execute, [part~=btn-try], button.m-btn")`)
		eval[any](tb, shown+section+`.querySelector("api-request").shadowRoot.querySelector("[part~=btn-try]").click()`)
		tb.wait(shown + section + `.querySelector("api-request").shadowRoot.textContent.includes("prunedUpTo")`)
		asked := ""
		for _, r := range tb.asked() {
			if strings.HasSuffix(r, "/v1/info") {
				asked = r
			}
		}
		if asked != f.url+root+"/v1/info" {
			t.Errorf("under %q it asked for %s", root, asked)
		}
	}
}
