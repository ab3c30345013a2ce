package mailstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"go.etcd.io/bbolt"
)

// mutation is one explicit change. Apply is a function of the store's state and
// the mutation's fields alone, and may run again when its batch failed.
type mutation interface {
	apply(t *txn) error
	weight() int // octets of content it brings
}

// state is what the store must remember besides its records.
type state struct {
	seq        uint64 // the highest ever assigned
	content    uint64 // the highest content id ever assigned
	revision   uint64 // of the newest event
	session    uint64 // number of the newest session
	messages   int64
	unseen     int64
	bytes      int64
	pruned     int64
	prunedUpTo uint64
}

// encode appends the state.
func (st *state) encode(b []byte) []byte {
	for _, v := range [...]uint64{st.seq, st.content, st.revision, st.session,
		uint64(st.messages), uint64(st.unseen), uint64(st.bytes), uint64(st.pruned), st.prunedUpTo} {
		b = appendUint(b, v)
	}
	return b
}

func (st *state) decode(b []byte) error {
	r := reader{b: b}
	*st = state{
		seq: r.uint(), content: r.uint(), revision: r.uint(), session: r.uint(),
		messages: r.size(), unseen: r.size(), bytes: r.size(), pruned: r.size(), prunedUpTo: r.uint(),
	}
	if r.bad {
		return errors.New("unreadable state")
	}
	return nil
}

const seqLength = 8 // octets of a seq as a key

func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

func seqOfKey(key []byte) uint64 { return binary.BigEndian.Uint64(key) }

// tailKey is the key of the end of a message's content: right behind its record.
func tailKey(seq uint64) []byte { return append(seqKey(seq), tailMark) }

const tailMark = 1

func chunkKey(content uint64, n uint32) []byte {
	return binary.BigEndian.AppendUint32(seqKey(content), n)
}

// reserveMutation sets chunks aside in the file that mean nothing, and gives up
// any above their number. To give them up makes room for what makes room on a
// full disk; to write them anew, and a row behind them, shows that there is room
// for mail.
type reserveMutation struct {
	chunks int
	row    int // octets, on pages in a row; 0 is no row
}

func (m *reserveMutation) apply(t *txn) error {
	b, err := t.tx.CreateBucketIfNotExists(bucketReserve)
	if err != nil {
		return err
	}
	for i := range m.chunks {
		if err := b.Put(seqKey(uint64(i)), make([]byte, chunkSize)); err != nil {
			return err
		}
	}
	end := uint64(m.chunks)
	if m.row > 0 {
		if err := b.Put(seqKey(end), make([]byte, m.row)); err != nil {
			return err
		}
		end++
	}
	var above [][]byte
	c := b.Cursor()
	for k, _ := c.Seek(seqKey(end)); k != nil; k, _ = c.Next() {
		above = append(above, k)
	}
	for _, k := range above {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

func (m *reserveMutation) weight() int { return m.chunks * chunkSize }

// makesRoom says whether a mutation is worth the reserve.
func makesRoom(m mutation) bool {
	switch m.(type) {
	case *deleteMutation, *sweepMutation, *unstageMutation:
		return true
	}
	return false
}

// bringsMail says whether room for a mutation is room for mail.
func bringsMail(m mutation) bool {
	switch m.(type) {
	case *deliverMutation, *stageMutation, *reserveMutation:
		return m.weight() > 0
	}
	return false
}

// stageMutation stores chunks of a message that is still arriving.
type stageMutation struct {
	content uint64 // content id, assigned by the first
	first   uint32 // number of the first chunk
	chunks  [][]byte
}

func (m *stageMutation) weight() int { return len(m.chunks) * chunkSize }

func (m *stageMutation) apply(t *txn) error {
	if m.first == 0 { // again when the batch is
		t.state.content++
		m.content = t.state.content
		if err := t.tx.Bucket(bucketStaging).Put(seqKey(m.content), nil); err != nil {
			return err
		}
	}
	return t.putChunks(m.content, m.first, m.chunks)
}

func (t *txn) putChunks(id uint64, first uint32, chunks [][]byte) error {
	for i, c := range chunks {
		if err := t.chunks.Put(chunkKey(id, first+uint32(i)), c); err != nil {
			return err
		}
	}
	return nil
}

// unstageMutation drops what stageMutations stored.
type unstageMutation struct{ content uint64 }

func (*unstageMutation) weight() int { return 0 }

func (m *unstageMutation) apply(t *txn) error {
	if err := dropChunks(t.tx, m.content); err != nil {
		return err
	}
	return t.tx.Bucket(bucketStaging).Delete(seqKey(m.content))
}

// dropChunks removes the chunks that are stored under a content id.
func dropChunks(tx *bbolt.Tx, id uint64) error {
	prefix := seqKey(id)
	c := tx.Bucket(bucketChunks).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Seek(prefix) {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

// dropContent removes a message's content.
func (t *txn) dropContent(seq uint64, ref contentRef) error {
	if ref.chunks > 0 {
		if err := dropChunks(t.tx, ref.id); err != nil {
			return err
		}
	}
	return t.messages.Delete(tailKey(seq))
}

// deliverMutation stores a message.
type deliverMutation struct {
	rec       *record  // what depends on its seq is filled in when it gets one
	octets    int64    // of its content, as POP3 sends them
	staged    uint64   // content id of what was staged; 0 when nothing was
	first     uint32   // chunks that were staged
	chunks    [][]byte // the rest of them
	tail      []byte   // the end of the compressed content
	signature []byte
}

func (m *deliverMutation) weight() int { return len(m.chunks)*chunkSize + len(m.tail) }

func (m *deliverMutation) apply(t *txn) error {
	rec := m.rec
	if limit := t.s.opts.Retention.MaxBytes; limit > 0 && rec.Size > limit {
		return refusal{ErrOverCap}
	}
	t.state.seq++
	rec.Seq, rec.ID = t.state.seq, t.s.ID(t.state.seq)
	rec.Trace = traceFields(&rec.Message, t.s.opts.Hostname)
	rec.Octets = m.octets + int64(len(rec.Trace))
	for i := range rec.Envelope.ForwardPaths {
		p := &rec.Envelope.ForwardPaths[i]
		p.Mailbox = t.s.MailboxFor(p.Address)
	}
	switch {
	case m.staged > 0:
		rec.content.id = m.staged
		if err := t.tx.Bucket(bucketStaging).Delete(seqKey(m.staged)); err != nil {
			return err
		}
	case len(m.chunks) > 0:
		t.state.content++
		rec.content.id = t.state.content
	}
	if err := t.makeRoom(rec); err != nil {
		return err
	}
	boxes := rec.Mailboxes()
	encoded := rec.encode()
	if err := t.store(rec, encoded, boxes, m); err != nil {
		return err
	}
	t.emit(Event{Type: Stored, Seq: rec.Seq, ID: rec.ID, Mailboxes: boxes, Message: &rec.Message, record: encoded})
	return t.pruneMailboxes(boxes, rec.Seq)
}

// store puts a message's records in their buckets and counts it.
func (t *txn) store(rec *record, encoded []byte, boxes []string, m *deliverMutation) error {
	if err := t.putChunks(rec.content.id, m.first, m.chunks); err != nil {
		return err
	}
	if err := t.messages.Put(t.seqKey(rec.Seq), encoded); err != nil {
		return err
	}
	if err := t.messages.Put(t.tailKey(rec.Seq), m.tail); err != nil {
		return err
	}
	if err := t.addSignature(rec.Seq, m.signature); err != nil {
		return err
	}
	for _, name := range boxes {
		b, err := t.box(name)
		if err != nil {
			return err
		}
		if err := t.addDelivery(name, b, Entry{Seq: rec.Seq, Octets: rec.Octets}); err != nil {
			return err
		}
		b.add(1, rec)
		b.newest, b.received = rec.Seq, rec.Received.UnixNano()
	}
	t.count(rec)
	return nil
}

// count adds a message to the store's totals.
func (t *txn) count(rec *record) {
	t.state.messages++
	t.state.bytes += rec.Size
	if !rec.Seen {
		t.state.unseen++
	}
}

// uncount takes a message out of the store's totals.
func (t *txn) uncount(rec *record) {
	t.state.messages--
	t.state.bytes -= rec.Size
	if !rec.Seen {
		t.state.unseen--
	}
}

// record reads a message's record; nil when there is none.
func (t *txn) record(seq uint64) (*record, error) {
	b := t.messages.Get(seqKey(seq))
	if b == nil {
		return nil, nil
	}
	return decodeRecord(seq, t.s.ID(seq), b)
}

// remove takes a message out of some mailboxes; with nil, out of all. When it is
// in none any more, it is deleted. It returns whether it changed anything.
func (t *txn) remove(rec *record, boxes func(name string) bool) (gone bool, from []string, err error) {
	for _, name := range rec.Mailboxes() {
		if boxes != nil && !boxes(name) {
			continue
		}
		b, err := t.box(name)
		if err != nil {
			return false, nil, err
		}
		if err := t.removeDelivery(name, b, rec.Seq); err != nil {
			return false, nil, err
		}
		b.add(-1, rec)
		from = append(from, name)
	}
	for i := range rec.Envelope.ForwardPaths {
		if p := &rec.Envelope.ForwardPaths[i]; slices.Contains(from, p.Mailbox) {
			p.Mailbox = ""
		}
	}
	if boxes != nil && len(from) == 0 {
		return false, nil, nil
	}
	key := seqKey(rec.Seq)
	if len(rec.Mailboxes()) > 0 {
		return false, from, t.messages.Put(key, rec.encode())
	}
	t.uncount(rec)
	return true, from, errors.Join(t.releaseContent(rec.Seq, rec.content), t.messages.Delete(key), t.dropSignature(rec.Seq),
		t.forgetFetches(rec.Seq))
}
