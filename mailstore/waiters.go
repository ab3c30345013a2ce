package mailstore

import (
	"bytes"
	"sync"
)

// waits hands new messages to those who wait. The committer only looks up who may
// want one, by mailbox or by an address of the envelope: a thousand who wait for
// others cost a delivery nothing. One goroutine then decides for all of them, so
// that a thousand waits cost no thousand goroutine switches a message.
type waits struct {
	wake chan struct{} // has room for one

	mu     sync.Mutex
	count  int
	by     map[waitKey]waiterSet // by what a message must have
	byPath int                   // of them, by a part of a forward-path
	fresh  []offer               // not decided yet
	path   []byte                // scratch
	grams  gramSet               // scratch: of a message's forward-paths
	closed bool
}

// waitKey is something that every message has that a waiter waits for. The zero
// value is nothing.
type waitKey struct {
	mailbox string
	local   string // octets of a forward-path before an at sign
	gram    uint32 // hash of three octets of a forward-path, and gramKey
}

const (
	gramKey      = 1 << 16
	longestLocal = 16 // octets of waitKey.local
)

func (k waitKey) ofPath() bool { return k.local != "" || k.gram != 0 }

type waiterSet map[*waiter]struct{}

// offer is a message that some may wait for.
type offer struct {
	m  *Message
	to []*waiter // beside those whose key is nothing
}

// waiter is one call of Wait.
type waiter struct {
	o     WaitOptions
	in    func(mailbox string) bool // nil: any
	key   waitKey
	asked uint64        // the last seq that it was looked up for; waits.mu
	ready chan struct{} // has room for one

	mu  sync.Mutex
	got []*Message
}

func (w *waiter) take() []*Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.got
	w.got = nil
	return got
}

func (w *waiter) give(m *Message) {
	w.mu.Lock()
	if len(w.got) < maxLimit {
		w.got = append(w.got, m)
	}
	w.mu.Unlock()
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func newWaits() *waits {
	return &waits{wake: make(chan struct{}, 1), by: make(map[waitKey]waiterSet)}
}

func (ws *waits) add(s *Store, o WaitOptions) *waiter {
	sc := s.scopeFor(o.Mailbox)
	w := &waiter{o: o, in: sc.filter(), ready: make(chan struct{}, 1)}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w.key = ws.keyFor(s, sc, o.Query)
	set := ws.by[w.key]
	if set == nil {
		set = make(waiterSet)
		ws.by[w.key] = set
	}
	set[w] = struct{}{}
	ws.count++
	if w.key.ofPath() {
		ws.byPath++
	}
	return w
}

func (ws *waits) remove(w *waiter) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	set := ws.by[w.key]
	if delete(set, w); len(set) == 0 {
		delete(ws.by, w.key)
	}
	ws.count--
	if w.key.ofPath() {
		ws.byPath--
	}
}

// keyFor chooses what a waiter is found by: its mailbox, or of an address what
// stands before the at sign, or the three octets that the fewest wait for.
func (ws *waits) keyFor(s *Store, sc scope, q *Query) (key waitKey) {
	if sc.kind == oneMailbox {
		return waitKey{mailbox: sc.name}
	}
	if q == nil {
		return key
	}
	for i := range q.terms {
		t := &q.terms[i]
		switch {
		case t.neg:
		case t.field == "mailbox":
			if sc := s.scopeFor(t.value); sc.kind == oneMailbox {
				return waitKey{mailbox: sc.name}
			}
		case t.field == "rcpt":
			if at := bytes.IndexByte(t.word, '@'); at > 0 {
				return waitKey{local: string(t.word[max(0, at-longestLocal):at])}
			}
			for _, h := range t.grams.hashes {
				k := waitKey{gram: gramKey | uint32(h)}
				if key.gram == 0 || len(ws.by[k]) < len(ws.by[key]) {
					key = k
				}
			}
		}
	}
	return key
}

// dispatch hands over what a commit stored. It does not wait.
func (ws *waits) dispatch(events []Event) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.count == 0 {
		return
	}
	anything := len(ws.by[waitKey{}]) > 0
	for i := range events {
		if e := &events[i]; e.Type == Stored {
			if to := ws.candidates(e); anything || len(to) > 0 {
				ws.fresh = append(ws.fresh, offer{e.Message, to})
			}
		}
	}
	if len(ws.fresh) > 0 {
		ws.notify()
	}
}

// candidates lists the waiters with a key that a message has.
func (ws *waits) candidates(e *Event) (to []*waiter) {
	look := func(key waitKey) {
		for w := range ws.by[key] {
			if w.asked != e.Seq {
				w.asked = e.Seq
				to = append(to, w)
			}
		}
	}
	for _, box := range e.Mailboxes {
		look(waitKey{mailbox: box})
	}
	if ws.byPath == 0 {
		return to
	}
	for i := range e.Message.Envelope.ForwardPaths {
		ws.path = appendFold(ws.path[:0], e.Message.Envelope.ForwardPaths[i].Address)
		ws.grams.add(ws.path)
		for at, c := range ws.path {
			for n := 1; c == '@' && n <= min(at, longestLocal); n++ {
				look(waitKey{local: string(ws.path[at-n : at])})
			}
		}
	}
	for _, h := range ws.grams.list {
		look(waitKey{gram: gramKey | uint32(h)})
	}
	ws.grams.clear()
	return to
}

// take returns what is to be decided, and who waits for anything.
func (ws *waits) take(anyone []*waiter) (fresh []offer, all []*waiter, closed bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	fresh, ws.fresh = ws.fresh, nil
	if len(fresh) > 0 {
		for w := range ws.by[waitKey{}] {
			anyone = append(anyone, w)
		}
	}
	return fresh, anyone, ws.closed
}

func (ws *waits) notify() {
	select {
	case ws.wake <- struct{}{}:
	default:
	}
}

func (ws *waits) close() {
	ws.mu.Lock()
	ws.closed = true
	ws.mu.Unlock()
	ws.notify()
}
