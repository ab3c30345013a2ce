package smtpd

import (
	"errors"
	"net"
	"os"
	"time"
)

// pause lets time pass before an answer, after sending those before it. What
// the client sends meanwhile is kept. Shutdown ends the pause, and so does the
// client when it leaves.
func (w *wire) pause(d time.Duration) {
	w.flush()
	until := time.Now().Add(d)
	defer func() { w.deadline = time.Time{} }() // of the socket: to be set anew
	for !w.ended && !w.server.closing.Load() {
		left := time.Until(until)
		if left <= 0 {
			return
		}
		if !w.room() {
			w.rest(left)
			return
		}
		w.raw.SetDeadline(until)
		if w.server.closing.Load() { // it sets a deadline, too
			return
		}
		n, err := w.conn.Read(w.buf[w.w:])
		w.w += n
		if n > 0 {
			w.stirred()
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return // the next read finds out again
		}
	}
}

// room makes room for reading ahead; false when there is none, or when what comes
// is not for the wire but for its handshake.
func (w *wire) room() bool {
	if w.implicitTLS && w.tlsVersion == "" {
		return false
	}
	if w.buf == nil {
		w.small = make([]byte, max(smallBuffer, w.server.cfg.MaxCommandLine))
		w.buf = w.small
	}
	if w.r > 0 {
		w.w = copy(w.buf, w.unread())
		w.r = 0
	}
	return w.w < len(w.buf)
}

// rest waits until the time has passed or the server stops.
func (w *wire) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.server.stop:
	case <-w.server.hard.Done():
	}
}

// slow makes the connection one of rate octets per second, in each direction.
func (w *wire) slow(rate int64) {
	if c, ok := w.conn.(*slowConn); ok {
		c.rate = rate
		return
	}
	w.conn = &slowConn{Conn: w.conn, w: w, rate: rate}
}

// slowConn reads and writes few octets at a time. A server that is shutting down
// has no more time for that.
type slowConn struct {
	net.Conn
	w           *wire
	rate        int64 // octets per second
	read, wrote time.Time
}

// step is how many octets go at a time: a tenth of a second's.
func (c *slowConn) step() int { return int(max(c.rate/10, 1)) }

// await waits until n more octets may go since the last ones went.
func (c *slowConn) await(last *time.Time, n int) {
	now := time.Now()
	due := last.Add(time.Duration(float64(n) / float64(c.rate) * float64(time.Second)))
	if wait := due.Sub(now); wait > 0 {
		c.w.rest(wait)
		now = due
	}
	*last = now
}

func (c *slowConn) Read(p []byte) (int, error) {
	if c.w.server.closing.Load() {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p[:min(len(p), c.step())])
	if n > 0 {
		c.await(&c.read, n)
		c.w.deadline = time.Time{} // the time of waiting was not the client's
		c.w.arm()
	}
	return n, err
}

func (c *slowConn) Write(p []byte) (written int, err error) {
	for len(p) > 0 && err == nil {
		n := min(len(p), c.step())
		if c.w.server.closing.Load() {
			n = len(p)
		} else {
			c.await(&c.wrote, n)
			c.w.deadline = time.Time{}
			c.w.arm()
		}
		n, err = c.Conn.Write(p[:n])
		written += n
		p = p[n:]
	}
	return written, err
}

// cutShort closes the socket so that the client sees a TCP reset (RST).
func (w *wire) cutShort() error {
	if tcp, ok := w.raw.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	return w.raw.Close()
}
