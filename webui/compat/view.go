package compat

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"restante/mailstore/message"
)

// viewPolicy is for a message's HTML: an origin of its own, no scripts, nothing
// from elsewhere but what the message brought along.
const viewPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:; " +
	"style-src 'unsafe-inline'; font-src 'self' data:; media-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// viewMessage serves a message's HTML or text for tests that drive a browser:
// /view/latest.html, /view/ID.txt.
func (s *server) viewMessage(w http.ResponseWriter, r *http.Request) error {
	id, isHTML := strings.CutSuffix(r.PathValue("file"), ".html")
	if !isHTML {
		var isText bool
		if id, isText = strings.CutSuffix(id, ".txt"); !isText {
			return refuse(http.StatusNotFound, "There is /view/latest.html, /view/latest.txt, and the same with a message's ID.")
		}
	}
	m, err := s.named(r, id)
	if err != nil {
		return err
	}
	c, err := s.parse(m)
	if err != nil {
		return err
	}
	h := w.Header()
	if !isHTML {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		_, err = io.WriteString(w, c.Text)
		return gone(err)
	}
	if c.HTML == "" {
		return refuse(http.StatusNotFound, "The message has no HTML.")
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", viewPolicy)
	_, err = io.WriteString(w, linkParts(c, "../api/v1/message/"+m.ID+"/part/"))
	return gone(err)
}

// cidPattern finds what HTML says about parts of its own message (RFC 2392).
var cidPattern = regexp.MustCompile(`(?i)cid:([^"'\s<>)]+)`)

// linkParts points cid: addresses at the parts below base.
func linkParts(c *message.Message, base string) string {
	inline, attached := filesOf(c)
	paths := make(map[string]string)
	for _, p := range append(inline, attached...) {
		if p.ContentID != "" {
			paths[p.ContentID] = base + partID(p)
		}
	}
	if len(paths) == 0 {
		return c.HTML
	}
	return cidPattern.ReplaceAllStringFunc(c.HTML, func(found string) string {
		id := found[len("cid:"):]
		if plain, err := url.PathUnescape(id); err == nil {
			id = plain // RFC 2392 §2: percent-encoded
		}
		if to, ok := paths[id]; ok {
			return to
		}
		return found
	})
}
