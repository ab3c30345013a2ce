package faults

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newSet is a set as the default settings make it.
func newSet(c *clock) *Set {
	return New(Options{
		Addresses: true, Separator: "+", Now: c.Now,
		MailboxFor: func(address string) string {
			local, domain, _ := strings.Cut(strings.ToLower(address), "@")
			local, _, _ = strings.Cut(local, "+")
			return local + "@" + domain
		},
		Capabilities: func(string) []string { return []string{"STARTTLS", "UIDL"} },
		Personas:     func() []string { return []string{"postfix"} },
	})
}

func add(t testing.TB, s *Set, json string) Rule {
	t.Helper()
	r, err := DecodeRule([]byte(json))
	if err == nil {
		r, err = s.Add(r)
	}
	if err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return r
}

// rcpt asks at RCPT.
func rcpt(c *Conn, to string) *Fault {
	return c.At(Occasion{Point: Rcpt, Helo: "app.test", Mail: true, Sender: "app@app.test", Recipients: []string{to}})
}

func told(f *Fault) string {
	if f == nil {
		return ""
	}
	return f.String()
}
