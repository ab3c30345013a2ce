package restantetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"restante/client"
)

const (
	maxOwn      = 50 // messages of each inbox that are logged
	maxOthers   = 10 // messages for others
	maxSessions = 5  // failed sessions
	maxLines    = 4  // of each, from its end
)

// report is what is logged at the end of a test that failed, and what is cleaned
// up at the end of any.
type report struct {
	s       *Server
	since   uint64 // the cursor when the test came
	started time.Time

	mu      sync.Mutex
	inboxes []*Inbox
	closers []func(context.Context) error
}

// report returns the one of a test. There is one for each, however many inboxes
// it has.
func (s *Server) report(t TB, cursor uint64) *report {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.reports[t]
	if r == nil {
		r = &report{s: s, since: cursor, started: time.Now()}
		s.reports[t] = r
		t.Cleanup(func() { r.finish(t) })
	}
	return r
}

func (r *report) add(in *Inbox, closer func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inboxes = append(r.inboxes, in)
	if closer != nil {
		r.closers = append(r.closers, closer)
	}
}

// finish runs at the end of the test, whose context has ended.
func (r *report) finish(t TB) {
	r.s.mu.Lock()
	delete(r.s.reports, t)
	r.s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	if t.Failed() {
		text, err := r.text(ctx)
		if err != nil {
			text += fmt.Sprintf("\n\t(no more is known: %v)", err)
		}
		t.Logf("restante: %s", text)
	}
	for _, closer := range r.closers {
		if err := closer(ctx); err != nil {
			t.Logf("restante: close an inbox: %v", err)
		}
	}
}

// text is what a failed test logs. It is worth something with an error too.
func (r *report) text(ctx context.Context) (string, error) {
	var b strings.Builder
	err := r.write(ctx, &b)
	return b.String(), err
}

func (r *report) write(ctx context.Context, b *strings.Builder) error {
	b.WriteString("what there was when the test failed")
	shown := make(map[string]bool)
	for _, in := range r.inboxes {
		if err := r.own(ctx, b, in, shown); err != nil {
			return err
		}
	}
	if err := r.others(ctx, b, shown); err != nil {
		return err
	}
	return r.sessions(ctx, b)
}

// own writes the mail of an inbox.
func (r *report) own(ctx context.Context, b *strings.Builder, in *Inbox, shown map[string]bool) error {
	page, err := r.s.client.List(ctx, client.Query{Mailbox: in.mailbox}, client.ListOptions{After: in.after, Oldest: true, Limit: maxOwn})
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\nmail for %s:%s", in.Address, noneIf(len(page.Messages) == 0))
	for _, m := range page.Messages {
		shown[m.ID] = true
		note := " (no wait returned it)"
		if in.wasTaken(m.ID) {
			note = ""
		}
		writeMessage(b, &m, note)
	}
	if page.Next > 0 {
		b.WriteString("\n\t… and more")
	}
	return nil
}

// others writes the mail that went elsewhere since the test came: to a wrong
// address, or to other tests.
func (r *report) others(ctx context.Context, b *strings.Builder, shown map[string]bool) error {
	page, err := r.s.client.List(ctx, client.Query{}, client.ListOptions{After: r.since, Limit: maxOthers + min(len(shown), 900)})
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(page.Messages, func(m client.Summary) bool { return shown[m.ID] })
	more := page.Next > 0 || len(rest) > maxOthers
	rest = rest[:min(len(rest), maxOthers)]
	slices.Reverse(rest)
	fmt.Fprintf(b, "\nmail for others since:%s", noneIf(len(rest) == 0))
	if more {
		b.WriteString("\n\t… earlier ones, and")
	}
	for _, m := range rest {
		writeMessage(b, &m, "")
	}
	return nil
}

func writeMessage(b *strings.Builder, m *client.Summary, note string) {
	fmt.Fprintf(b, "\n\t%s %s %q from <%s> to %s%s",
		m.Received.Local().Format("15:04:05.000"), m.ID, m.Subject, m.Sender, strings.Join(m.Recipients, ", "), note)
}

// sessions writes the SMTP sessions that failed since the test came.
func (r *report) sessions(ctx context.Context, b *strings.Builder) error {
	b.WriteString("\nSMTP sessions that failed since:")
	n := 0
	for s, err := range r.s.client.Sessions(ctx, client.SessionOptions{Protocol: "smtp", Failed: true}) {
		if err != nil {
			return err
		}
		if s.Ended.Before(r.started) {
			break
		}
		if n++; n > maxSessions {
			b.WriteString("\n\t… and more")
			break
		}
		fmt.Fprintf(b, "\n\t%s %s from %s: %s", s.Started.Local().Format("15:04:05.000"), s.ID, s.Remote, cmp.Or(s.Outcome, "no reason known"))
		full, err := r.s.client.Session(ctx, s.ID)
		if err != nil {
			return err
		}
		for _, l := range full.Transcript[max(0, len(full.Transcript)-maxLines):] {
			fmt.Fprintf(b, "\n\t\t%s: %s", l.From, strings.TrimRight(l.Text, "\r\n"))
		}
	}
	b.WriteString(noneIf(n == 0))
	return nil
}

func noneIf(none bool) string {
	if none {
		return " none"
	}
	return ""
}
