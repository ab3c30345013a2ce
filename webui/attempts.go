package webui

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"restante/mailstore"
)

// Attempt is a mail transaction that was refused or broken off.
type Attempt struct {
	MS         float64  `json:"ms" doc:"Milliseconds from the beginning of the session to MAIL."`
	From       string   `json:"from" doc:"The reverse-path; empty is the null one."`
	Recipients []string `json:"recipients" doc:"Forward-paths that were accepted."`
	Refused    []string `json:"refused" doc:"Forward-paths that were refused."`
	Outcome    string   `json:"outcome" doc:"How it ended."`
	Octets     int64    `json:"octets" doc:"Of content that arrived."`
	Content    string   `json:"content" doc:"The first 64 KiB of it at most; what is not UTF-8 is replaced. Its octets are at attempts/{number}."`
}

func attemptsOf(rec *mailstore.Session) []Attempt {
	out := make([]Attempt, len(rec.Attempts))
	for i, a := range rec.Attempts {
		out[i] = Attempt{
			MS: milliseconds(a.At), From: a.ReversePath, Recipients: list(a.ForwardPaths), Refused: list(a.Refused),
			Outcome: a.Outcome, Octets: a.Octets, Content: strings.ToValidUTF8(string(a.Content), "\uFFFD"),
		}
	}
	return out
}

type attemptPath struct {
	ID     string `path:"id" maxLength:"100"`
	Number int    `path:"number" minimum:"0" maximum:"1000" doc:"From 0 on."`
}

func (s *Server) getAttempt(_ context.Context, in *attemptPath) (*huma.StreamResponse, error) {
	rec, err := s.store.Session(in.ID)
	if err != nil {
		return nil, noSession(err)
	}
	if in.Number >= len(rec.Attempts) {
		return nil, problemf(http.StatusNotFound, "Session %s has %d transactions that brought no message, counted from 0.", in.ID, len(rec.Attempts))
	}
	content := rec.Attempts[in.Number].Content
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("Content-Disposition", `attachment; filename="`+rec.ID+"-"+strconv.Itoa(in.Number)+`.eml"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(content)
		}
	}), nil
}
