package script

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// conn is the client's side of one connection.
type conn struct {
	net     net.Conn
	r       *bufio.Reader
	timeout time.Duration
	reply   []string // lines of the last multi-line reply
}

func dial(addr string, timeout time.Duration) (*conn, error) {
	nc, err := net.DialTimeout("tcp", addr, timeout)
	if err != nil {
		return nil, err
	}
	return &conn{net: nc, r: bufio.NewReader(nc), timeout: timeout}, nil
}

// handshake turns the connection into a TLS connection. Any certificate will do.
func (c *conn) handshake() error {
	if n := c.r.Buffered(); n > 0 {
		rest, _ := c.r.Peek(n)
		return fmt.Errorf("before the TLS handshake the server sent %q", rest)
	}
	tc := tls.Client(c.net, &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"})
	tc.SetDeadline(time.Now().Add(c.timeout))
	if err := tc.Handshake(); err != nil {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	c.net, c.r = tc, bufio.NewReader(tc)
	return nil
}

func (c *conn) send(octets string) error {
	c.net.SetWriteDeadline(time.Now().Add(c.timeout))
	if _, err := io.WriteString(c.net, octets); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// line reads one line and cuts its CRLF off.
func (c *conn) line() (string, error) {
	c.net.SetReadDeadline(time.Now().Add(c.timeout))
	s, err := c.r.ReadString('\n')
	switch {
	case isClosed(err) && s == "":
		return "", errClosed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", fmt.Errorf("got nothing within %v (read so far: %q)", c.timeout, s)
	case err != nil:
		return "", fmt.Errorf("%w (read so far: %q)", err, s)
	case !strings.HasSuffix(s, "\r\n"):
		return "", fmt.Errorf("got a line that does not end in CRLF: %q", s)
	}
	return s[:len(s)-2], nil
}

// octets reads exactly n octets.
func (c *conn) octets(n int) (string, error) {
	c.net.SetReadDeadline(time.Now().Add(c.timeout))
	b := make([]byte, n)
	got, err := io.ReadFull(c.r, b)
	if err != nil {
		return "", fmt.Errorf("%w (read so far: %q)", err, b[:got])
	}
	return string(b), nil
}

// closed waits for the server to close the connection.
func (c *conn) closed() error {
	s, err := c.line()
	if errors.Is(err, errClosed) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("got  %q", s)
}

var errClosed = errors.New("got  the end of the connection")

// isClosed tells the ways in which the end of a connection shows. A server
// that closes with unread input resets the connection.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}
