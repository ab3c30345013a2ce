package mailstore

import (
	"context"
	"math"
	"time"
)

// pruneOldest removes the oldest message of the store. It reports false when
// there is none.
func (t *txn) pruneOldest() (bool, error) {
	seq, b, ok := newRecordWalker(t.tx, 0, true).next()
	if !ok {
		return false, nil
	}
	rec, err := decodeRecord(seq, t.s.ID(seq), b)
	if err != nil {
		return false, err
	}
	return true, t.prune(rec, nil)
}

// prune removes a message for retention's sake.
func (t *txn) prune(rec *record, boxes func(string) bool) error {
	gone, from, err := t.remove(rec, boxes)
	if err != nil {
		return err
	}
	e := Event{Type: Pruned, Seq: rec.Seq, ID: rec.ID}
	if !gone {
		e.Mailboxes = from
	} else {
		t.state.pruned++
		t.state.prunedUpTo = max(t.state.prunedUpTo, rec.Seq)
	}
	t.emit(e)
	return nil
}

// makeRoom prunes until the store's caps hold with one message more.
func (t *txn) makeRoom(next *record) error {
	for t.over(1, next.Size) {
		if ok, err := t.pruneOldest(); err != nil || !ok {
			return err
		}
	}
	if age := t.s.opts.Retention.MaxAge; age > 0 {
		_, err := t.pruneBefore(t.s.opts.Now().Add(-age), deleteBatch)
		return err
	}
	return nil
}

// over says whether with so much more a cap of the store would not hold.
func (t *txn) over(messages, octets int64) bool {
	r := t.s.opts.Retention
	return r.MaxMessages > 0 && t.state.messages+messages > r.MaxMessages ||
		r.MaxBytes > 0 && t.state.bytes+octets > r.MaxBytes
}

// trimMutation makes the store's caps hold, a batch of messages at a time.
type trimMutation struct{ n int }

func (*trimMutation) weight() int { return 0 }

func (m *trimMutation) apply(t *txn) error {
	for m.n = 0; m.n < deleteBatch && t.over(0, 0); m.n++ {
		if ok, err := t.pruneOldest(); err != nil || !ok {
			return err
		}
	}
	return nil
}

// trim makes all caps by count and bytes hold. They may be lower than when the
// file was closed: the first delivery must not bear it in one commit.
func (s *Store) trim() error {
	r, st := s.opts.Retention, s.state.Load()
	for over := r.MaxMessages > 0 && st.messages > r.MaxMessages || r.MaxBytes > 0 && st.bytes > r.MaxBytes; over; {
		m := new(trimMutation)
		if err := s.submit(context.Background(), m); err != nil {
			return err
		}
		over = m.n == deleteBatch
	}
	if r = s.opts.PerMailbox; r.MaxMessages <= 0 && r.MaxBytes <= 0 {
		return nil
	}
	const page = 1000
	for after := ""; ; {
		boxes, err := s.Mailboxes(after, page)
		if err != nil {
			return err
		}
		for _, box := range boxes {
			if err := s.trimMailbox(box); err != nil {
				return err
			}
			after = box.Name
		}
		if len(boxes) < page {
			return nil
		}
	}
}

// trimMailboxMutation makes the caps of a mailbox hold, a batch of messages at a time.
type trimMailboxMutation struct {
	box Mailbox
	n   int
}

func (*trimMailboxMutation) weight() int { return 0 }

func (m *trimMailboxMutation) apply(t *txn) (err error) {
	m.n, err = t.pruneMailbox(m.box.Name, t.s.opts.PerMailbox, m.box.Newest, deleteBatch)
	return err
}

func (s *Store) trimMailbox(box Mailbox) error {
	r := s.opts.PerMailbox
	for over := r.MaxMessages > 0 && box.Messages > r.MaxMessages || r.MaxBytes > 0 && box.Octets > r.MaxBytes; over; {
		m := &trimMailboxMutation{box: box}
		if err := s.submit(context.Background(), m); err != nil {
			return err
		}
		over = m.n == deleteBatch
	}
	return nil
}

// pruneBefore removes messages received before a time, at most limit of them.
func (t *txn) pruneBefore(before time.Time, limit int) (n int, err error) {
	for ; n < limit; n++ {
		_, b, ok := newRecordWalker(t.tx, 0, true).next()
		if !ok {
			return n, nil
		}
		var v view
		if err := v.parse(b); err != nil {
			return n, err
		}
		if v.received >= before.UnixNano() {
			return n, nil
		}
		if _, err := t.pruneOldest(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// pruneMailboxes makes the caps per mailbox hold where a message was delivered.
func (t *txn) pruneMailboxes(boxes []string, keep uint64) error {
	r := t.s.opts.PerMailbox
	if r == (Retention{}) {
		return nil
	}
	for _, box := range boxes {
		if _, err := t.pruneMailbox(box, r, keep, noLimit); err != nil {
			return err
		}
	}
	return nil
}

const noLimit = math.MaxInt

// pruneMailbox makes one mailbox's caps hold, as far as that takes at most limit
// messages away. The message keep stays, also one that is larger than the cap: it
// may have been accepted for other mailboxes too.
func (t *txn) pruneMailbox(name string, r Retention, keep uint64, limit int) (n int, err error) {
	b, err := t.box(name)
	if err != nil {
		return 0, err
	}
	for ; n < limit; n++ {
		oldest, ok, err := t.oldestDelivery(name, b)
		if err != nil || !ok || oldest.Seq == keep {
			return n, err
		}
		rec, err := t.record(oldest.Seq)
		if err != nil {
			return n, err
		}
		if rec == nil {
			return n, errRecord
		}
		over := r.MaxMessages > 0 && b.messages > r.MaxMessages ||
			r.MaxBytes > 0 && b.octets > r.MaxBytes ||
			r.MaxAge > 0 && rec.Received.Before(t.s.opts.Now().Add(-r.MaxAge))
		if !over {
			return n, nil
		}
		if err := t.prune(rec, func(other string) bool { return other == name }); err != nil {
			return n, err
		}
	}
	return n, nil
}

// expireMutation removes what is too old, a batch of it.
type expireMutation struct{ n int }

func (*expireMutation) weight() int { return 0 }

func (m *expireMutation) apply(t *txn) (err error) {
	m.n = 0
	if age := t.s.opts.Retention.MaxAge; age > 0 {
		if m.n, err = t.pruneBefore(t.s.opts.Now().Add(-age), deleteBatch); err != nil {
			return err
		}
	}
	if t.s.opts.PerMailbox.MaxAge <= 0 {
		return nil
	}
	var names []string
	if err := t.boxes.ForEach(func(k, _ []byte) error {
		names = append(names, string(k))
		return nil
	}); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := t.pruneMailbox(name, Retention{MaxAge: t.s.opts.PerMailbox.MaxAge}, 0, noLimit); err != nil {
			return err
		}
	}
	return nil
}

// expire removes everything that is too old now.
func (s *Store) expire() error {
	for {
		m := new(expireMutation)
		if err := s.submit(context.Background(), m); err != nil {
			return err
		}
		if m.n < deleteBatch {
			return nil
		}
	}
}

// expireLoop removes what has become too old while no mail arrives: messages
// and disposable inboxes.
func (s *Store) expireLoop() {
	age := s.opts.Retention.MaxAge
	if per := s.opts.PerMailbox.MaxAge; age == 0 || per > 0 && per < age {
		age = per
	}
	every := min(max(age/10, time.Second), time.Minute)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var last time.Time
	for {
		select {
		case <-s.quit:
			return
		case <-tick.C:
		}
		err := s.expireInboxes()
		if now := s.opts.Now(); err == nil && age > 0 && now.Sub(last) >= every {
			last = now
			err = s.expire()
		}
		if err != nil && err != ErrClosed {
			s.opts.Log.Error("removing what is too old failed", "err", err)
		}
	}
}
