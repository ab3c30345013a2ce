package mailstore

import (
	"bytes"
	"encoding/binary"
	"slices"

	"go.etcd.io/bbolt"
)

// The deliveries of a mailbox are a list of entries, oldest first. The newest
// stand in the mailbox's own record; each time there are runLength of them, they
// move to the bucket deliveries as a run. So a delivery touches one small record
// instead of a page of its mailbox's, and LIST of many is a few reads.
const runLength = 32

// runKey is the key of a run: its mailbox and the seq that it began with. All
// runs of a mailbox stand together in order.
func runKey(mailbox string, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(runPrefix(mailbox), seq)
}

func runPrefix(mailbox string) []byte {
	b := make([]byte, 0, len(mailbox)+9)
	b = append(b, mailbox...)
	return append(b, 0)
}

// appendEntries appends entries as pairs of varints: how much higher the seq is
// than the one before, and the octets.
func appendEntries(b []byte, entries []Entry) []byte {
	last := uint64(0)
	for _, e := range entries {
		b = binary.AppendUvarint(b, e.Seq-last)
		b = binary.AppendUvarint(b, uint64(e.Octets))
		last = e.Seq
	}
	return b
}

// decodeEntries appends what appendEntries wrote.
func decodeEntries(list []Entry, b []byte) ([]Entry, error) {
	r := reader{b: b}
	seq := uint64(0)
	for len(r.b) > 0 {
		seq += r.uint()
		list = append(list, Entry{Seq: seq, Octets: r.size()})
	}
	if r.bad {
		return nil, errRecord
	}
	return list, nil
}

// addDelivery appends an entry to a mailbox's deliveries.
func (t *txn) addDelivery(name string, b *box, e Entry) error {
	if len(b.recent) == runLength {
		run := t.keep(func(v []byte) []byte { return appendEntries(v, b.recent) })
		if err := t.deliveries.Put(runKey(name, b.recent[0].Seq), run); err != nil {
			return err
		}
		b.recent = b.recent[:0]
	}
	b.recent = append(b.recent, e)
	return nil
}

// removeDelivery takes a seq out of a mailbox's deliveries, where it is.
func (t *txn) removeDelivery(name string, b *box, seq uint64) error {
	is := func(e Entry) bool { return e.Seq == seq }
	if i := slices.IndexFunc(b.recent, is); i >= 0 {
		b.recent = slices.Delete(b.recent, i, i+1)
		return nil
	}
	k, v := seekRun(t.deliveries.Cursor(), runPrefix(name), seq)
	if k == nil {
		return nil
	}
	entries, err := decodeEntries(nil, v)
	if err != nil {
		return err
	}
	k = bytes.Clone(k)
	if entries = slices.DeleteFunc(entries, is); len(entries) == 0 {
		return t.deliveries.Delete(k)
	}
	return t.deliveries.Put(k, appendEntries(nil, entries))
}

// oldestDelivery is the first of a mailbox's entries.
func (t *txn) oldestDelivery(name string, b *box) (Entry, bool, error) {
	prefix := runPrefix(name)
	if k, v := t.deliveries.Cursor().Seek(prefix); isRun(k, prefix) {
		entries, err := decodeEntries(nil, v)
		if err != nil || len(entries) == 0 {
			return Entry{}, false, errRecord
		}
		return entries[0], true, nil
	}
	if len(b.recent) > 0 {
		return b.recent[0], true, nil
	}
	return Entry{}, false, nil
}

func isRun(k, prefix []byte) bool {
	return len(k) == len(prefix)+8 && bytes.HasPrefix(k, prefix)
}

// seekRun goes to the run that a seq would be in: the last that begins at it or
// before; nil when there is none.
func seekRun(c *bbolt.Cursor, prefix []byte, seq uint64) (k, v []byte) {
	want := binary.BigEndian.AppendUint64(bytes.Clone(prefix), seq)
	if k, v = c.Seek(want); bytes.Equal(k, want) {
		return k, v
	}
	if k == nil {
		k, v = c.Last()
	} else {
		k, v = c.Prev()
	}
	if isRun(k, prefix) {
		return k, v
	}
	// None, or Prev has met a page that this transaction emptied. Next goes past.
	k, v = nil, nil
	for next, entries := c.Seek(prefix); isRun(next, prefix) && bytes.Compare(next, want) < 0; next, entries = c.Next() {
		k, v = next, entries
	}
	return k, v
}

// mailboxEntries appends all of a mailbox's entries, oldest first.
func mailboxEntries(tx *bbolt.Tx, list []Entry, name string) ([]Entry, error) {
	prefix := runPrefix(name)
	c := tx.Bucket(bucketDeliveries).Cursor()
	var err error
	for k, v := c.Seek(prefix); isRun(k, prefix); k, v = c.Next() {
		if list, err = decodeEntries(list, v); err != nil {
			return nil, err
		}
	}
	b, err := readBox(tx, name)
	return append(list, b.recent...), err
}

// deliveryWalker goes through a mailbox's seqs from one on, upwards or downwards.
type deliveryWalker struct {
	c      *bbolt.Cursor
	prefix []byte
	oldest bool
	from   uint64
	recent []Entry // the mailbox's newest, nil when they were walked
	begun  bool    // the runs
	left   []Entry // of the run that is being walked, in the walk's order
	buf    []Entry
	err    error
}

func newDeliveryWalker(tx *bbolt.Tx, name string, from uint64, oldest bool) *deliveryWalker {
	w := &deliveryWalker{c: tx.Bucket(bucketDeliveries).Cursor(), prefix: runPrefix(name), oldest: oldest, from: from}
	var b box
	b, w.err = readBox(tx, name)
	w.recent = b.recent
	if !oldest {
		w.load(w.recent)
		w.recent = nil
	}
	return w
}

func (w *deliveryWalker) next() (seq uint64, ok bool) {
	for len(w.left) == 0 && w.err == nil {
		if k, v := w.run(); isRun(k, w.prefix) {
			w.buf, w.err = decodeEntries(w.buf[:0], v)
			w.load(w.buf)
		} else if w.recent != nil {
			w.load(w.recent)
			w.recent = nil
		} else {
			return 0, false
		}
	}
	if w.err != nil {
		return 0, false
	}
	seq = w.left[0].Seq
	w.left = w.left[1:]
	return seq, true
}

// load makes the entries within bounds those that are walked next.
func (w *deliveryWalker) load(entries []Entry) {
	i, found := slices.BinarySearchFunc(entries, w.from, func(e Entry, seq uint64) int {
		switch {
		case e.Seq < seq:
			return -1
		case e.Seq > seq:
			return 1
		}
		return 0
	})
	if w.oldest {
		w.left = entries[i:]
		return
	}
	if found {
		i++
	}
	w.left = entries[:i]
	slices.Reverse(w.left)
}

// run goes to the next run.
func (w *deliveryWalker) run() (k, v []byte) {
	if w.begun {
		if w.oldest {
			return w.c.Next()
		}
		return w.c.Prev()
	}
	w.begun = true
	if k, v = seekRun(w.c, w.prefix, w.from); k == nil && w.oldest {
		return w.c.Seek(w.prefix)
	}
	return k, v
}
