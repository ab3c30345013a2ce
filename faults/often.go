package faults

import (
	"sync"
	"sync/atomic"
	"time"
)

// Often is how often a rule fires. Where several are given, they are asked in the
// order until, above, after, every, probability, next, and each counts only what
// the one before it let through.
type Often struct {
	Next        int64     `json:"next,omitempty" minimum:"1" doc:"So many times, and then no more."`
	Every       int64     `json:"every,omitempty" minimum:"1" doc:"Each so manieth time: 3 is the third, the sixth, …"`
	After       int64     `json:"after,omitempty" minimum:"1" doc:"Not the first so many times."`
	Above       int64     `json:"above,omitempty" minimum:"1" maximum:"10000" doc:"Only when so many were let pass within the time that per says."`
	Per         Duration  `json:"per,omitzero" doc:"The window of above, such as 1m."`
	Probability float64   `json:"probability,omitempty" doc:"By chance, such as 0.3; the same sequence each time."`
	Seed        int64     `json:"seed,omitempty" doc:"Another sequence."`
	Until       time.Time `json:"until,omitzero" doc:"Not from this moment on."`
	Session     bool      `json:"session,omitempty" doc:"Count in each session for itself."`
}

// tally counts what a rule's frequency needs: of a rule, or of one session with
// it.
type tally struct {
	left   atomic.Int64 // matches that above let through
	fired  atomic.Int64
	mu     sync.Mutex
	window window
}

// fires says whether a match at a moment is one of those that the rule is for.
func (o *Often) fires(t *tally, now time.Time) bool {
	if !o.Until.IsZero() && !now.Before(o.Until) {
		return false
	}
	if o.Above > 0 {
		t.mu.Lock()
		passes := t.window.admits(now, int(o.Above), time.Duration(o.Per))
		t.mu.Unlock()
		if passes {
			return false
		}
	}
	// The number of the match stays its own: it needs no lock.
	n := t.left.Add(1) - o.After
	if n <= 0 {
		return false
	}
	if o.Every > 1 {
		if n%o.Every != 0 {
			return false
		}
		n /= o.Every
	}
	if o.Probability > 0 && draw(o.Seed, n) >= o.Probability {
		return false
	}
	return o.Next == 0 || t.take(o.Next)
}

// take counts a hit, but never more than limit of them.
func (t *tally) take(limit int64) bool {
	for {
		n := t.fired.Load()
		if n >= limit {
			return false
		}
		if t.fired.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// draw is the nth number of a seed's sequence, from 0 up to but without 1. Any
// of them is found without those before it (SplitMix64).
func draw(seed, n int64) float64 {
	x := uint64(seed)*0xd1342543de82ef95 + uint64(n)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// window remembers when the newest were let pass.
type window struct {
	times  []time.Time // a ring once it is full
	oldest int
}

// admits says whether fewer than n were let pass within the time before now. If
// so, this one is let pass too.
func (w *window) admits(now time.Time, n int, per time.Duration) bool {
	if len(w.times) < n {
		w.times = append(w.times, now)
		return true
	}
	if now.Sub(w.times[w.oldest]) < per {
		return false
	}
	w.times[w.oldest] = now
	w.oldest = (w.oldest + 1) % n
	return true
}
