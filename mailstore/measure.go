package mailstore

import (
	"os"
	"sync"
	"time"
)

// Histogram counts observations by size. It is for one goroutine at a time.
type Histogram struct {
	Bounds []float64 // upper bounds, inclusive, rising
	Counts []uint64  // observations up to the bound, and above the one before; one more for those above all
	Sum    float64
	Count  uint64
}

// NewHistogram makes one with the given upper bounds, which rise.
func NewHistogram(bounds ...float64) Histogram {
	return Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
}

// Observe counts a value.
func (h *Histogram) Observe(v float64) {
	i := 0
	for i < len(h.Bounds) && v > h.Bounds[i] {
		i++
	}
	h.Counts[i]++
	h.Sum += v
	h.Count++
}

// Clone returns a copy that later observations do not change.
func (h Histogram) Clone() Histogram {
	h.Counts = append([]uint64(nil), h.Counts...)
	return h
}

// Stats are what a store counts since it was opened.
type Stats struct {
	Batch         Histogram // changes per commit
	CommitSeconds Histogram // time of a commit, with its fsync
	Failed        uint64    // commits that failed
	Delivered     uint64    // messages
	Octets        uint64    // of their content
	Deleted       uint64    // messages, by clients
	Pruned        uint64    // messages, by retention
	FileBytes     int64     // size of the file; 0 when it can not be told
	FreeBytes     int64     // of them free for what comes
}

// measurements are what the committer counts.
type measurements struct {
	mu    sync.Mutex
	stats Stats
}

func (m *measurements) init() {
	m.stats.Batch = NewHistogram(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
	m.stats.CommitSeconds = NewHistogram(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1)
}

// commit notes a commit and the events that it published.
func (m *measurements) commit(changes int, took time.Duration, events []Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Batch.Observe(float64(changes))
	m.stats.CommitSeconds.Observe(took.Seconds())
	for i := range events {
		switch e := &events[i]; e.Type {
		case Stored:
			m.stats.Delivered++
			m.stats.Octets += uint64(e.Message.Size)
		case Deleted:
			if e.Mailboxes == nil {
				m.stats.Deleted++
			}
		case Pruned:
			if e.Mailboxes == nil {
				m.stats.Pruned++
			}
		}
	}
}

func (m *measurements) failed() {
	m.mu.Lock()
	m.stats.Failed++
	m.mu.Unlock()
}

// Stats returns what was counted up to now.
func (s *Store) Stats() Stats {
	s.measured.mu.Lock()
	st := s.measured.stats
	st.Batch, st.CommitSeconds = st.Batch.Clone(), st.CommitSeconds.Clone()
	s.measured.mu.Unlock()
	if info, err := os.Stat(s.path); err == nil {
		st.FileBytes = info.Size()
	}
	db := s.db.Stats()
	st.FreeBytes = int64(db.FreePageN+db.PendingPageN) * int64(s.db.Info().PageSize)
	return st
}
