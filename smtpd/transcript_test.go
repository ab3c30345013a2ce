package smtpd

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"restante/mailstore"
)

// dialogue writes a transcript as text, without times.
func dialogue(s *mailstore.Session) string {
	var b strings.Builder
	for _, l := range s.Transcript {
		fmt.Fprintf(&b, "%c %s\n", l.From, l.Text)
	}
	return b.String()
}

func TestTranscript(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{TLS: testTLS()})
	c := r.dialTLS(false)
	c.ask("auth plain AGFsaWNlAHNlY3JldA==", "235 ")
	c.begin()
	c.ask("DATA", "354 ")
	c.ask(strings.Repeat("x", 2046)+"\r\n.", "250 ")
	c.begin()
	c.send("BDAT 3\r\nabcBDAT 2 LAST\r\nde")
	c.want("250 ")
	reply := c.want("250 2.0.0 OK id=")
	c.ask("RCPT TO:<nobody>", "503 ")
	c.ask("QUIT", "221 ")
	s := r.session()

	want := `S 220 localhost ESMTP Restante
C EHLO client.test
S 250-localhost greets client.test
` + strings.ReplaceAll("S 250-"+r.server.ehlo[0], "\n", "\nS 250-") + `
C STARTTLS
S 220 2.0.0 Ready for the TLS handshake
* TLS handshake: TLS 1.3, ` + cipherOf(r) + `
C EHLO client.test
S 250-localhost greets client.test
` + strings.ReplaceAll("S 250-"+r.server.ehlo[1], "\n", "\nS 250-") + `
C auth plain ***
S 235 2.7.0 Authentication succeeded
C MAIL FROM:<a@b.test>
S 250 2.1.0 Sender OK
C RCPT TO:<c@d.test>
S 250 2.1.5 Recipient OK
C DATA
S 354 Send the message, end it with <CRLF>.<CRLF>
C (2,048 octets of content)
S 250 2.0.0 OK id=` + r.store.ID(1) + ` seq=1
C MAIL FROM:<a@b.test>
S 250 2.1.0 Sender OK
C RCPT TO:<c@d.test>
S 250 2.1.5 Recipient OK
C BDAT 3
C (3 octets of content)
S 250 2.0.0 3 octets received
C BDAT 2 LAST
C (2 octets of content)
S ` + reply + `
C RCPT TO:<nobody>
S 503 5.5.1 Send MAIL first
C QUIT
S 221 2.0.0 Bye
`
	want = strings.ReplaceAll(want, "250-HELP", "250 HELP")
	if got := dialogue(s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s.Protocol != "smtp" || s.Remote != c.LocalAddr().String() || s.Helo != "client.test" || s.User != "alice" ||
		s.TLS != "TLS 1.3" || s.Truncated || s.Ended.Before(s.Started) ||
		fmt.Sprint(s.Messages) != fmt.Sprintf("[%s %s]", r.store.ID(1), r.store.ID(2)) {
		t.Errorf("got %+v", s)
	}
	if want := "2 messages delivered; RCPT refused: 503 5.5.1 Send MAIL first"; s.Outcome != want || !s.Failed {
		t.Errorf("got outcome %q, failed %v, want %q", s.Outcome, s.Failed, want)
	}
	for i := 1; i < len(s.Transcript); i++ {
		if s.Transcript[i].At < s.Transcript[i-1].At {
			t.Errorf("line %d is before line %d", i, i-1)
		}
	}
}

func cipherOf(r *rig) string {
	m, _ := r.message(1)
	return m.Envelope.Cipher
}

// No secret is in a transcript, however AUTH goes.
func TestTranscriptSecrets(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Users: func(string, string) bool { return false }})
	c := r.ready()
	c.ask("AUTH PLAIN SECRETAA", "501 ")
	c.ask("AUTH PLAIN  AGFsaWNlAFNFQ1JFVA==", "535 ")
	c.ask("AUTH LOGIN", "334 ")
	c.ask("SECRETAA", "334 ")
	c.ask("SECRETAA", "535 ")
	c.ask("AUTH PLAIN", "334 ")
	c.ask("SECRET!", "501 ")
	c.ask("AUTH PLAIN", "334 ")
	c.ask(strings.Repeat("SECRET", 3000), "500 ")
	c.ask("AUTH FOO SECRETAA", "504 ")
	c.ask("AUTH PLAIN SECRET SECRET", "501 ")
	c.ask("QUIT", "221 ")
	s := r.session()
	if got := dialogue(s); strings.Contains(got, "SECRET") || strings.Contains(got, "FNFQ1JFV") || strings.Count(got, "***") < 6 {
		t.Errorf("got\n%s", got)
	}
	if !s.Failed || !strings.HasPrefix(s.Outcome, "AUTH refused: 501 5.5.2") {
		t.Errorf("got outcome %q", s.Outcome)
	}
}

// No secret is in a transcript when AUTH is malformed or comes in the wrong
// state, and when a client sends its response after a refusal.
func TestTranscriptSecretsAstray(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Users: func(_, password string) bool { return password == "right" }})
	for _, lines := range []string{
		"AUTH\tPLAIN\tSECRETAA",
		" AUTH PLAIN SECRETAA",
		"AUTH=PLAIN SECRETAA",
		"AUTH SECRETAASECRETAASECRETAA",
		"AUTH PLAIN:SECRETAASECRETAASECRETAA",
		"AUTH XOAUTH2\r\nSECRETAA",
		"AUTH LOGIN !\r\nSECRETAA\r\nSECRETAA",
		"AUTH PLAIN SECRET SECRET\r\nSECRETAA",
		"MAIL FROM:<>\r\nAUTH LOGIN\r\nSECRETAA\r\nSECRETAA\r\nRSET",
		"AUTH LOGIN\r\n*\r\nSECRETAA",
		"AUTH PLAIN " + strings.Repeat("x", 13_000) + "\r\nSECRETAA",
	} {
		for _, hello := range []string{"", "EHLO client.test\r\n"} {
			c := r.dial()
			c.send(hello + lines + "\r\nNOOP\r\nXYZZY\r\nQUIT\r\n")
			c.Conn.(*net.TCPConn).CloseWrite()
			got := dialogue(r.session())
			if strings.Contains(got, "SECRET") || !strings.Contains(got, "C NOOP\nS 250") || !strings.Contains(got, "C XYZZY\n") {
				t.Errorf("%q is recorded as\n%s", short(hello+lines), got)
			}
		}
	}
	// After AUTH has succeeded, nothing more is expected.
	c := r.ready()
	c.ask("AUTH PLAIN AGFsaWNlAHJpZ2h0", "235 ")
	c.ask("XYZZY", "500 ")
	c.ask("QUIT", "221 ")
	if got := dialogue(r.session()); !strings.Contains(got, "C XYZZY\n") {
		t.Errorf("got\n%s", got)
	}
}

// The record of a long session has its beginning and says so.
func TestTranscriptBound(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for _, command := range []string{"NOOP", "NOOP " + strings.Repeat("x", 1000)} {
		c := r.ready()
		for range 20 {
			c.send(strings.Repeat(command+"\r\n", 50))
			for range 50 {
				c.want("250 ")
			}
		}
		c.ask("QUIT", "221 ")
		s := r.session()
		size := 0
		for _, l := range s.Transcript {
			size += len(l.Text)
		}
		if !s.Truncated || len(s.Transcript) > maxTranscriptLines || size > maxTranscriptOctets || len(s.Transcript) < 60 {
			t.Errorf("%d lines, %d octets, truncated %v", len(s.Transcript), size, s.Truncated)
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{TLS: testTLS(), MaxMessageBytes: 10})
	for _, test := range []struct {
		send, outcome string
		failed        bool
	}{
		{"QUIT\r\n", "no message was sent", false},
		{"EHLO x\r\nXYZZY\r\nQUIT\r\n", "no message was sent", false},
		{"MAIL FROM:<a@b.test>\r\nQUIT\r\n", "MAIL refused: 503 5.5.1 Send EHLO first", true},
		{"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x>\r\nDATA\r\nQUIT\r\n", "RCPT refused: 501 5.1.3 Bad recipient address: the domain is missing: name@domain", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n12345678901\r\n.\r\nQUIT\r\n", "DATA refused: 552 5.3.4 Message too large: at most 10 octets are accepted here", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 1\r\nxRSET\r\nQUIT\r\n", "no message was sent", false},
		{"EHLO x\r\nAUTH PLAIN AA==\r\nAUTH PLAIN AGEAYg==\r\nQUIT\r\n", "no message was sent", false},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n.\r\n", "1 message delivered", false},
		{"GET / HTTP/1.1\r\n", "sent an HTTP request", true},
		{"\x16\x03\x01", "spoke TLS on a plain port", true},
		{"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 9999999999999999999999\r\n", "BDAT with an unreadable size", true},
		{"EHLO x\r\nSTARTTLS\r\n", "TLS handshake failed: tls: first record does not look like a TLS handshake", true},
	} {
		c := r.dial()
		c.send(test.send)
		if strings.Contains(test.send, "STARTTLS") {
			c.want("250 ")
			c.want("220 ")
			c.send("no handshake\r\n")
		}
		c.Conn.(*net.TCPConn).CloseWrite()
		if s := r.session(); s.Outcome != test.outcome || s.Failed != test.failed {
			t.Errorf("%q: got outcome %q, failed %v, want %q, %v", short(test.send), s.Outcome, s.Failed, test.outcome, test.failed)
		}
	}
}
