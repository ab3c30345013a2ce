package pop3d

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

// said is a transcript as text.
func said(rec *mailstore.Session) string {
	var b strings.Builder
	for _, l := range rec.Transcript {
		fmt.Fprintf(&b, "%c %s\n", l.From, l.Text)
	}
	return b.String()
}

// A session's record has both directions, sizes for contents, and no secret.
func TestRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Users: func(user, password string) bool { return password == "hunter2" }})
	first := r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	second := r.deliver("Subject: 2\r\n\r\ntwo\r\n", alice)
	c := r.dial()
	c.do("USER "+alice, "+OK*")
	c.do("PASS hunter1", "-ERR [AUTH]*")
	c.do("AUTH PLAIN", "+ ")
	c.do("c2VjcmV0c2VjcmV0", "-ERR*")
	c.do("AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00"+alice+"\x00hunter2")), "+OK*")
	c.do("NO\x01", "-ERR*")
	size := len(c.retr(2))
	c.do("LIST", "+OK*")
	c.body()
	c.do("DELE 2", "+OK*")
	c.do("TOP 1 0", "+OK")
	c.body()
	c.do("QUIT", "+OK*")
	c.closed()

	rec := r.session(1)
	want := strings.NewReplacer("SIZE", fmt.Sprint(size), "HEAD", fmt.Sprint(size-len("two\r\n"))).Replace(`S +OK Restante POP3 server ready
C USER alice@app.test
S +OK send PASS
C PASS ***
S -ERR [AUTH] invalid user name or password
C AUTH PLAIN
S + 
C ***
S -ERR [AUTH] want identity NUL user NUL password
C AUTH PLAIN ***
S +OK maildrop has 2 messages (TOTAL octets)
C NO\x01
S -ERR unknown command
C RETR 2
S +OK SIZE octets
S (SIZE octets)
C LIST
S +OK 2 messages (TOTAL octets)
S 1 SIZE
S 2 SIZE
S .
C DELE 2
S +OK message 2 deleted
C TOP 1 0
S +OK
S (HEAD octets)
C QUIT
S +OK bye, 1 message deleted
`)
	want = strings.ReplaceAll(want, "TOTAL", fmt.Sprint(2*size))
	if got := said(rec); got != want {
		t.Errorf("transcript:\n%s\nwant:\n%s", got, want)
	}
	if rec.Protocol != "pop3" || rec.User != alice || rec.Remote != c.conn.LocalAddr().String() || rec.TLS != "" || rec.Truncated || rec.Failed {
		t.Errorf("record %+v", rec)
	}
	if want := "1 message fetched, 1 message deleted"; rec.Outcome != want {
		t.Errorf("outcome %q, want %q", rec.Outcome, want)
	}
	if got, want := fmt.Sprint(rec.Messages), fmt.Sprint([]string{second.ID}); got != want {
		t.Errorf("fetched %s, want %s (and not %s)", got, want, first.ID)
	}
	if rec.Ended.Before(rec.Started) || rec.Started.Before(time.Now().Add(-time.Hour)) {
		t.Errorf("from %v to %v", rec.Started, rec.Ended)
	}
}

// A client that sends its response although AUTH was refused or cancelled
// reveals nothing.
func TestRecordAstray(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for i, lines := range []string{
		"AUTH XOAUTH2\r\nSECRETAA",
		"AUTH LOGIN !\r\nSECRETAA\r\nSECRETAA",
		"AUTH LOGIN\r\n!\r\nSECRETAA",
		"AUTH LOGIN\r\n*\r\nSECRETAA\r\nSECRETAA",
		"AUTH PLAIN a b\r\nSECRETAA",
		"AUTH PLAIN " + strings.Repeat("x", 300) + "\r\nSECRETAA",
		"USER x\r\nPASS x\r\nAUTH PLAIN\r\nSECRETAA",
	} {
		c := r.dial()
		c.send(lines + "\r\nCAPA\r\nXYZZY\r\nQUIT\r\n")
		got := said(r.session(i + 1))
		if strings.Contains(got, "SECRET") || !strings.Contains(got, "C CAPA\nS +OK") || !strings.Contains(got, "C XYZZY\n") {
			t.Errorf("%q is recorded as\n%s", lines, got)
		}
	}
	c := r.dial()
	c.do("AUTH PLAIN AGFsaWNlAHg=", "+OK*")
	c.do("XYZZY", "-ERR*")
	c.do("QUIT", "+OK*")
	if got := said(r.session(8)); !strings.Contains(got, "C XYZZY\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		play   func(c *client)
		want   string
		failed bool
	}{
		{"no login", func(c *client) { c.do("QUIT", "+OK*") }, "no login", false},
		{"hung up", func(c *client) { c.conn.Close() }, "no login; closed by the client without QUIT", false},
		{"refused", func(c *client) { c.do("APOP x y", "-ERR*"); c.do("QUIT", "+OK*") }, "login failed", true},
		{"HTTP", func(c *client) { c.do("GET / HTTP/1.1", "-ERR*") }, "closed on an HTTP request", true},
		{"TLS", func(c *client) { c.send("\x16\x03\x01"); c.want("-ERR*") }, "closed on a TLS handshake, which this port does not begin with", true},
		{"nothing", func(c *client) { c.do("USER x", "+OK*"); c.do("PASS x", "+OK*"); c.do("QUIT", "+OK*") }, "0 messages fetched", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Config{})
			test.play(r.dial())
			if rec := r.session(1); rec.Outcome != test.want || rec.Failed != test.failed {
				t.Errorf("outcome %q, failed %v, want %q, %v\n%s", rec.Outcome, rec.Failed, test.want, test.failed, said(rec))
			}
		})
	}
}

func TestRecordTLS(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{TLS: testTLS(t)})
	conn, err := tls.Dial("tcp", r.tls, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	c := pipeClient(t, conn)
	c.do("QUIT", "+OK*")
	rec := r.session(1)
	if rec.TLS != "TLS 1.3" || !strings.HasPrefix(said(rec), "* TLS handshake: TLS 1.3, TLS_") {
		t.Errorf("TLS %q, transcript\n%s", rec.TLS, said(rec))
	}

	// a client that does not trust the certificate
	if _, err := tls.Dial("tcp", r.tls, &tls.Config{}); err == nil {
		t.Fatal("the certificate is trusted")
	}
	rec = r.session(2)
	if rec.Outcome != "TLS handshake failed" || !rec.Failed || !strings.Contains(said(rec), "* TLS handshake failed: remote error: tls: ") {
		t.Errorf("outcome %q, failed %v, transcript\n%s", rec.Outcome, rec.Failed, said(rec))
	}
}

// What is kept of one session is bounded.
func TestRecordBounds(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for range 30 {
		r.deliver("Subject: 1\r\n\r\none\r\n", alice)
	}
	c := r.login(alice)
	c.do("LIST", "+OK*")
	c.body()
	const times = 1200
	c.send(strings.Repeat("NOOP\r\n", times))
	for range times {
		c.want("+OK")
	}
	c.do("QUIT", "+OK*")
	rec := r.session(1)
	if len(rec.Transcript) != maxTranscriptLines || !rec.Truncated {
		t.Errorf("%d lines, truncated %v, want %d, truncated", len(rec.Transcript), rec.Truncated, maxTranscriptLines)
	}
	if want := "S 20 "; !strings.Contains(said(rec), want) || !strings.Contains(said(rec), "S (10 more lines)\nS .\n") || strings.Contains(said(rec), "S 21 ") {
		t.Errorf("LIST of 30 is recorded as\n%.2000s", said(rec))
	}
	c = r.dial()
	for range 10 {
		c.do("USER "+strings.Repeat("x", 240), "+OK*")
	}
	c.send(strings.Repeat("USER "+strings.Repeat("x", 240)+"\r\n", 500))
	for range 500 {
		c.want("+OK*")
	}
	c.do("QUIT", "+OK*")
	rec = r.session(2)
	if n := len(said(rec)); n > maxTranscriptOctets+3*maxTranscriptLines || !rec.Truncated {
		t.Errorf("transcript of %d octets, truncated %v", n, rec.Truncated)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 2048: "2,048", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

// pipeClient talks over a connection that is open already.
func pipeClient(t *testing.T, conn net.Conn) *client {
	t.Helper()
	c := newClient(t, conn)
	c.want("+OK Restante*")
	return c
}
