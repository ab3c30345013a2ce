package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"restante/mailstore"
)

const eventsDescription = "Server-sent events, in order. Each has an id; give the last one as Last-Event-ID to go on from there. " +
	"`stored`: a message arrived, the data is its summary. " +
	"`deleted`: it was deleted, from the mailboxes named or from all. `pruned`: retention removed it. " +
	"`seen`, `tagged`: what is noted about it changed. `session`: an SMTP or POP3 session ended. `fault`: something was broken on purpose. " +
	"`resync`: events were missed that are no longer known; read the list again. " +
	"With q or mailbox only messages that match are told of, but for deletions, where only the mailboxes are looked at, if they are known; sessions and faults always are. " +
	"A client that does not keep up is disconnected."

// clientPatience is how long a write to an event stream may take.
const clientPatience = 10 * time.Second

type eventsInput struct {
	Q           string `query:"q" maxLength:"4000" doc:"Only of messages that match this search."`
	Mailbox     string `query:"mailbox" maxLength:"1000" doc:"Only of messages in this mailbox: a name, *@domain, or * for all."`
	After       uint64 `query:"after" doc:"Go on after this event, where Last-Event-ID cannot be set."`
	LastEventID uint64 `header:"Last-Event-ID" doc:"Go on after this event; without it, events from now on."`
}

// MessageEvent is the data of the events that concern one message and carry
// no summary.
type MessageEvent struct {
	ID        string   `json:"id"`
	Seq       uint64   `json:"seq"`
	Mailboxes []string `json:"mailboxes"`
	Seen      *bool    `json:"seen,omitempty"`
	Tags      []string `json:"tags,omitempty"`
}

func (s *Server) streamEvents(_ context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	query, err := parseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	filter := eventFilter{query: query, mailbox: in.Mailbox}
	after := in.After
	if in.LastEventID > 0 { // a browser that connects again knows better
		after = in.LastEventID
	}
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events back
		if r.Method == http.MethodHead {
			return
		}
		sub := s.store.Subscribe(after)
		defer sub.Close()
		s.follow(w, r, sub, filter)
	}), nil
}

// follow writes events until the client goes, lags behind, or Shutdown.
func (s *Server) follow(w http.ResponseWriter, r *http.Request, sub *mailstore.Subscription, filter eventFilter) {
	ctl := http.NewResponseController(w)
	send := func(b []byte) bool {
		_ = ctl.SetWriteDeadline(time.Now().Add(clientPatience))
		if _, err := w.Write(b); err != nil {
			return false
		}
		return ctl.Flush() == nil
	}
	if !send([]byte("retry: 1000\n\n")) {
		return
	}
	beat := time.NewTicker(s.heartbeat)
	defer beat.Stop()
	var buf bytes.Buffer
	for {
		select {
		case <-s.ending.Done():
			return
		case <-r.Context().Done():
			return
		case <-beat.C:
			if !send([]byte(": still here\n\n")) {
				return
			}
		case e, ok := <-sub.Events():
			if !ok {
				s.log.Debug("event stream ended", "remote", r.RemoteAddr, "err", sub.Err())
				return
			}
			buf.Reset()
			more := s.collect(r.Context(), &buf, e, sub, filter)
			if !send(buf.Bytes()) || !more {
				return
			}
		}
	}
}

const maxBurst = 64 << 10 // octets of events that are written at once

// collect writes e and the events that wait behind it to buf, those that pass.
// It is false when there will be no more.
func (s *Server) collect(ctx context.Context, buf *bytes.Buffer, e mailstore.Event, sub *mailstore.Subscription, filter eventFilter) (more bool) {
	passedOver := uint64(0)
	for {
		passes, err := filter.passes(ctx, s.store, &e)
		switch {
		case err != nil:
			s.log.Debug("event stream ended", "err", err)
			return false
		case passes:
			s.writeEvent(buf, e)
			passedOver = 0
		default:
			passedOver = e.Revision
		}
		if buf.Len() >= maxBurst {
			return true
		}
		select {
		case next, ok := <-sub.Events():
			if !ok {
				return false
			}
			e = next
			continue
		default:
		}
		if passedOver > 0 {
			// No event, but a place to go on from.
			fmt.Fprintf(buf, "id: %d\n\n", passedOver)
		}
		return true
	}
}

func (s *Server) writeEvent(buf *bytes.Buffer, e mailstore.Event) {
	data, err := json.Marshal(eventData(e))
	if err != nil {
		s.log.Error("event left out", "id", e.ID, "err", err)
		return
	}
	buf.WriteString("id: ")
	buf.WriteString(strconv.FormatUint(e.Revision, 10))
	buf.WriteString("\nevent: ")
	buf.WriteString(string(e.Type))
	buf.WriteString("\ndata: ")
	buf.Write(data)
	buf.WriteString("\n\n")
}

func eventData(e mailstore.Event) any {
	m := MessageEvent{ID: e.ID, Seq: e.Seq, Mailboxes: list(e.Mailboxes)}
	switch e.Type {
	case mailstore.Stored:
		return summaryOf(e.Message)
	case mailstore.Seen:
		m.Seen = &e.Seen
	case mailstore.Tagged:
		m.Tags = list(e.Tags)
	case mailstore.Ended:
		return sessionOf(e.Session)
	case mailstore.Faulted:
		return FaultEvent(*e.Fault)
	case mailstore.Resync:
		return struct{}{}
	}
	return m
}
