package mailstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"runtime"
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
	for !sc.done {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.view(sc.slice); err != nil {
			return nil, err
		}
		found, err := sc.settle()
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if len(page.Messages) == o.Limit {
				page.Next = page.Messages[o.Limit-1].Seq
				return page, nil
			}
			page.Messages = append(page.Messages, m)
		}
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

	candidates []*candidate // of this slice, in order
	left       [][]*term    // of each candidate, the terms that its content decides
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

// slice looks at the next messages in a transaction.
func (sc *scan) slice(tx *bbolt.Tx) error {
	sc.candidates, sc.left = sc.candidates[:0], sc.left[:0]
	messages, signatures := tx.Bucket(bucketMessages), tx.Bucket(bucketSignatures)
	content := tx.Bucket(bucketContent)
	w := sc.walker(tx)
	deep := 0
	var c candidate
	for n := 0; ; n++ {
		seq, value, ok := w.next()
		if !ok || !sc.within(seq) {
			sc.done = true
			return w.err()
		}
		if n == scanSlice || deep == survivorSlice || sc.found > sc.o.Limit {
			sc.from = seq
			return nil
		}
		var sig []byte
		if len(sc.grams) > 0 {
			if sig = value; !w.signatures {
				sig = signatures.Get(seqKey(seq))
			}
			if !sc.maybe(sig) {
				continue
			}
		}
		raw := value
		if w.signatures || w.deliveries != nil {
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
				c.tail = content.Get(seqKey(c.v.content.id))
			}
		} else {
			sc.found++
		}
		kept := c
		kept.scratch = nil
		kept.own()
		sc.candidates, sc.left = append(sc.candidates, &kept), append(sc.left, left)
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

// settle opens the candidates whose content decides and returns those that
// match, in order.
func (sc *scan) settle() ([]*Message, error) {
	matched := make([]bool, len(sc.candidates))
	decide := func(first, step int) {
		for i := first; i < len(sc.candidates); i += step {
			matched[i] = sc.candidates[i].settle(sc.left[i], sc.now)
			sc.candidates[i].forget()
		}
	}
	if workers := min(runtime.GOMAXPROCS(0), len(sc.candidates)/16); workers > 1 && sc.needContent() {
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() { decide(w, workers) })
		}
		wg.Wait()
	} else {
		decide(0, 1)
	}
	var found []*Message
	for i, c := range sc.candidates {
		if c.err != nil && c.err != ErrNotFound { // gone meanwhile is not there
			return nil, c.err
		}
		if matched[i] {
			found = append(found, &c.record().Message)
			if len(sc.left[i]) > 0 {
				sc.found++
			}
		}
	}
	return found, nil
}

func (sc *scan) needContent() bool {
	for _, left := range sc.left {
		if len(left) > 0 {
			return true
		}
	}
	return false
}

// walker goes through the keys that a scan looks at first: a mailbox's
// deliveries, the signatures when there are words to look for, else the messages.
type walker struct {
	deliveries *deliveryWalker // of one mailbox; else nil
	c          *bbolt.Cursor
	oldest     bool
	signatures bool // values are signatures; else records
	begun      bool
	from       uint64
}

func (sc *scan) walker(tx *bbolt.Tx) *walker {
	w := &walker{oldest: sc.o.Oldest, from: sc.from}
	switch {
	case sc.scope.kind == oneMailbox:
		w.deliveries = newDeliveryWalker(tx, sc.scope.name, sc.from, sc.o.Oldest)
	case len(sc.grams) > 0:
		w.c, w.signatures = tx.Bucket(bucketSignatures).Cursor(), true
	default:
		w.c = tx.Bucket(bucketMessages).Cursor()
	}
	return w
}

// next returns the next seq, with its value where the walk is over a bucket.
func (w *walker) next() (seq uint64, value []byte, ok bool) {
	if w.deliveries != nil {
		seq, ok = w.deliveries.next()
		return seq, nil, ok
	}
	var k, v []byte
	switch {
	case !w.begun:
		w.begun = true
		k, v = w.seek()
	case w.oldest:
		k, v = w.c.Next()
	default:
		k, v = w.c.Prev()
	}
	if len(k) != 8 {
		return 0, nil, false
	}
	return binary.BigEndian.Uint64(k), v, true
}

// seek goes to from, or to the nearest key in the walk's direction.
func (w *walker) seek() (k, v []byte) {
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

func (w *walker) err() error {
	if w.deliveries != nil {
		return w.deliveries.err
	}
	return nil
}
