package smtpd

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"restante/faults"
	"restante/mailstore"
)

// Limits of a persona of one's own; a text that it does not have is Restante's.
func TestOwnPersona(t *testing.T) {
	t.Parallel()
	p, err := faults.ParsePersona("own", "own.yaml", []byte(`
greeting: "{host} for {ip}"
hello: "{host} knows {client}"
capabilities: ["SIZE {size}", "LIMITS RCPTMAX={recipients}", CHUNKING, HELP]
size: 1000
recipients: 2
messages: 2
line-length: 20
rate: 3
rate-window: 1h
replies:
  too-large: 552 at most {size}
  too-many-recipients: 452 at most {recipients}
  too-many-messages: 421 enough
  too-fast: 450 slower
  help: 214 none
  line-too-long: 500 long
`))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Config{Persona: p, MaxMessageBytes: 5000, MaxRecipients: 100})
	dial := func() *client {
		t.Helper()
		c := r.dialRaw()
		if got := c.want("220 "); got != "220 localhost for 127.0.0.1" {
			t.Errorf("greeted with %q", got)
		}
		if got := c.ask("EHLO me.test", "250 "); got != "250 HELP" {
			t.Errorf("the last capability is %q", got)
		}
		return c
	}
	send := func(c *client, content, want string) {
		t.Helper()
		c.begin()
		c.ask("DATA", "354 ")
		c.send(content + ".\r\n")
		c.want(want)
	}
	c := dial()
	c.ask("HELP", "214 none")
	c.ask("HELO me.test", "250 localhost knows me.test")
	c.ask("AUTH PLAIN AGEAYg==", "500 ")
	c.ask("MAIL FROM:<a@b.test> SIZE=1001", "552 at most 1000")
	c.ask("MAIL FROM:<a@b.test> BODY=8BITMIME", "555 ")
	c.ask("MAIL FROM:<a@b.test>", "250 2.1.0 Sender OK")
	c.ask("RCPT TO:<a@d.test>", "250 ")
	c.ask("RCPT TO:<b@d.test>", "250 ")
	c.ask("RCPT TO:<c@d.test>", "452 at most 2")
	c.ask("RSET", "250 ")
	send(c, strings.Repeat("0123456789\r\n", 100), "552 at most 1000")
	send(c, strings.Repeat("x", 21)+"\r\n", "500 long")
	send(c, strings.Repeat("x", 20)+"\r\n", "250 ")
	send(c, "", "250 ")
	c.ask("MAIL FROM:<a@b.test>", "421 enough")
	c.wantClosed()
	c = dial()
	send(c, "", "250 ")
	send(c, "", "450 slower")
	r.wantMessages(3)
}

// The rate is of a window that moves on.
func TestRates(t *testing.T) {
	t.Parallel()
	var r rates
	p := &faults.Persona{Name: "p", Rate: 2, RateWindow: faults.Duration(time.Minute)}
	now := time.Now()
	got := ""
	for _, after := range []time.Duration{0, 10, 20, 59, 60, 61, 70, 71} {
		if r.admit(p, "", now.Add(after*time.Second)) {
			got += "x"
		} else {
			got += "."
		}
	}
	if want := "xx..x.x."; got != want {
		t.Errorf("admitted %s, want %s", got, want)
	}
	if !r.admit(&faults.Persona{Name: "other", Rate: 1}, "", now) {
		t.Error("personas share a rate")
	}
	later := now.Add(time.Hour)
	for i := range 2 * maxAccounts {
		if !r.admit(p, fmt.Sprint(i), later) {
			t.Fatal("users share a rate")
		}
		later = later.Add(time.Second)
	}
	if len(r.sent) > maxAccounts {
		t.Errorf("%d accounts are remembered, most of them in vain", len(r.sent))
	}
}

// What a strict server sees does not depend on how the network cuts content.
func TestWatchPieces(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	verdict := func(content string, next func(left int) int) string {
		w := &wire{transaction: transaction{env: mailstore.Envelope{}}}
		v := &watch{limit: 30, strict: true, line: 1}
		for rest := []byte(content); len(rest) > 0; {
			n := next(len(rest))
			v.see(rest[:n])
			rest = rest[n:]
		}
		return v.verdict(w)
	}
	const header = "Date: Wed, 04 Mar 2026 05:06:07 +0000\r\nFrom: a@b.test\r\n"
	for range 300 {
		content := header[:rng.IntN(len(header)+1)] + randomContent(rng, rng.IntN(200))
		whole := verdict(content, func(left int) int { return left })
		for range 3 {
			if got := verdict(content, func(left int) int { return 1 + rng.IntN(left) }); got != whole {
				t.Fatalf("%q: in pieces %q, whole %q", content, got, whole)
			}
		}
	}
}
