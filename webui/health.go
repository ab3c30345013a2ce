package webui

import (
	"context"
	"net/http"
)

// Info is what a client needs to know to use this server.
type Info struct {
	Version string `json:"version"`
	SMTP    string `json:"smtp" doc:"Address to send mail to; empty when off."`
	POP3    string `json:"pop3" doc:"Address to fetch mail from; empty when off."`
	HTTP    string `json:"http" doc:"Address of the API and the page."`
}

func (s *Server) getInfo(context.Context, *struct{}) (*jsonBody[Info], error) {
	return &jsonBody[Info]{Body: Info{
		Version: s.version(),
		SMTP:    s.cfg.SMTP,
		POP3:    s.cfg.POP3,
		HTTP:    s.cfg.HTTP,
	}}, nil
}

// Health is the good answer of /livez and /readyz.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

func (s *Server) isAlive(context.Context, *struct{}) (*jsonBody[Health], error) {
	return &jsonBody[Health]{Body: Health{Status: "ok"}}, nil
}

func (s *Server) isReady(context.Context, *struct{}) (*jsonBody[Health], error) {
	if err := s.store.Check(); err != nil {
		return nil, problemf(http.StatusServiceUnavailable, "Mail cannot be accepted now: %v.", err)
	}
	return &jsonBody[Health]{Body: Health{Status: "ok"}}, nil
}
