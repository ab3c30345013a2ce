package compat

import (
	"context"
	"iter"
	"slices"
	"sync"

	"restante/mailstore"
)

// Both APIs page by offset, and count all matches in every answer. Walking to
// an offset each time would make going through a list quadratic, and polling a
// search would look at the whole store each time. So lists remembers, for the
// searches of late, the count and where every thousandth match is. Seqs are
// never reused and mail only arrives on top, so this stays right until
// something is deleted; new mail moves the offsets by its number. Searches for
// read state or tags stay right only until something changes at all.

const maxRemembered = 32 // searches

type lists struct {
	mu     sync.Mutex
	recent []*offsets // the latest used last
}

// offsets is what is known about one search.
type offsets struct {
	key string

	mu      sync.Mutex
	valid   bool
	version uint64           // of the store, when this was right
	ref     mailstore.Totals // then
	count   int64            // matches
	unseen  int64            // of them
	points  []point          // newest first
}

// point says that the match at an offset is the newest one below a seq.
type point struct {
	offset int64
	before uint64
}

func (l *lists) of(key string) *offsets {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.recent, func(o *offsets) bool { return o.key == key })
	o := &offsets{key: key}
	if i >= 0 {
		o = l.recent[i]
		l.recent = slices.Delete(l.recent, i, i+1)
	} else if len(l.recent) == maxRemembered {
		l.recent = slices.Delete(l.recent, 0, 1)
	}
	l.recent = append(l.recent, o)
	return o
}

// place is where a page begins, and what is counted in all.
type place struct {
	totals mailstore.Totals
	count  int64
	unseen int64
	before uint64 // the page is among the matches below this seq,
	skip   int64  // after so many of them
}

// version changes with every change of the store: the number of its commits.
func (s *server) version() uint64 { return s.store.Stats().Batch.Count }

// locate finds an offset in a search.
func (s *server) locate(ctx context.Context, q *search, offset int64) (place, error) {
	key := q.key
	if q.everything() {
		key = ""
	}
	o := s.lists.of(key)
	o.mu.Lock()
	defer o.mu.Unlock()
	version := s.version() // before what is looked at
	now, err := s.store.Totals()
	if err != nil {
		return place{}, err
	}
	if q.everything() {
		err = o.locateAll(ctx, s, q, now, offset)
	} else if !o.valid || o.version != version {
		err = o.locateSome(ctx, s, q, now)
	}
	if err != nil {
		o.valid = false
		return place{}, err
	}
	o.version = version
	at := place{totals: now, count: o.count, unseen: o.unseen, before: now.Newest + 1, skip: offset}
	for _, p := range o.points {
		if p.offset > offset {
			break
		}
		at.before, at.skip = p.before, offset-p.offset
	}
	return at, nil
}

// arrived says how many messages came since o.ref; ok is false when others
// have gone. The store's seqs have no gaps.
func (o *offsets) arrived(now mailstore.Totals) (n int64, ok bool) {
	n = int64(now.Newest - o.ref.Newest)
	return n, o.valid && o.ref.Messages+n == now.Messages
}

// push moves all points by n new matches on top.
func (o *offsets) push(n int64) {
	for i := range o.points {
		o.points[i].offset += n
	}
	if len(o.points) == 0 || o.points[0].offset-n >= largePage {
		o.points = slices.Insert(o.points, 0, point{n, o.ref.Newest + 1})
	}
}

// locateAll is for the list of everything, whose counts the store has. It goes
// no further than the offset.
func (o *offsets) locateAll(ctx context.Context, s *server, q *search, now mailstore.Totals, offset int64) error {
	if n, ok := o.arrived(now); !ok {
		o.points = nil
	} else if n > 0 {
		o.push(n)
	}
	o.valid, o.ref, o.count, o.unseen = true, now, now.Messages, now.Unseen
	if len(o.points) == 0 {
		o.points = []point{{0, now.Newest + 1}}
	}
	for last := o.points[len(o.points)-1]; last.offset+largePage <= offset; {
		page, err := s.store.List(ctx, mailstore.ListOptions{Before: last.before, Limit: largePage})
		if err != nil || page.Next == 0 {
			return err
		}
		last = point{last.offset + int64(len(page.Messages)), page.Next}
		o.points = append(o.points, last)
	}
	return nil
}

// locateSome is for searches. The first time it looks at all mail, later at
// what is new.
func (o *offsets) locateSome(ctx context.Context, s *server, q *search, now mailstore.Totals) error {
	if n, ok := o.arrived(now); ok && !q.volatile && now.Unseen == o.ref.Unseen+n {
		return o.scanNew(ctx, s, q, now)
	}
	o.valid, o.ref, o.count, o.unseen, o.points = true, now, 0, 0, nil
	for m, err := range s.matches(ctx, q, span{before: now.Newest + 1}, largePage) {
		if err != nil {
			return err
		}
		o.add(m)
		if o.count%largePage == 0 {
			o.points = append(o.points, point{o.count, m.Seq})
		}
	}
	return nil
}

func (o *offsets) scanNew(ctx context.Context, s *server, q *search, now mailstore.Totals) error {
	before := o.count
	for m, err := range s.matches(ctx, q, span{before: now.Newest + 1, after: o.ref.Newest}, largePage) {
		if err != nil {
			return err
		}
		o.add(m)
	}
	if n := o.count - before; n > 0 {
		o.push(n)
	}
	o.ref = now
	return nil
}

func (o *offsets) add(m *mailstore.Message) {
	o.count++
	if !m.Seen {
		o.unseen++
	}
}

// locateBelow is locate for a list that begins below a seq: the offset counts
// from there.
func (s *server) locateBelow(ctx context.Context, q *search, offset int64, below span) (place, error) {
	at, err := s.locate(ctx, q, offset)
	if err != nil || below.before == 0 {
		return at, err
	}
	at.before, at.skip = min(below.before, at.totals.Newest+1), offset
	return at, nil
}

// page yields the messages of a page.
func (s *server) page(ctx context.Context, q *search, at place, limit int64) iter.Seq2[*mailstore.Message, error] {
	return func(yield func(*mailstore.Message, error) bool) {
		passed := int64(0)
		for m, err := range s.matches(ctx, q, span{before: at.before}, int(min(at.skip+limit, largePage))) {
			if err == nil && passed < at.skip {
				passed++
				continue
			}
			if !yield(m, err) || err != nil {
				return
			}
			if passed++; passed == at.skip+limit {
				return
			}
		}
	}
}
