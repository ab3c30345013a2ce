package pop3d

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

// patience bounds every wait for an event.
const patience = 10 * time.Second

// rig is a server on a store of its own.
type rig struct {
	t      testing.TB
	store  *mailstore.Store
	server *Server
	addr   string // plain
	tls    string // implicit TLS, "" without TLS
}

func newRig(t testing.TB, cfg Config) *rig {
	t.Helper()
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, store: store, server: New(cfg, store, nil)}
	served := make(chan error, 2)
	serve := func(run func(net.Listener) error) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() { served <- run(l) }()
		return l.Addr().String()
	}
	loops := 1
	r.addr = serve(r.server.Serve)
	if cfg.TLS != nil {
		loops++
		r.tls = serve(r.server.ServeTLS)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		for range loops {
			if err := <-served; err != nil {
				t.Errorf("Serve: %v", err)
			}
		}
		if err := store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

// deliver puts a message into mailboxes and gives its ID and seq.
func (r *rig) deliver(content string, to ...string) mailstore.Receipt {
	r.t.Helper()
	in := r.store.NewIncoming()
	defer in.Abort()
	if _, err := io.WriteString(in, content); err != nil {
		r.t.Fatal(err)
	}
	env := mailstore.Envelope{ReversePath: "sender@app.test", Helo: "client.test", Extended: true, Remote: "127.0.0.1:40000"}
	for _, address := range to {
		env.ForwardPaths = append(env.ForwardPaths, mailstore.ForwardPath{Address: address})
	}
	receipt, err := in.Deliver(context.Background(), env)
	if err != nil {
		r.t.Fatal(err)
	}
	return receipt
}

// session waits for the record of the nth session, counted from 1.
func (r *rig) session(n int) *mailstore.Session {
	r.t.Helper()
	sub := r.store.Subscribe(0)
	defer sub.Close()
	late := time.After(patience)
	for {
		list, err := r.store.Sessions("", 1000)
		if err != nil {
			r.t.Fatal(err)
		}
		if len(list) >= n {
			rec, err := r.store.Session(list[len(list)-n].ID)
			if err != nil {
				r.t.Fatal(err)
			}
			return rec
		}
		select {
		case <-sub.Events():
		case <-late:
			r.t.Fatalf("no record of session %d", n)
		}
	}
}

// client is the other side of a session.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

// dial connects and reads the greeting.
func (r *rig) dial() *client {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	c := newClient(r.t, conn)
	c.want("+OK Restante*")
	return c
}

func newClient(t testing.TB, conn net.Conn) *client {
	t.Cleanup(func() { conn.Close() })
	return &client{t: t, conn: conn, r: bufio.NewReaderSize(conn, 1<<16)}
}

// login opens a maildrop.
func (r *rig) login(user string) *client {
	r.t.Helper()
	c := r.dial()
	c.do("USER "+user, "+OK*")
	c.do("PASS secret", "+OK maildrop*")
	return c
}

func (c *client) send(octets string) {
	c.t.Helper()
	c.conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c.conn, octets); err != nil {
		c.t.Fatalf("send %.80q: %v", octets, err)
	}
}

// want reads one line, which is to match: a * at its end stands for anything.
func (c *client) want(pattern string) string {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(patience))
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatalf("want %q: got %q, %v", pattern, line, err)
	}
	line = strings.TrimSuffix(line, "\r\n")
	head, open := strings.CutSuffix(pattern, "*")
	if line != pattern && !(open && strings.HasPrefix(line, head)) {
		c.t.Fatalf("want %q, got %q", pattern, line)
	}
	return line
}

func (c *client) do(command, pattern string) string {
	c.t.Helper()
	c.send(command + "\r\n")
	return c.want(pattern)
}

// body reads a multi-line response behind its first line, stuffed as it is.
func (c *client) body() []byte {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(patience))
	var body []byte
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			c.t.Fatalf("in a multi-line response, after %d octets: %v", len(body), err)
		}
		if string(line) == ".\r\n" && (len(body) == 0 || body[len(body)-1] == '\n') {
			return body
		}
		body = append(body, line...)
	}
}

// retr fetches a message and checks the announced octets.
func (c *client) retr(n int) []byte {
	c.t.Helper()
	first := c.do(fmt.Sprintf("RETR %d", n), "+OK *")
	got := unstuffed(c.t, c.body())
	if want := fmt.Sprintf("+OK %d octets", len(got)); first != want {
		c.t.Errorf("RETR %d: announced %q, sent %q", n, first, want)
	}
	return got
}

// closed waits for the server to end the connection.
func (c *client) closed() {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(patience))
	if b, err := c.r.ReadByte(); err == nil {
		c.t.Fatalf("want the end of the connection, got %q", b)
	} else if t, ok := err.(net.Error); ok && t.Timeout() {
		c.t.Fatal("the server did not close the connection")
	}
}

func testTLS(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
