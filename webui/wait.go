package webui

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"restante/mailstore"
	"restante/mailstore/message"
)

const waitDescription = "Answers at once when enough messages after the cursor match, else the moment they arrive: oldest first, in full. " +
	"When the time is up the answer is 408 and says what did arrive: how many, the nearest one, which criteria it met and which not, and SMTP sessions that failed meanwhile."

const maxWait = 5 * time.Minute

type waitInput struct {
	Q       string `query:"q" maxLength:"4000" doc:"A search; missing: any message."`
	Mailbox string `query:"mailbox" maxLength:"1000" doc:"Only this mailbox: a name, *@domain, or * for all."`
	After   uint64 `query:"after" doc:"Only messages with a higher seq: a cursor of an earlier answer. Missing: all that are there count."`
	Count   int    `query:"count" minimum:"1" maximum:"1000" default:"1" doc:"How many to wait for."`
	Timeout string `query:"timeout" default:"10s" doc:"How long, such as 500ms, 10s or 1m; at most 5m."`
}

// Waited is what was waited for.
type Waited struct {
	Messages []Message `json:"messages"`
	Cursor   uint64    `json:"cursor" doc:"Seq of the last of them: wait after it for what comes next."`
}

// WaitProblem is a problem document (RFC 9457) that says what came instead.
type WaitProblem struct {
	problem
	Arrived        int              `json:"arrived" doc:"Messages that arrived after the cursor."`
	Matched        []Summary        `json:"matched" doc:"Of them, those that matched: fewer than were waited for."`
	Nearest        *NearMiss        `json:"nearest,omitempty" doc:"The one that met most criteria."`
	FailedSessions []SessionSummary `json:"failedSessions" doc:"SMTP sessions that failed since the call began."`
	Cursor         uint64           `json:"cursor" doc:"The newest seq."`
}

// NearMiss is a message that was almost what was waited for.
type NearMiss struct {
	Message Summary `json:"message"`
	Reason  string  `json:"reason" doc:"Which criteria it met, and what it has instead of the others."`
}

func (s *Server) wait(ctx context.Context, in *waitInput) (*jsonBody[Waited], error) {
	query, err := parseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	timeout, err := duration("timeout", in.Timeout, maxWait)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	ctx, cancel := s.untilEnding(ctx, timeout)
	defer cancel()
	for {
		found, err := s.store.Wait(ctx, mailstore.WaitOptions{Query: query, Mailbox: in.Mailbox, After: in.After, Count: in.Count})
		if miss, ok := errors.AsType[*mailstore.NoMatch](err); ok {
			if !errors.Is(err, context.DeadlineExceeded) {
				return nil, problemf(http.StatusServiceUnavailable, "The server is shutting down, or the client has gone: nothing had matched.")
			}
			return nil, s.waitProblem(miss, timeout, began)
		}
		if err != nil {
			return nil, err
		}
		out := Waited{Messages: make([]Message, len(found)), Cursor: found[len(found)-1].Seq}
		err = s.details(found, out.Messages)
		if errors.Is(err, mailstore.ErrNotFound) {
			continue // one was deleted since it was found, and does not count
		}
		return &jsonBody[Waited]{Body: out}, err
	}
}

// details fills in all that is known about messages.
func (s *Server) details(found []*mailstore.Message, out []Message) (err error) {
	for i, m := range found {
		if out[i], err = s.detail(m); err != nil {
			return err
		}
	}
	return nil
}

// untilEnding is a context that ends after a time, with its parent, and when the
// server shuts down.
func (s *Server) untilEnding(parent context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	stopped, stop := context.WithCancel(parent)
	ctx, cancel := context.WithTimeout(stopped, timeout)
	forget := context.AfterFunc(s.ending, stop) // no goroutine waits
	return ctx, func() {
		forget()
		cancel()
		stop()
	}
}

func duration(name, text string, limit time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > limit {
		return 0, problemf(http.StatusBadRequest, "%s %q is not a time between 0 and %v: write 500ms, 10s or 1m.", name, text, limit)
	}
	return d, nil
}

func (s *Server) waitProblem(miss *mailstore.NoMatch, timeout time.Duration, began time.Time) error {
	p := &WaitProblem{Arrived: miss.Arrived, Matched: []Summary{}}
	p.problem = *problemf(http.StatusRequestTimeout, "After %v: %v.", timeout, miss)
	for _, m := range miss.Matched {
		p.Matched = append(p.Matched, summaryOf(m))
	}
	if miss.Nearest != nil {
		p.Nearest = &NearMiss{Message: summaryOf(miss.Nearest), Reason: miss.Reason}
	}
	if totals, err := s.store.Totals(); err == nil {
		p.Cursor = totals.Newest
	}
	var err error
	if p.FailedSessions, err = s.failedSince(began); err != nil {
		return err
	}
	return p
}

// failedSince lists SMTP sessions that ended without what their clients came
// for, since a time.
func (s *Server) failedSince(began time.Time) ([]SessionSummary, error) {
	recs, err := s.store.Sessions("", 100)
	if err != nil {
		return nil, err
	}
	recs = slices.DeleteFunc(recs, func(rec *mailstore.Session) bool {
		return rec.Protocol != "smtp" || !rec.Failed || rec.Ended.Before(began)
	})
	out := make([]SessionSummary, len(recs))
	for i, rec := range recs {
		out[i] = sessionOf(rec)
	}
	return out, nil
}

// detail reads and parses a message.
func (s *Server) detail(m *mailstore.Message) (Message, error) {
	content, err := s.store.Content(m.Seq)
	if err != nil {
		return Message{}, err
	}
	defer content.Close()
	return s.detailOf(m, message.Parse(content))
}
