package mailstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Snapshot is a point that the store, or one mailbox, can be put back to. Until
// it is deleted the content of its messages is kept, also of those that are
// deleted; such content does not count for Retention.
type Snapshot struct {
	ID       string
	Name     string // as it was given
	Mailbox  string // "": the whole store
	Created  time.Time
	Messages int64
	Cursor   uint64 // newest seq when it was made
}

// A snapshot is a bucket in the bucket snapshots: a record of its own and copies
// of the messages' records.
var (
	keyAbout   = []byte("about")
	keyRecords = []byte("records")
)

// NewSnapshot notes how the store is now, or a mailbox.
func (s *Store) NewSnapshot(ctx context.Context, name, mailbox string) (*Snapshot, error) {
	if mailbox != "" {
		mailbox = s.MailboxFor(mailbox)
	}
	m := &snapshotMutation{snap: &Snapshot{Name: name, Mailbox: mailbox, Created: s.opts.Now().UTC()}}
	if err := s.submit(ctx, m); err != nil {
		return nil, err
	}
	return m.snap, nil
}

type snapshotMutation struct{ snap *Snapshot }

func (*snapshotMutation) weight() int { return 0 }

func (m *snapshotMutation) apply(t *txn) error {
	if err := t.flushMailboxes(); err != nil {
		return err
	}
	all := t.tx.Bucket(bucketSnapshots)
	number, err := all.NextSequence()
	if err != nil {
		return err
	}
	b, err := all.CreateBucket(seqKey(number))
	if err != nil {
		return err
	}
	records, err := b.CreateBucket(keyRecords)
	if err != nil {
		return err
	}
	records.FillPercent = 1
	m.snap.ID = snapshotID(number)
	m.snap.Cursor = t.state.seq
	m.snap.Messages = 0
	put := func(key, record []byte) error {
		m.snap.Messages++
		return records.Put(key, bytes.Clone(record))
	}
	if m.snap.Mailbox == "" {
		w := newRecordWalker(t.tx, 0, true)
		for seq, record, ok := w.next(); ok; seq, record, ok = w.next() {
			err = errors.Join(err, put(seqKey(seq), record))
		}
	} else {
		var entries []Entry
		entries, err = mailboxEntries(t.tx, nil, m.snap.Mailbox)
		for _, e := range entries {
			key := seqKey(e.Seq)
			err = errors.Join(err, put(key, t.messages.Get(key)))
		}
	}
	return errors.Join(err, b.Put(keyAbout, m.snap.encode()))
}

func (p *Snapshot) encode() []byte {
	out := appendString(appendString(nil, p.Name), p.Mailbox)
	out = binary.AppendVarint(out, p.Created.UnixNano())
	return appendUint(appendUint(out, uint64(p.Messages)), p.Cursor)
}

func decodeSnapshot(number uint64, octets []byte) (*Snapshot, error) {
	r := reader{b: octets}
	p := &Snapshot{ID: snapshotID(number), Name: r.string(), Mailbox: r.string()}
	p.Created = time.Unix(0, r.int()).UTC()
	p.Messages, p.Cursor = r.size(), r.uint()
	if r.bad {
		return nil, fmt.Errorf("snapshot %s: %w", p.ID, errRecord)
	}
	return p, nil
}

func snapshotID(number uint64) string { return string(appendBase32([]byte{'p'}, number)) }

func snapshotKey(id string) ([]byte, error) {
	if digits, ok := strings.CutPrefix(strings.ToLower(id), "p"); ok {
		if number, ok := parseBase32(digits); ok {
			return seqKey(number), nil
		}
	}
	return nil, ErrNotFound
}

// Snapshots lists the snapshots, oldest first.
func (s *Store) Snapshots() (list []*Snapshot, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		all := tx.Bucket(bucketSnapshots)
		return all.ForEachBucket(func(k []byte) error {
			p, err := decodeSnapshot(binary.BigEndian.Uint64(k), all.Bucket(k).Get(keyAbout))
			list = append(list, p)
			return err
		})
	})
	return list, err
}

// DeleteSnapshot forgets a snapshot and the content that only it still needed.
// ErrNotFound when there is none.
func (s *Store) DeleteSnapshot(ctx context.Context, id string) error {
	key, err := snapshotKey(id)
	if err != nil {
		return err
	}
	return s.submit(ctx, &dropSnapshotMutation{key: key})
}

type dropSnapshotMutation struct{ key []byte }

func (*dropSnapshotMutation) weight() int { return 0 }

func (m *dropSnapshotMutation) apply(t *txn) error {
	all := t.tx.Bucket(bucketSnapshots)
	b := all.Bucket(m.key)
	if b == nil {
		return refusal{ErrNotFound}
	}
	gone := make(map[uint64]contentRef) // by seq, of what is deleted otherwise
	if err := b.Bucket(keyRecords).ForEach(func(k, raw []byte) error {
		if t.messages.Get(k) != nil {
			return nil
		}
		var v view
		if err := v.parse(raw); err != nil {
			return err
		}
		gone[seqOfKey(k)] = v.content
		return nil
	}); err != nil {
		return err
	}
	if err := all.DeleteBucket(m.key); err != nil {
		return err
	}
	for seq, content := range gone {
		if err := t.releaseContent(seq, content); err != nil {
			return err
		}
	}
	return nil
}

// releaseContent drops the content of a message that was deleted, unless a
// snapshot needs it.
func (t *txn) releaseContent(seq uint64, content contentRef) error {
	all := t.tx.Bucket(bucketSnapshots)
	c := all.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if all.Bucket(k).Bucket(keyRecords).Get(seqKey(seq)) != nil {
			return nil
		}
	}
	return t.dropContent(seq, content)
}

// Restore puts the store, or the snapshot's mailbox, back: what arrived since
// goes, what was deleted returns with its ID and seq, marks and tags are as they
// were. It returns how many messages went and returned. Subscribers get a
// Resync. ErrNotFound when there is no such snapshot.
func (s *Store) Restore(ctx context.Context, id string) (removed, restored int, err error) {
	key, err := snapshotKey(id)
	if err != nil {
		return 0, 0, err
	}
	m := &restoreMutation{key: key}
	if err = s.submit(ctx, m); err == nil {
		err = s.trim() // what returned may be over a cap
	}
	return m.removed, m.restored, err
}

type restoreMutation struct {
	key               []byte
	removed, restored int
}

func (*restoreMutation) weight() int { return 0 }

func (m *restoreMutation) apply(t *txn) error {
	m.removed, m.restored = 0, 0
	b := t.tx.Bucket(bucketSnapshots).Bucket(m.key)
	if b == nil {
		return refusal{ErrNotFound}
	}
	snap, err := decodeSnapshot(binary.BigEndian.Uint64(m.key), b.Get(keyAbout))
	if err != nil {
		return err
	}
	records := b.Bucket(keyRecords)
	if err := m.removeNewer(t, snap, records); err != nil {
		return err
	}
	back := make(map[string][]Entry) // by mailbox
	if err := records.ForEach(func(k, raw []byte) error {
		seq := binary.BigEndian.Uint64(k)
		want, err := decodeRecord(seq, t.s.ID(seq), raw)
		if err != nil {
			return err
		}
		return m.putBack(t, snap, want, back)
	}); err != nil {
		return err
	}
	for name, entries := range back {
		if err := t.insertDeliveries(name, entries); err != nil {
			return err
		}
	}
	t.emit(Event{Type: Resync})
	return nil
}

// removeNewer takes out what the snapshot does not have.
func (m *restoreMutation) removeNewer(t *txn, snap *Snapshot, records *bbolt.Bucket) error {
	if err := t.flushMailboxes(); err != nil {
		return err
	}
	var seqs []uint64
	if snap.Mailbox == "" {
		w := newRecordWalker(t.tx, 0, true)
		for seq, _, ok := w.next(); ok; seq, _, ok = w.next() {
			if records.Get(seqKey(seq)) == nil {
				seqs = append(seqs, seq)
			}
		}
	} else {
		entries, err := mailboxEntries(t.tx, nil, snap.Mailbox)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if records.Get(seqKey(e.Seq)) == nil {
				seqs = append(seqs, e.Seq)
			}
		}
	}
	var boxes func(string) bool // all
	if snap.Mailbox != "" {
		boxes = scopeOf(snap.Mailbox).filter()
	}
	for _, seq := range seqs {
		rec, err := t.record(seq)
		if err != nil {
			return err
		}
		if rec == nil {
			continue
		}
		if _, _, err := t.remove(rec, boxes); err != nil {
			return err
		}
		m.removed++
	}
	return nil
}

// putBack makes a message what it was in the snapshot, within its scope.
func (m *restoreMutation) putBack(t *txn, snap *Snapshot, want *record, back map[string][]Entry) error {
	now, err := t.record(want.Seq)
	if err != nil {
		return err
	}
	if snap.Mailbox != "" {
		want = within(snap.Mailbox, want, now)
	}
	returned := now == nil
	var had []string
	if now != nil {
		had = now.Mailboxes()
		for _, name := range had {
			b, err := t.box(name)
			if err != nil {
				return err
			}
			b.add(-1, now)
			if !slices.Contains(want.Mailboxes(), name) {
				if err := t.removeDelivery(name, b, now.Seq); err != nil {
					return err
				}
			}
		}
		t.uncount(now)
	}
	for _, name := range want.Mailboxes() {
		b, err := t.box(name)
		if err != nil {
			return err
		}
		b.add(1, want)
		if want.Seq >= b.newest {
			b.newest, b.received = want.Seq, want.Received.UnixNano()
		}
		if !slices.Contains(had, name) {
			returned = true
			back[name] = append(back[name], Entry{Seq: want.Seq, Octets: want.Octets})
		}
	}
	t.count(want)
	if returned {
		m.restored++
	}
	key := seqKey(want.Seq)
	return errors.Join(t.messages.Put(key, want.encode()), t.ensureSignature(want.Seq))
}

// within is what a message becomes when only one mailbox is put back: there as
// it was, elsewhere as it is now.
func within(mailbox string, want, now *record) *record {
	for i := range want.Envelope.ForwardPaths {
		p := &want.Envelope.ForwardPaths[i]
		if p.Mailbox == mailbox {
			continue
		}
		p.Mailbox = ""
		if now != nil {
			p.Mailbox = now.Envelope.ForwardPaths[i].Mailbox
		}
	}
	return want
}

// insertDeliveries puts entries back to where they belong in a mailbox's list.
func (t *txn) insertDeliveries(name string, entries []Entry) error {
	b, err := t.box(name)
	if err != nil {
		return err
	}
	all, err := t.clearRuns(name)
	if err != nil {
		return err
	}
	all = append(append(all, b.recent...), entries...)
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	b.recent = nil
	for _, e := range all {
		if err := t.addDelivery(name, b, e); err != nil {
			return err
		}
	}
	return nil
}

// clearRuns takes a mailbox's runs out and returns their entries.
func (t *txn) clearRuns(name string) (list []Entry, err error) {
	prefix := runPrefix(name)
	for {
		k, v := t.deliveries.Cursor().Seek(prefix)
		if !isRun(k, prefix) {
			return list, nil
		}
		if list, err = decodeEntries(list, v); err != nil {
			return nil, err
		}
		if err := t.deliveries.Delete(bytes.Clone(k)); err != nil {
			return nil, err
		}
	}
}
