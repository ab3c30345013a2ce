package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// EventType says what happened.
type EventType string

const (
	Stored  EventType = "stored"  // a message arrived
	Deleted EventType = "deleted" // it was deleted, from the mailboxes named or from all
	Pruned  EventType = "pruned"  // retention removed it
	Seen    EventType = "seen"    // it was marked as seen or unseen
	Tagged  EventType = "tagged"  // its tags were replaced
	Ended   EventType = "session" // an SMTP or POP3 session ended
	Faulted EventType = "fault"   // something was broken on purpose
	Resync  EventType = "resync"  // events were missed: read the list again
)

// Event is something that happened. Types may be added: pass over those that are
// not known.
type Event struct {
	Type     EventType
	Revision uint64 // its number: events come in this order

	ID        string   // of the message
	Seq       uint64   // of the message
	Mailboxes []string // of the message that it is about
	Message   *Summary // Stored only
	Seen      bool     // Seen only
	Tags      []string // Tagged only
	Session   *Session // Ended only, without transcript
	Fault     *Fault   // Faulted only
}

const (
	defaultRetry = time.Second
	maxRetry     = 30 * time.Second
	// The server says every 15 s that it is still there.
	streamSilence = 45 * time.Second
)

// Events follows what happens to the messages that match, and all sessions, until
// ctx ends or the loop is left. When it returns the server listens: what is sent
// from then on is not missed.
//
//	events, err := c.Events(ctx, client.Query{To: "alice@app.test"}, 0)
//	if err != nil { … }
//	for e, err := range events { … }
//
// after is the Revision to go on after; 0 is from now on. A stream that breaks is
// taken up again after the last event, for as long as it takes; what cannot be
// taken up begins with a Resync. When ctx ends the loop ends without an error. An
// error, the last thing it gives, is a server that does not want to any more. The
// loop can be run once.
func (c *Client) Events(ctx context.Context, q Query, after uint64) (iter.Seq2[Event, error], error) {
	s := &stream{c: c, query: q.values()}
	if after > 0 {
		s.last = strconv.FormatUint(after, 10)
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	return func(yield func(Event, error) bool) {
		defer s.close()
		for {
			e, err := s.next(ctx)
			if ctx.Err() != nil {
				return
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}, nil
}

// stream is an event stream over as many connections as it takes.
type stream struct {
	c     *Client
	query url.Values
	last  string // id of the last event; "" is none yet
	retry time.Duration
	fails int // since the last connection that worked

	body  io.Closer
	r     *sseReader
	watch *time.Timer
}

func (s *stream) connect(ctx context.Context) error {
	header := http.Header{"Accept": {"text/event-stream"}}
	if s.last != "" {
		header.Set("Last-Event-ID", s.last)
	}
	ctx, cancel := context.WithCancel(ctx)
	s.watch = time.AfterFunc(s.c.silence, cancel)
	resp, err := s.c.do(ctx, call{method: http.MethodGet, path: "/v1/events", query: s.query, header: header})
	if err != nil {
		s.watch.Stop()
		cancel()
		return err
	}
	s.r = newSSEReader(resp.Body, func() { s.watch.Reset(s.c.silence) })
	s.body = closerFunc(func() error {
		s.watch.Stop()
		cancel()
		return resp.Body.Close()
	})
	return nil
}

type closerFunc func() error

func (f closerFunc) Close() error { return f() }

func (s *stream) close() {
	if s.body != nil {
		_ = s.body.Close() // there is nothing to lose
		s.body = nil
	}
}

// next returns the next event, over a new connection where it has to be. It
// returns when ctx ends.
func (s *stream) next(ctx context.Context) (Event, error) {
	for {
		if s.body != nil {
			e, err := s.read()
			if err == nil {
				s.fails = 0
				return e, nil
			}
			var broken *eventError
			if errors.As(err, &broken) {
				return Event{}, err
			}
			s.close()
		}
		if !s.pause(ctx) {
			return Event{}, ctx.Err()
		}
		missed := s.last == ""
		if err := s.connect(ctx); err != nil {
			var problem *Error
			if errors.As(err, &problem) && problem.Status < http.StatusInternalServerError {
				return Event{}, err
			}
			continue
		}
		if missed {
			// No event had come yet, so there is no telling what was missed.
			return Event{Type: Resync}, nil
		}
	}
}

// pause waits before the next connection. It is false when ctx ended.
func (s *stream) pause(ctx context.Context) bool {
	wait := defaultRetry
	if s.retry > 0 {
		wait = s.retry
	}
	wait = min(wait<<min(s.fails, 5), maxRetry)
	s.fails++
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// eventError is an event that cannot be read.
type eventError struct{ err error }

func (e *eventError) Error() string { return fmt.Sprintf("GET /v1/events: read an event: %v", e.err) }

func (s *stream) read() (Event, error) {
	name, data, err := s.r.next()
	if s.r.retry > 0 {
		s.retry = s.r.retry
	}
	if s.r.id != "" {
		s.last = s.r.id
	}
	if err != nil {
		return Event{}, err
	}
	e := Event{Type: EventType(name)}
	e.Revision, _ = strconv.ParseUint(s.last, 10, 64)
	switch e.Type {
	case Stored:
		e.Message = new(Summary)
		err = json.Unmarshal(data, e.Message)
		e.ID, e.Seq, e.Mailboxes = e.Message.ID, e.Message.Seq, e.Message.Mailboxes
	case Ended:
		e.Session = new(Session)
		err = json.Unmarshal(data, e.Session)
	case Faulted:
		e.Fault = new(Fault)
		err = json.Unmarshal(data, e.Fault)
	case Deleted, Pruned, Seen, Tagged:
		var d struct {
			ID        string   `json:"id"`
			Seq       uint64   `json:"seq"`
			Mailboxes []string `json:"mailboxes"`
			Seen      bool     `json:"seen"`
			Tags      []string `json:"tags"`
		}
		err = json.Unmarshal(data, &d)
		e.ID, e.Seq, e.Mailboxes, e.Seen, e.Tags = d.ID, d.Seq, d.Mailboxes, d.Seen, d.Tags
	}
	if err != nil {
		return Event{}, &eventError{err}
	}
	return e, nil
}
