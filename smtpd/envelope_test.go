package smtpd

import (
	"crypto/tls"
	"reflect"
	"strings"
	"testing"

	"restante/mailstore"
)

// What the session says about a message is stored with it.
func TestEnvelope(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	c := r.ready()
	c.ask("AUTH PLAIN AGFsaWNlAHNlY3JldA==", "235 ")
	c.ask(`MAIL FROM:<"a b"@b.test> SIZE=4294967297 BODY=8bitmime SMTPUTF8 RET=HDRS ENVID=QQ+3D314 AUTH=e+3Dmc2@c.test`, "250 ")
	c.ask("RCPT TO:<postmaster> NOTIFY=NEVER", "250 ")
	c.ask("RCPT TO:<@x.test,@y.test:Joe+Tag@D.test> NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob@Big.test", "250 ")
	c.ask(`RCPT TO:<jürgen@d.test> ORCPT=utf-8;j\x{FC}rgen@d.test`, "250 ")
	c.ask("RCPT TO:<x@d.test> ORCPT=x400;a+2Bb", "250 ")
	c.ask("RCPT TO:<y@d.test> ORCPT=utf-8;jürgen@d.test", "250 ")
	c.ask(`RCPT TO:<"quo\"ted @"@[IPv6:::1]>`, "250 ")
	c.ask("DATA", "354 ")
	c.ask("x\r\n.", "250 ")
	m, _ := r.message(1)

	auth := "e=mc2@c.test"
	want := mailstore.Envelope{
		ReversePath: `"a b"@b.test`,
		Helo:        "client.test",
		Extended:    true,
		Remote:      c.LocalAddr().String(),
		User:        "alice",
		Mechanism:   "PLAIN",
		Session:     m.Envelope.Session,
		Size:        4294967297,
		Body:        "8BITMIME",
		SMTPUTF8:    true,
		Ret:         "HDRS",
		EnvID:       "QQ=314",
		Auth:        &auth,
		ForwardPaths: []mailstore.ForwardPath{
			{Address: "postmaster", Notify: []string{"NEVER"}},
			{Address: "Joe+Tag@D.test", Notify: []string{"SUCCESS", "DELAY"}, ORcpt: "Bob@Big.test", ORcptType: "rfc822"},
			{Address: "jürgen@d.test", ORcpt: "jürgen@d.test", ORcptType: "utf-8"},
			{Address: "x@d.test", ORcpt: "a+b", ORcptType: "x400"},
			{Address: "y@d.test", ORcpt: "jürgen@d.test", ORcptType: "utf-8"},
			{Address: `"quo\"ted @"@[IPv6:::1]`},
		},
	}
	for i, p := range m.Envelope.ForwardPaths {
		want.ForwardPaths[i].Mailbox = p.Mailbox // the store's choice
	}
	if !reflect.DeepEqual(m.Envelope, want) {
		t.Errorf("got  %+v\nwant %+v", m.Envelope, want)
	}
	if m.Envelope.Session == "" {
		t.Error("the message names no session")
	}
}

// The second message of a session knows nothing of the first.
func TestEnvelopeIsForgotten(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	c := r.ready()
	for _, end := range []string{"RSET", "EHLO client.test"} {
		c.ask("MAIL FROM:<a@b.test> BODY=BINARYMIME ENVID=x SMTPUTF8", "250 ")
		c.ask("RCPT TO:<first@d.test> NOTIFY=NEVER", "250 ")
		c.ask(end, "250 ")
	}
	c.ask("MAIL FROM:<>", "250 ")
	c.ask("RCPT TO:<second@d.test>", "250 ")
	c.ask("DATA", "354 ")
	c.ask(".", "250 ")
	m, content := r.message(1)
	e := m.Envelope
	if e.ReversePath != "" || e.Body != "" || e.EnvID != "" || e.SMTPUTF8 || content != "" ||
		len(e.ForwardPaths) != 1 || e.ForwardPaths[0].Address != "second@d.test" || e.ForwardPaths[0].Notify != nil {
		t.Errorf("got %+v, content %q", e, content)
	}
}

func TestEnvelopeBinary(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	c := r.ready()
	c.ask("MAIL FROM:<> BODY=BINARYMIME", "250 ")
	c.ask("RCPT TO:<c@d.test>", "250 ")
	c.send("BDAT 3 LAST\r\n\x00\r.")
	c.want("250 ")
	if m, content := r.message(1); m.Envelope.Body != "BINARYMIME" || content != "\x00\r." {
		t.Errorf("got BODY=%s and %q", m.Envelope.Body, content)
	}
}

// TLS, by STARTTLS and from the start, is told with the message.
func TestEnvelopeTLS(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{TLS: testTLS()})
	for _, implicit := range []bool{false, true} {
		c := r.dialTLS(implicit)
		c.begin()
		c.ask("DATA", "354 ")
		reply := c.ask(".", "250 ")
		seq := uint64(1)
		if strings.HasSuffix(reply, "seq=2") {
			seq = 2
		}
		m, _ := r.message(seq)
		if m.Envelope.TLS != "TLS 1.3" || !strings.HasPrefix(m.Envelope.Cipher, "TLS_") {
			t.Errorf("implicit %v: got TLS %q, cipher %q", implicit, m.Envelope.TLS, m.Envelope.Cipher)
		}
		c.ask("QUIT", "221 ")
		if s := r.session(); s.TLS != "TLS 1.3" || s.Outcome != "1 message delivered" {
			t.Errorf("implicit %v: session %+v", implicit, s)
		}
	}
}

// dialTLS connects and says EHLO under TLS.
func (r *rig) dialTLS(implicit bool) *client {
	r.t.Helper()
	addr := r.addr
	if implicit {
		addr = r.tls
	}
	c := (&rig{t: r.t, addr: addr}).dialRaw()
	if !implicit {
		c.want("220 ")
		c.ask("EHLO client.test", "250 ")
		c.ask("STARTTLS", "220 2.0.0")
	}
	conn := tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true})
	if err := conn.Handshake(); err != nil {
		r.t.Fatal(err)
	}
	c.Conn = conn
	c.r.Reset(conn)
	if implicit {
		c.want("220 ")
	}
	c.ask("EHLO client.test", "250 ")
	return c
}

func TestAuthMechanismIsStored(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for seq, steps := range [][]string{
		{"AUTH LOGIN", "Ym9iQGIudGVzdA==", "eA=="},
		{"AUTH CRAM-MD5", "Ym9iQGIudGVzdCAwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg=="},
		{"AUTH PLAIN", "AGJvYkBiLnRlc3QAeA=="},
	} {
		c := r.ready()
		for i, step := range steps {
			want := "334 "
			if i == len(steps)-1 {
				want = "235 2.7.0"
			}
			c.ask(step, want)
		}
		c.begin()
		c.ask("DATA", "354 ")
		c.ask(".", "250 ")
		m, _ := r.message(uint64(seq + 1))
		if want := strings.Fields(steps[0])[1]; m.Envelope.Mechanism != want || m.Envelope.User != "bob@b.test" {
			t.Errorf("%s: got mechanism %q, user %q", steps[0], m.Envelope.Mechanism, m.Envelope.User)
		}
	}
}
