// Package sample has mail to look at: what applications send, in several
// languages, with what goes wrong. Screenshots and tests of the page show it.
//
// mail has one message in each file, in the order of sending; its first line is
// the envelope. sample.go sends them, pictures.go makes what is attached.
package sample

import (
	"bytes"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

//go:embed mail/*.eml
var files embed.FS

// Tags are those that messages get once they are there, by subject.
var Tags = map[string][]string{
	"471193 is your code for Harbour":            {"sign-up"},
	"Your order 10482 is confirmed":              {"checkout", "release-42"},
	"Invitation: Launch rehearsal, Friday 10:00": {"calendar"},
	"Reset your password":                        {"sign-up"},
}

// Rules are rules for faults, as POST /v1/faults takes them.
var Rules = []string{
	`{"owner": "checkout-retries", "protocol": "smtp", "at": ["data"], "for": {"recipient": "retry@app.test"}, "do": {"reply": {"code": 451}}, "often": {"next": 2}}`,
	`{"owner": "slow-partner", "protocol": "smtp", "at": ["rcpt"], "for": {"recipient": "partner@app.test"}, "do": {"delay": "3s"}}`,
	`{"protocol": "pop3", "at": ["retr"], "for": {"mailbox": "flaky@app.test"}, "do": {"truncate": "half"}, "often": {"every": 3}}`,
}

// mail is a message and its envelope.
type mail struct {
	from string
	to   []string
	raw  []byte
}

// mails are the messages, dated now.
func mails(now time.Time) (all []mail, err error) {
	shelf, err := shelf()
	if err != nil {
		return nil, err
	}
	fill := strings.NewReplacer("{date}", now.Format(time.RFC1123Z), "{shelf}", base64Lines(shelf), "{invoice}", base64Lines(invoice()), "\n", "\r\n")
	names, err := fs.Glob(files, "mail/*.eml")
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		envelope, raw, _ := strings.Cut(string(text), "\n")
		m := mail{raw: []byte(fill.Replace(raw))}
		for command := range strings.FieldsSeq(envelope) {
			if address, ok := strings.CutPrefix(command, "FROM:<"); ok {
				m.from = strings.TrimSuffix(address, ">")
			}
			if address, ok := strings.CutPrefix(command, "TO:<"); ok {
				m.to = append(m.to, strings.TrimSuffix(address, ">"))
			}
		}
		all = append(all, m)
	}
	return all, err
}

// base64Lines is octets as RFC 2045 §6.8 has them.
func base64Lines(octets []byte) string {
	var b strings.Builder
	for rest := base64.StdEncoding.EncodeToString(octets); rest != ""; {
		n := min(76, len(rest))
		b.WriteString(rest[:n] + "\n")
		rest = rest[n:]
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Send puts the mail into a server and leaves the sessions that a day of work
// does: senders that log in, that are refused, and a client that fetches. The
// addresses are those of the server's SMTP and POP3.
func Send(smtpAddr, pop3Addr string) error {
	all, err := mails(time.Now())
	if err != nil {
		return err
	}
	// A bounce arrives at the sender of mail for an address that asks for one.
	gone := mail{from: "newsletter@app.test", to: []string{"gone+fault.dsn-5.1.1@example.test"},
		raw: []byte("From: Newsletter <newsletter@app.test>\r\nTo: gone+fault.dsn-5.1.1@example.test\r\nSubject: You have been away\r\nMessage-ID: <away-77@app.test>\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\n\r\nWe miss you.\r\n")}
	last := len(all) - 3
	all = append(append(append([]mail(nil), all[:last]...), gone), all[last:]...)
	for n, m := range all {
		if err := m.send(smtpAddr, n%3 == 0); err != nil {
			return err
		}
	}
	for _, refused := range []mail{
		{from: "no-reply@harbour.test", to: []string{"jonas+fault.rcpt-550@app.test"}},
		{from: "no-reply@harbour.test", to: []string{"mara+fault.end-452@app.test"}, raw: []byte("Subject: Too much\r\n\r\nToo much.\r\n")},
	} {
		err := refused.send(smtpAddr, false)
		if _, ok := errors.AsType[*textproto.Error](err); !ok {
			return fmt.Errorf("to %s: %w, want a refusal", refused.to, err)
		}
	}
	return fetch(pop3Addr, "ana@app.test")
}

// send sends one message, as a user or as nobody.
func (m mail) send(addr string, login bool) error {
	c, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Hello("app-1.harbour.test"); err != nil {
		return err
	}
	if login {
		if err := c.Auth(smtp.PlainAuth("", "harbour", "any", "127.0.0.1")); err != nil {
			return err
		}
	}
	if err := c.Mail(m.from); err != nil {
		return err
	}
	for _, to := range m.to {
		if err := c.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := bytes.NewReader(m.raw).WriteTo(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// fetch has a POP3 client read all mail of a user and leave it there.
func fetch(addr, user string) error {
	c, err := textproto.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	said := func() (string, error) {
		line, err := c.ReadLine()
		if err == nil && !strings.HasPrefix(line, "+OK") {
			err = fmt.Errorf("POP3 said %q", line)
		}
		return line, err
	}
	if _, err := said(); err != nil {
		return err
	}
	for _, command := range []string{"USER " + user, "PASS any", "STAT"} {
		if _, err := c.Cmd("%s", command); err != nil {
			return err
		}
		if _, err := said(); err != nil {
			return err
		}
	}
	for n := 1; n <= 2; n++ {
		if _, err := c.Cmd("RETR %d", n); err != nil {
			return err
		}
		if _, err := said(); err != nil {
			return err
		}
		if _, err := c.ReadDotBytes(); err != nil {
			return err
		}
	}
	if _, err := c.Cmd("QUIT"); err != nil {
		return err
	}
	_, err = said()
	return err
}
