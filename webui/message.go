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

type messageInput struct {
	ID      string `path:"id" maxLength:"100" doc:"A message's id, its seq, or latest."`
	Q       string `query:"q" maxLength:"4000" doc:"With latest: the newest that matches this search."`
	Mailbox string `query:"mailbox" maxLength:"1000" doc:"With latest: the newest in this mailbox."`
}

func (s *Server) getMessage(ctx context.Context, in *messageInput) (*jsonBody[Message], error) {
	m, err := s.named(ctx, in)
	if err != nil {
		return nil, err
	}
	d, err := s.detail(m)
	if err != nil {
		return nil, err
	}
	return &jsonBody[Message]{Body: d}, nil
}

// named finds the message that a request names.
func (s *Server) named(ctx context.Context, in *messageInput) (*mailstore.Message, error) {
	if in.ID != "latest" {
		if in.Q != "" || in.Mailbox != "" {
			return nil, problemf(http.StatusBadRequest, "q and mailbox go with /v1/messages/latest only.")
		}
		return s.store.Message(in.ID)
	}
	query, err := parseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	page, err := s.store.List(ctx, mailstore.ListOptions{Query: query, Mailbox: in.Mailbox, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Messages) == 0 {
		return nil, problemf(http.StatusNotFound, "No message matches. GET /v1/wait waits for one.")
	}
	return page.Messages[0], nil
}

// getText serves a message's text.
func (s *Server) getText(_ context.Context, in *MessagePath) (*huma.StreamResponse, error) {
	m, c, err := s.parsed(in.ID)
	if err != nil {
		return nil, err
	}
	if c.Text == "" {
		return nil, problemf(http.StatusNotFound, "The message has no text: GET /v1/messages/%s shows what it has.", m.ID)
	}
	return streamed(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, c.Text)
	}), nil
}

// Headers is a message's header.
type Headers struct {
	Trace   []Field `json:"trace" doc:"Trace fields, made at delivery."`
	Headers []Field `json:"headers" doc:"As sent, in order."`
}

func (s *Server) getHeaders(_ context.Context, in *MessagePath) (*jsonBody[Headers], error) {
	m, c, err := s.parsed(in.ID)
	if err != nil {
		return nil, err
	}
	return &jsonBody[Headers]{Body: Headers{Trace: traceOf(m), Headers: fieldsOf(c.Header)}}, nil
}

type htmlInput struct {
	MessagePath
	Remote   bool `query:"remote" doc:"Let it load images, style sheets, fonts and media from other hosts."`
	Inverted bool `query:"inverted" doc:"Turn its colours round, but not its pictures, as some readers do in the dark."`
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
	if in.Inverted {
		body += inversion
	}
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", framePolicy(r, s.cfg.Root, in.ID, in.Remote))
		h.Set("X-Dns-Prefetch-Control", "off")
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.Copy(w, strings.NewReader(body))
	}), nil
}
