package mailstore

import (
	"context"
	"errors"
)

// deleteBatch is how many messages one mutation removes at most: a wipe of a
// large store must not keep deliveries waiting for its whole length.
const deleteBatch = 500

// deleteMutation removes messages, from everywhere or from some mailboxes.
type deleteMutation struct {
	seqs  []uint64
	boxes func(name string) bool // nil: everywhere
	n     int                    // messages it removed or took out of a mailbox
}

func (*deleteMutation) weight() int { return 0 }

func (m *deleteMutation) apply(t *txn) error {
	m.n = 0
	for _, seq := range m.seqs {
		rec, err := t.record(seq)
		if err != nil {
			return err
		}
		if rec == nil {
			continue
		}
		gone, from, err := t.remove(rec, m.boxes)
		if err != nil {
			return err
		}
		if gone {
			t.emit(Event{Type: Deleted, Seq: seq, ID: rec.ID})
		} else if len(from) > 0 {
			t.emit(Event{Type: Deleted, Seq: seq, ID: rec.ID, Mailboxes: from})
		}
		if gone || len(from) > 0 {
			m.n++
		}
	}
	return nil
}

// Delete removes messages from all mailboxes and returns how many there were.
// Seqs that are not there are no error.
func (s *Store) Delete(ctx context.Context, seqs ...uint64) (int, error) {
	return s.delete(ctx, seqs, nil)
}

// DeleteFrom removes messages from a maildrop as [Maildrop.Name] names it: from
// one mailbox, or from all of "*@domain" or "*". Seqs that are gone are no error.
func (s *Store) DeleteFrom(ctx context.Context, maildrop string, seqs []uint64) error {
	_, err := s.delete(ctx, seqs, scopeOf(maildrop).filter())
	return err
}

func (s *Store) delete(ctx context.Context, seqs []uint64, boxes func(string) bool) (n int, err error) {
	for size := deleteBatch; len(seqs) > 0; {
		part := seqs[:min(size, len(seqs))]
		m := &deleteMutation{seqs: part, boxes: boxes}
		err := s.submit(ctx, m)
		if errors.Is(err, ErrFull) && len(part) > 1 {
			// A removal, too, needs pages to write to: that of few messages needs
			// few, and what they leave is room for the next.
			size = len(part) / 2
			continue
		}
		if err != nil {
			return n, err
		}
		n += m.n
		seqs = seqs[len(part):]
		size = min(size*2, deleteBatch)
	}
	return n, nil
}

// DeleteMatching removes all messages that o lists and that are there when it is
// called; its Limit is ignored. It returns how many there were.
func (s *Store) DeleteMatching(ctx context.Context, o ListOptions) (deleted int, err error) {
	o.Limit, o.Oldest = maxLimit, false
	if o.Before == 0 {
		o.Before = s.state.Load().seq + 1
	}
	for {
		page, err := s.List(ctx, o)
		if err != nil {
			return deleted, err
		}
		seqs := make([]uint64, len(page.Messages))
		for i, m := range page.Messages {
			seqs[i] = m.Seq
		}
		n, err := s.Delete(ctx, seqs...)
		deleted += n
		if err != nil || page.Next == 0 {
			return deleted, err
		}
		o.Before = page.Next
	}
}

// DeleteMailbox empties a mailbox, "*@domain" or "*", of what is in it now and
// returns how many messages were. ErrNoMailbox when one mailbox is named that
// holds nothing.
func (s *Store) DeleteMailbox(ctx context.Context, name string) (int, error) {
	sc := scopeOf(name)
	if sc.kind == oneMailbox {
		if _, err := s.Mailbox(name); err != nil {
			return 0, err
		}
	}
	entries, err := s.entries(sc)
	if err != nil {
		return 0, err
	}
	seqs := make([]uint64, len(entries))
	for i, e := range entries {
		seqs[i] = e.Seq
	}
	return s.delete(ctx, seqs, sc.filter())
}

// DeleteAll removes every message that is there when it is called.
func (s *Store) DeleteAll(ctx context.Context) (int, error) {
	last := s.state.Load().seq
	total := 0
	for {
		m := &sweepMutation{upTo: last}
		if err := s.submit(ctx, m); err != nil {
			return total, err
		}
		total += m.n
		if m.n == 0 {
			return total, nil
		}
	}
}

// sweepMutation removes the oldest messages up to a seq, a batch of them.
type sweepMutation struct {
	upTo uint64
	n    int
}

func (*sweepMutation) weight() int { return 0 }

func (m *sweepMutation) apply(t *txn) error {
	var seqs []uint64
	w := newRecordWalker(t.tx, 0, true)
	for len(seqs) < deleteBatch {
		seq, _, ok := w.next()
		if !ok || seq > m.upTo {
			break
		}
		seqs = append(seqs, seq)
	}
	d := deleteMutation{seqs: seqs}
	err := d.apply(t)
	m.n = d.n
	return err
}
