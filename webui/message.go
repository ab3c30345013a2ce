package webui

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"restante/mailstore"
	"restante/mailstore/message"
)

// parsed reads and parses a message.
func (s *Server) parsed(id string) (*mailstore.Message, *message.Message, error) {
	m, err := s.store.Message(id)
	if err != nil {
		return nil, nil, err
	}
	content, err := s.store.Content(m.Seq)
	if err != nil {
		return nil, nil, err
	}
	defer content.Close()
	return m, message.Parse(content), nil
}

func (s *Server) getMessage(_ context.Context, in *MessagePath) (*jsonBody[Message], error) {
	m, c, err := s.parsed(in.ID)
	if err != nil {
		return nil, err
	}
	return &jsonBody[Message]{Body: detailOf(m, c)}, nil
}

type htmlInput struct {
	MessagePath
	Remote bool `query:"remote" doc:"Let it load images, style sheets, fonts and media from other hosts."`
}

// getHTML serves a message's HTML for a frame, see [framePolicy].
func (s *Server) getHTML(_ context.Context, in *htmlInput) (*huma.StreamResponse, error) {
	m, c, err := s.parsed(in.ID)
	if err != nil {
		return nil, err
	}
	if c.HTML == "" {
		return nil, problemf(http.StatusNotFound, "The message has no HTML: GET /v1/messages/%s has its text.", m.ID)
	}
	body := rewriteHTML(c.HTML, partsByContentID(c.Root)).html
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", framePolicy(r, in.ID, in.Remote))
		h.Set("X-Dns-Prefetch-Control", "off")
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.Copy(w, strings.NewReader(body))
	}), nil
}
