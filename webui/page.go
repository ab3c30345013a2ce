package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// asset is one file of the page, ready to be served.
type asset struct {
	mediaType string
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
	".svg":  "image/svg+xml",
}

// registerPage puts the page and its assets on mux.
func (s *Server) registerPage(mux *http.ServeMux) {
	assets := sync.OnceValue(loadAssets)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		index := assets()["index.html"]
		w.Header().Set("Content-Security-Policy", pagePolicy(index.body))
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		index.serve(w, r)
	})
	mux.HandleFunc("GET /assets/{name...}", func(w http.ResponseWriter, r *http.Request) {
		a := assets()[r.PathValue("name")]
		if a == nil {
			writeProblem(w, problemf(http.StatusNotFound, "There is no asset %s.", r.URL.Path))
			return
		}
		a.serve(w, r)
	})
	registerDocs(mux, assets)
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache") // kept, but asked for again each time
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

// loadAssets reads the embedded files by their path below assets.
func loadAssets() map[string]*asset {
	assets := make(map[string]*asset)
	err := fs.WalkDir(assetFiles, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		mediaType, ok := assetTypes[path.Ext(name)]
		if !ok {
			return nil
		}
		body, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		assets[strings.TrimPrefix(name, "assets/")] = &asset{
			mediaType: mediaType,
			body:      body,
			// Weak: the same for the compressed form (RFC 9110 §8.8.1).
			etag:   `W/"` + hex.EncodeToString(sum[:12]) + `"`,
			zipped: sync.OnceValue(func() []byte { return zip(body) }),
		}
		return nil
	})
	if err != nil {
		panic(err) // embedded files can be read
	}
	return assets
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

// pagePolicy lets the page load its own files and nothing else. The only
// inline script is the import map, which cannot be a file of its own.
func pagePolicy(index []byte) string {
	const open, end = `<script type="importmap">`, `</script>`
	_, rest, _ := bytes.Cut(index, []byte(open))
	importMap, _, _ := bytes.Cut(rest, []byte(end))
	sum := sha256.Sum256(importMap)
	return "default-src 'self'; script-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
		"img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
