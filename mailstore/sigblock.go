package mailstore

import (
	"bytes"
	"cmp"
	"slices"

	"go.etcd.io/bbolt"
)

// Signatures are kept in rows of the bucket signatures, each for a block of 64
// seqs: a search reads them one behind the other, and a delivery does not have
// to touch a page of them. The committer holds those of the newest block until
// the next one begins. Every message of an older block has an entry in its row,
// if only an empty one, which may be anything.
const blockBits = 6

func blockOf(seq uint64) uint64 { return seq >> blockBits }

// sigEntry is the signature of a message.
type sigEntry struct {
	seq       uint64
	signature []byte
}

// sigBlock is the newest block. It is not changed once it is published.
type sigBlock struct {
	number  uint64
	upTo    uint64     // the newest seq ever when it was so
	entries []sigEntry // by seq
}

func (b *sigBlock) find(seq uint64) []byte {
	for i := range b.entries {
		if b.entries[i].seq == seq {
			return b.entries[i].signature
		}
	}
	return nil
}

// encode appends a row: for each entry the seq within the block (an octet) and
// the signature.
func (b *sigBlock) encode(row []byte) []byte {
	n := 0
	for i := range b.entries {
		n += 4 + len(b.entries[i].signature)
	}
	row = slices.Grow(row, n)
	for _, e := range b.entries {
		row = append(row, byte(e.seq&(1<<blockBits-1)))
		row = appendUint(row, uint64(len(e.signature)))
		row = append(row, e.signature...)
	}
	return row
}

// decodeSigs appends the entries of a row; the signatures point into it.
func decodeSigs(list []sigEntry, number uint64, row []byte) ([]sigEntry, error) {
	r := reader{b: row}
	for len(r.b) > 0 {
		offset := r.fixed(1)[0]
		list = append(list, sigEntry{seq: number<<blockBits | uint64(offset&(1<<blockBits-1)), signature: r.bytes()})
	}
	if r.bad {
		return nil, errRecord
	}
	return list, nil
}

// addSignature adds that of a new message.
func (t *txn) addSignature(seq uint64, signature []byte) error {
	if number := blockOf(seq); number != t.newest.number {
		if err := t.sealBlock(); err != nil {
			return err
		}
		t.newest = sigBlock{number: number, entries: make([]sigEntry, 0, 1<<blockBits)}
	}
	t.newest.entries = append(t.newest.entries, sigEntry{seq, signature})
	t.newest.upTo = seq
	return nil
}

// sealBlock writes the newest block's row.
func (t *txn) sealBlock() error {
	if len(t.newest.entries) == 0 {
		return nil
	}
	return t.signatures.Put(t.seqKey(t.newest.number), t.keep(t.newest.encode))
}

// dropSignature is told that a message was deleted. A row goes with the last
// message of its block.
func (t *txn) dropSignature(seq uint64) error {
	number := blockOf(seq)
	if number == t.newest.number {
		return nil
	}
	w := newRecordWalker(t.tx, number<<blockBits, true)
	if other, _, ok := w.next(); ok && blockOf(other) == number {
		return nil
	}
	return t.signatures.Delete(seqKey(number))
}

// ensureSignature gives a message that returns an entry.
func (t *txn) ensureSignature(seq uint64) error {
	number := blockOf(seq)
	if number == t.newest.number {
		return nil // its entry never went
	}
	b := sigBlock{number: number}
	var err error
	if b.entries, err = decodeSigs(nil, number, t.signatures.Get(seqKey(number))); err != nil {
		return err
	}
	i, found := slices.BinarySearchFunc(b.entries, seq, func(e sigEntry, seq uint64) int { return cmp.Compare(e.seq, seq) })
	if found {
		return nil
	}
	b.entries = slices.Insert(b.entries, i, sigEntry{seq: seq})
	return t.signatures.Put(seqKey(number), b.encode(nil))
}

// loadBlock reads the newest block from the file: its row, if Close wrote one,
// and an empty entry for each message that has none.
func loadBlock(tx *bbolt.Tx, newest uint64) (b sigBlock, err error) {
	b.number, b.upTo = blockOf(newest), newest
	row := slices.Clone(tx.Bucket(bucketSignatures).Get(seqKey(b.number)))
	if b.entries, err = decodeSigs(nil, b.number, row); err != nil {
		return b, err
	}
	known := len(b.entries)
	w := newRecordWalker(tx, b.number<<blockBits, true)
	for seq, _, ok := w.next(); ok; seq, _, ok = w.next() {
		if !slices.ContainsFunc(b.entries[:known], func(e sigEntry) bool { return e.seq == seq }) {
			b.entries = append(b.entries, sigEntry{seq: seq})
		}
	}
	slices.SortFunc(b.entries, func(x, y sigEntry) int { return cmp.Compare(x.seq, y.seq) })
	return b, nil
}

// signatureIn finds a message's signature; nil when it is not known.
func (s *Store) signatureIn(tx *bbolt.Tx, seq uint64) []byte {
	if b := s.newest.Load(); b.number == blockOf(seq) {
		return b.find(seq)
	}
	row := tx.Bucket(bucketSignatures).Get(seqKey(blockOf(seq)))
	entries, err := decodeSigs(make([]sigEntry, 0, 1<<blockBits), blockOf(seq), row)
	if err != nil {
		return nil
	}
	b := sigBlock{entries: entries}
	return b.find(seq)
}

// sigWalker goes through all messages by their signatures: by rows where blocks
// are complete, by records in the newest.
type sigWalker struct {
	s       *Store
	rows    *bbolt.Cursor
	records *recordWalker // of the newest block, nil when it was walked
	oldest  bool
	from    uint64
	before  uint64 // rows are walked of blocks below this one
	tx      *bbolt.Tx
	begun   bool
	buf     []sigEntry
	left    []sigEntry // of the row, in the walk's order
	err     error
}

func newSigWalker(s *Store, tx *bbolt.Tx, from uint64, oldest bool) *sigWalker {
	w := &sigWalker{s: s, tx: tx, rows: tx.Bucket(bucketSignatures).Cursor(), oldest: oldest, from: from}
	// The newest row may be that of a block that has grown since.
	if k, _ := w.rows.Last(); k != nil {
		w.before = seqOfKey(k)
	}
	if oldest {
		from = max(from, w.before<<blockBits)
	}
	w.records = newRecordWalker(tx, from, oldest)
	return w
}

func (w *sigWalker) next() (seq uint64, signature []byte, ok bool) {
	if !w.oldest && w.records != nil {
		if seq, ok := w.record(); ok {
			return seq, w.s.signatureIn(w.tx, seq), true
		}
	}
	for len(w.left) == 0 && w.err == nil {
		k, row := w.row()
		if k == nil || seqOfKey(k) >= w.before {
			if w.oldest && w.records != nil {
				if seq, ok := w.record(); ok {
					return seq, w.s.signatureIn(w.tx, seq), true
				}
			}
			return 0, nil, false
		}
		w.load(seqOfKey(k), row)
	}
	if w.err != nil {
		return 0, nil, false
	}
	e := w.left[0]
	w.left = w.left[1:]
	return e.seq, e.signature, true
}

func (w *sigWalker) record() (uint64, bool) {
	seq, _, ok := w.records.next()
	if !ok || blockOf(seq) < w.before {
		w.records = nil
		return 0, false
	}
	return seq, true
}

// row goes to the next row.
func (w *sigWalker) row() (k, row []byte) {
	if w.begun {
		if w.oldest {
			return w.rows.Next()
		}
		return w.rows.Prev()
	}
	w.begun = true
	if w.oldest {
		return w.rows.Seek(seqKey(blockOf(w.from)))
	}
	if w.before == 0 {
		return nil, nil
	}
	want := seqKey(min(blockOf(w.from), w.before-1))
	if k, row = w.rows.Seek(want); bytes.Equal(k, want) {
		return k, row
	}
	return w.rows.Prev() // there is a row behind: that of the block before
}

// load makes the entries of a row within bounds those that are walked next.
func (w *sigWalker) load(number uint64, row []byte) {
	w.buf, w.err = decodeSigs(w.buf[:0], number, row)
	w.left = slices.DeleteFunc(w.buf, func(e sigEntry) bool {
		return w.oldest && e.seq < w.from || !w.oldest && e.seq > w.from
	})
	if !w.oldest {
		slices.Reverse(w.left)
	}
}
