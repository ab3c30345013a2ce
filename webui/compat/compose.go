package compat

import (
	"bytes"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
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

// compose writes the message:
//
//	multipart/mixed                 where there are attachments
//	  multipart/related             where there are inline ones
//	    multipart/alternative       where there are text and HTML
func (req *sendRequest) compose(w io.Writer) error {
	root := req.text()
	var inline, files []*entity
	for i := range req.Attachments {
		e, err := req.Attachments[i].entity()
		if err != nil {
			return err
		}
		if e.contentID != "" {
			inline = append(inline, e)
		} else {
			files = append(files, e)
		}
	}
	if len(inline) > 0 {
		root = &entity{mediaType: "multipart/related", parts: append([]*entity{root}, inline...)}
	}
	if len(files) > 0 {
		root = &entity{mediaType: "multipart/mixed", parts: append([]*entity{root}, files...)}
	}
	h, err := req.header()
	if err != nil {
		return err
	}
	root.describe(&h.Header)
	mw, err := gomessage.CreateWriter(w, h.Header)
	if err != nil {
		return err
	}
	return root.write(mw)
}

func (req *sendRequest) text() *entity {
	utf8 := map[string]string{"charset": "utf-8"}
	text := &entity{mediaType: "text/plain", params: utf8, body: []byte(crlf(req.Text))}
	if req.HTML == "" {
		return text
	}
	html := &entity{mediaType: "text/html", params: utf8, body: []byte(crlf(req.HTML))}
	if req.Text == "" {
		return html
	}
	return &entity{mediaType: "multipart/alternative", parts: []*entity{text, html}}
}

// crlf gives text the line ends that it is sent with.
func crlf(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

func (a *attached) entity() (*entity, error) {
	t, params, err := mime.ParseMediaType(a.ContentType)
	if err != nil || strings.HasPrefix(t, "multipart/") || !strings.Contains(t, "/") {
		return nil, refuse(http.StatusBadRequest, "Not a media type of an attachment: %q.", a.ContentType)
	}
	e := &entity{mediaType: t, params: params, disposition: "attachment", name: a.Filename, contentID: a.ContentID, body: a.decoded}
	if e.contentID != "" {
		e.disposition = "inline"
	}
	return e, nil
}

func (req *sendRequest) header() (*mail.Header, error) {
	h := &mail.Header{}
	h.SetDate(time.Now())
	if _, domain, _ := strings.Cut(req.From.Email, "@"); req.Headers["Message-ID"] == "" {
		if err := h.GenerateMessageIDWithHostname(domain); err != nil {
			return nil, err
		}
	}
	h.SetSubject(oneLine(req.Subject))
	for _, f := range []struct {
		name string
		list []mailbox
	}{{"Reply-To", req.ReplyTo}, {"Cc", req.Cc}, {"To", req.To}, {"From", []mailbox{req.From}}} {
		if len(f.list) > 0 {
			h.SetAddressList(f.name, addressList(f.list))
		}
	}
	if len(req.Tags) > 0 {
		h.SetText("X-Tags", oneLine(strings.Join(req.Tags, ", ")))
	}
	for _, name := range slices.Sorted(maps.Keys(req.Headers)) {
		h.SetText(name, req.Headers[name])
	}
	h.Set("Mime-Version", "1.0")
	return h, nil
}

func addressList(in []mailbox) []*mail.Address {
	out := make([]*mail.Address, len(in))
	for i, m := range in {
		out[i] = &mail.Address{Name: oneLine(m.Name), Address: m.Email}
	}
	return out
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

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
	encoding := "base64"
	if e.disposition == "" {
		encoding = "quoted-printable"
	}
	h.Set("Content-Transfer-Encoding", encoding)
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
