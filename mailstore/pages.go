package mailstore

import (
	"context"
	"math"

	"go.etcd.io/bbolt"
)

// Pages say where the pages of a list begin, so that a reader can go to any of
// them without those before it.
type Pages struct {
	Starts []uint64 // highest seq of each page, newest page first
	Total  int64    // messages in all pages
	Cursor uint64   // highest seq ever assigned when it was counted
}

// Pages counts the messages that o lists and says where each page of size of
// them begins, newest first; Limit and Oldest of o are ignored. It holds 8
// octets for a page; a query is asked of every message.
func (s *Store) Pages(ctx context.Context, o ListOptions, size int) (*Pages, error) {
	size = max(size, 1)
	totals, err := s.Totals()
	if err != nil {
		return nil, err
	}
	p := &Pages{Cursor: totals.Newest}
	if o.Before == 0 {
		o.Before = totals.Newest + 1 // of one moment, whatever arrives meanwhile
	}
	o.Limit, o.Oldest = math.MaxInt, false
	sc := s.newScan(o)
	note := func(seq uint64) {
		if p.Total%int64(size) == 0 {
			p.Starts = append(p.Starts, seq)
		}
		p.Total++
	}
	if o.Query == nil && sc.scope.kind != ofDomain {
		return p, s.view(func(tx *bbolt.Tx) error { return sc.eachSeq(tx, note) })
	}
	sc.seqsOnly = true
	err = sc.each(ctx, func(h *hit) bool {
		note(h.seq)
		return true
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// eachSeq goes through the messages of a scan that looks at none of them.
func (sc *scan) eachSeq(tx *bbolt.Tx, note func(seq uint64)) error {
	w := &walker{}
	if sc.scope.kind == oneMailbox {
		w.deliveries = newDeliveryWalker(tx, sc.scope.name, sc.from, false)
	} else {
		w.records = newRecordWalker(tx, sc.from, false) // of its keys only: a block of signatures keeps those of the deleted
	}
	for {
		seq, _, _, ok := w.next()
		if !ok || !sc.within(seq) {
			return w.err()
		}
		note(seq)
	}
}
