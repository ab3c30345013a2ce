package webui

import (
	"net/http"
	"net/url"
	"strings"
)

// underRoot answers requests with the path that a proxy shows the server under,
// and without it: some proxies take it away. All that the page refers to is
// relative, so that it need not know.
func (s *Server) underRoot(next http.Handler) http.Handler {
	root := s.cfg.Root
	if root == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, root)
		switch {
		case ok && rest == "":
			to := url.URL{Path: root + "/", RawQuery: r.URL.RawQuery}
			http.Redirect(w, r, to.String(), http.StatusPermanentRedirect)
		case ok && rest[0] == '/':
			inner := r.Clone(r.Context())
			inner.URL.Path = rest
			inner.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, root)
			next.ServeHTTP(w, inner)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
