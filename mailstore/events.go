package mailstore

import (
	"context"
	"errors"
	"sync"
)

// Event is one change, told after it is durable.
type Event struct {
	Revision  uint64 // one higher than that of the event before
	Type      EventType
	Seq       uint64 // of the message; 0 where it concerns none
	ID        string
	Mailboxes []string // of Stored, Seen, Tagged: that hold the message; of Deleted, Pruned: that it was taken out of, nil for all
	Message   *Message // of Stored; not to be changed
	Seen      bool     // of Seen
	Tags      []string // of Tagged
	Session   *Session // of Ended; without its transcript
	Fault     *Fault   // of Faulted

	record []byte // of Stored, encoded
}

// EventType says what changed.
type EventType string

const (
	Stored  EventType = "stored"
	Deleted EventType = "deleted"
	Seen    EventType = "seen"
	Tagged  EventType = "tagged"
	Pruned  EventType = "pruned"  // deleted by retention
	Ended   EventType = "session" // an SMTP or POP3 session has ended
	Faulted EventType = "fault"   // something was broken on purpose
	Resync  EventType = "resync"  // what was missed is not known any more: read the list again
)

// ringSize is how many events a subscriber may lag behind.
const ringSize = 2048

// ErrSlow is the end of a subscription that lagged too far behind.
var ErrSlow = errors.New("the subscriber was too slow")

// hub keeps the newest events for subscribers, who read at their own pace: a
// slow one delays nobody.
type hub struct {
	mu     sync.Mutex
	ring   [ringSize]Event
	newest uint64        // revision of the newest event
	oldest uint64        // revision of the oldest one in the ring; newest+1 when empty
	more   chan struct{} // closed and replaced when there is more; nil when nobody waits
	closed bool
}

func newHub() *hub { return &hub{} }

func (h *hub) start(revision uint64) { h.newest, h.oldest = revision, revision+1 }

func (h *hub) publish(events []Event) {
	if len(events) == 0 {
		return
	}
	h.mu.Lock()
	if first := events[0].Revision; first != h.newest+1 {
		h.oldest = first // a commit that was taken for failed had those between
	}
	for _, e := range events {
		if e.record != nil {
			// One piece of memory without pointers, not a dozen: there are thousands
			// of them that the collector would look at, and few are ever read.
			e.Message, e.Mailboxes = nil, nil
		}
		h.ring[e.Revision%ringSize] = e
		h.newest = e.Revision
	}
	if h.newest >= ringSize {
		h.oldest = max(h.oldest, h.newest-ringSize+1)
	}
	h.wake()
	h.mu.Unlock()
}

// last is the revision of the newest event.
func (h *hub) last() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newest
}

// wake tells those who wait; h.mu is held.
func (h *hub) wake() {
	if h.more != nil {
		close(h.more)
		h.more = nil
	}
}

func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.wake()
	h.mu.Unlock()
}

// next copies events after a revision to buf. When there are none it returns a
// channel that is closed when there may be.
func (h *hub) next(after uint64, buf []Event) ([]Event, <-chan struct{}, error) {
	buf, more, err := h.copy(after, buf)
	for i := range buf {
		if e := &buf[i]; e.record != nil {
			rec, err := decodeRecord(e.Seq, e.ID, e.record)
			if err != nil {
				return nil, nil, err
			}
			e.Message, e.Mailboxes, e.record = &rec.Message, rec.Mailboxes(), nil
		}
	}
	return buf, more, err
}

func (h *hub) copy(after uint64, buf []Event) ([]Event, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil, ErrClosed
	}
	if after >= h.newest {
		if h.more == nil {
			h.more = make(chan struct{})
		}
		return nil, h.more, nil
	}
	if after+1 < h.oldest {
		return nil, nil, ErrSlow
	}
	for r := after + 1; r <= h.newest && len(buf) < cap(buf); r++ {
		buf = append(buf, h.ring[r%ringSize])
	}
	return buf, nil, nil
}

// Subscription delivers events in order until it is closed, the store is
// closed, or it lags too far behind.
type Subscription struct {
	events chan Event
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Subscribe delivers the events after a revision; 0 is from now on. When some of
// them are not known any more (the store was opened since, or they are too old)
// the first event is a Resync and the rest follow from now on.
func (s *Store) Subscribe(after uint64) *Subscription {
	ctx, cancel := context.WithCancel(context.Background())
	sub := &Subscription{events: make(chan Event), cancel: cancel, done: make(chan struct{})}
	h := s.hub
	h.mu.Lock()
	var first *Event
	switch {
	case after == 0:
		after = h.newest
	case after > h.newest || after+1 < h.oldest:
		first = &Event{Type: Resync, Revision: h.newest}
		after = h.newest
	}
	h.mu.Unlock()
	go sub.pump(ctx, h, after, first)
	return sub
}

func (sub *Subscription) pump(ctx context.Context, h *hub, after uint64, first *Event) {
	defer close(sub.done)
	defer close(sub.events)
	if first != nil && !sub.send(ctx, *first) {
		return
	}
	buf := make([]Event, 0, 64)
	for {
		events, more, err := h.next(after, buf[:0])
		if err != nil {
			sub.err = err
			return
		}
		for _, e := range events {
			if !sub.send(ctx, e) {
				return
			}
			after = e.Revision
		}
		if more == nil {
			continue
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

func (sub *Subscription) send(ctx context.Context, e Event) bool {
	select {
	case sub.events <- e:
		return true
	case <-ctx.Done():
		return false
	}
}

// Events is closed at the end of the subscription.
func (sub *Subscription) Events() <-chan Event { return sub.events }

// Err says why Events was closed: ErrSlow, ErrClosed, nil after Close. It waits
// for the end.
func (sub *Subscription) Err() error {
	<-sub.done
	return sub.err
}

// Close ends the subscription. When it returns nothing of it runs.
func (sub *Subscription) Close() {
	sub.cancel()
	<-sub.done
}
