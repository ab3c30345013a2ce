package pop3d

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"restante/mailstore"
)

// bulky is content that socket buffers do not swallow.
func bulky(octets int) string {
	const line = "the quick brown fox jumps over the lazy dog and over the line beneath it too\r\n"
	return "Subject: bulky\r\n\r\n" + strings.Repeat(line, octets/len(line))
}

// random is content that compression does not make smaller than three quarters.
func random(octets int) string {
	b := make([]byte, octets/4*3)
	rand.NewChaCha8([32]byte{byte(octets)}).Read(b)
	return "Subject: random\r\n\r\n" + base64.StdEncoding.EncodeToString(b)
}

const alice = "alice@app.test"

// After login, numbers, sizes and unique-ids stay, whatever happens to the maildrop.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	first := r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	second := r.deliver("Subject: 2\r\n\r\ntwo\r\n", alice)
	c := r.login(alice)
	stat := c.do("STAT", "+OK 2 *")
	r.deliver("Subject: 3\r\n\r\nthree\r\n", alice)
	if n, err := r.store.Delete(t.Context(), first.Seq); n != 1 || err != nil {
		t.Fatalf("Delete: %d, %v", n, err)
	}
	c.do("STAT", stat)
	c.do("UIDL 1", "+OK 1 "+first.ID)
	c.do("UIDL 2", "+OK 2 "+second.ID)
	c.do("LIST 3", "-ERR no such message*")
	c.do("RETR 1", "-ERR the message was removed meanwhile")
	c.do("TOP 1 1", "-ERR the message was removed meanwhile")
	if got := c.retr(2); !bytes.HasSuffix(got, []byte("\r\n\r\ntwo\r\n")) {
		t.Errorf("RETR 2: %q", got)
	}
	c.do("DELE 1", "+OK*")
	c.do("QUIT", "+OK bye, 1 message deleted")
	c.closed()
	r.login(alice).do("STAT", "+OK 2 *")
}

// A connection that ends without QUIT deletes nothing, whatever it marked.
func TestDroppedConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	c := r.login(alice)
	c.do("DELE 1", "+OK*")
	c.conn.Close()
	rec := r.session(1)
	if want := "0 messages fetched; closed by the client without QUIT, 1 mark dropped"; rec.Outcome != want || rec.Failed {
		t.Errorf("outcome %q, failed %v, want %q, not failed", rec.Outcome, rec.Failed, want)
	}
	r.login(alice).do("STAT", "+OK 1 *")
}

// An exclusive maildrop is free again when its session ends without QUIT.
func TestLockAfterDroppedConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Exclusive: true})
	first := r.login(alice)
	second := r.dial()
	second.do("USER alice@app.test", "+OK*")
	second.do("PASS x", "-ERR [IN-USE] *")
	first.conn.Close()
	r.session(1)
	second.do("USER alice@app.test", "+OK*")
	second.do("PASS x", "+OK maildrop empty")
}

// Of many that log in at once, one gets the maildrop.
func TestLockRace(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Exclusive: true})
	var wg sync.WaitGroup
	answers := make(chan string, 20)
	for range cap(answers) {
		c := r.dial()
		wg.Go(func() {
			io.WriteString(c.conn, "USER alice@app.test\r\nPASS x\r\n")
			c.r.ReadString('\n')
			line, _ := c.r.ReadString('\n')
			answers <- line
		})
	}
	wg.Wait()
	close(answers)
	in, out := 0, 0
	for line := range answers {
		switch {
		case strings.HasPrefix(line, "+OK"):
			in++
		case strings.HasPrefix(line, "-ERR [IN-USE]"):
			out++
		default:
			t.Errorf("answer %q", line)
		}
	}
	if in != 1 || out != cap(answers)-1 {
		t.Errorf("%d got in, %d were locked out, want 1 and %d", in, out, cap(answers)-1)
	}
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{IdleTimeout: 50 * time.Millisecond})
	r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	c := r.login(alice)
	c.do("DELE 1", "+OK*")
	c.want("-ERR [SYS/TEMP] idle for too long")
	c.closed()
	rec := r.session(1)
	if want := "0 messages fetched; ended after 50ms without a command, 1 mark dropped"; rec.Outcome != want {
		t.Errorf("outcome %q, want %q", rec.Outcome, want)
	}
	if m, err := r.store.Mailbox(alice); err != nil || m.Messages != 1 {
		t.Errorf("messages left: %d, %v, want 1", m.Messages, err)
	}
	// before login, too
	c = r.dial()
	c.want("-ERR [SYS/TEMP] idle for too long")
	c.closed()
}

// onceLate is a connection whose first read ends with a time-out. It must be
// the last.
type onceLate struct {
	net.Conn
	reads atomic.Int32
}

func (c *onceLate) Read([]byte) (int, error) {
	c.reads.Add(1)
	return 0, os.ErrDeadlineExceeded
}

// A client that never says a word is not waited for twice.
func TestIdleFromTheStart(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	near, far := net.Pipe()
	conn := &onceLate{Conn: near}
	r.server.start(conn, false)
	c := pipeClient(t, far)
	c.want("-ERR [SYS/TEMP] idle for too long")
	c.closed()
	if n := conn.reads.Load(); n != 1 {
		t.Errorf("%d reads that timed out, want 1", n)
	}
}

// A panic ends the session that it happens in, and lets go of what it held.
func TestPanic(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Exclusive: true, MaxConnections: 2, Users: func(_, password string) bool {
		if password == "oops" {
			panic(password)
		}
		return true
	}})
	other := r.login(alice)
	c := r.dial()
	c.do("USER bob", "+OK*")
	c.send("PASS oops\r\n")
	c.want("-ERR [SYS/TEMP] internal error")
	c.closed()
	if rec := r.session(1); rec.Outcome != "internal error" || !rec.Failed {
		t.Errorf("outcome %q, failed %v, want an internal error", rec.Outcome, rec.Failed)
	}
	other.do("NOOP", "+OK")
	r.login("bob").do("NOOP", "+OK")
}

// A client that does not read its response is dropped.
func TestStalledClient(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{WriteTimeout: 100 * time.Millisecond})
	receipt := r.deliver(bulky(24<<20), alice)
	c := r.login(alice)
	c.send("RETR 1\r\n")
	rec := r.session(1)
	if want := "0 messages fetched; client stopped reading in the response to RETR"; rec.Outcome != want || !rec.Failed {
		t.Errorf("outcome %q, failed %v, want %q, failed", rec.Outcome, rec.Failed, want)
	}
	if len(rec.Messages) != 0 {
		t.Errorf("fetched %v, want nothing of %s", rec.Messages, receipt.ID)
	}
}

// A client that reads slowly, or stands in a debugger, has as long as one that
// says nothing: no timer ends a session before 10 minutes (RFC 1939 §3).
func TestPatience(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		given              Config
		idle, write, shake time.Duration
	}{
		{Config{}, 10 * time.Minute, 10 * time.Minute, time.Minute},
		{Config{IdleTimeout: time.Hour}, time.Hour, time.Hour, time.Minute},
		{Config{IdleTimeout: time.Second}, time.Second, time.Minute, time.Minute},
		{Config{WriteTimeout: time.Second}, 10 * time.Minute, time.Second, time.Second},
	} {
		near, far := net.Pipe()
		defer far.Close()
		s := New(tt.given, newRig(t, Config{}).store, nil)
		w := newSession(s, near).wire
		if w.socket.idle.timeout != tt.idle || w.socket.stall.timeout != tt.write || w.patience() != tt.shake {
			t.Errorf("%+v: got %v, %v, %v", tt.given, w.socket.idle.timeout, w.socket.stall.timeout, w.patience())
		}
		near.Close()
	}
}

// A connection that ends within a response is a failure.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	r.deliver(bulky(24<<20), alice)
	c := r.login(alice)
	c.do("RETR 1", "+OK *")
	c.conn.Close()
	rec := r.session(1)
	if want := "0 messages fetched; connection broke in the response to RETR"; rec.Outcome != want || !rec.Failed {
		t.Errorf("outcome %q, failed %v, want %q, failed", rec.Outcome, rec.Failed, want)
	}
}

// A message that is removed while it is sent breaks off: the response must not
// end as if it were whole.
func TestRemovedWhileSent(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	receipt := r.deliver(random(24<<20), alice)
	c := r.login(alice)
	c.do("RETR 1", "+OK *")
	if _, err := r.store.Delete(t.Context(), receipt.Seq); err != nil {
		t.Fatal(err)
	}
	c.conn.SetReadDeadline(time.Now().Add(patience))
	rest, err := io.ReadAll(c.r)
	if err != nil {
		t.Fatal(err)
	}
	if len(rest) >= 24<<20 || bytes.HasSuffix(rest, []byte("\r\n.\r\n")) {
		t.Errorf("%d octets, ending in %q", len(rest), rest[len(rest)-5:])
	}
	rec := r.session(1)
	if want := "0 messages fetched; message broke off in the response to RETR"; rec.Outcome != want || !rec.Failed {
		t.Errorf("outcome %q, failed %v, want %q, failed", rec.Outcome, rec.Failed, want)
	}
}

func TestMaxConnections(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{MaxConnections: 1, TLS: testTLS(t)})
	first := r.dial()
	refused := func(conn net.Conn) {
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience))
		got, err := io.ReadAll(conn)
		if want := "-ERR [SYS/TEMP] too many connections\r\n"; string(got) != want || err != nil {
			t.Errorf("the second connection gets %q, %v, want %q", got, err, want)
		}
	}
	second, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	refused(second)
	third, err := tls.Dial("tcp", r.tls, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	refused(third)
	if rec := r.session(1); rec.Outcome != "refused: too many connections" || !rec.Failed {
		t.Errorf("outcome %q, failed %v", rec.Outcome, rec.Failed)
	}
	first.do("QUIT", "+OK bye")
	first.closed()
	r.dial().do("QUIT", "+OK bye")
}

// A store that fails is a passing trouble to the client, and nothing is deleted.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	client, conn := net.Pipe()
	l := &oneConn{conn: conn, closed: make(chan struct{})}
	s := New(Config{}, store, nil)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	r := &rig{t: t, store: store, server: s}
	r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	c := pipeClient(t, client)
	c.do("USER "+alice, "+OK*")
	c.do("PASS x", "+OK*")
	c.do("DELE 1", "+OK*")
	c.do("RSET", "+OK*")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	c.do("RETR 1", "-ERR [SYS/TEMP] the store is closed")
	c.do("TOP 1 0", "-ERR [SYS/TEMP] the store is closed")
	c.do("DELE 1", "+OK*")
	c.do("QUIT", "-ERR [SYS/TEMP] some deleted messages not removed")
	c.closed()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestShutdownIdle(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{TLS: testTLS(t)})
	r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	c := r.login(alice)
	c.do("DELE 1", "+OK*")
	fresh := r.dial()
	silent, err := net.Dial("tcp", r.tls) // within the TLS handshake
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if err := r.server.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	c.want("-ERR [SYS/TEMP] shutting down")
	c.closed()
	fresh.want("-ERR [SYS/TEMP] shutting down")
	fresh.closed()
	if m, err := r.store.Mailbox(alice); err != nil || m.Messages != 1 {
		t.Errorf("messages left: %d, %v, want 1", m.Messages, err)
	}
	if conn, err := net.Dial("tcp", r.addr); err == nil {
		conn.Close()
		t.Error("the port still accepts connections")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.server.Serve(l); err != nil {
		t.Errorf("Serve after Shutdown: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener of Serve after Shutdown: %v, want closed", err)
	}
}

// A response in flight reaches its end; then comes the farewell, and what was
// pipelined behind is not executed.
func TestShutdownFinishesResponse(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	content := bulky(30 << 20)
	r.deliver(content, alice)
	c := r.login(alice)
	c.send("RETR 1\r\nDELE 1\r\nQUIT\r\n")
	c.want("+OK *")
	done := make(chan error, 1)
	go func() { done <- r.server.Shutdown(context.Background()) }()
	<-r.server.done
	if got := unstuffed(t, c.body()); !bytes.HasSuffix(got, []byte(content)) {
		t.Errorf("RETR during Shutdown: %d octets, want those of the content, %d", len(got), len(content))
	}
	c.want("-ERR [SYS/TEMP] shutting down")
	c.closed()
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if m, err := r.store.Mailbox(alice); err != nil || m.Messages != 1 {
		t.Errorf("messages left: %d, %v, want 1", m.Messages, err)
	}
}

// When the patience of the caller ends, so do the connections.
func TestShutdownCutsOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	r.deliver(bulky(24<<20), alice)
	c := r.login(alice)
	c.do("RETR 1", "+OK *")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.server.Shutdown(ctx) }()
	<-r.server.done
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v, want %v", err, context.Canceled)
	}
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	if n := len(r.server.sessions); n != 0 {
		t.Errorf("%d sessions run after Shutdown", n)
	}
}

func TestServeTLSWithoutCertificate(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.server.ServeTLS(l); err == nil {
		t.Error("ServeTLS without a certificate: no error")
	}
}

// Many clients at once, each on its own maildrop and on that of all.
func TestManySessions(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	var wg sync.WaitGroup
	for i := range 16 {
		name := fmt.Sprintf("user%d@app.test", i)
		content := fmt.Sprintf("Subject: %d\r\n\r\n.%d\n.\r\n", i, i)
		r.deliver(content, name, "all@app.test")
		wg.Go(func() {
			for range 5 {
				c := r.login(name)
				if got := c.retr(1); !bytes.HasSuffix(got, normalised([]byte(content))) {
					t.Errorf("%s gets %q", name, got)
				}
				c.do("QUIT", "+OK*")
				c = r.login("all@app.test")
				c.do("LIST 1", "+OK 1 *")
				c.conn.Close()
			}
			c := r.login(name)
			c.do("DELE 1", "+OK*")
			c.do("QUIT", "+OK bye, 1 message deleted")
		})
	}
	wg.Wait()
	r.login("all@app.test").do("STAT", "+OK 16 *")
}

// oneConn is a listener that accepts one connection.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *oneConn) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
