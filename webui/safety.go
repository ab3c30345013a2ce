package webui

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// checkHost refuses requests whose Host is a name that somebody else may have
// pointed at this machine (DNS rebinding): a page from such a name would be
// of one origin with the API. A literal address cannot be rebound, nor can
// names that the public DNS never delegates.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.hostAllowed(r.Host) {
			writeProblem(w, problemf(http.StatusMisdirectedRequest,
				"This server does not answer for the host %q. Ask it under an IP address or localhost, or add the name to the allowed hosts in its settings.", r.Host))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) hostAllowed(hostport string) bool {
	if hostport == "" {
		return true // HTTP/1.0 without Host: no browser
	}
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	if !strings.Contains(host, ".") {
		return true // localhost, or a name of the local network or container network
	}
	for _, zone := range reservedZones {
		if strings.HasSuffix(host, zone) {
			return true
		}
	}
	for _, name := range s.cfg.Hosts {
		name = strings.ToLower(name)
		below, wild := strings.CutPrefix(name, "*")
		if host == name || wild && strings.HasSuffix(host, below) {
			return true
		}
	}
	return false
}

// reservedZones are never delegated in the public DNS: RFC 6761 §6.2 and §6.3,
// and ICANN's reservation of .internal for private use.
var reservedZones = [...]string{".localhost", ".test", ".internal"}

// checkOrigin refuses changes that a page of another origin asks for, and
// bodies that a form of any page could send.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	for _, origin := range s.cfg.Origins {
		_ = guard.AddTrustedOrigin(origin) // settings are checked; "*" is seen to below
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, problemf(http.StatusForbidden,
			"A page of another origin (%q) may not change mail here. Send the request from this server's own page, or without an Origin header.", r.Header.Get("Origin")))
	}))
	checked := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if takesBody(r.Method) && r.ContentLength != 0 && !isCompat(r) && !isAutodiscover(r) {
			types := bodyTypes(r.URL.Path)
			if !slices.Contains(types, mediaType(r)) {
				writeProblem(w, problemf(http.StatusUnsupportedMediaType,
					"The body must be sent with Content-Type: %s.", strings.Join(types, " or ")))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
	if s.originAllowed("*") {
		return checked
	}
	return guard.Handler(checked)
}

func takesBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

func mediaType(r *http.Request) string {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// bodyTypes are the media types of the API's bodies. No form can send them.
func bodyTypes(path string) []string {
	switch path {
	case "/v1/messages":
		return []string{"application/json", "message/rfc822"}
	case "/v1/import":
		return []string{"message/rfc822", "application/mbox"}
	}
	return []string{"application/json"}
}

// isCompat says whether a request is for the APIs of Mailpit and MailHog, which
// never asked for a Content-Type: many of their clients send JSON without one.
func isCompat(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// safeHeaders sets what every answer carries. Handlers may relax it for the
// one thing that they serve.
func safeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = nosniff
		h["Referrer-Policy"] = noReferrer
		h["Cache-Control"] = noStore
		h["Content-Security-Policy"] = nothingAllowed
		h["Cross-Origin-Resource-Policy"] = sameOrigin
		next.ServeHTTP(w, r)
	})
}

// Header values, made once. They are never written to.
var (
	nosniff        = []string{"nosniff"}
	noReferrer     = []string{"no-referrer"}
	noStore        = []string{"no-store"}
	sameOrigin     = []string{"same-origin"}
	nothingAllowed = []string{"default-src 'none'; frame-ancestors 'none'"}
)
