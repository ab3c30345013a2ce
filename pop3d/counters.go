package pop3d

import (
	"sync"
	"time"

	"restante/mailstore"
)

// Counters are what a server counted since it was made.
type Counters struct {
	Sessions uint64 // connections that were accepted
	Failed   uint64 // of those that have ended: the client did not get what it came for
	Logins   uint64 // of those that have ended: that opened a maildrop
	Refused  uint64 // logins, in sessions that have ended
	Fetched  uint64 // messages by RETR
	Octets   uint64 // of those messages, before byte-stuffing
	Removed  uint64 // messages at QUIT, in sessions that have ended

	// Fetch is the time that a RETR took, up to the last octet of its response
	// that had to be written, in seconds.
	Fetch mailstore.Histogram
}

// meter counts for a server.
type meter struct {
	mu    sync.Mutex
	count Counters
}

func (m *meter) init() {
	m.count.Fetch = mailstore.NewHistogram(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1)
}

func (m *meter) began() {
	m.mu.Lock()
	m.count.Sessions++
	m.mu.Unlock()
}

func (m *meter) ended(s *session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.record.Failed {
		m.count.Failed++
	}
	if s.drop != nil {
		m.count.Logins++
	}
	m.count.Refused += uint64(s.refused)
	m.count.Removed += uint64(s.removed)
}

func (m *meter) fetched(octets int64, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count.Fetched++
	m.count.Octets += uint64(octets)
	m.count.Fetch.Observe(took.Seconds())
}

// Counters returns what was counted up to now.
func (s *Server) Counters() Counters {
	s.meter.mu.Lock()
	defer s.meter.mu.Unlock()
	c := s.meter.count
	c.Fetch = c.Fetch.Clone()
	return c
}

// Open is the number of connections now.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}
