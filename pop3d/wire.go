package pop3d

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// Limits on lines.
const (
	maxCommandLine = 255   // octets with CRLF, RFC 2449 §4
	maxSASLLine    = 12288 // octets with CRLF, RFC 5034 §4
	maxResponse    = 512   // octets of a response's first line with CRLF, RFC 2449 §4
)

var errLineTooLong = errors.New("line too long")

// wire is the connection of a session: lines in, responses out. Responses are
// written when the next read would wait for the client, so those to pipelined
// commands travel together (RFC 2449 §6.6) and one command costs one write.
type wire struct {
	output
	socket *socket
	conn   net.Conn // socket, or TLS over it
	in     *bufio.Reader
}

// flushed is the reading side of a wire: when it is asked for octets, there
// are none left, and it is time to write responses.
type flushed struct{ *wire }

func (f flushed) Read(p []byte) (int, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	return f.conn.Read(p)
}

func newWire(conn net.Conn, pool *sync.Pool, idle, stall time.Duration, done <-chan struct{}) *wire {
	s := &socket{Conn: conn, idle: deadline{timeout: idle}, stall: deadline{timeout: stall}, done: done}
	w := &wire{output: output{w: s, pool: pool}, socket: s, conn: s}
	w.in = bufio.NewReader(flushed{w})
	return w
}

// line reads one line without its CRLF or LF; it is valid until the next call.
// Of a line with more than limit octets the beginning is returned, with
// errLineTooLong; the rest is skipped.
func (w *wire) line(limit int) ([]byte, error) {
	if w.socket.closing.Load() {
		return nil, errShutdown
	}
	line, err := w.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = append([]byte(nil), line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			var more []byte
			more, err = w.in.ReadSlice('\n')
			if len(line) <= limit {
				line = append(line, more...)
			}
		}
	}
	if len(line) > limit && err == nil {
		return line[:min(len(line), maxCommandLine)], errLineTooLong
	}
	if err != nil {
		return line, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// pause lets time pass; false when the server shuts down meanwhile. What the client
// sends is read ahead, so that a client that leaves is noticed: that ends the pause.
// Lines that were read are not valid any more.
func (w *wire) pause(d time.Duration) bool {
	s := w.socket
	s.until = time.Now().Add(d)
	defer func() { s.until, s.idle.set = time.Time{}, time.Time{} }()
	for time.Now().Before(s.until) {
		if w.in.Buffered() == w.in.Size() {
			return s.pause(time.Until(s.until))
		}
		_, err := w.in.Peek(w.in.Buffered() + 1)
		switch {
		case errors.Is(err, errShutdown):
			return false
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return true // the next read finds out again
		}
	}
	return true
}

// handshake goes over to TLS. Octets that came before it are dropped: whoever
// sent them, they were not protected (RFC 2595 §4).
func (w *wire) handshake(ctx context.Context, config *tls.Config) (tls.ConnectionState, error) {
	if err := w.flush(); err != nil {
		return tls.ConnectionState{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, w.patience())
	defer cancel()
	conn := tls.Server(w.socket, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return tls.ConnectionState{}, err
	}
	w.conn, w.output.w = conn, conn
	w.in.Reset(flushed{w})
	return conn.ConnectionState(), nil
}

// patience is how long a TLS handshake may take.
func (w *wire) patience() time.Duration { return min(w.socket.stall.timeout, time.Minute) }

// close writes what is left and ends the connection.
func (w *wire) close() {
	w.flush()
	w.conn.Close()
}
