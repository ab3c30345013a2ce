package webui

import (
	"context"
	"net/http"
)

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
