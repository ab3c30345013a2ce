package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// asset is one file of the page, ready to be served.
type asset struct {
	mediaType string
	version   string // of all assets together, as it stands in paths
	body      []byte
	etag      string
	zipped    func() []byte // nil when it would not be smaller
}

// assetTypes are the files that are served; others (licences, notes) are not.
var assetTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".mjs":  "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
}

// Pages name their files below a version, so that browsers need not ask for
// them again. A page that was loaded from another build is given what there is.
const versionPrefix = "v-"

// registerPage puts the page and its assets on mux.
func (s *Server) registerPage(mux *http.ServeMux) {
	assets := sync.OnceValue(loadAssets)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		index := assets()["index.html"]
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Security-Policy", pagePolicy)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		index.serve(w, r)
	})
	mux.HandleFunc("GET /assets/{name...}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		version, rest, ok := strings.Cut(name, "/")
		if ok && strings.HasPrefix(version, versionPrefix) {
			name = rest
		}
		a := assets()[name]
		if a == nil {
			writeProblem(w, problemf(http.StatusNotFound, "There is no asset %s.", r.URL.Path))
			return
		}
		if version == a.version {
			w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache") // kept, but asked for again each time
		}
		a.serve(w, r)
	})
	registerDocs(mux, assets)
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("ETag", a.etag)
	h.Set("Content-Type", a.mediaType)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if z := a.zipped(); z != nil {
			h.Set("Content-Encoding", "gzip")
			body = z
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// loadAssets reads the embedded files by their path below assets, with the
// modules joined, see bundle.
func loadAssets() map[string]*asset {
	bodies, modules := make(map[string][]byte), make(map[string][]byte)
	sum := sha256.New()
	err := fs.WalkDir(assetFiles, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, ok := assetTypes[path.Ext(name)]; !ok {
			return nil
		}
		body, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(body), body) // files come in order
		if name = strings.TrimPrefix(name, "assets/"); isModule(name) {
			modules[name] = body
		} else {
			bodies[name] = body
		}
		return nil
	})
	if err != nil {
		panic(err) // embedded files can be read
	}
	scripts, err := bundle(modules)
	if err != nil {
		panic(err) // what is embedded was tested
	}
	maps.Copy(bodies, scripts)
	version := versionPrefix + hex.EncodeToString(sum.Sum(nil)[:8])
	assets := make(map[string]*asset, len(bodies))
	for name, body := range bodies {
		if path.Ext(name) == ".html" {
			body = bytes.ReplaceAll(body, []byte(preloadMark), preloads(bodies, "js/app.js"))
			body = bytes.ReplaceAll(body, []byte(`"assets/`), []byte(`"assets/`+version+"/"))
		}
		etag := sha256.Sum256(body)
		assets[name] = &asset{
			mediaType: assetTypes[path.Ext(name)],
			version:   version,
			body:      body,
			// Weak: the same for the compressed form (RFC 9110 §8.8.1).
			etag:   `W/"` + hex.EncodeToString(etag[:12]) + `"`,
			zipped: sync.OnceValue(func() []byte { return zip(body) }),
		}
	}
	return assets
}

// isModule says whether a file is joined with others: not RapiDoc, which is no
// module.
func isModule(name string) bool {
	return strings.HasPrefix(name, "js/") || path.Ext(name) == ".mjs"
}

// preloadMark is where the page tells of the modules that it needs at once.
const preloadMark = "<!-- modules -->"

// imported finds what a module imports when it is loaded: dynamic imports do
// not begin a line.
var imported = regexp.MustCompile(`(?m)(?:^|;)(?:import|export)\b[^"'();]*"([^"]+)"`)

// preloads are links to a module and all that it imports, so that a browser
// asks for them at once and not one after the other.
func preloads(bodies map[string][]byte, entry string) []byte {
	var links bytes.Buffer
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if seen[name] || bodies[name] == nil {
			return
		}
		seen[name] = true
		fmt.Fprintf(&links, "<link rel=\"modulepreload\" href=\"assets/%s\">\n  ", name)
		for _, m := range imported.FindAllSubmatch(bodies[name], -1) {
			add(path.Join(path.Dir(name), string(m[1])))
		}
	}
	add(entry)
	return bytes.TrimSpace(links.Bytes())
}

func zip(body []byte) []byte {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is right
	}
	_, _ = z.Write(body)
	_ = z.Close()
	if buf.Len() >= len(body) {
		return nil
	}
	return buf.Bytes()
}

// pagePolicy lets the page load its own files and nothing else.
const pagePolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
