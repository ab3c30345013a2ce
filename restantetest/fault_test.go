package restantetest_test

import (
	"errors"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"restante/client"
	"restante/restantetest"
)

func tryToSend(srv *restantetest.Server, to string) (code int) {
	err := smtp.SendMail(srv.SMTPAddr(), nil, "shop@app.test", []string{to}, []byte("Subject: m\r\n\r\nm\r\n"))
	if refused, ok := errors.AsType[*textproto.Error](err); ok {
		return refused.Code
	}
	if err != nil {
		return -1
	}
	return 250
}

// TestFaultsOfParallelTests runs tests at once whose faults contradict each other.
func TestFaultsOfParallelTests(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	const tests = 50
	var running sync.WaitGroup
	for i := range tests {
		running.Go(func() {
			tr := try(t, 20*time.Second, func(t restantetest.TB) {
				inbox := srv.Inbox(t)
				code, next := 400+i, int64(1+i%3)
				fault := srv.Fault(t, client.FaultRule{
					Protocol: "smtp", At: []string{[]string{"rcpt", "data", "end"}[i/3%3]}, For: client.FaultFor{Recipient: inbox.Address},
					Do: client.FaultAction{Reply: &client.FaultReply{Code: code}}, Often: client.FaultOften{Next: next},
				})
				for n := range next {
					if got := tryToSend(srv, inbox.Address); got != code {
						t.Fatalf("attempt %d: %d, want %d", n, got, code)
					}
				}
				if got := tryToSend(srv, inbox.Address); got != 250 || fault.Hits(t) != int(next) {
					t.Fatalf("at last %d, after %d faults; want 250 after %d", got, fault.Hits(t), next)
				}
				inbox.WaitN(t, 1)
				inbox.Quiet(t, time.Millisecond) // once
			})
			if tr.failed {
				t.Errorf("test %d: %s", i, tr.fatal)
			}
		})
	}
	running.Wait()
	rules, err := srv.Client().Faults(t.Context(), "")
	if err != nil || len(rules) > 0 {
		t.Errorf("%v, rules that stay: %+v", err, rules)
	}
}

func TestFaultThatIsWrong(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	for want, rule := range map[string]client.FaultRule{
		"protocol: want smtp or pop3":      {At: []string{"rcpt"}, Do: client.FaultAction{Close: true}},
		"the recipient is not known there": {Protocol: "smtp", At: []string{"mail"}, For: client.FaultFor{Recipient: "a"}, Do: client.FaultAction{Close: true}},
	} {
		tr := try(t, 0, func(t restantetest.TB) { srv.Fault(t, rule) })
		if !tr.failed || !strings.Contains(tr.fatal, want) {
			t.Errorf("failed %t: %s; want %s", tr.failed, tr.fatal, want)
		}
	}
	if rules, err := srv.Client().Faults(t.Context(), ""); err != nil || len(rules) > 0 {
		t.Errorf("%v, rules that stay: %+v", err, rules)
	}
}

func TestFaultRemoved(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	fault := srv.Fault(t, client.FaultRule{
		Protocol: "smtp", At: []string{"rcpt"}, For: client.FaultFor{Recipient: "alice@app.test"}, Do: client.FaultAction{Close: true},
	})
	if got := tryToSend(srv, "alice@app.test"); got != -1 || fault.Hits(t) != 1 {
		t.Errorf("got %d and %d hits, want a connection that closed", got, fault.Hits(t))
	}
	fault.Remove(t)
	fault.Remove(t)
	if got := tryToSend(srv, "alice@app.test"); got != 250 {
		t.Errorf("got %d without the fault, want 250", got)
	}
}
