package webui

import (
	"context"
	"errors"
	"net/http"
	"time"

	"restante/mailstore"
)

// SessionSummary is an SMTP or POP3 session that has ended.
type SessionSummary struct {
	ID       string    `json:"id"`
	Protocol string    `json:"protocol" enum:"smtp,pop3"`
	Remote   string    `json:"remote" doc:"The client's address."`
	Helo     string    `json:"helo" doc:"SMTP only."`
	User     string    `json:"user" doc:"SMTP AUTH identity, or POP3 user name."`
	TLS      string    `json:"tls" doc:"TLS version; empty in plaintext."`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended"`
	Outcome  string    `json:"outcome" doc:"In plain words."`
	Failed   bool      `json:"failed" doc:"The client did not get what it came for."`
	Messages []string  `json:"messages" doc:"IDs of what it delivered or fetched."`
	Faults   []string  `json:"faults" doc:"What was broken on purpose, in order, such as rule f3, RCPT, 451."`
}

// Session is a session with its transcript.
type Session struct {
	SessionSummary
	Transcript []Line    `json:"transcript"`
	Attempts   []Attempt `json:"attempts" doc:"Mail transactions that brought no message: what the client tried to send."`
	Truncated  bool      `json:"truncated" doc:"There was more than what is kept."`
}

// Line is a line of a transcript.
type Line struct {
	MS   float64 `json:"ms" doc:"Milliseconds since the session began."`
	From string  `json:"from" enum:"client,server,note" doc:"Who said it; note: what happened."`
	Text string  `json:"text"`
}

// SessionList is a page of sessions.
type SessionList struct {
	Sessions []SessionSummary `json:"sessions"`
	Next     string           `json:"next" doc:"Give it as before to get the next page; empty at the end."`
}

func sessionOf(rec *mailstore.Session) SessionSummary {
	return SessionSummary{
		ID: rec.ID, Protocol: rec.Protocol, Remote: rec.Remote, Helo: rec.Helo, User: rec.User, TLS: rec.TLS,
		Started: rec.Started.UTC(), Ended: rec.Ended.UTC(),
		Outcome: rec.Outcome, Failed: rec.Failed, Messages: list(rec.Messages), Faults: list(rec.Faults),
	}
}

type sessionsInput struct {
	Protocol string `query:"protocol" enum:"smtp,pop3" doc:"Only those of one protocol."`
	Failed   bool   `query:"failed" doc:"Only those that failed."`
	Message  string `query:"message" maxLength:"100" doc:"Only those that delivered or fetched this message."`
	Before   string `query:"before" maxLength:"100" doc:"Only those that began before this session."`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

func (s *Server) listSessions(_ context.Context, in *sessionsInput) (*jsonBody[SessionList], error) {
	out := SessionList{Sessions: []SessionSummary{}}
	take := func(recs []*mailstore.Session) (full bool) {
		for _, rec := range recs {
			if in.Protocol != "" && rec.Protocol != in.Protocol || in.Failed && !rec.Failed {
				continue
			}
			if len(out.Sessions) == in.Limit {
				out.Next = out.Sessions[in.Limit-1].ID
				return true
			}
			out.Sessions = append(out.Sessions, sessionOf(rec))
		}
		return false
	}
	if in.Message != "" {
		recs, err := s.store.SessionsOf(in.Message)
		take(recs)
		return &jsonBody[SessionList]{Body: out}, err
	}
	before := in.Before
	for {
		recs, err := s.store.Sessions(before, 200)
		if err != nil {
			return nil, noSession(err)
		}
		if len(recs) == 0 || take(recs) {
			return &jsonBody[SessionList]{Body: out}, nil
		}
		before = recs[len(recs)-1].ID
	}
}

type sessionPath struct {
	ID string `path:"id" maxLength:"100"`
}

func (s *Server) getSession(_ context.Context, in *sessionPath) (*jsonBody[Session], error) {
	rec, err := s.store.Session(in.ID)
	if err != nil {
		return nil, noSession(err)
	}
	out := Session{SessionSummary: sessionOf(rec), Transcript: make([]Line, len(rec.Transcript)), Attempts: attemptsOf(rec), Truncated: rec.Truncated}
	for i, l := range rec.Transcript {
		out.Transcript[i] = Line{MS: milliseconds(l.At), From: sideNames[l.From], Text: l.Text}
	}
	return &jsonBody[Session]{Body: out}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

var sideNames = map[mailstore.Side]string{mailstore.Client: "client", mailstore.Server: "server", mailstore.Note: "note"}

func noSession(err error) error {
	if errors.Is(err, mailstore.ErrNotFound) {
		return problemf(http.StatusNotFound, "There is no such session: it has not ended yet, is not kept any more, or never was. GET /v1/sessions lists those there are.")
	}
	return err
}
