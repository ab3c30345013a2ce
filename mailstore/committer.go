package mailstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const (
	maxBatch       = 1024    // changes in one commit
	maxBatchWeight = 8 << 20 // octets of content in one commit
	maxIdleChanges = 4096    // changes in the queue that nobody waits for

	// Those who store at the same time are waited for, so that they share a commit:
	// it costs about the same for all of them as for one.
	patience   = time.Millisecond // two or three commits
	smallCrowd = 16
)

// change is a mutation on its way through the committer.
type change struct {
	m    mutation
	err  error
	done chan struct{} // told once, when the outcome is there; nil when nobody waits
}

// queue holds the changes that wait for the committer.
type queue struct {
	wake chan struct{} // has room for one

	mu     sync.Mutex
	list   []*change
	idle   int // of them, nobody waits for
	wanted int // as many are told of, as the first is
	closed bool
}

func (q *queue) add(c *change) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	if c.done == nil {
		if q.idle >= maxIdleChanges {
			q.mu.Unlock()
			return errors.New("too many changes are waiting")
		}
		q.idle++
	}
	q.list = append(q.list, c)
	tell := len(q.list) == 1 || len(q.list) == q.wanted
	q.mu.Unlock()
	if tell {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// gather waits until n changes are in the queue, or it is closed, but no longer
// than it has patience.
func (q *queue) gather(n int, patience time.Duration) {
	has := func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.wanted = n
		return len(q.list) >= n || q.closed
	}
	if has() {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-q.wake:
			if has() {
				return
			}
		case <-timer.C:
			return
		}
	}
}

// waiting is how many changes in the queue somebody waits for.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list) - q.idle
}

// take moves the changes of the next batch to batch. It reports false when the
// queue is closed and empty.
func (q *queue) take(batch []*change) ([]*change, bool) {
	for {
		q.mu.Lock()
		n, weight := 0, 0
		for n < len(q.list) && n < maxBatch && (n == 0 || weight < maxBatchWeight) {
			weight += q.list[n].m.weight()
			if q.list[n].done == nil {
				q.idle--
			}
			n++
		}
		batch = append(batch, q.list[:n]...)
		rest := copy(q.list, q.list[n:])
		clear(q.list[rest:])
		q.list = q.list[:rest]
		closed := q.closed
		q.mu.Unlock()
		if n > 0 || closed {
			return batch, n > 0
		}
		<-q.wake
	}
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// submit has a mutation applied and waits until it is durable. Once it is in
// the queue its outcome is waited for, whatever happens to ctx.
func (s *Store) submit(ctx context.Context, m mutation) error {
	c, err := s.begin(ctx, m)
	if err != nil {
		return err
	}
	<-c.done
	err = c.err
	c.m, c.err = nil, nil
	s.changes.Put(c)
	return err
}

// begin puts a mutation in the queue; done tells when its outcome is there.
func (s *Store) begin(ctx context.Context, m mutation) (*change, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, ok := s.changes.Get().(*change)
	if !ok {
		c = &change{done: make(chan struct{}, 1)}
	}
	c.m = m
	return c, s.queue.add(c)
}

// forget has a mutation applied without waiting for it.
func (s *Store) forget(m mutation) error { return s.queue.add(&change{m: m}) }

// commitLoop is the committer. It ends when the queue is closed and empty.
func (s *Store) commitLoop() {
	debug.SetPanicOnFault(true) // see asDamaged
	var batch []*change
	crowd := 0 // who waited for the last commit, or brought something during it
	for {
		// Let the connections that the last commit released bring their next
		// message first: fewer, larger commits.
		runtime.Gosched()
		if n := worthWaitingFor(crowd); n > 1 {
			s.queue.gather(n, patience)
		}
		var ok bool
		if batch, ok = s.queue.take(batch[:0]); !ok {
			return
		}
		s.commit(batch)
		crowd = s.queue.waiting()
		for _, c := range batch {
			if c.done != nil {
				crowd++
				c.done <- struct{}{}
			}
		}
		clear(batch)
		_ = s.db.prepare() // what is wrong, the next commit tells
	}
}

// worthWaitingFor is how many of a crowd share a commit. Of many, some can do their
// part while the disk does its own.
func worthWaitingFor(crowd int) int { return max(min(crowd, smallCrowd), min(crowd*3/4, maxBatch)) }

// commit applies a batch; where it fails as a whole, each change on its own, so
// that on a full disk a deletion still has its chance. Each failure makes bbolt
// look for free pages in the whole file: who brings as much as one that found no
// room is not tried.
func (s *Store) commit(batch []*change) {
	err := s.applySomehow(batch)
	if err != nil && len(batch) > 1 {
		var full error
		least := 0 // that found no room
		for i, c := range batch {
			weight := c.m.weight()
			if full != nil && weight >= least {
				c.err = full
				continue
			}
			err = s.applySomehow(batch[i : i+1])
			c.fail(err)
			if weight > 0 && errors.Is(err, ErrFull) {
				full, least = err, weight
			}
		}
		if full != nil {
			err = full
		}
	} else if err != nil {
		batch[0].fail(err)
	}
	s.noteRoom(batch)
	if err == nil {
		if s.failed.Load() == nil && !s.reserved.Load() {
			s.reserved.Store(s.apply([]*change{{m: &reserveMutation{chunks: reserve}}}) == nil)
		}
		return
	}
	s.measured.failed()
	if s.failed.Swap(&err) == nil {
		s.opts.Log.Error("storing failed", "err", err)
	}
}

// applySomehow gives up the reserve for a change that makes room.
func (s *Store) applySomehow(batch []*change) error {
	err := s.apply(batch)
	if !errors.Is(err, ErrFull) || len(batch) > 1 || !makesRoom(batch[0].m) {
		return err
	}
	if s.apply([]*change{{m: &reserveMutation{}}}) != nil {
		return err
	}
	s.reserved.Store(false)
	return s.apply(batch)
}

// noteRoom looks at the changes of a batch that bring mail. There is room again
// when one of them is stored that is as large as what there was none for.
func (s *Store) noteRoom(batch []*change) {
	for _, c := range batch {
		weight := int64(c.m.weight())
		switch {
		case !bringsMail(c.m):
		case errors.Is(c.err, ErrFull):
			s.needed.Store(weight)
		case c.err == nil && weight >= s.needed.Load():
			s.failed.Store(nil)
			s.needed.Store(0)
		}
	}
}

func (c *change) fail(err error) {
	if err == nil {
		return
	}
	c.err = err
}

// apply runs the mutations of a batch in one transaction, publishes what they
// did, and notes each one's refusal in its change. An error means that nothing
// of the batch was stored.
func (s *Store) apply(batch []*change) (err error) {
	begun := time.Now()
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	defer asDamaged(&err)
	t, err := newTxn(s, tx)
	if err != nil {
		return err
	}
	defer t.end()
	if err := t.run(batch); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		if isFull(err) {
			err = fmt.Errorf("%w: %v", ErrFull, err)
		}
		return err
	}
	t.committed = true
	s.newest.Store(new(t.newest))
	s.state.Store(new(t.state))
	s.measured.commit(len(batch), time.Since(begun), t.events)
	s.hub.publish(t.events)
	s.waits.dispatch(t.events)
	return nil
}
