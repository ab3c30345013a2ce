package webui

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func TestPageIsServed(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	a := f.get("/?m=x&tab=text&q=whatever")
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(a.body, `id="app"`) {
		t.Fatalf("got %d %v", a.StatusCode, a.Header)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(a.body, -1) {
		path := "/" + m[1]
		if got := f.get(path); got.StatusCode != 200 {
			t.Errorf("the page refers to %s, which is %d", path, got.StatusCode)
		}
	}
}

func TestAssetsAreRevalidatedAndCompressed(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	const path = "/assets/js/app.js"
	whole := f.get(path)
	etag := whole.Header.Get("ETag")
	if etag == "" || whole.Header.Get("Cache-Control") != "no-cache" || whole.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Fatalf("headers are %v", whole.Header)
	}
	if a := f.get(path, "If-None-Match: "+etag); a.StatusCode != 304 || a.body != "" {
		t.Errorf("with its ETag: %d, %d octets", a.StatusCode, len(a.body))
	}
	zipped := f.get(path, "Accept-Encoding: gzip")
	if zipped.Header.Get("Content-Encoding") != "gzip" || len(zipped.body) >= len(whole.body) {
		t.Fatalf("headers are %v", zipped.Header)
	}
	z, err := gzip.NewReader(strings.NewReader(zipped.body))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != whole.body {
		t.Errorf("unpacks to %d octets, want %d: %v", len(plain), len(whole.body), err)
	}
}

// A page's own files need not be asked for again, and those of its first view
// are all told of in the page.
func TestAssetsOfAPageAreKept(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	page := f.get("/")
	if page.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the page itself is kept: %v", page.Header)
	}
	preloaded := regexp.MustCompile(`<link rel="modulepreload" href="([^"]+)">`).FindAllStringSubmatch(page.body, -1)
	version := regexp.MustCompile(`assets/(v-[0-9a-f]+)/`).FindStringSubmatch(page.body)
	if version == nil {
		t.Fatalf("the page names no version: %s", page.body)
	}
	var names []string
	for _, m := range preloaded {
		a := f.get("/" + m[1])
		if a.StatusCode != 200 || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", m[1], a.StatusCode, a.Header)
		}
		names = append(names, strings.TrimPrefix(m[1], "assets/"+version[1]+"/"))
	}
	if len(names) < 2 || names[0] != "js/app.js" {
		t.Errorf("the page preloads %q", names)
	}
	for _, name := range names {
		for _, view := range []string{"sessions", "setup", "faults", "docs"} {
			if strings.Contains(name, view) {
				t.Errorf("the page preloads %s, which not everybody needs", name)
			}
		}
	}
	// The page of another build asks for files that it still needs.
	if a := f.get("/assets/v-0000000000000000/js/app.js"); a.StatusCode != 200 || a.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("a file of another build: %d %v", a.StatusCode, a.Header)
	}
}

// A module that is not there is found when the command is built and tested, not
// by who opens the page.
func TestBundleNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := bundle(map[string][]byte{
		"js/boot.js": []byte(""), "js/docs.js": []byte(""), "js/app.js": []byte(`import { x } from "./gone.js"; x()`),
	})
	if err == nil || !strings.Contains(err.Error(), "js/app.js imports ./gone.js") {
		t.Errorf("got %v", err)
	}
}

// The page is small, and nothing in it names another host.
func TestAssetsAreOurOwn(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{"http://www.w3.org": true} // names of XML namespaces
	address := regexp.MustCompile(`(?:https?:)?//[a-z0-9.-]+\.[a-z]+`)
	compressed := 0
	for name, a := range loadAssets() {
		if name == "vendor/rapidoc.js" {
			continue // for /docs only, whose requests TestDocsInABrowser watches
		}
		if strings.HasSuffix(name, "js") {
			compressed += len(a.zipped())
		}
		for _, found := range address.FindAllString(string(a.body), -1) {
			if !allowed[found] && !strings.HasSuffix(found, ".test") { // which no network has: RFC 6761 §6.2
				t.Errorf("%s names %s", name, found)
			}
		}
	}
	if compressed > 100_000 {
		t.Errorf("JavaScript is %d octets compressed", compressed)
	}
}

func TestVendoredLibrariesAreNamed(t *testing.T) {
	t.Parallel()
	notes, err := assetFiles.ReadFile("assets/vendor/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.ReadDir(assetFiles, "assets/vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := file.Name(); name != "README.md" && !strings.Contains(string(notes), "`"+name+"`") {
			t.Errorf("assets/vendor/README.md does not name %s", name)
		}
	}
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	f := start(t, Config{Version: "1.2.3"})
	doc := into[struct {
		OpenAPI string
		Info    struct{ Version string }
		Paths   map[string]map[string]json.RawMessage
	}](t, f.get("/v1/openapi.json"), 200)
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") || doc.Info.Version != "1.2.3" {
		t.Errorf("it is OpenAPI %s of version %s", doc.OpenAPI, doc.Info.Version)
	}
	for path, methods := range map[string]string{
		"/v1/messages":                   "get",
		"/v1/messages/{id}":              "get patch delete",
		"/v1/messages/{id}/raw":          "get",
		"/v1/messages/{id}/html":         "get",
		"/v1/messages/{id}/parts/{path}": "get",
		"/v1/events":                     "get",
		"/v1/info":                       "get",
		"/livez":                         "get",
		"/readyz":                        "get",
	} {
		for method := range strings.FieldsSeq(methods) {
			if doc.Paths[path][method] == nil {
				t.Errorf("%s %s is not described", method, path)
			}
		}
	}
}
