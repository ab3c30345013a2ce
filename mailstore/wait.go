package mailstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// WaitOptions say what to wait for.
type WaitOptions struct {
	Query   *Query // nil: anything
	Mailbox string // as in ListOptions
	After   uint64 // only seqs above: the cursor
	Count   int    // 0 is 1; at most 1,000
}

// NoMatch is Wait's error when its context ended first: what there was instead.
type NoMatch struct {
	Arrived int        // messages that arrived after the cursor
	Matched []*Message // of them; fewer than were asked for
	Nearest *Message   // the one that met most criteria, nil when none arrived
	Reason  string     // what Nearest met and what it did not
	Err     error      // the context's
}

func (e *NoMatch) Error() string {
	switch {
	case e.Arrived == 0:
		return "no message arrived"
	case len(e.Matched) > 0:
		return fmt.Sprintf("%s, %d of those that were waited for", e.arrived(), len(e.Matched))
	case e.Nearest == nil:
		return e.arrived() + ", none in that mailbox"
	}
	return fmt.Sprintf("%s, none matched; nearest was %s: %s", e.arrived(), e.Nearest.ID, e.Reason)
}

func (e *NoMatch) arrived() string {
	if e.Arrived == 1 {
		return "1 message arrived"
	}
	return fmt.Sprintf("%d messages arrived", e.Arrived)
}

func (e *NoMatch) Unwrap() error { return e.Err }

// Wait returns the first Count messages after the cursor that match, oldest
// first, as soon as they are there: at once when they are already. When ctx ends
// first the error is a *NoMatch; when the store is closed, ErrClosed.
func (s *Store) Wait(ctx context.Context, o WaitOptions) ([]*Message, error) {
	want := min(max(o.Count, 1), maxLimit)
	w := s.waits.add(s, o)
	defer s.waits.remove(w)
	// Subscribed; now look. What arrives from here on comes through w.
	// A context that has ended already allows this look, and no more.
	page, err := s.List(context.WithoutCancel(ctx), ListOptions{Query: o.Query, Mailbox: o.Mailbox, After: o.After, Oldest: true, Limit: want})
	if err != nil {
		return nil, err
	}
	found := page.Messages
	for len(found) < want {
		select {
		case <-w.ready:
			for _, m := range w.take() {
				if !slices.ContainsFunc(found, func(f *Message) bool { return f.Seq == m.Seq }) {
					found = append(found, m)
				}
			}
		case <-ctx.Done():
			return nil, s.noMatch(o, found, ctx.Err())
		case <-s.quit:
			return nil, ErrClosed
		}
	}
	slices.SortFunc(found, func(a, b *Message) int { return cmp.Compare(a.Seq, b.Seq) })
	return found[:want], nil
}

// noMatch explains a wait that ended in vain.
func (s *Store) noMatch(o WaitOptions, found []*Message, cause error) error {
	e := &NoMatch{Matched: found, Err: cause}
	if newest := s.state.Load().seq; newest > o.After {
		e.Arrived = int(newest - o.After)
	}
	if len(found) > 0 || e.Arrived == 0 {
		return e
	}
	page, err := s.List(context.Background(), ListOptions{Mailbox: o.Mailbox, After: o.After, Limit: 200})
	if err != nil || len(page.Messages) == 0 {
		if o.Mailbox == "" || err != nil {
			return e
		}
		// Nothing in that mailbox: what came at all is nearest.
		if page, err = s.List(context.Background(), ListOptions{After: o.After, Limit: 200}); err != nil {
			return e
		}
	}
	best := -1
	for _, m := range page.Messages {
		reason, held := s.whyNot(o, m)
		if held > best {
			best, e.Nearest, e.Reason = held, m, reason
		}
	}
	return e
}

// Explain says in words which of a wait's criteria a message met and which not.
func (s *Store) Explain(o WaitOptions, m *Message) string {
	reason, _ := s.whyNot(o, m)
	return reason
}

// whyNot explains a message that a wait did not take.
func (s *Store) whyNot(o WaitOptions, m *Message) (reason string, held int) {
	if in := s.scopeFor(o.Mailbox).filter(); in != nil {
		if boxes := m.Mailboxes(); !slices.ContainsFunc(boxes, in) {
			return fmt.Sprintf("mailbox was %s, wanted %s", strings.Join(boxes, ", "), o.Mailbox), 0
		}
	}
	if o.Query == nil {
		return "", 0
	}
	c, err := s.candidate(m.Seq)
	if err != nil {
		return "it is gone", 0
	}
	return o.Query.explain(c, s.opts.Now())
}

// decideWaits decides which waiters get which messages, until Close.
func (s *Store) decideWaits() {
	var anyone []*waiter
	for range s.waits.wake {
		fresh, all, closed := s.waits.take(anyone[:0])
		if closed {
			return
		}
		for _, o := range fresh {
			s.offer(o.m, o.to, all)
		}
		clear(all)
		anyone = all
	}
}

// offer gives a message to the waiters whose it is. What their queries need to
// know of it is read once for all of them.
func (s *Store) offer(m *Message, lists ...[]*waiter) {
	boxes := m.Mailboxes()
	now := s.opts.Now()
	var c *candidate
	for _, w := range slices.Concat(lists...) {
		if m.Seq <= w.o.After || w.in != nil && !slices.ContainsFunc(boxes, w.in) {
			continue
		}
		if w.o.Query != nil {
			if c == nil {
				var err error
				if c, err = s.candidate(m.Seq); err != nil {
					return // deleted already
				}
			}
			a, left := w.o.Query.sift(c, now)
			if a == no || a == unknown && !c.settle(left, now) {
				continue
			}
		}
		w.give(m)
	}
}

// candidate reads what queries need to know of a message.
func (s *Store) candidate(seq uint64) (*candidate, error) {
	c := &candidate{s: s, seq: seq}
	err := s.view(func(tx *bbolt.Tx) error {
		if c.raw = tx.Bucket(bucketMessages).Get(seqKey(seq)); c.raw == nil {
			return ErrNotFound
		}
		if err := c.v.parse(c.raw); err != nil {
			return err
		}
		if c.v.inOnePiece() {
			c.tail = tx.Bucket(bucketMessages).Get(tailKey(seq))
		}
		c.own()
		if b := s.newest.Load(); b.number == blockOf(seq) {
			c.sig = b.find(seq)
		}
		return nil
	})
	return c, err
}
