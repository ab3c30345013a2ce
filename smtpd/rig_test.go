package smtpd

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"restante/mailstore"
)

// patience bounds every wait for an event.
const patience = 10 * time.Second

// rig is a server on a store of its own.
type rig struct {
	t      testing.TB
	server *Server
	store  *mailstore.Store
	events *mailstore.Subscription
	addr   string // plain
	tls    string // implicit TLS, "" without TLS

	served chan error
	loops  int
}

func newRig(t testing.TB, cfg Config) *rig {
	t.Helper()
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, store: store, server: New(cfg, store, nil), served: make(chan error, 4)}
	r.events = store.Subscribe(0)
	r.addr = r.listen(r.server.Serve)
	if cfg.TLS != nil {
		r.tls = r.listen(r.server.ServeTLS)
	}
	t.Cleanup(func() {
		r.shutdown(patience)
		for range r.loops {
			if err := <-r.served; err != nil {
				t.Errorf("Serve: %v", err)
			}
		}
		r.events.Close()
		if err := store.Close(); err != nil {
			t.Errorf("store: %v", err)
		}
	})
	return r
}

func (r *rig) listen(serve func(net.Listener) error) string {
	r.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	r.loops++
	go func() { r.served <- serve(l) }()
	return l.Addr().String()
}

// shutdown stops the server, which must be done in time.
func (r *rig) shutdown(limit time.Duration) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := r.server.Shutdown(ctx); err != nil {
		r.t.Errorf("Shutdown: %v", err)
	}
}

// session waits for the next session to end and returns its record.
func (r *rig) session() *mailstore.Session {
	r.t.Helper()
	for {
		e := r.event()
		if e.Type != mailstore.Ended {
			continue
		}
		s, err := r.store.Session(e.Session.ID)
		if err != nil {
			r.t.Fatal(err)
		}
		return s
	}
}

func (r *rig) event() mailstore.Event {
	r.t.Helper()
	select {
	case e, ok := <-r.events.Events():
		if !ok {
			r.t.Fatalf("no more events: %v", r.events.Err())
		}
		return e
	case <-time.After(patience):
		r.t.Fatal("no event")
	}
	panic("unreachable")
}

// message reads a message and its content.
func (r *rig) message(seq uint64) (*mailstore.Message, string) {
	r.t.Helper()
	c, err := r.store.Content(seq)
	if err != nil {
		r.t.Fatalf("message %d: %v", seq, err)
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil {
		r.t.Fatal(err)
	}
	m, err := c.Message()
	if err != nil {
		r.t.Fatal(err)
	}
	return m, string(b)
}

// wantMessages checks how many messages were stored.
func (r *rig) wantMessages(n int64) {
	r.t.Helper()
	got, err := r.store.Totals()
	if err != nil {
		r.t.Fatal(err)
	}
	if got.Messages != n {
		r.t.Errorf("%d messages are stored, want %d", got.Messages, n)
	}
}

// client is a raw connection.
type client struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

// dial connects and reads the greeting.
func (r *rig) dial() *client {
	r.t.Helper()
	c := r.dialRaw()
	c.want("220 ")
	return c
}

func (r *rig) dialRaw() *client {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &client{r.t, conn, bufio.NewReader(conn)}
}

// ready is dial and EHLO.
func (r *rig) ready() *client {
	r.t.Helper()
	c := r.dial()
	c.ask("EHLO client.test", "250 ")
	return c
}

// addressed is ready with a message for c@d.test begun.
func (r *rig) addressed() *client {
	r.t.Helper()
	c := r.ready()
	c.begin()
	return c
}

func (c *client) begin() {
	c.t.Helper()
	c.ask("MAIL FROM:<a@b.test>", "250 ")
	c.ask("RCPT TO:<c@d.test>", "250 ")
}

func (c *client) send(octets string) {
	c.t.Helper()
	if _, err := io.WriteString(c, octets); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// ask sends a line and checks the beginning of the reply's last line.
func (c *client) ask(line, want string) string {
	c.t.Helper()
	c.send(line + "\r\n")
	return c.want(want)
}

// want reads a reply.
func (c *client) want(want string) string {
	c.t.Helper()
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			c.t.Fatalf("got %q and %v, want a reply %q", line, err, want)
		}
		if len(line) > 3 && line[3] == '-' {
			continue
		}
		if !strings.HasPrefix(line, want) {
			c.t.Fatalf("got %q, want %q", line, want)
		}
		return strings.TrimSuffix(line, "\r\n")
	}
}

func (c *client) wantClosed() {
	c.t.Helper()
	if b, err := c.r.ReadByte(); err != io.EOF {
		c.t.Fatalf("got %q and %v, want the end of the connection", b, err)
	}
}

// testTLS is a configuration with a certificate for localhost.
var testTLS = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"localhost"},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
})
