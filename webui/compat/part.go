package compat

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"restante/mailstore/message"
)

// partPolicy is for parts that are opened by themselves: nothing runs, nothing
// is loaded, and the document has an origin of its own.
const partPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'; frame-ancestors 'self'"

// openedPart is a part that is being read. Whoever opened it closes the content.
type openedPart struct {
	*message.Part
	messageID string
	content   io.Closer
	body      io.Reader // decoded
}

// openPart opens the part that a request asks for.
func (s *server) openPart(r *http.Request) (*openedPart, error) {
	m, err := s.asked(r)
	if err != nil {
		return nil, err
	}
	c, err := s.store.Content(m.Seq)
	if err != nil {
		return nil, err
	}
	part, body, err := message.OpenPart(c, r.PathValue("part"))
	if err != nil {
		c.Close()
		if errors.Is(err, message.ErrNoPart) {
			err = refuse(http.StatusNotFound, "The message has no part %s.", r.PathValue("part"))
		}
		return nil, err
	}
	return &openedPart{part, m.ID, c, body}, nil
}

// getPart streams a part, decoded.
func (s *server) getPart(w http.ResponseWriter, r *http.Request) error {
	p, err := s.openPart(r)
	if err != nil {
		return err
	}
	defer p.content.Close()
	contentType, kind := served(p.Part)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", disposition(kind, p.Name))
	h.Set("Content-Security-Policy", partPolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // a message's HTML has an origin of its own
	if r.Method == http.MethodHead {
		return nil
	}
	return s.copyOut(w, r, p.body, p.messageID)
}

// served says as what a part is served. What a browser would run or take apart
// is octets to be saved, the rest is what it says.
func served(p *message.Part) (contentType, kind string) {
	const octets = "application/octet-stream"
	t := p.Type
	switch {
	case strings.HasPrefix(t, "multipart/"), !strings.Contains(t, "/"),
		strings.Contains(t, "html"), strings.Contains(t, "xml"), strings.Contains(t, "xsl"),
		strings.Contains(t, "javascript"), strings.Contains(t, "ecmascript"), t == "text/css":
		return octets, "attachment"
	}
	var params map[string]string
	if strings.HasPrefix(t, "text/") && p.Charset != "" {
		params = map[string]string{"charset": p.Charset}
	}
	if v := mime.FormatMediaType(t, params); v != "" {
		return v, "inline"
	}
	return octets, "attachment"
}

// disposition names a file without a path and without what cannot be seen.
func disposition(kind, name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	if name = strings.Trim(name, ". "); name == "" {
		return kind
	}
	if v := mime.FormatMediaType(kind, map[string]string{"filename": name}); v != "" {
		return v
	}
	return kind
}
