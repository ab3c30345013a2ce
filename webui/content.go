package webui

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"restante/mailstore/message"
)

// partPolicy is for parts that are opened by themselves: nothing runs, nothing
// is loaded, and the document has an origin of its own.
const partPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'; frame-ancestors 'self'"

// pdfPolicy is for a PDF that the reader asked to see. The viewers of browsers
// do not start in a sandbox; they give the document an origin of its own.
const pdfPolicy = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"

// getRaw streams the octets that arrived. Browsers save them and never show
// them: message/rfc822 as an attachment.
func (s *Server) getRaw(_ context.Context, in *MessagePath) (*huma.StreamResponse, error) {
	return s.octets(in.ID, false)
}

// getEML streams the trace fields and then the octets that arrived.
func (s *Server) getEML(_ context.Context, in *MessagePath) (*huma.StreamResponse, error) {
	return s.octets(in.ID, true)
}

func (s *Server) octets(id string, trace bool) (*huma.StreamResponse, error) {
	m, err := s.store.Message(id)
	if err != nil {
		return nil, err
	}
	content, err := s.store.Content(m.Seq)
	if err != nil {
		return nil, err
	}
	before := ""
	if trace {
		before = m.Trace
	}
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		h := w.Header()
		h.Set("Content-Type", "message/rfc822")
		h.Set("Content-Disposition", disposition("attachment", m.ID+".eml"))
		h.Set("Content-Length", strconv.FormatInt(int64(len(before))+m.Size, 10))
		if r.Method == http.MethodHead {
			return
		}
		_, _ = io.WriteString(w, before)
		s.copyOut(w, r, content, m.ID)
	}), nil
}

// copyOut streams to the client. An error after the first octet can only be
// told by breaking the connection.
func (s *Server) copyOut(w http.ResponseWriter, r *http.Request, from io.Reader, id string) {
	if _, err := io.Copy(w, from); err != nil {
		if r.Context().Err() == nil {
			s.log.Warn("content cut short", "id", id, "err", err)
		}
		panic(http.ErrAbortHandler)
	}
}

type partInput struct {
	MessagePath
	Path     string `path:"path" maxLength:"400" pattern:"^[0-9]+([.][0-9]+)*$" doc:"As in the message's parts, such as 1.2."`
	Download bool   `query:"download" doc:"Save it, whatever it is."`
	Viewer   bool   `query:"viewer" doc:"Let the browser's own viewer show a PDF, which is saved otherwise."`
}

// getPart streams a part, decoded.
func (s *Server) getPart(_ context.Context, in *partInput) (*huma.StreamResponse, error) {
	m, err := s.store.Message(in.ID)
	if err != nil {
		return nil, err
	}
	content, err := s.store.Content(m.Seq)
	if err != nil {
		return nil, err
	}
	part, body, err := message.OpenPart(content, in.Path)
	if err != nil {
		content.Close()
		if errors.Is(err, message.ErrNoPart) {
			err = problemf(http.StatusNotFound, "The message has no part %s: GET /v1/messages/%s lists them.", in.Path, m.ID)
		}
		return nil, err
	}
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		contentType, kind := served(part.Type, part.Charset), "attachment"
		policy := partPolicy
		switch {
		case in.Download:
		case in.Viewer && part.Type == "application/pdf":
			kind, policy = "inline", pdfPolicy
		case inlineTypes[part.Type]:
			kind = "inline"
		}
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Disposition", disposition(kind, part.Name))
		h.Set("Content-Security-Policy", policy)
		// The frame of the message's HTML has an origin of its own.
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if r.Method == http.MethodHead {
			return
		}
		s.copyOut(w, r, body, m.ID)
	}), nil
}

// inlineTypes may be shown by a browser when a part is opened: they hold
// nothing that runs.
var inlineTypes = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/avif": true, "image/bmp": true,
	"audio/mpeg": true, "audio/ogg": true, "audio/wav": true, "audio/mp4": true,
	"video/mp4": true, "video/webm": true, "video/ogg": true,
	"text/plain": true,
}

// served gives the media type that a part is served as. Scripts and style
// sheets are served as text: with nosniff, no page can be made to include them.
// What would be taken apart by a browser is served as plain octets.
func served(mediaType, charset string) string {
	switch {
	case strings.HasPrefix(mediaType, "multipart/"), !strings.Contains(mediaType, "/"):
		mediaType = "application/octet-stream"
	case strings.Contains(mediaType, "javascript"), strings.Contains(mediaType, "ecmascript"), mediaType == "text/css":
		mediaType = "text/plain"
	}
	var params map[string]string
	if strings.HasPrefix(mediaType, "text/") && charset != "" {
		params = map[string]string{"charset": charset}
	}
	if t := mime.FormatMediaType(mediaType, params); t != "" {
		return t
	}
	return "application/octet-stream"
}

// disposition is a Content-Disposition that saves under a safe name: the last
// element of what the message says, without what file systems or shells read
// something into.
func disposition(kind, name string) string {
	if v := mime.FormatMediaType(kind, map[string]string{"filename": safeName(name)}); v != "" {
		return v
	}
	return kind
}

const maxName = 120 // runes

func safeName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>:"|?*`, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, ". ")
	if r := []rune(name); len(r) > maxName {
		name = string(r[len(r)-maxName:]) // the end says what kind it is
	}
	if name == "" {
		return "part"
	}
	return name
}
