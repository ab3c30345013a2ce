package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestServersSideBySide has several servers on one machine take mail at once:
// each has its own, and still has it after a restart.
func TestServersSideBySide(t *testing.T) {
	t.Parallel()
	needSignals(t)
	const servers, connections, messages = 4, 3, 20
	var all sync.WaitGroup
	sites := make([]*site, servers)
	ids := make([][]string, servers)
	for i := range sites {
		sites[i] = newSite(t)
	}
	for i, s := range sites {
		var mu sync.Mutex
		for n := range connections {
			c := dialSMTP(t, s.ports["smtp"])
			all.Go(func() {
				for m := range messages {
					id, err := c.transmit("app@app.test", "user@app.test", fmt.Sprintf("Subject: server %d, %d of connection %d\r\n\r\n", i, m, n))
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					ids[i] = append(ids[i], id)
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	epochs := map[string]bool{}
	for i, s := range sites {
		if code := s.end(t, syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code %d", code)
		}
		s = siteAt(t, s.data)
		s.wantMaildrop(t, "user@app.test", ids[i]...)
		for _, id := range ids[i] {
			if want := fmt.Sprintf("Subject: server %d, ", i); !strings.HasPrefix(s.raw(t, id), want) {
				t.Errorf("%s is another server's", id)
			}
		}
		epoch, _, _ := strings.Cut(ids[i][0], "-")
		if epochs[epoch] {
			t.Errorf("two stores begin their IDs with %s", epoch)
		}
		epochs[epoch] = true
	}
}

// TestStopDuringData ends the server while messages are on their way: each is
// taken to its end, answered, and there afterwards. Who waits is told 421.
func TestStopDuringData(t *testing.T) {
	t.Parallel()
	needSignals(t)
	s := newSite(t)
	const user = "user@app.test"
	idle := dialSMTP(t, s.ports["smtp"])
	mailing := dialSMTP(t, s.ports["smtp"])
	if _, err := mailing.command("250", "MAIL FROM:<app@app.test>"); err != nil {
		t.Fatal(err)
	}
	open := func(last string) *lines {
		c := dialSMTP(t, s.ports["smtp"])
		for _, line := range []string{"MAIL FROM:<app@app.test>", "RCPT TO:<" + user + ">"} {
			if _, err := c.command("250", line); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.WriteString(c, last); err != nil {
			t.Fatal(err)
		}
		return c
	}
	content := func(name string) (string, string) {
		rest := strings.Repeat("A line of a message that takes its time.\r\n", 10000)
		return "Subject: " + name + "\r\n\r\n" + rest[:1<<17], rest[1<<17:]
	}
	begin, rest := content("data")
	data := open("DATA\r\n")
	if _, err := data.reply("354"); err != nil {
		t.Fatal(err)
	}
	first, second := content("bdat")
	bdat := open(fmt.Sprintf("BDAT %d\r\n%s", len(first), first))
	if _, err := bdat.reply("250"); err != nil {
		t.Fatal(err)
	}
	for _, half := range []struct {
		c    *lines
		text string
	}{{data, begin}, {bdat, fmt.Sprintf("BDAT %d LAST\r\n%s", len(second), second[:10])}} {
		if _, err := io.WriteString(half.c, half.text); err != nil {
			t.Fatal(err)
		}
	}
	// A login marks a message, and then the connection is there no more.
	s.transmit(t, "app@app.test", user, "Subject: marked\r\n\r\n")
	marking := dialLines(t, s.ports["pop3"])
	for _, line := range []string{"", "USER " + user, "PASS any", "DELE 1"} {
		marking.ok(t, line)
	}

	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*lines{idle, mailing} {
		if line, err := c.reply("421"); err != nil {
			t.Errorf("who waits got %q, %v, want 421", line, err)
		}
	}
	if conn, err := net.Dial("tcp", s.ports["smtp"]); err == nil {
		t.Error("new connections are accepted after the signal")
		conn.Close()
	}
	ids := make([]string, 0, 2)
	for _, half := range []struct {
		c    *lines
		text string
	}{{data, rest + ".\r\n"}, {bdat, second[10:]}} {
		if _, err := io.WriteString(half.c, half.text); err != nil {
			t.Fatal(err)
		}
		id, err := half.c.accepted()
		if err != nil {
			t.Fatalf("a message on its way was answered: %v", err)
		}
		ids = append(ids, id)
		if line, err := half.c.reply("421"); err != nil {
			t.Errorf("after the message: %q, %v, want 421", line, err)
		}
	}
	if code := s.ended(t); code != exitOK {
		t.Errorf("exit code %d", code)
	}

	s = siteAt(t, s.data)
	for i, name := range []string{"data", "bdat"} {
		first, second := content(name)
		if raw := s.raw(t, ids[i]); raw != first+second {
			t.Errorf("%s: /raw has %s", name, difference(raw, first+second))
		}
	}
	if got := s.maildrop(t, user); len(got) != 3 {
		t.Errorf("there are %d messages, want 2 that were on their way and one that was only marked", len(got))
	}
}
