package webui

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const apiDescription = "Everything that the page of Restante shows, for programs. " +
	"A GET changes nothing. Errors are problem documents (RFC 9457)."

// registerAPI puts every operation of the API on mux. The OpenAPI document is
// made from what is registered here.
func (s *Server) registerAPI(mux *http.ServeMux) {
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Restante", Version: s.version(), Description: apiDescription},
			Servers: []*huma.Server{{URL: cmp.Or(s.cfg.Root, "/")}},
		},
		Formats: map[string]huma.Format{
			"application/json": jsonFormat,
			"json":             jsonFormat,
		},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{explain},
	})

	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) { next(asked{ctx}) }, refuseRepeated)

	const messages, message = "/v1/messages", "/v1/messages/{id}"
	register(s, api, operation("listMessages", http.MethodGet, messages,
		"List messages",
		"Summaries, newest first, a page at a time. Content is never part of a list."), s.listMessages)
	register(s, api, operation("getMessage", http.MethodGet, message,
		"Get a message",
		"Envelope, header fields, text, HTML, attachments and everything else that is known about it."), s.getMessage)
	register(s, api, operation("changeMessage", http.MethodPatch, message,
		"Change what is noted about a message",
		"Whether it was seen, and its tags. The message itself never changes."), s.changeMessage)
	register(s, api, noContent(operation("deleteMessage", http.MethodDelete, message,
		"Delete a message",
		"From all its mailboxes.")), s.deleteMessage)

	register(s, api, stream(operation("getRaw", http.MethodGet, message+"/raw",
		"Get the octets that arrived",
		"Exactly as they came, without the trace fields."), "message/rfc822"), s.getRaw)
	register(s, api, stream(operation("getHTML", http.MethodGet, message+"/html",
		"Get the HTML as shown",
		"For a sandboxed frame: no script runs, and remote content is loaded with remote=true only. 404 when the message has no HTML."), "text/html"), s.getHTML)
	register(s, api, stream(operation("getPart", http.MethodGet, message+"/parts/{path}",
		"Get a part, decoded",
		"Path as in the message's parts. Served so that nothing in it can run."), "*/*"), s.getPart)

	register(s, api, stream(operation("streamEvents", http.MethodGet, "/v1/events",
		"Follow what happens",
		eventsDescription), "text/event-stream"), s.streamEvents)
	register(s, api, operation("getInfo", http.MethodGet, "/v1/info",
		"Get version and addresses", ""), s.getInfo)
	register(s, api, operation("isAlive", http.MethodGet, "/livez",
		"Is the process alive", "200 as long as it answers at all."), s.isAlive)
	register(s, api, operation("isReady", http.MethodGet, "/readyz",
		"Can mail be accepted", "503 with the reason when the store cannot take mail."), s.isReady)

	s.registerV1(api)
	s.registerFaults(api)
	s.registerMore(api, mux)

	s.registerDocument(api, mux)
}

func (s *Server) version() string {
	if s.cfg.Version == "" {
		return "devel"
	}
	return s.cfg.Version
}

func operation(id, method, path, summary, description string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: description}
}

// noContent says that the operation answers 204.
func noContent(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusNoContent
	return op
}

// stream says that the operation answers with something else than JSON.
func stream(op huma.Operation, mediaType string) huma.Operation {
	op.Responses = map[string]*huma.Response{"200": {
		Description: "OK",
		Content:     map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	return op
}

// register adds an operation whose errors become problem documents.
func register[I, O any](s *Server, api huma.API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problemOf(ctx, err)
		}
		return out, nil
	})
}

// streamed is an answer that its handler writes itself.
func streamed(write func(w http.ResponseWriter, r *http.Request)) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		write(w, r)
	}}
}

// MessagePath names one message. It is exported because huma looks into
// embedded structs only then.
type MessagePath struct {
	ID string `path:"id" maxLength:"100" doc:"A message's id, or its seq."`
}

// jsonBody is an answer in JSON.
type jsonBody[T any] struct {
	Body T
}
