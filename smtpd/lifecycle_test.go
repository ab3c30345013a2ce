package smtpd

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

// Clients that wait are told 421, in whatever state they are.
func TestShutdownIdle(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		state string
		enter func(r *rig) *client
	}{
		{"fresh", (*rig).dial},
		{"ready", (*rig).ready},
		{"addressed", (*rig).addressed},
		{"AUTH", func(r *rig) *client {
			c := r.ready()
			c.ask("AUTH PLAIN", "334 ")
			return c
		}},
		{"half a command", func(r *rig) *client {
			c := r.ready()
			c.send("MAIL FR")
			return c
		}},
		{"in a refused chunk", func(r *rig) *client {
			c := r.ready()
			c.send("NOOP\r\nBDAT 10\r\n12345")
			c.want("250 ")
			return c
		}},
		{"TLS", func(r *rig) *client { return r.dialTLS(true) }},
	} {
		t.Run(test.state, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Config{TLS: testTLS()})
			c := test.enter(r)
			r.shutdown(patience)
			c.want("421 4.3.2 localhost The server is shutting down")
			c.wantClosed()
			if s := r.session(); !strings.Contains(s.Outcome, "shutting down") || s.Failed {
				t.Errorf("got outcome %q, failed %v", s.Outcome, s.Failed)
			}
			if _, err := net.DialTimeout("tcp", r.addr, patience); err == nil {
				t.Error("the server still accepts connections")
			}
		})
	}
}

// A message that is on its way is received, stored and answered.
func TestShutdownInTransfer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, begin, reply, more, rest, between string }{
		{"DATA", "DATA\r\n", "354 ", "", "first\r\nsecond\r\n.\r\n", ""},
		{"in a line of DATA", "DATA\r\n", "354 ", "fir", "st\r\nsecond\r\n.\r\n", ""},
		{"between chunks", "BDAT 3\r\nfir", "250 2.0.0 3 octets", "", "NOOP\r\nBDAT 12 LAST\r\nst\r\nsecond\r\n", "250 2.0.0 OK"},
		{"in a chunk", "BDAT 3\r\nfir", "250 2.0.0 3 octets", "BDAT 12 LAST\r\nst", "\r\nsecond\r\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Config{})
			c := r.addressed()
			c.send(test.begin)
			c.want(test.reply)
			c.send(test.more)
			done := make(chan error)
			go func() { done <- r.server.Shutdown(t.Context()) }()
			waitUntil(t, r.server.closing.Load)
			c.send(test.rest)
			if test.between != "" {
				c.want(test.between)
			}
			c.want("250 2.0.0 OK id=")
			c.want("421 4.3.2 ")
			c.wantClosed()
			if err := <-done; err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			if _, got := r.message(1); got != "first\r\nsecond\r\n" {
				t.Errorf("got %q", got)
			}
			if s := r.session(); !strings.HasPrefix(s.Outcome, "1 message delivered") || s.Failed {
				t.Errorf("got outcome %q, failed %v", s.Outcome, s.Failed)
			}
		})
	}
}

// When the context ends, what is on its way is cut off and not stored.
func TestShutdownHard(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	c := r.addressed()
	c.ask("DATA", "354 ")
	c.send("half a mess")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.server.Shutdown(ctx) }()
	waitUntil(t, r.server.closing.Load)
	select {
	case err := <-done:
		t.Fatalf("Shutdown did not wait: %v", err)
	default:
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if _, err := c.r.ReadByte(); err == nil {
		t.Error("the connection is still open")
	}
	if s := r.session(); !s.Failed || !strings.Contains(s.Outcome, "cut off by the server") {
		t.Errorf("got outcome %q, failed %v", s.Outcome, s.Failed)
	}
	r.wantMessages(0)
}

// waitUntil waits for something that makes no noise.
func waitUntil(t testing.TB, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); !ok(); runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatal("it does not happen")
		}
	}
}

// Shutdown may be called again, and Serve too late.
func TestShutdownTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	r.ready()
	r.shutdown(patience)
	r.shutdown(patience)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.server.Serve(l); err != nil {
		t.Errorf("Serve after Shutdown: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener was left open: %v", err)
	}
}

func TestServeErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.server.ServeTLS(l); err == nil || !strings.Contains(err.Error(), "no TLS configuration") {
		t.Errorf("ServeTLS without TLS: %v", err)
	}
	l, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := r.server.Serve(l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve on a closed listener: %v", err)
	}
}

// flakyListener fails for a while, as when files run out.
type flakyListener struct {
	net.Listener
	failures int
}

type temporary struct{ error }

func (temporary) Temporary() bool { return true }
func (temporary) Timeout() bool   { return false }

func (l *flakyListener) Accept() (net.Conn, error) {
	if l.failures--; l.failures >= 0 {
		return nil, temporary{errors.New("too many open files")}
	}
	return l.Listener.Accept()
}

func TestAcceptGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	addr := r.listen(func(l net.Listener) error {
		return r.server.Serve(&flakyListener{l, 3})
	})
	c := (&rig{t: t, addr: addr}).dial()
	c.ask("QUIT", "221 ")
}

func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{MaxConnections: 2})
	one, two := r.ready(), r.ready()
	three := r.dialRaw()
	three.want("421 4.3.2 localhost Too many connections")
	three.wantClosed()
	if s := r.session(); !s.Failed || s.Outcome != "refused: too many connections" {
		t.Errorf("got outcome %q, failed %v", s.Outcome, s.Failed)
	}
	one.ask("QUIT", "221 ")
	one.wantClosed()
	r.session() // has ended
	waitUntil(t, func() bool { return r.connections() == 1 })
	r.ready().ask("QUIT", "221 ")
	two.ask("QUIT", "221 ")
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{IdleTimeout: 50 * time.Millisecond})
	for _, test := range []struct{ send, outcome string }{
		{"", "idle for 50ms"},
		{"EHLO x\r\n", "idle for 50ms"},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nabc", "idle for 50ms in DATA after 3 octets"},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 9\r\nabc", "idle for 50ms in BDAT after 3 octets"},
	} {
		c := r.dial()
		c.send(test.send)
		replies, err := io.ReadAll(c.r)
		if err != nil || !strings.Contains("\n"+string(replies), "\n421 4.4.2 localhost Nothing was heard") {
			t.Errorf("%q: got %q and %v, want 421 at the end", test.send, replies, err)
		}
		if s := r.session(); s.Outcome != test.outcome || !s.Failed {
			t.Errorf("%q: got outcome %q, failed %v", test.send, s.Outcome, s.Failed)
		}
	}
	r.wantMessages(0)
}

// A client that goes away in the middle of a message leaves nothing but its
// session record. One that goes after the end has been read has sent a message.
func TestDisconnect(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for _, test := range []struct {
		send, outcome string
		failed        bool
	}{
		{"", "closed by the client without QUIT", false},
		{"EHLO x\r\n", "closed by the client without QUIT", false},
		{"EHLO x\r\nMAIL FROM:<a@b.test>\r\n", "closed by the client after MAIL", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\n", "closed by the client after RCPT", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n", "closed by the client in DATA after 0 octets", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n" + strings.Repeat("x", 1022) + "\r\n.", "closed by the client in DATA after 1,024 octets", true},
		{"EHLO x\nMAIL FROM:<>\nRCPT TO:<c@d.test>\nDATA\nx\n.\n", "closed by the client in DATA after 4 octets (its lines end in LF alone, and only <CRLF>.<CRLF> ends a message)", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nx\r\n.\r", "closed by the client in DATA after 3 octets", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 3 LAST\r\nxy", "closed by the client in BDAT after 2 octets", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 3\r\nxyz", "closed by the client in BDAT after 3 octets", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 3\r\nxyzBDAT 1 LAST\r\n", "closed by the client in BDAT after 3 octets", true},
	} {
		c := r.dial()
		c.send(test.send)
		c.Conn.(*net.TCPConn).CloseWrite()
		if s := r.session(); s.Outcome != test.outcome || s.Failed != test.failed {
			t.Errorf("%q: got outcome %q, failed %v, want %q, %v", short(test.send), s.Outcome, s.Failed, test.outcome, test.failed)
		}
		c.Close()
	}
	r.wantMessages(0)

	c := r.dial()
	c.send("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n.\r\n")
	c.Close() // before the reply
	for r.event().Type != mailstore.Stored {
	}
	r.wantMessages(1)
}

// A TLS handshake that does not come does not keep Shutdown waiting.
func TestShutdownInHandshake(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{TLS: testTLS()})
	c := r.ready()
	c.ask("STARTTLS", "220 ")
	d := (&rig{t: t, addr: r.tls}).dialRaw()
	waitUntil(t, func() bool { return r.connections() == 2 })
	r.shutdown(patience)
	for _, c := range []*client{c, d} {
		c.wantClosed()
		if s := r.session(); s.Failed || s.Outcome != "closed by the server, which is shutting down" {
			t.Errorf("got outcome %q, failed %v", s.Outcome, s.Failed)
		}
	}
}

func (r *rig) connections() int {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return r.server.active
}

// A last reply arrives although octets of the client's were not read.
func TestLastReplyArrives(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for range 20 {
		c := r.dial()
		c.send("POST / HTTP/1.1\r\n" + strings.Repeat("NOOP\r\n", 3000))
		c.want("421 4.7.0 localhost This is SMTP and not HTTP")
		c.wantClosed()
	}
}

// A panic ends the session that it happens in.
func TestPanic(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Users: func(string, string) bool { panic("oops") }})
	c, d := r.ready(), r.addressed()
	c.ask("AUTH PLAIN AGFsaWNlAHNlY3JldA==", "421 4.3.0 localhost Internal error")
	c.wantClosed()
	if s := r.session(); !s.Failed || s.Outcome != "internal error" {
		t.Errorf("got outcome %q, failed %v", s.Outcome, s.Failed)
	}
	d.ask("DATA", "354 ")
	d.ask(".", "250 ")
}

// A store that is closed under the server refuses mail with 421.
func TestStoreClosed(t *testing.T) {
	t.Parallel()
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, store: store, server: New(Config{}, store, nil), served: make(chan error, 1)}
	r.addr = r.listen(r.server.Serve)
	c, d := r.addressed(), r.ready()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	c.ask("DATA", "354 ")
	c.ask("text\r\n.", "421 4.3.2 localhost The store is closed")
	c.wantClosed()
	d.ask("MAIL FROM:<>", "421 4.3.2 localhost The store is closed")
	d.wantClosed()
	r.shutdown(patience)
}

// Nothing is left running. Not parallel: it looks at all goroutines.
func TestNothingIsLeft(t *testing.T) {
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := &rig{t: t, store: store, server: New(Config{TLS: testTLS()}, store, nil), served: make(chan error, 2)}
	r.addr, r.tls = r.listen(r.server.Serve), r.listen(r.server.ServeTLS)
	for range 5 {
		r.ready()
		r.addressed()
		r.dialTLS(true)
		r.dialTLS(false)
	}
	r.shutdown(patience)
	<-r.served
	<-r.served
	// The last thing a goroutine does is to say that it is done.
	var left []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		left = nil
		stacks := make([]byte, 1<<20)
		for g := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			if strings.Contains(g, "go-smtp") {
				left = append(left, g)
			}
		}
		if left == nil {
			return
		}
	}
	for _, g := range left {
		t.Errorf("still running:\n%s", g)
	}
}
