package pop3d

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// errShutdown is what reading ends with when the server shuts down.
var errShutdown = errors.New("shutting down")

// socket is a connection with time-outs that can be told to read no more.
type socket struct {
	net.Conn
	idle, stall deadline // of reading and of writing
	closing     atomic.Bool
	mu          sync.Mutex // keeps Read from setting a deadline over that of interrupt
}

// deadline renews the time-out of one direction, but not for every octet: it
// is set a sixteenth later than asked for and moved when that much has passed.
type deadline struct {
	timeout time.Duration
	set     time.Time
}

// due says whether the deadline is to be moved, and to when.
func (d *deadline) due() (time.Time, bool) {
	now := time.Now()
	slack := d.timeout / 16
	if now.Sub(d.set) <= slack {
		return time.Time{}, false
	}
	d.set = now
	return now.Add(d.timeout + slack), true
}

func (s *socket) Read(p []byte) (int, error) {
	if err := s.arm(); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(p)
	if err != nil && s.closing.Load() {
		err = errShutdown
	}
	return n, err
}

func (s *socket) arm() error {
	t, due := s.idle.due()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return errShutdown
	}
	if due {
		return s.SetReadDeadline(t)
	}
	return nil
}

func (s *socket) Write(p []byte) (int, error) {
	if t, due := s.stall.due(); due {
		if err := s.SetWriteDeadline(t); err != nil {
			return 0, err
		}
	}
	return s.Conn.Write(p)
}

// interrupt ends the reading with errShutdown, at once or when the session
// comes to it. What is being written goes on.
func (s *socket) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing.Store(true)
	s.SetReadDeadline(time.Unix(1, 0))
}
