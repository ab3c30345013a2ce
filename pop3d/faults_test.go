package pop3d

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"restante/faults"
)

func newFaults() *faults.Set {
	return faults.New(faults.Options{Addresses: true, Separator: "+"})
}

func addFault(t *testing.T, set *faults.Set, text string) {
	t.Helper()
	var rule faults.Rule
	if err := json.Unmarshal([]byte(text), &rule); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if _, err := set.Add(rule); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// faulty is a rig with one rule.
func faulty(t *testing.T, cfg Config, rule string) *rig {
	t.Helper()
	cfg.Faults = newFaults()
	addFault(t, cfg.Faults, rule)
	return newRig(t, cfg)
}

// Each command is a point, so that anything can go wrong.
func TestEachCommandIsAPoint(t *testing.T) {
	t.Parallel()
	for name := range commands {
		if !slices.Contains(faults.Points(faults.POP3), faults.Point(strings.ToLower(name))) {
			t.Errorf("%s is no point of a rule", name)
		}
	}
}

func TestFaultIsRecorded(t *testing.T) {
	t.Parallel()
	r := faulty(t, Config{}, `{"protocol":"pop3","at":["retr"],"do":{"reply":{"resp":"SYS/TEMP"}},"often":{"next":1}}`)
	r.deliver("Subject: x\r\n\r\nx\r\n", "alice@app.test")
	c := r.login("alice@app.test")
	c.do("RETR 1", "-ERR [SYS/TEMP] *")
	c.do("QUIT", "+OK*")
	rec := r.session(1)
	const what = "rule f1, RETR, -ERR [SYS/TEMP]"
	if !rec.Failed || rec.Outcome != "0 messages fetched; fault: "+what || !slices.Equal(rec.Faults, []string{what}) {
		t.Errorf("failed %v, outcome %q, faults %q", rec.Failed, rec.Outcome, rec.Faults)
	}
	c = r.login("alice+fault.no-top.no-uidl@app.test")
	c.do("UIDL", "-ERR*")
	c.do("TOP 1 0", "-ERR*")
	c.do("QUIT", "+OK*")
	if rec := r.session(2); rec.Outcome != "0 messages fetched; fault: address, TOP, -ERR, and 1 more" {
		t.Errorf("outcome %q", rec.Outcome)
	}
	noted := false
	for _, l := range rec.Transcript {
		noted = noted || l.Text == "fault: "+what
	}
	if !noted {
		t.Errorf("the transcript does not tell of the fault: %v", rec.Transcript)
	}
}

// A response of any length breaks off in its middle.
func TestFaultHalfOfAResponse(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"RETR 1", "TOP 1 99999", "LIST", "UIDL", "CAPA"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			verb, _, _ := strings.Cut(command, " ")
			r := faulty(t, Config{}, `{"protocol":"pop3","at":["`+strings.ToLower(verb)+`"],"do":{"truncate":"half"},"often":{"after":1}}`)
			r.deliver("Subject: x\r\n\r\n"+strings.Repeat("a line of a message\r\n", 20_000), "alice@app.test")
			c := r.login("alice@app.test")
			first := c.do(command, "+OK*") + "\r\n"
			whole := append(append([]byte(first), c.body()...), ".\r\n"...)
			c.send(command + "\r\n")
			c.conn.SetReadDeadline(time.Now().Add(patience))
			got, err := io.ReadAll(c.r)
			if err != nil {
				t.Fatal(err)
			}
			if len(got)-len(whole)/2 > 1 || len(whole)/2-len(got) > len(first) || !bytes.HasPrefix(whole, got) {
				t.Errorf("got %d of %d octets", len(got), len(whole))
			}
			if rec := r.session(1); !rec.Failed || !strings.HasSuffix(rec.Outcome, "truncate half") {
				t.Errorf("failed %v, outcome %q", rec.Failed, rec.Outcome)
			}
		})
	}
}

// Half a message is none; one that was sent before the connection broke off is.
func TestHalfAMessageIsNotFetched(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Faults: newFaults()})
	r.deliver("Subject: x\r\n\r\nx\r\n", "alice@app.test")
	addFault(t, r.server.cfg.Faults, `{"protocol":"pop3","at":["retr"],"for":{"user":"alice@app.test"},"do":{"truncate":"100000"}}`)
	for i, user := range []string{"alice+fault.retr-drop@app.test", "alice@app.test"} {
		c := r.login(user)
		c.do("RETR 1", "+OK*")
		c.conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, c.r); err != nil {
			t.Fatal(err)
		}
		if rec := r.session(i + 1); len(rec.Messages) != i || !strings.HasPrefix(rec.Outcome, count(i, "message")+" fetched") {
			t.Errorf("%s: outcome %q, messages %q", user, rec.Outcome, rec.Messages)
		}
	}
}

func TestFaultReset(t *testing.T) {
	t.Parallel()
	r := faulty(t, Config{}, `{"protocol":"pop3","at":["noop"],"do":{"reset":true}}`)
	c := r.login("alice@app.test")
	c.send("NOOP\r\n")
	c.conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := c.r.ReadByte(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reading ended with %v", err)
	}
}

func TestFaultRefusesTLS(t *testing.T) {
	t.Parallel()
	stls := func(r *rig) net.Conn {
		c := r.dial()
		c.do("STLS", "+OK*")
		return c.conn
	}
	direct := func(r *rig) net.Conn {
		conn, err := net.Dial("tcp", r.tls)
		if err != nil {
			r.t.Fatal(err)
		}
		return conn
	}
	for _, tt := range []struct {
		name, point, besides string
		dial                 func(*rig) net.Conn
		want                 string // in the error of the handshake
	}{
		{"stls", "stls", "", stls, "handshake failure"},
		{"stls, close", "stls", `,"close":true`, stls, "EOF"},
		{"stls, reset", "stls", `,"reset":true`, stls, "reset"},
		{"connect", "connect", "", direct, "handshake failure"},
		{"connect, then stls", "connect", "", stls, "handshake failure"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := faulty(t, Config{TLS: testTLS(t)}, `{"protocol":"pop3","at":["`+tt.point+`"],"do":{"refuseTLS":true`+tt.besides+`}}`)
			conn := tt.dial(r)
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience))
			err := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).Handshake()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("handshake: %v, want %s", err, tt.want)
			}
			if rec := r.session(1); !rec.Failed {
				t.Errorf("the session counts as good: %q", rec.Outcome)
			}
		})
	}
}

// Who wants no TLS is not hurt when there is none.
func TestRefusedTLSThatNobodyWants(t *testing.T) {
	t.Parallel()
	r := faulty(t, Config{TLS: testTLS(t)}, `{"protocol":"pop3","at":["connect"],"do":{"refuseTLS":true}}`)
	r.login("alice@app.test").do("QUIT", "+OK*")
	if rec := r.session(1); rec.Failed || len(rec.Faults) != 1 {
		t.Errorf("failed %t, faults %q", rec.Failed, rec.Faults)
	}
}

// A client that begins with TLS can read the refusal only after the handshake.
func TestFaultyGreetingUnderTLS(t *testing.T) {
	t.Parallel()
	r := faulty(t, Config{TLS: testTLS(t)}, `{"protocol":"pop3","at":["connect"],"do":{"reply":{"resp":"SYS/TEMP","text":"later"}}}`)
	conn, err := tls.Dial("tcp", r.tls, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, conn)
	c.want("-ERR [SYS/TEMP] later")
	if _, err := c.r.ReadByte(); err != io.EOF {
		t.Errorf("behind it: %v, want the end", err)
	}
}

// One connection too many is told so, and nothing else.
func TestFaultsOfACrowd(t *testing.T) {
	t.Parallel()
	r := faulty(t, Config{MaxConnections: 1}, `{"protocol":"pop3","at":["connect"],"do":{"delay":"1h"},"often":{"after":1}}`)
	r.dial()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	newClient(t, conn).want("-ERR [SYS/TEMP] too many connections")
}

// What waits for hours does not wait for them at shutdown.
func TestShutdownEndsDelays(t *testing.T) {
	t.Parallel()
	for what, do := range map[string]string{"delay": `{"delay":"1h"}`, "throttle": `{"throttle":"1"}`} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := faulty(t, Config{}, `{"protocol":"pop3","at":["capa"],"do":`+do+`}`)
			c := r.dial()
			c.send("NOOP\r\nCAPA\r\n")
			c.want("-ERR log in first") // what came before is not held up
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := r.server.Shutdown(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// A client that has left is not waited for, and has no maildrop any more.
func TestDelayEndsWithTheClient(t *testing.T) {
	t.Parallel()
	r := faulty(t, Config{Exclusive: true, TLS: testTLS(t)}, `{"protocol":"pop3","at":["login"],"do":{"delay":"1h"},"often":{"next":2}}`)
	const user = "alice@app.test"
	leave := func(c *client, n int) {
		t.Helper()
		c.do("USER "+user, "+OK*")
		c.send("PASS x\r\nSTAT\r\n")
		for deadline := time.Now().Add(patience); r.server.cfg.Faults.List("")[0].Hits < int64(n); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("there was no fault")
			}
		}
		c.conn.Close()
		if rec := r.session(n); !strings.Contains(rec.Outcome, "closed by the client without QUIT; fault: rule f1, PASS, delay 1h") {
			t.Errorf("outcome %q", rec.Outcome)
		}
	}
	leave(r.dial(), 1)
	secure, err := tls.Dial("tcp", r.tls, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, secure)
	c.want("+OK*")
	leave(c, 2)
	r.login(user).do("STAT", "+OK 0 0")
}

// In a second no more than the rate goes through, in both directions.
func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		s := &socket{Conn: near, idle: deadline{timeout: time.Hour}, stall: deadline{timeout: time.Hour}, rate: 100}
		went := make(chan struct{})
		go func() {
			defer close(went)
			io.CopyN(io.Discard, far, 500)
			far.Write(make([]byte, 300))
		}()
		start := time.Now()
		if _, err := s.Write(make([]byte, 500)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("500 octets went out in %v", took)
		}
		start = time.Now()
		if _, err := io.ReadFull(s, make([]byte, 300)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("300 octets came in in %v", took)
		}
		<-went
	})
}
