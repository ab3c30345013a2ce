package restantetest_test

import (
	"context"
	"fmt"
	"net/smtp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"restante/restantetest"
)

// trial is a test that may fail without failing the one that runs it.
type trial struct {
	ctx      context.Context
	deadline time.Time

	mu       sync.Mutex
	failed   bool
	fatal    string
	log      strings.Builder
	cleanups []func()
}

// newTrial begins a trial. end does what is done after a test.
func newTrial(parent context.Context, deadline time.Duration) (tr *trial, end func()) {
	ctx, cancel := context.WithCancel(parent)
	tr = &trial{ctx: ctx}
	if deadline > 0 {
		tr.deadline = time.Now().Add(deadline)
	}
	return tr, func() {
		cancel()
		for len(tr.cleanups) > 0 {
			last := len(tr.cleanups) - 1
			f := tr.cleanups[last]
			tr.cleanups = tr.cleanups[:last]
			f()
		}
	}
}

// try runs a test in a goroutine of its own to its end and returns what became of
// it. A deadline of 0 is none.
func try(t *testing.T, deadline time.Duration, test func(restantetest.TB)) *trial {
	t.Helper()
	tr, end := newTrial(t.Context(), deadline)
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(tr)
	}()
	<-done
	end()
	return tr
}

func (tr *trial) Helper() {}

func (tr *trial) Fatalf(format string, args ...any) {
	tr.mu.Lock()
	tr.failed, tr.fatal = true, fmt.Sprintf(format, args...)
	tr.mu.Unlock()
	runtime.Goexit()
}

func (tr *trial) Logf(format string, args ...any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	fmt.Fprintf(&tr.log, format+"\n", args...)
}

func (tr *trial) Failed() bool                { return tr.failed }
func (tr *trial) Cleanup(f func())            { tr.cleanups = append(tr.cleanups, f) }
func (tr *trial) Context() context.Context    { return tr.ctx }
func (tr *trial) Deadline() (time.Time, bool) { return tr.deadline, !tr.deadline.IsZero() }

// wants fails the test unless the text has all the parts.
func wants(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

// send is the program under test.
func send(t restantetest.TB, srv *restantetest.Server, to, subject, text string) {
	t.Helper()
	sendRaw(t, srv, to, fmt.Sprintf("From: Shop <shop@app.test>\r\nTo: %s\r\nSubject: %s\r\n\r\n%s\r\n", to, subject, text))
}

func sendRaw(t restantetest.TB, srv *restantetest.Server, to, message string) {
	t.Helper()
	if err := smtp.SendMail(srv.SMTPAddr(), nil, "shop@app.test", []string{to}, []byte(message)); err != nil {
		t.Logf("send to %s: %v", to, err) // the wait for it fails
	}
}
