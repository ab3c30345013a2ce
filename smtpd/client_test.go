package smtpd

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/smtp"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"restante/mailstore"
)

// Go's own client, with TLS and AUTH.
func TestNetSMTP(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{TLS: testTLS()})
	c, err := smtp.Dial(r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
		t.Fatal(err)
	}
	for _, auth := range []smtp.Auth{
		smtp.PlainAuth("", "alice", "secret", "127.0.0.1"),
		smtp.CRAMMD5Auth("alice", "secret"),
	} {
		c, err := smtp.Dial(r.addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
			t.Fatal(err)
		}
		if err := c.Auth(auth); err != nil {
			t.Errorf("AUTH: %v", err)
		}
		c.Close()
	}
	if err := c.Mail("jürgen@b.test"); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt("c@d.test"); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	content := "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n"
	fmt.Fprint(w, content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	m, got := r.message(1)
	if got != content || m.Envelope.ReversePath != "jürgen@b.test" || !m.Envelope.SMTPUTF8 {
		t.Errorf("got %q in %+v", got, m.Envelope)
	}
}

func TestSendMail(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	content := "Subject: hello\r\n\r\nhello\r\n"
	if err := smtp.SendMail(r.addr, nil, "a@b.test", []string{"c@d.test", "e@f.test"}, []byte(content)); err != nil {
		t.Fatal(err)
	}
	if m, got := r.message(1); got != content || len(m.Envelope.ForwardPaths) != 2 {
		t.Errorf("got %q for %v", got, m.Envelope.ForwardPaths)
	}
}

// Many clients at a time get their own messages answered.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	const clients, messages = 12, 20
	var wg sync.WaitGroup
	for i := range clients {
		c := r.dial()
		wg.Go(func() {
			c.ask("EHLO client.test", "250 ")
			for j := range messages {
				content := fmt.Sprintf("message %d of %d\r\n", j, i)
				var reply string
				if j%2 == 0 {
					c.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n")
					c.want("250 ")
					c.want("250 ")
					c.want("354 ")
					reply = c.ask(content+".", "250 ")
				} else {
					c.send(fmt.Sprintf("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nBDAT 5\r\n%sBDAT %d LAST\r\n%s", content[:5], len(content)-5, content[5:]))
					c.want("250 ")
					c.want("250 ")
					c.want("250 ")
					reply = c.want("250 ")
				}
				var seq uint64
				if _, err := fmt.Sscanf(reply[strings.Index(reply, "seq="):], "seq=%d", &seq); err != nil {
					t.Errorf("reply %q: %v", reply, err)
					return
				}
				if m, got := r.message(seq); got != content || !strings.Contains(reply, "id="+m.ID+" ") {
					t.Errorf("reply %q, message %s has %q, want %q", reply, m.ID, got, content)
				}
			}
			c.ask("QUIT", "221 ")
		})
	}
	wg.Wait()
	r.wantMessages(clients * messages)
}

// A Unix socket is as good as a port.
func TestUnixSocket(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	path := filepath.Join(t.TempDir(), "smtp")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	r.loops++
	go func() { r.served <- r.server.Serve(l) }()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		t.Fatal(err)
	}
	c.Mail("a@b.test")
	c.Rcpt("c@d.test")
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	if m, _ := r.message(1); m.Envelope.Remote != "" {
		t.Errorf("remote is %q", m.Envelope.Remote)
	}
}

// A thousand recipients, and not one more.
func TestRecipients(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	c := r.ready()
	c.ask("MAIL FROM:<a@b.test>", "250 ")
	var rcpts bytes.Buffer
	for i := range 1001 {
		fmt.Fprintf(&rcpts, "RCPT TO:<u%d@d.test>\r\n", i)
	}
	go c.Write(rcpts.Bytes())
	for range 1000 {
		c.want("250 2.1.5")
	}
	c.want("452 4.5.3")
	c.ask("DATA", "354 ")
	c.ask(".", "250 ")
	if m, _ := r.message(1); len(m.Envelope.ForwardPaths) != 1000 {
		t.Errorf("%d recipients", len(m.Envelope.ForwardPaths))
	}
}

// Errors of the store that the client can act on have replies of their own.
func TestExplain(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{MaxMessageBytes: 1000})
	w := &wire{server: r.server}
	for err, want := range map[error]string{
		errTooLarge:          "552 5.3.4 ",
		mailstore.ErrOverCap: "552 5.3.4 ",
		fmt.Errorf("store: %w", mailstore.ErrFull): "452 4.3.1 ",
		net.ErrClosed: "451 4.3.0 ",
	} {
		if got := reject(w.explain(err)); !strings.HasPrefix(fmt.Sprintf("%d %d.%d.%d %s", got.Code, got.EnhancedCode[0], got.EnhancedCode[1], got.EnhancedCode[2], got.Message), want) {
			t.Errorf("%v: got %+v, want %q", err, got, want)
		}
	}
}
