package mailstore

import (
	"context"
	"slices"
	"strings"
)

// seenMutation marks messages.
type seenMutation struct {
	seqs []uint64
	seen bool
	n    int // of them exist
}

func (*seenMutation) weight() int { return 0 }

func (m *seenMutation) apply(t *txn) error {
	m.n = 0
	for _, seq := range m.seqs {
		rec, err := t.record(seq)
		if err != nil {
			return err
		}
		if rec == nil {
			continue
		}
		m.n++
		if rec.Seen == m.seen {
			continue
		}
		rec.Seen = m.seen
		change := int64(1)
		if m.seen {
			change = -1
		}
		t.state.unseen += change
		for _, box := range rec.Mailboxes() {
			b, err := t.box(box)
			if err != nil {
				return err
			}
			b.unseen += change
			b.changed = true
		}
		if err := t.messages.Put(seqKey(seq), rec.encode()); err != nil {
			return err
		}
		t.emit(Event{Type: Seen, Seq: seq, ID: rec.ID, Mailboxes: rec.Mailboxes(), Seen: m.seen})
	}
	return nil
}

// SetSeen marks messages as seen or unseen. ErrNotFound when one message is
// named that is not there; of several, those that are gone are passed over.
func (s *Store) SetSeen(ctx context.Context, seen bool, seqs ...uint64) error {
	for part := range slices.Chunk(seqs, deleteBatch) {
		m := &seenMutation{seqs: part, seen: seen}
		if err := s.submit(ctx, m); err != nil {
			return err
		}
		if m.n == 0 && len(seqs) == 1 {
			return ErrNotFound
		}
	}
	return nil
}

// tagMutation replaces a message's tags.
type tagMutation struct {
	seq  uint64
	tags []string
}

func (*tagMutation) weight() int { return 0 }

func (m *tagMutation) apply(t *txn) error {
	rec, err := t.record(m.seq)
	if err != nil {
		return err
	}
	if rec == nil {
		return refusal{ErrNotFound}
	}
	if slices.Equal(rec.Tags, m.tags) {
		return nil
	}
	rec.Tags = m.tags
	if err := t.messages.Put(seqKey(m.seq), rec.encode()); err != nil {
		return err
	}
	t.emit(Event{Type: Tagged, Seq: m.seq, ID: rec.ID, Mailboxes: rec.Mailboxes(), Tags: m.tags})
	return nil
}

// SetTags replaces a message's tags. Space around a tag, empty ones and doubles
// are dropped.
func (s *Store) SetTags(ctx context.Context, seq uint64, tags []string) error {
	var clean []string
	for _, tag := range tags {
		if tag = strings.TrimSpace(tag); tag != "" {
			clean = append(clean, tag)
		}
	}
	slices.Sort(clean)
	return s.submit(ctx, &tagMutation{seq: seq, tags: slices.Compact(clean)})
}
