package webui

import (
	"net/http"
	"regexp"
)

// plainHost is a Host that can stand in a policy.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9._:\[\]-]+$`)

// framePolicy is the Content-Security-Policy of a message's HTML. The sandbox
// gives it an origin of its own, without scripts, forms or plug-ins, also when
// it is opened in a tab; links may open new tabs. Images, fonts and media come
// from the message's own parts, and from elsewhere only if the reader said so. root is
// the path that browsers know the server under.
func framePolicy(r *http.Request, root, id string, remote bool) string {
	own := ""
	if plainHost.MatchString(r.Host) {
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		own = " " + scheme + "://" + r.Host + root + "/v1/messages/" + id + "/parts/"
	}
	elsewhere := ""
	if remote {
		elsewhere = " http: https:"
	}
	return "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; " +
		"img-src data:" + own + elsewhere + "; " +
		"style-src 'unsafe-inline'" + elsewhere + "; " +
		"font-src data:" + own + elsewhere + "; " +
		"media-src data:" + own + elsewhere + "; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
}
