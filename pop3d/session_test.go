package pop3d

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"restante/mailstore"
)

// A response's first line has 512 octets at most, CRLF included, and does not
// end within a character.
func TestLongResponse(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for i := range 10 {
		r.deliver("", fmt.Sprintf("alice@%s%d.test", strings.Repeat("ü", 60), i))
	}
	for _, command := range []string{"NOOP", "UTF8"} {
		c := r.dial()
		c.send(command + "\r\n")
		c.skipLine()
		c.do("USER alice", "+OK*")
		line := c.do("PASS x", "-ERR [AUTH] several mailboxes match: alice@*")
		if n := len(line) + 2; n > maxResponse || n < maxResponse-1 || !utf8.ValidString(line) {
			t.Errorf("after %s: a response of %d octets, valid UTF-8 %v: %q", command, n, utf8.ValidString(line), line)
		}
		c.do("QUIT", "+OK bye")
	}
}

// Commands may arrive octet by octet, each response comes when it can.
func TestTrickle(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	c := r.login(alice)
	for _, octet := range "RETR 1\r\n" {
		c.send(string(octet))
	}
	c.want("+OK *")
	if got := unstuffed(t, c.body()); !bytes.HasSuffix(got, []byte("one\r\n")) {
		t.Errorf("RETR: %q", got)
	}
}

// writes counts the writes of a connection.
type writes struct {
	net.Conn
	n int
}

func (w *writes) Write(p []byte) (int, error) {
	w.n++
	return w.Conn.Write(p)
}

// A response is one write, and so are those to what was pipelined.
func TestWrites(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for range 20 {
		r.deliver("Subject: 1\r\n\r\n"+strings.Repeat("line\r\n", 300), alice)
	}
	client, server := net.Pipe()
	conn := &writes{Conn: server}
	r.server.start(conn, false)
	c := pipeClient(t, client)
	c.do("USER "+alice, "+OK*")
	c.do("PASS x", "+OK*")
	before := conn.n
	c.retr(1)
	c.do("NOOP", "+OK")
	if got := conn.n - before; got != 2 {
		t.Errorf("RETR and NOOP: %d writes, want 2", got)
	}
	before = conn.n
	c.send(strings.Repeat("RETR 1\r\n", 20))
	for range 20 {
		c.want("+OK *")
		c.body()
	}
	c.do("NOOP", "+OK")
	if got := conn.n - before; got != 2 {
		t.Errorf("20 pipelined RETR and NOOP: %d writes, want 2", got)
	}
}

// FuzzSession sends anything behind a login. The session must end with QUIT,
// having said whole lines only.
func FuzzSession(f *testing.F) {
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	r := &rig{t: f, store: store, server: New(Config{}, store, nil)}
	for range 3 {
		r.deliver("Subject: 1\n\n.one\n.\n\ntwo", "*@app.test", alice)
	}
	for _, seed := range []string{
		"USER *\r\nPASS x\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 2 1\r\nDELE 3\r\nRSET\r\nNOOP\r\nCAPA\r\nLANG\r\n",
		"AUTH\r\nAUTH PLAIN\r\n*\r\nAUTH LOGIN\r\nYQ==\r\nYQ==\r\nLIST 1\r\nUIDL 2\r\n", "AUTH CRAM-MD5\r\n", "AUTH PLAIN AGEAYg==\r\nRETR 1\r\n",
		"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "UTF8\r\nUSER ü\r\nPASS ü\r\n", strings.Repeat("x", 5000), "\n\r\n\r", "STLS\r\nAPOP a b\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		client, conn := net.Pipe()
		defer client.Close()
		client.SetDeadline(time.Now().Add(patience))
		r.server.start(conn, false)
		go func() {
			client.Write(input)
			io.WriteString(client, "\r\n*\r\nQUIT\r\n") // "*" ends an exchange of AUTH
		}()
		said, err := io.ReadAll(client)
		if err != nil {
			t.Fatalf("input %q: %v after %q", input, err, said)
		}
		if !bytes.HasPrefix(said, []byte("+OK Restante")) || !bytes.HasSuffix(said, []byte("\r\n")) {
			t.Errorf("input %q is answered %q", input, said)
		}
		if lines, crlf := bytes.Count(said, []byte("\n")), bytes.Count(said, []byte("\r\n")); lines != crlf {
			t.Errorf("input %q is answered with bare LF: %q", input, said)
		}
	})
}
