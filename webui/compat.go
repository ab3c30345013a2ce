package webui

import (
	"net/http"

	"restante/webui/compat"
)

// registerCompat puts the APIs of Mailpit and MailHog on mux, behind the same
// guards as the rest.
func (s *Server) registerCompat(mux *http.ServeMux) {
	h := compat.New(s.store, s.log, compat.Info{
		Version:         s.version(),
		MaxMessageBytes: s.cfg.Settings.Limits.MessageBytes,
		Ending:          s.ending.Done(),
		Hold:            s.hold,
	})
	for _, pattern := range compat.Patterns() {
		mux.Handle(pattern, h)
	}
}

// hold makes Shutdown wait for a connection that its handler takes over from
// net/http, which counts it as gone then, although the handler runs on.
func (s *Server) hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.conns--; s.conns == 0 {
			s.gone.Broadcast()
		}
	}
}
