package webui

import (
	"net/http"
	"runtime/debug"
	"strings"
)

// routes is the way a request takes: who may ask, then what is asked for.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.registerAPI(mux)
	s.registerPage(mux)
	s.registerCompat(mux)
	mux.HandleFunc("/", notThere(mux))
	return s.recoverPanics(safeHeaders(s.checkHost(s.underRoot(s.allowOrigins(s.checkCredentials(anyCase(s.checkOrigin(mux))))))))
}

// notThere answers for paths and methods that no pattern matches.
func notThere(mux *http.ServeMux) http.HandlerFunc {
	methods := [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, m := range methods {
			probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
			if _, pattern := mux.Handler(probe); pattern != "/" {
				allowed = append(allowed, m)
			}
		}
		if len(allowed) == 0 {
			writeProblem(w, problemf(http.StatusNotFound,
				"There is nothing at %s. The page is at /, the API is described at /v1/openapi.json.", r.URL.Path))
			return
		}
		allow := strings.Join(allowed, ", ")
		w.Header().Set("Allow", allow)
		writeProblem(w, problemf(http.StatusMethodNotAllowed,
			"%s is not possible at %s: use %s.", r.Method, r.URL.Path, allow))
	}
}

// recoverPanics keeps one broken request from looking like a broken server.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			switch {
			case v == nil:
				return
			case v == http.ErrAbortHandler:
				panic(v)
			case r.Context().Err() != nil:
				// The client has gone and huma could not write its answer.
				panic(http.ErrAbortHandler)
			}
			s.log.Error("request panicked", "err", v, "path", r.URL.Path, "stack", string(debug.Stack()))
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(w, r)
	})
}
