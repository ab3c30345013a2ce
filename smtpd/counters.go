package smtpd

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"restante/mailstore"
)

// Counters are what a server counted since it was made.
type Counters struct {
	Sessions  uint64            // connections that were accepted
	Failed    uint64            // of those that have ended: the client did not get what it came for
	Delivered uint64            // messages
	Octets    uint64            // of their content
	Refused   map[string]uint64 // commands and connections, by reason: one of the words of [Reasons]

	// Accept is the time from the end of a message's content to its reply, in
	// seconds.
	Accept mailstore.Histogram
}

// Reasons are the words for why something was refused, in a fixed order.
func Reasons() []string {
	words := []string{otherReason, crowdedReason, faultReason}
	for _, r := range reasons {
		if !slices.Contains(words, r.word) {
			words = append(words, r.word)
		}
	}
	return words
}

const (
	otherReason   = "other"
	crowdedReason = "too-many-connections"
	faultReason   = "fault" // on purpose
)

// reasons tell by how a reply begins why it refuses; the first that fits counts.
var reasons = []struct{ reply, word string }{
	{"451", "internal"},
	{"452 4.5.3", "too-many-recipients"},
	{"452", "disk-full"},
	{"552", "too-large"},
	{"530", "auth-required"},
	{"535", "auth-failed"},
	{"504", "auth-mechanism"},
	{"501 5.1", "bad-address"},
	{"553", "bad-address"},
	{"503", "out-of-order"},
	{"50", "syntax"},
	{"555", "syntax"},
}

func reasonOf(reply string) string {
	for _, r := range reasons {
		if strings.HasPrefix(reply, r.reply) {
			return r.word
		}
	}
	return otherReason
}

// meter counts for a server.
type meter struct {
	mu    sync.Mutex
	count Counters
}

func (m *meter) init() {
	m.count.Refused = make(map[string]uint64)
	m.count.Accept = mailstore.NewHistogram(.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5)
}

func (m *meter) began() {
	m.mu.Lock()
	m.count.Sessions++
	m.mu.Unlock()
}

func (m *meter) ended(failed bool) {
	if !failed {
		return
	}
	m.mu.Lock()
	m.count.Failed++
	m.mu.Unlock()
}

func (m *meter) refused(reason string) {
	m.mu.Lock()
	m.count.Refused[reason]++
	m.mu.Unlock()
}

func (m *meter) delivered(octets int64, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count.Delivered++
	m.count.Octets += uint64(octets)
	m.count.Accept.Observe(took.Seconds())
}

// Counters returns what was counted up to now.
func (s *Server) Counters() Counters {
	s.meter.mu.Lock()
	defer s.meter.mu.Unlock()
	c := s.meter.count
	c.Refused = maps.Clone(c.Refused)
	c.Accept = c.Accept.Clone()
	return c
}

// Open is the number of connections now.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.wires)
}

// Busy is the number of sessions that may be about to bring a message: in a mail
// transaction, with a command or content being worked on, or heard from (or
// connected) since the given time. A pooled connection that idles is not one.
func (s *Server) Busy(since time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for w := range s.wires {
		if w.working.Load() || w.heard.Load() >= since.UnixNano() {
			n++
		}
	}
	return n
}

// pulse is what other goroutines may know of a wire.
type pulse struct {
	heard   atomic.Int64 // nanoseconds: when octets last came
	working atomic.Bool  // not merely waiting for a command
}

// resting notes that the wire waits for the client.
func (w *wire) resting() { w.working.Store(w.open || w.transferring) }

// stirred notes that octets came.
func (w *wire) stirred() {
	w.heard.Store(time.Now().UnixNano())
	w.working.Store(true)
}
