package mailstore

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

const (
	defaultLimit = 50
	maxLimit     = 1000

	// How much a search looks at in one transaction: enough to be worth it,
	// little enough not to keep pages from being reused.
	scanSlice     = 20_000 // signatures or records
	survivorSlice = 256    // candidates whose content has to be opened
)

// ListOptions say what to list. The zero value lists the newest 50 of all.
type ListOptions struct {
	Query   *Query // nil: everything
	Mailbox string // a mailbox, "*@domain"; "*" or "": all
	After   uint64 // only seqs above
	Before  uint64 // only seqs below; 0 is no bound
	Oldest  bool   // oldest first, else newest first
	Limit   int    // 0 is 50; at most 1,000
}

// Page is part of a list.
type Page struct {
	Messages []*Message
	Next     uint64 // where the next page goes on: pass as Before, or as After when Oldest; 0 at the end
	Totals   Totals // of the whole store
}

// List lists messages. It stops looking when the page is full.
func (s *Store) List(ctx context.Context, o ListOptions) (*Page, error) {
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	o.Limit = min(o.Limit, maxLimit)
	totals, err := s.Totals()
	if err != nil {
		return nil, err
	}
	page := &Page{Totals: totals}
	sc := s.newScan(o)
	err = sc.each(ctx, func(h *hit) bool {
		if len(page.Messages) == o.Limit {
			page.Next = page.Messages[o.Limit-1].Seq
			return false
		}
		page.Messages = append(page.Messages, &h.c.record().Message)
		return true
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

// scan goes through messages in order, in slices of a transaction each.
type scan struct {
	s     *Store
	o     ListOptions
	scope scope
	grams []gramTest
	now   time.Time

	from  uint64 // the next seq to look at, or the first one beyond it
	found int
	done  bool

	seqsOnly bool  // a message that matches is not kept, only its seq
	hits     []hit // of this slice, in order
}

// hit is a message that matches, as far as its record and signature tell.
type hit struct {
	seq     uint64
	c       *candidate // nil if its seq is all that is wanted
	left    []*term    // those that its content decides
	matches bool       // after all
}

func (s *Store) newScan(o ListOptions) *scan {
	sc := &scan{s: s, o: o, scope: s.scopeFor(o.Mailbox), grams: o.Query.grams(), now: s.opts.Now()}
	if o.Oldest {
		sc.from = o.After + 1
	} else if sc.from = ^uint64(0); o.Before > 0 {
		sc.from = o.Before - 1
	}
	return sc
}

// within says whether a seq is within the bounds of the list.
func (sc *scan) within(seq uint64) bool {
	return seq > sc.o.After && (sc.o.Before == 0 || seq < sc.o.Before)
}

// each has the messages that match taken, in order, until take has enough.
func (sc *scan) each(ctx context.Context, take func(*hit) (more bool)) error {
	for !sc.done {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := sc.s.view(sc.slice); err != nil {
			return err
		}
		if err := sc.settle(); err != nil {
			return err
		}
		for i := range sc.hits {
			if h := &sc.hits[i]; h.matches && !take(h) {
				return nil
			}
		}
	}
	return nil
}

// slice looks at the next messages in a transaction.
func (sc *scan) slice(tx *bbolt.Tx) error {
	sc.hits = sc.hits[:0]
	messages := tx.Bucket(bucketMessages)
	w := sc.walker(tx)
	deep := 0
	var c candidate
	for n := 0; ; n++ {
		seq, sig, raw, ok := w.next()
		if !ok || !sc.within(seq) {
			sc.done = true
			return w.err()
		}
		if n == scanSlice || deep == survivorSlice || sc.found > sc.o.Limit {
			sc.from = seq
			return nil
		}
		if len(sc.grams) > 0 {
			if w.signatures == nil {
				sig = sc.s.signatureIn(tx, seq)
			}
			if !sc.maybe(sig) {
				continue
			}
		}
		if raw == nil {
			if raw = messages.Get(seqKey(seq)); raw == nil {
				continue
			}
		}
		c = candidate{s: sc.s, seq: seq, raw: raw, sig: sig, scratch: c.scratch}
		if c.err = c.v.parse(raw); c.err != nil {
			return c.err
		}
		if sc.scope.kind == ofDomain && !c.inScope(sc.scope) {
			continue
		}
		a, left := sc.o.Query.sift(&c, sc.now)
		if c.err != nil {
			return c.err
		}
		if a == no {
			continue
		}
		if a == unknown {
			deep++
			if c.v.inOnePiece() {
				c.tail = messages.Get(tailKey(seq))
			}
		} else {
			sc.found++
		}
		h := hit{seq: seq, left: left}
		if a == unknown || !sc.seqsOnly {
			kept := c
			kept.scratch = nil
			kept.own()
			h.c = &kept
		}
		sc.hits = append(sc.hits, h)
	}
}

func (c *candidate) inScope(sc scope) bool {
	in := sc.filter()
	for _, box := range c.record().Mailboxes() {
		if in(box) {
			return true
		}
	}
	return false
}

func (sc *scan) maybe(sig []byte) bool {
	for _, g := range sc.grams {
		if !g.maybe(sig) {
			return false
		}
	}
	return true
}

// settle opens the hits whose content decides.
func (sc *scan) settle() error {
	decide := func(first, step int) {
		for i := first; i < len(sc.hits); i += step {
			h := &sc.hits[i]
			if h.matches = h.c == nil; !h.matches {
				h.matches = h.c.settle(h.left, sc.now)
				h.c.forget()
			}
		}
	}
	if workers := min(runtime.GOMAXPROCS(0), len(sc.hits)/16); workers > 1 && sc.needContent() {
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() { decide(w, workers) })
		}
		wg.Wait()
	} else {
		decide(0, 1)
	}
	for i := range sc.hits {
		h := &sc.hits[i]
		if h.c != nil && h.c.err != nil && h.c.err != ErrNotFound { // gone meanwhile is not there
			return h.c.err
		}
		if h.matches && len(h.left) > 0 {
			sc.found++
		}
	}
	return nil
}

func (sc *scan) needContent() bool {
	return slices.ContainsFunc(sc.hits, func(h hit) bool { return len(h.left) > 0 })
}

// walker goes through the messages that a scan looks at: a mailbox's deliveries,
// the signatures when there are words to look for, else the records.
type walker struct {
	deliveries *deliveryWalker
	signatures *sigWalker
	records    *recordWalker
}

func (sc *scan) walker(tx *bbolt.Tx) *walker {
	switch {
	case sc.scope.kind == oneMailbox:
		return &walker{deliveries: newDeliveryWalker(tx, sc.scope.name, sc.from, sc.o.Oldest)}
	case len(sc.grams) > 0:
		return &walker{signatures: newSigWalker(sc.s, tx, sc.from, sc.o.Oldest)}
	}
	return &walker{records: newRecordWalker(tx, sc.from, sc.o.Oldest)}
}

// next returns the next seq, with the signature or the record where it is at hand.
func (w *walker) next() (seq uint64, signature, record []byte, ok bool) {
	switch {
	case w.deliveries != nil:
		seq, ok = w.deliveries.next()
	case w.signatures != nil:
		seq, signature, ok = w.signatures.next()
	default:
		seq, record, ok = w.records.next()
	}
	return seq, signature, record, ok
}

func (w *walker) err() error {
	switch {
	case w.deliveries != nil:
		return w.deliveries.err
	case w.signatures != nil:
		return w.signatures.err
	}
	return nil
}

// recordWalker goes through the records from a seq on, upwards or downwards.
type recordWalker struct {
	c      *bbolt.Cursor
	from   uint64
	oldest bool
	begun  bool
}

func newRecordWalker(tx *bbolt.Tx, from uint64, oldest bool) *recordWalker {
	return &recordWalker{c: tx.Bucket(bucketMessages).Cursor(), from: from, oldest: oldest}
}

func (w *recordWalker) next() (seq uint64, record []byte, ok bool) {
	for {
		k, v := w.step()
		if k == nil {
			return 0, nil, false
		}
		if len(k) == seqLength { // else a tail
			return seqOfKey(k), v, true
		}
	}
}

func (w *recordWalker) step() (k, v []byte) {
	switch {
	case w.begun && w.oldest:
		return w.c.Next()
	case w.begun:
		return w.c.Prev()
	}
	w.begun = true
	want := seqKey(w.from)
	k, v = w.c.Seek(want)
	if w.oldest || bytes.Equal(k, want) {
		return k, v
	}
	if k == nil {
		return w.c.Last()
	}
	return w.c.Prev()
}
