package compose

import (
	"bytes"
	"io"
	"maps"
	"mime"
	"strings"

	gomessage "github.com/emersion/go-message"
)

// entity is a part to be written: a body, or parts.
type entity struct {
	mediaType   string
	params      map[string]string
	disposition string // "" has none
	name        string
	contentID   string
	body        []byte
	parts       []*entity
}

func (f *File) entity() (*entity, error) {
	declared := f.Type
	if declared == "" {
		declared = "application/octet-stream"
	}
	t, params, err := mime.ParseMediaType(declared)
	if err != nil || strings.HasPrefix(t, "multipart/") || !strings.Contains(t, "/") {
		return nil, errorf("%q is no media type of an attachment", f.Type)
	}
	if strings.ContainsAny(f.ContentID, "<>\r\n\t \x00") {
		return nil, errorf("%q is no Content-ID: write it without angle brackets", f.ContentID)
	}
	e := &entity{mediaType: t, params: params, disposition: "attachment", name: oneLine(f.Name), contentID: f.ContentID, body: f.Content}
	if e.contentID != "" {
		e.disposition = "inline"
	}
	return e, nil
}

// describe sets the Content fields. Names are written as RFC 2231 has it, which
// go-message does not.
func (e *entity) describe(h *gomessage.Header) {
	if len(e.parts) > 0 {
		h.SetContentType(e.mediaType, nil) // with a boundary, later
		return
	}
	params := maps.Clone(e.params)
	if e.name != "" {
		if params == nil {
			params = make(map[string]string)
		}
		params["name"] = e.name
	}
	h.Set("Content-Type", mime.FormatMediaType(e.mediaType, params))
	if e.disposition != "" {
		of := map[string]string{}
		if e.name != "" {
			of["filename"] = e.name
		}
		h.Set("Content-Disposition", mime.FormatMediaType(e.disposition, of))
	}
	if e.contentID != "" {
		h.Set("Content-Id", "<"+e.contentID+">")
	}
	h.Set("Content-Transfer-Encoding", e.encoding())
}

// encoding is the transfer encoding. A message is attached as it is (RFC 2046
// §5.2.1).
func (e *entity) encoding() string {
	switch {
	case e.disposition == "":
		return "quoted-printable"
	case e.mediaType == "message/rfc822":
		return "8bit"
	}
	return "base64"
}

func (e *entity) write(w *gomessage.Writer) error {
	for _, p := range e.parts {
		var h gomessage.Header
		p.describe(&h)
		pw, err := w.CreatePart(h)
		if err != nil {
			return err
		}
		if err := p.write(pw); err != nil {
			return err
		}
	}
	if len(e.parts) == 0 {
		if _, err := io.Copy(w, bytes.NewReader(e.body)); err != nil {
			return err
		}
	}
	return w.Close()
}
