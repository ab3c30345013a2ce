package webui

import "net/http"

// docsPolicy lets the page of the API load its own files and ask this server.
// RapiDoc makes its style sheets in the page.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// registerDocs puts the page to try the API on mux.
func registerDocs(mux *http.ServeMux, assets func() map[string]*asset) {
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-cache")
		assets()["docs.html"].serve(w, r)
	})
}
