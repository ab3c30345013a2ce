package main

import (
	"context"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"restante/client"
)

// beASuite is what a process of TestParallelSuites does: a test suite with an
// inbox of its own that sends and waits, again and again.
func beASuite(url, smtpAddr string, rounds int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	c, err := client.New(url)
	if err != nil {
		return err
	}
	inbox, err := c.NewInbox(ctx, client.InboxOptions{Prefix: "suite"})
	if err != nil {
		return err
	}
	for n := range rounds {
		subject := fmt.Sprintf("round %d of %d", n, os.Getpid())
		err := smtp.SendMail(smtpAddr, nil, "app@app.test", []string{inbox.Address},
			[]byte("Subject: "+subject+"\r\n\r\nYour code is "+fmt.Sprint(100000+n)+".\r\n"))
		if err != nil {
			return err
		}
		m, err := c.Wait(ctx, client.Query{Mailbox: inbox.Mailbox, Subject: subject}, client.WaitOptions{})
		if err != nil {
			return err
		}
		if m.Subject != subject || len(m.Codes) == 0 || m.Codes[0].Code != fmt.Sprint(100000+n) {
			return fmt.Errorf("round %d got %q with codes %v", n, m.Subject, m.Codes)
		}
	}
	return inbox.Close(ctx)
}

// TestParallelSuites: 50 processes, each with its own inbox, send and wait 100
// times against one server, and none ever gets another's mail or none.
func TestParallelSuites(t *testing.T) {
	if testing.Short() {
		t.Skip("50 processes: not with -short")
	}
	t.Parallel()
	p := serve(t, "--ephemeral")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TEST_BE_A_SUITE="+p.ports["http"], "TEST_SMTP="+p.ports["smtp"])
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("a suite failed: %v: %s", err, out)
			}
		})
	}
	wg.Wait()
	c, err := client.New(p.ports["http"])
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Counts.Newest != 50*100 || info.Counts.Messages != 0 {
		t.Errorf("%d messages arrived and %d are left, want 5,000 and none", info.Counts.Newest, info.Counts.Messages)
	}
}
