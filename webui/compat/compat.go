package compat

import (
	"log/slog"
	"net/http"
	"time"

	"restante/mailstore"
)

// Info is what clients are told about the server, and what its streams need of it.
type Info struct {
	Version string // "" is devel

	// MaxMessageBytes refuses larger messages at /api/v1/send, in octets of the
	// composed message; 0 is no limit.
	MaxMessageBytes int64

	// Ending is closed when the server shuts down: event streams end. nil is never.
	Ending <-chan struct{}

	// Hold is called before a connection is taken over from net/http, which
	// forgets it then; release when nothing runs for it any more. nil is nobody
	// who waits.
	Hold func() (release func())
}

// Patterns are what the handler of [New] wants to be mounted at.
func Patterns() []string { return []string{"/api/", "GET /view/{file}"} }

// server answers requests of both APIs.
type server struct {
	store   *mailstore.Store
	log     *slog.Logger
	info    Info
	started time.Time
	lists   lists
	tags    tagIndex
}

// New returns the handler of both APIs. It checks neither Host nor Origin nor
// credentials: that is for the server that it is mounted in. A nil log discards.
func New(store *mailstore.Store, log *slog.Logger, info Info) http.Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if info.Version == "" {
		info.Version = "devel"
	}
	if info.Hold == nil {
		info.Hold = func() func() { return func() {} }
	}
	s := &server{store: store, log: log.With("server", "http"), info: info, started: time.Now()}
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, s.answer(r.handle))
	}
	return mux
}

// handler answers a request or says why not.
type handler func(w http.ResponseWriter, r *http.Request) error

type route struct {
	pattern string
	handle  handler
}

// routes are the two APIs. What both have is marked; the answer is one that
// clients of both understand.
func (s *server) routes() []route {
	const message = "/api/v1/message/{id}"
	const hog = "/api/v1/messages/{id}"
	return []route{
		// Mailpit
		{"GET /api/v1/info", s.appInfo},
		{"GET /api/v1/webui", s.appSettings},
		{"GET /api/v1/messages", s.listMessages},      // and MailHog
		{"DELETE /api/v1/messages", s.deleteMessages}, // and MailHog
		{"PUT /api/v1/messages", s.setRead},
		{"GET /api/v1/search", s.searchMessages},
		{"DELETE /api/v1/search", s.deleteSearch},
		{"GET " + message, s.getMessage},
		{"GET " + message + "/headers", s.getHeaders},
		{"GET " + message + "/raw", s.getRaw},
		{"GET " + message + "/part/{part}", s.getPart},
		{"GET " + message + "/part/{part}/thumb", s.getThumb},
		{"GET " + message + "/html-check", s.checkHTML},
		{"GET " + message + "/link-check", s.checkLinks},
		{"GET " + message + "/sa-check", s.checkSpam},
		{"POST " + message + "/release", refuseRelease},
		{"GET /api/v1/tags", s.listTags},
		{"PUT /api/v1/tags", s.setTags},
		{"PUT /api/v1/tags/{tag}", s.renameTag},
		{"DELETE /api/v1/tags/{tag}", s.deleteTag},
		{"POST /api/v1/send", s.sendMessage},
		{"GET /api/v1/chaos", refuseChaos},
		{"PUT /api/v1/chaos", refuseChaos},
		{"GET /api/events", s.followMailpit},
		{"GET /view/{file}", s.viewMessage},

		// MailHog
		{"GET " + hog, s.hogMessage},
		{"DELETE " + hog, s.hogDelete},
		{"GET " + hog + "/download", s.hogDownload},
		{"GET " + hog + "/mime/part/{part}/download", s.hogPart},
		{"POST " + hog + "/release", refuseRelease},
		{"GET /api/v1/events", s.hogEvents},
		{"GET /api/v2/messages", s.hogMessages},
		{"GET /api/v2/search", s.hogSearch},
		{"GET /api/v2/websocket", s.followHog},
		{"GET /api/v2/outgoing-smtp", s.hogOutgoing},
		{"/api/v2/jim", refuseJim},
	}
}
