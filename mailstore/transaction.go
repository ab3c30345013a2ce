package mailstore

import (
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"
)

// txn is the transaction of one batch.
type txn struct {
	s      *Store
	tx     *bbolt.Tx
	state  state
	newest sigBlock
	*workbench
	committed bool

	messages, signatures, deliveries, boxes, chunks *bbolt.Bucket
}

// workbench is what the committer keeps from one transaction to the next: mailboxes,
// which nobody else changes, and room that it need not allocate anew. It belongs
// to the transaction that is open.
type workbench struct {
	mailboxes map[string]*box // as they are in the file, or will be when flushed
	touched   []string        // of them, that were asked for; some more than once
	events    []Event
	key       []byte
	values    []byte // octets that were put in buckets, which do not copy them
}

const (
	maxKeptBoxes  = 256
	maxKeptValues = 1 << 20 // octets
)

// newTxn begins with the state that is in the file: a commit whose last fsync
// failed may have arrived there all the same.
func newTxn(s *Store, tx *bbolt.Tx) (*txn, error) {
	t := &txn{s: s, tx: tx, workbench: &s.bench}
	t.clean()
	if err := t.state.decode(tx.Bucket(bucketMeta).Get(keyState)); err != nil {
		return nil, err
	}
	// Keys only ever grow in these: full pages, not half-full ones.
	for _, b := range []struct {
		name   []byte
		bucket **bbolt.Bucket
	}{
		{bucketMessages, &t.messages}, {bucketSignatures, &t.signatures}, {bucketChunks, &t.chunks},
	} {
		*b.bucket = tx.Bucket(b.name)
		(*b.bucket).FillPercent = 1
	}
	t.deliveries, t.boxes = tx.Bucket(bucketDeliveries), tx.Bucket(bucketMailboxes)
	// Who has the published block does not look behind its entries: more of them
	// may be appended in place, and those of a commit that failed be overwritten.
	t.newest = *s.newest.Load()
	if t.newest.upTo != t.state.seq {
		var err error
		if t.newest, err = loadBlock(tx, t.state.seq); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// clean makes the workbench ready for a transaction.
func (w *workbench) clean() {
	if w.mailboxes == nil || len(w.mailboxes) > maxKeptBoxes {
		w.mailboxes = make(map[string]*box)
	}
	w.touched = w.touched[:0]
	clear(w.events)
	w.events = w.events[:0]
	if w.values = w.values[:0]; cap(w.values) > maxKeptValues {
		w.values = nil
	}
}

// end forgets what is not in the file, after a failure or a panic.
func (t *txn) end() {
	if !t.committed {
		t.mailboxes = nil
	}
}

// keep returns the octets that appendTo appends. They stay until the transaction ends.
func (w *workbench) keep(appendTo func([]byte) []byte) []byte {
	n := len(w.values)
	w.values = appendTo(w.values)
	return w.values[n:len(w.values):len(w.values)]
}

// seqKey is [seqKey], valid until the next call.
func (w *workbench) seqKey(seq uint64) []byte {
	w.key = binary.BigEndian.AppendUint64(w.key[:0], seq)
	return w.key
}

// tailKey is [tailKey], valid until the next call.
func (w *workbench) tailKey(seq uint64) []byte {
	w.key = append(w.seqKey(seq), tailMark)
	return w.key
}

func (t *txn) run(batch []*change) error {
	for _, c := range batch {
		c.err = nil
		err := c.m.apply(t)
		if err == nil {
			continue
		}
		if r, ok := errors.AsType[refusal](err); ok {
			c.err = r.error
		} else {
			return err
		}
	}
	if err := t.flushMailboxes(); err != nil {
		return err
	}
	t.state.session = t.s.sessions.Load()
	return t.tx.Bucket(bucketMeta).Put(keyState, t.keep(t.state.encode))
}

// emit notes an event; it is published after the commit.
func (t *txn) emit(e Event) {
	t.state.revision++
	e.Revision = t.state.revision
	t.events = append(t.events, e)
}

// refusal is an error of one mutation that has changed nothing; the rest of the
// batch goes on.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }
