package compat

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"restante/mailstore"
)

const (
	heartbeat      = 15 * time.Second       // below the usual 30 s of proxies
	clientPatience = 10 * time.Second       // for a write or a pong
	farewell       = time.Second            // for the closing handshake at the server's end
	statsEvery     = 250 * time.Millisecond // as in Mailpit
	maxBurst       = 256                    // events that are told together
)

// wire is a stream to one client.
type wire struct {
	send func(frame []byte) error
	beat func() error
}

func (to *wire) json(v any) error {
	frame, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return to.send(frame)
}

// teller turns events into frames.
type teller interface {
	tell(to *wire, events []mailstore.Event) error
	tick(to *wire) error // after statsEvery, when something was told
}

// follow tells events until the client goes, lags behind, or the server ends.
func (s *server) follow(ctx context.Context, to *wire, t teller) {
	sub := s.store.Subscribe(0)
	defer sub.Close()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	tick := time.NewTimer(statsEvery)
	defer tick.Stop()
	pending := false
	var err error
	for err == nil {
		select {
		case <-ctx.Done():
			return
		case <-s.info.Ending:
			return
		case <-beat.C:
			err = to.beat()
		case <-tick.C:
			if pending {
				err = t.tick(to)
			}
			pending = false
		case e, ok := <-sub.Events():
			if !ok {
				return
			}
			err = t.tell(to, burst(e, sub))
			if !pending {
				pending = true
				tick.Reset(statsEvery)
			}
		}
	}
}

// burst takes the events that wait behind e.
func burst(e mailstore.Event, sub *mailstore.Subscription) []mailstore.Event {
	events := []mailstore.Event{e}
	for len(events) < maxBurst {
		select {
		case e, ok := <-sub.Events():
			if !ok {
				return events
			}
			events = append(events, e)
		default:
			return events
		}
	}
	return events
}

// upgrade makes the connection a WebSocket and follows. Pages of another origin
// are refused.
func (s *server) upgrade(w http.ResponseWriter, r *http.Request, t teller) error {
	release := s.info.Hold()
	defer release()
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return nil // it has answered
	}
	defer conn.CloseNow()
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() { s.cutAtEnd(conn, over) })
	defer watch.Wait()
	defer close(over)
	ctx := conn.CloseRead(context.Background()) // nothing is expected to be said
	within := func(do func(ctx context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, clientPatience)
		defer cancel()
		return do(ctx)
	}
	s.follow(ctx, &wire{
		send: func(frame []byte) error {
			return within(func(ctx context.Context) error { return conn.Write(ctx, websocket.MessageText, frame) })
		},
		beat: func() error { return within(conn.Ping) },
	}, t)
	_ = conn.Close(websocket.StatusGoingAway, "")
	return nil
}

// cutAtEnd does not let a client that has stopped reading delay the server's end.
func (s *server) cutAtEnd(conn *websocket.Conn, over <-chan struct{}) {
	select {
	case <-over:
		return
	case <-s.info.Ending:
	}
	select {
	case <-over:
	case <-time.After(farewell):
		_ = conn.CloseNow()
	}
}

func (s *server) followMailpit(w http.ResponseWriter, r *http.Request) error {
	return s.upgrade(w, r, &pitTeller{s})
}

func (s *server) followHog(w http.ResponseWriter, r *http.Request) error {
	return s.upgrade(w, r, &hogTeller{s})
}

// hogEvents is MailHog's stream of server-sent events: whole messages.
func (s *server) hogEvents(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events back
	if r.Method == http.MethodHead {
		return nil
	}
	ctl := http.NewResponseController(w)
	write := func(b []byte) error {
		_ = ctl.SetWriteDeadline(time.Now().Add(clientPatience))
		if _, err := w.Write(b); err != nil {
			return err
		}
		return ctl.Flush()
	}
	if err := write([]byte(": here\n\n")); err != nil {
		return gone(err)
	}
	s.follow(r.Context(), &wire{
		send: func(frame []byte) error { return write(append(append([]byte("data: "), frame...), "\n\n"...)) },
		beat: func() error { return write([]byte(": still here\n\n")) },
	}, &hogTeller{s})
	return nil
}
