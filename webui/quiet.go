package webui

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"restante/mailstore"
)

const quietDescription = "204 when nothing that matches arrived after the cursor until the end of the window, and no SMTP session was at work then: " +
	"in a mail transaction, or heard from within the window. Else 409 with what there is, as soon as it is there. " +
	"Without a cursor, only what arrives during the window counts."

const (
	maxQuiet      = time.Minute
	maxQuietShown = 20
)

type quietInput struct {
	Q       string `query:"q" maxLength:"4000" doc:"A search; missing: any message."`
	Mailbox string `query:"mailbox" maxLength:"1000" doc:"Only this mailbox: a name, *@domain, or * for all."`
	After   string `query:"after" pattern:"^[0-9]{0,19}$" doc:"Messages with a higher seq count: a cursor of an earlier answer."`
	For     string `query:"for" default:"300ms" doc:"The window, such as 300ms or 2s; at most 1m."`
}

// QuietProblem is a problem document (RFC 9457) that says what was not quiet.
type QuietProblem struct {
	problem
	Messages []Summary `json:"messages" doc:"What matched, at most 20."`
	Busy     int       `json:"busy" doc:"SMTP sessions that were at work at the end of the window."`
}

func (s *Server) quiet(ctx context.Context, in *quietInput) (*struct{}, error) {
	query, err := parseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	window, err := duration("for", in.For, maxQuiet)
	if err != nil {
		return nil, err
	}
	totals, err := s.store.Totals()
	if err != nil {
		return nil, err
	}
	o := mailstore.WaitOptions{Query: query, Mailbox: in.Mailbox, After: totals.Newest}
	if in.After != "" {
		if o.After, err = strconv.ParseUint(in.After, 10, 64); err != nil {
			return nil, problemf(http.StatusBadRequest, "after %q is no cursor: want a number.", in.After)
		}
	}
	began := time.Now()
	waiting, cancel := s.untilEnding(ctx, window)
	defer cancel()
	_, err = s.store.Wait(waiting, o)
	if _, quiet := errors.AsType[*mailstore.NoMatch](err); quiet {
		if !errors.Is(err, context.DeadlineExceeded) {
			return nil, problemf(http.StatusServiceUnavailable, "The server is shutting down, or the client has gone.")
		}
		if busy := s.busy(began); busy > 0 {
			return nil, &QuietProblem{Messages: []Summary{}, Busy: busy,
				problem: *problemf(http.StatusConflict, "Nothing matched, but %d SMTP sessions were still at work: ask again.", busy)}
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	page, err := s.store.List(ctx, mailstore.ListOptions{Query: o.Query, Mailbox: o.Mailbox, After: o.After, Oldest: true, Limit: maxQuietShown})
	if err != nil {
		return nil, err
	}
	p := &QuietProblem{Messages: make([]Summary, len(page.Messages)), Busy: s.busy(began),
		problem: *problemf(http.StatusConflict, "It was not quiet: messages that match arrived.")}
	for i, m := range page.Messages {
		p.Messages[i] = summaryOf(m)
	}
	return nil, p
}

// busy counts SMTP sessions that are at work, or were since a time.
func (s *Server) busy(since time.Time) int {
	if s.cfg.Busy == nil {
		return 0
	}
	return s.cfg.Busy(since)
}
