package smtpd

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"restante/mailstore"
)

// faultyRig is a rig with rules.
func faultyRig(t testing.TB, cfg Config, rules ...string) *rig {
	t.Helper()
	cfg.Faults = newFaults()
	for _, r := range rules {
		addRule(t, cfg.Faults, r)
	}
	return newRig(t, cfg)
}

// A client sees a reset as such, also under TLS.
func TestFaultReset(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{TLS: testTLS()}, `{"at":["noop"],"do":{"reset":true}}`, `{"at":["connect"],"do":{"reset":true},"often":{"after":2}}`)
	reset := func(name string, c *client) {
		t.Helper()
		if _, err := c.r.ReadByte(); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: read: %v, want a reset", name, err)
		}
	}
	c := r.dial()
	c.send("NOOP\r\n")
	reset("plaintext", c)
	raw, err := net.Dial("tcp", r.tls)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	raw.SetDeadline(time.Now().Add(patience))
	secure := tls.Client(raw, &tls.Config{InsecureSkipVerify: true})
	c = &client{t, secure, bufio.NewReader(secure)}
	c.want("220 ")
	c.send("NOOP\r\n")
	reset("TLS", c)
	begun, err := net.Dial("tcp", r.addr) // which may notice
	if err == nil {
		defer begun.Close()
		begun.SetDeadline(time.Now().Add(patience))
		_, err = begun.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("connect: %v, want a reset", err)
	}
}

// An answer comes after its delay and not before; other sessions go on.
func TestFaultDelay(t *testing.T) {
	t.Parallel()
	const delay = 200 * time.Millisecond
	r := faultyRig(t, Config{}, `{"at":["mail"],"for":{"sender":"slow@*"},"do":{"delay":"200ms"}}`, `{"at":["mail"],"for":{"sender":"never@*"},"do":{"delay":"1h"}}`)
	stuck := r.ready()
	stuck.send("MAIL FROM:<never@b.test>\r\n")
	slow := r.ready()
	began := time.Now()
	slow.send("MAIL FROM:<slow@b.test>\r\nRCPT TO:<c@d.test>\r\n")
	quick := r.addressed()
	quick.ask("RSET", "250 ")
	slow.want("250 2.1.0")
	if took := time.Since(began); took < delay {
		t.Errorf("the answer came after %v, want %v", took, delay)
	}
	slow.want("250 2.1.5")
	// The one that is to wait for an hour leaves, and that is noticed.
	stuck.Close()
	r.wantOutcome("*fault: rule f2, MAIL, delay 1h*")
}

// Shutdown waits neither for delays nor for throttles; a message that is on its
// way is finished.
func TestShutdownInterruptsFaults(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{},
		`{"at":["noop"],"do":{"delay":"1h"}}`,
		`{"at":["vrfy"],"do":{"throttle":"1"}}`,
		`{"at":["end"],"do":{"delay":"1h"}}`,
		`{"at":["connect"],"do":{"delay":"1h"},"often":{"after":4}}`)
	noop, vrfy, end, slow := r.ready(), r.ready(), r.addressed(), r.addressed()
	noop.send("NOOP\r\n")
	vrfy.send("VRFY a\r\n")
	end.ask("DATA", "354 ")
	end.send("x\r\n.\r\n")
	slow.send("RCPT TO:<e+fault.slow-1@d.test>\r\nDATA\r\n" + strings.Repeat("x", 500) + "\r\n.\r\n") // would take 9 minutes
	connect := r.dialRaw()
	waitFor(t, func() bool { return r.server.Open() == 5 && r.fired() >= 5 })
	began := time.Now()
	r.shutdown(patience)
	if took := time.Since(began); took > patience/2 {
		t.Errorf("Shutdown took %v", took)
	}
	end.want("250 2.0.0 OK")
	end.want("421 ")
	noop.want("250 ")
	noop.want("421 ")
	connect.want("220 ")
	connect.want("421 ")
	r.wantMessages(2)
}

// fired is how many faults there were.
func (r *rig) fired() (n int64) {
	for _, rule := range r.server.cfg.Faults.List("") {
		n += rule.Hits
	}
	for _, c := range r.server.cfg.Faults.Counts() {
		if c.Action == "throttle" && c.Point == "rcpt" {
			n++
		}
	}
	return n
}

func waitFor(t testing.TB, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to that")
		}
		time.Sleep(time.Millisecond)
	}
}

// So many octets take so long, in both directions and under TLS.
func TestFaultThrottle(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{TLS: testTLS()}, `{"at":["starttls"],"do":{"throttle":"5000"}}`)
	c := r.ready()
	c.ask("MAIL FROM:<a@b.test>", "250 ")
	c.ask("RCPT TO:<c+fault.slow-5k@d.test>", "250 ")
	c.ask("DATA", "354 ")
	began := time.Now()
	c.send(strings.Repeat("0123456789\r\n", 200) + ".\r\n")
	c.want("250 2.0.0 OK")
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("2,400 octets at 5,120 per second took %v", took)
	}
	s := r.ready()
	s.ask("STARTTLS", "220 ")
	secure := tls.Client(s.Conn, &tls.Config{InsecureSkipVerify: true})
	s = &client{t, secure, bufio.NewReader(secure)}
	began = time.Now()
	for range 10 {
		s.ask("HELP", "214 ") // some 240 octets
	}
	if took := time.Since(began); took < 250*time.Millisecond {
		t.Errorf("2,400 octets at 5,000 per second took %v", took)
	}
	r.wantMessages(1)
}

// Handshakes fail as they are told to.
func TestFaultTLS(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{TLS: testTLS()},
		`{"at":["starttls"],"for":{"helo":"alert.test"},"do":{"refuseTLS":true}}`,
		`{"at":["starttls"],"for":{"helo":"close.test"},"do":{"refuseTLS":true,"close":true}}`,
		`{"at":["starttls"],"for":{"helo":"reset.test"},"do":{"refuseTLS":true,"reset":true}}`,
		`{"at":["starttls"],"for":{"helo":"garbage.test"},"do":{"reply":{"code":220}}}`,
		`{"at":["connect"],"do":{"refuseTLS":true},"often":{"after":4,"next":1}}`,
		`{"at":["connect"],"do":{"reply":{"code":421}},"often":{"after":4,"next":1}}`)
	handshake := func(conn net.Conn) error {
		return tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).Handshake()
	}
	alert := func(err error) bool {
		_, ok := errors.AsType[tls.AlertError](err)
		return ok || strings.Contains(fmt.Sprint(err), "remote error")
	}
	for name, want := range map[string]func(error) bool{
		"alert.test":   alert,
		"close.test":   func(err error) bool { return errors.Is(err, io.EOF) },
		"reset.test":   func(err error) bool { return errors.Is(err, syscall.ECONNRESET) },
		"garbage.test": func(err error) bool { _, ok := errors.AsType[tls.RecordHeaderError](err); return ok },
	} {
		c := r.dial()
		c.ask("EHLO "+name, "250 ")
		c.ask("STARTTLS", "220 ")
		if err := handshake(c.Conn); !want(err) {
			t.Errorf("%s: handshake: %v", name, err)
		}
	}
	dial := func() net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", r.tls)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(patience))
		return conn
	}
	if err := handshake(dial()); !alert(err) {
		t.Errorf("at connect: handshake: %v", err)
	}
	secure := tls.Client(dial(), &tls.Config{InsecureSkipVerify: true})
	(&client{t, secure, bufio.NewReader(secure)}).want("421 ")
	r.wantOutcome("fault: rule f5, connect, refuse TLS")
}

// What a refused or broken-off transaction brought is in the session's record.
func TestAttempts(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{MaxMessageBytes: 200 << 10}, `{"at":["end"],"for":{"query":"subject:no"},"do":{"reply":{"code":554}}}`)
	c := r.ready()
	c.ask("MAIL FROM:<m+fault.mail-450@b.test>", "450 ")
	c.ask("MAIL FROM:<a@b.test>", "250 ")
	c.ask("MAIL FROM:<other@b.test>", "503 ") // not a transaction of its own
	c.ask("RCPT TO:<x+fault.rcpt-550@d.test>", "550 ")
	c.ask("RCPT TO:<y@d.test>", "250 ")
	c.ask("RSET", "250 ")
	data := func(content, want string) {
		t.Helper()
		c.begin()
		c.ask("DATA", "354 ")
		c.send(content + ".\r\n")
		c.want(want)
	}
	data("Subject: yes\r\n\r\n", "250 ")
	data("Subject: no\r\n\r\nkeep me\r\n", "554 ")
	long := "Subject: no\r\n\r\n" + strings.Repeat("0123456789\r\n", 15_000)
	data(long, "554 ")
	large := strings.Repeat("x", 100) + "\r\n" + strings.Repeat("0123456789\r\n", 30_000)
	data(large, "552 ")
	c.begin()
	c.send("BDAT 4\r\nabcdBDAT 2\r\nefRSET\r\n")
	c.want("250 2.0.0 4")
	c.want("250 2.0.0 2")
	c.want("250 ")
	c.begin()
	c.ask("DATA", "354 ")
	c.send("half a mess")
	c.Close()
	s := r.session()
	var got []string
	for _, a := range s.Attempts {
		if int64(len(a.Content)) != min(a.Octets, mailstore.MaxAttemptContent) {
			t.Errorf("%d of %d octets were kept: %q", len(a.Content), a.Octets, a.Outcome)
		}
		outcome, _, _ := strings.Cut(a.Outcome, " (")
		got = append(got, fmt.Sprintf("%s %v %v: %s: %d", a.ReversePath, a.ForwardPaths, a.Refused, outcome, a.Octets))
	}
	want := []string{
		"m+fault.mail-450@b.test [] []: fault: address, MAIL, 450: 0",
		"a@b.test [y@d.test] [x+fault.rcpt-550@d.test]: fault: address, RCPT, 550: 0",
		"a@b.test [c@d.test] []: fault: rule f1, end of data, 554: 24",
		fmt.Sprintf("a@b.test [c@d.test] []: fault: rule f1, end of data, 554: %d", len(long)),
		fmt.Sprintf("a@b.test [c@d.test] []: DATA refused: 552 5.3.4 Message too large: at most 204,800 octets are accepted here: %d", len(large)),
		"a@b.test [c@d.test] []: RSET before the last chunk: 6",
		"a@b.test [c@d.test] []: closed by the client in DATA after 11 octets: 11",
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("attempts are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			break
		}
	}
	if a := s.Attempts[2]; string(a.Content) != "Subject: no\r\n\r\nkeep me\r\n" || a.At <= 0 {
		t.Errorf("the third is %+v", a)
	}
	if a := s.Attempts[3]; string(a.Content) != long[:mailstore.MaxAttemptContent] {
		t.Errorf("of the fourth %d octets were kept", len(a.Content))
	}
	if a := s.Attempts[4]; string(a.Content) != large[:mailstore.MaxAttemptContent] {
		t.Errorf("of the fifth %d octets were kept", len(a.Content))
	}
	if len(s.Faults) != 4 || s.Faults[0] != "address, MAIL, 450" || !s.Failed {
		t.Errorf("the faults are %q", s.Faults)
	}
	if n := r.server.Counters().Refused["fault"]; n != 4 {
		t.Errorf("%d faults were counted, want 4", n)
	}
}

// An attempt tells what ended it, which is neither what was refused before nor what
// followed from that.
func TestOutcomesOfAttempts(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{}, `{"at":["noop"],"do":{"reply":{"code":451}}}`, `{"at":["end"],"do":{"reply":{"code":250}}}`)
	for _, tt := range []struct{ send, want string }{
		{"RCPT TO:<x+fault.rcpt-550@d.test>\r\nDATA\r\nQUIT\r\n", "fault: address, RCPT, 550"},
		{"RCPT TO:<x+fault.rcpt-550@d.test>\r\nBDAT 1 LAST\r\nxQUIT\r\n", "fault: address, RCPT, 550"},
		{"RCPT TO:<x+fault.rcpt-550@d.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nhalf", "closed by the client in DATA after 4 octets"},
		{"RCPT TO:<c@d.test>\r\nNOOP\r\nBDAT 4\r\nhalfBDAT 2\r\nx", "closed by the client in BDAT after 5 octets"},
		{"RCPT TO:<c@d.test>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n", "fault: rule f2, end of data, 250"},
		{"QUIT\r\n", "QUIT"},
		{"RCPT TO:<x+fault.rcpt-550@d.test>\r\nQUIT\r\n", "fault: address, RCPT, 550"},
	} {
		c := r.ready()
		c.send("MAIL FROM:<a@b.test>\r\n" + tt.send)
		c.want("250 ")
		c.Close()
		s := r.session()
		if len(s.Attempts) != 1 || s.Attempts[0].Outcome != tt.want {
			t.Errorf("%q: the attempts are %+v, want %q", tt.send, s.Attempts, tt.want)
		}
		if failed := tt.want != "QUIT"; s.Failed != failed {
			t.Errorf("%q: failed %t, want %t", tt.send, s.Failed, failed)
		}
	}
}

// So many refused recipients of an attempt are listed, and that there were more is
// told.
func TestRefusedRecipientsOfAnAttempt(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{})
	for _, more := range []int{0, 1} {
		c := r.ready()
		c.send("MAIL FROM:<a@b.test>\r\n" + strings.Repeat("RCPT TO:<x+fault.rcpt-550@d.test>\r\n", maxAttemptPaths+more) + "QUIT\r\n")
		c.want("250 ")
		for range maxAttemptPaths + more {
			c.want("550 ")
		}
		if s := r.session(); len(s.Attempts) != 1 || len(s.Attempts[0].Refused) != maxAttemptPaths || s.Truncated != (more > 0) {
			t.Errorf("%d more: truncated %t, attempts %+v", more, s.Truncated, s.Attempts)
		}
	}
}

// A chunk that is refused has arrived all the same.
func TestAttemptOfRefusedChunk(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{})
	c := r.ready()
	content := strings.Repeat("0123456789\r\n", 10_000)
	c.ask("MAIL FROM:<a@b.test>", "250 ")
	c.ask("RCPT TO:<c+fault.data-451@d.test>", "250 ")
	c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(content), content))
	c.want("451 ")
	c.ask("QUIT", "221 ")
	s := r.session()
	if len(s.Attempts) != 1 || s.Attempts[0].Octets != int64(len(content)) || string(s.Attempts[0].Content) != content[:mailstore.MaxAttemptContent] {
		t.Errorf("the attempts are %+v", s.Attempts)
	}
}

// One connection too many is told so, and nothing else: a fault at connect would
// keep it for as long as it likes.
func TestFaultsOfACrowd(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{MaxConnections: 1}, `{"at":["connect"],"do":{"reply":{"code":554}},"often":{"after":1}}`)
	r.ready()
	c := r.dialRaw()
	c.want("421 ")
	c.wantClosed()
}

// Only so much is kept of a session that fails all the time.
func TestAttemptLimits(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{}, `{"at":["end"],"do":{"reply":{"code":451}}}`)
	c := r.ready()
	content := strings.Repeat("0123456789\r\n", 6000)
	for range maxAttempts + 1 {
		c.begin()
		c.ask("DATA", "354 ")
		c.send(content + ".\r\n")
		c.want("451 ")
	}
	c.ask("QUIT", "221 ")
	s := r.session()
	kept := 0
	for _, a := range s.Attempts {
		kept += len(a.Content)
	}
	if len(s.Attempts) != maxAttempts || kept != maxAttemptOctets || !s.Truncated {
		t.Errorf("%d attempts with %d octets, truncated: %v", len(s.Attempts), kept, s.Truncated)
	}
}

// All faults are counted, also those that are not listed.
func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{}, `{"at":["noop"],"do":{"reply":{"code":450}}}`)
	c := r.ready()
	c.send(strings.Repeat("NOOP\r\n", 1500) + "QUIT\r\n")
	for range 1500 {
		c.want("450 ")
	}
	if s := r.session(); s.Outcome != "fault: rule f1, NOOP, 450, and 1499 more" || len(s.Faults) != maxMade {
		t.Errorf("outcome %q, %d faults", s.Outcome, len(s.Faults))
	}
}

// With keep the message is there although the client was not told; without, it
// is not.
func TestDropEnd(t *testing.T) {
	t.Parallel()
	r := faultyRig(t, Config{}, `{"at":["end"],"for":{"recipient":"lie@*"},"do":{"keep":true,"reply":{"code":451}}}`)
	send := func(rcpt string) *client {
		c := r.ready()
		c.ask("MAIL FROM:<a@b.test>", "250 ")
		c.ask("RCPT TO:<"+rcpt+">", "250 ")
		c.ask("DATA", "354 ")
		c.send("x\r\n.\r\n")
		return c
	}
	send("c+fault.drop-end@d.test").wantClosed()
	r.wantMessages(0)
	if s := r.session(); len(s.Attempts) != 1 || string(s.Attempts[0].Content) != "x\r\n" || len(s.Messages) != 0 {
		t.Errorf("the session is %+v", s)
	}
	send("c+fault.keep.drop-end@d.test").wantClosed()
	r.wantMessages(1)
	s := r.session()
	if len(s.Attempts) != 0 || len(s.Messages) != 1 || !s.Failed {
		t.Errorf("the session is %+v", s)
	}
	send("lie@d.test").want("451 ")
	r.wantMessages(2)
}

// Sessions with rules that contradict each other do not disturb each other.
func TestParallelFaults(t *testing.T) {
	t.Parallel()
	set := newFaults()
	r := newRig(t, Config{Faults: set})
	var wg sync.WaitGroup
	for i := range 50 {
		code := []int{0, 450, 550, 451, 554}[i%5]
		if code != 0 {
			addRule(t, set, fmt.Sprintf(`{"at":["rcpt"],"for":{"recipient":"user%d@d.test"},"owner":"test%d","do":{"reply":{"code":%d}}}`, i, i, code))
		}
		wg.Go(func() {
			c := r.ready()
			for range 5 {
				c.ask("MAIL FROM:<a@b.test>", "250 ")
				want := "250 "
				if code != 0 {
					want = fmt.Sprint(code)
				}
				c.ask(fmt.Sprintf("RCPT TO:<user%d@d.test>", i), want)
				c.ask("RSET", "250 ")
			}
		})
	}
	wg.Wait()
}
