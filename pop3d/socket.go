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
	idle, stall deadline        // of reading and of writing
	until       time.Time       // of a pause: a deadline of reading in place of idle
	done        <-chan struct{} // closed when the server shuts down
	rate        int64           // octets in a second, in each direction; 0 is no limit
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
	n, err := s.Conn.Read(s.portion(p))
	s.spread(n)
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
	if !s.until.IsZero() {
		return s.SetReadDeadline(s.until)
	}
	if due {
		return s.SetReadDeadline(t)
	}
	return nil
}

func (s *socket) Write(p []byte) (n int, err error) {
	for s.rate > 0 && len(p) > 0 && err == nil {
		var m int
		m, err = s.write(s.portion(p))
		s.spread(m)
		n += m
		p = p[m:]
	}
	if len(p) == 0 || err != nil {
		return n, err
	}
	m, err := s.write(p)
	return n + m, err
}

// portion is what may be read or written at a time.
func (s *socket) portion(p []byte) []byte {
	if s.rate > 0 {
		return p[:min(int64(len(p)), max(s.rate/10, 1))]
	}
	return p
}

// spread waits as long as so many octets are to take. From shutdown on nothing
// waits any more.
func (s *socket) spread(n int) {
	if s.rate > 0 && !s.pause(time.Duration(n)*time.Second/time.Duration(s.rate)) {
		s.rate = 0
	}
}

// pause waits; false when the server shuts down meanwhile.
func (s *socket) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.done:
		return false
	}
}

func (s *socket) write(p []byte) (int, error) {
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
