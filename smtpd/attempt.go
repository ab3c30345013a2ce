package smtpd

import (
	"time"

	"restante/mailstore"
)

// What is kept of the mail transactions of a session that brought no message.
const (
	maxAttempts       = 20
	maxAttemptOctets  = 4 * mailstore.MaxAttemptContent // of content, together
	maxAttemptPaths   = 100
	maxAttemptOutcome = 500
)

// attempts are those of a session.
type attempts struct {
	tried   []mailstore.Attempt
	content int  // octets kept
	untold  bool // there was more
}

// failing is what a transaction needs to be told of as an attempt.
type failing struct {
	began  time.Duration // since the session started
	stored bool
	turned []string // forward-paths that were refused
	why    string   // why there will be no message: "DATA refused: …"
	head   []byte   // the first octets of content
}

// unwanted notes why the command that was asked brings the transaction to
// nothing, or takes a recipient from it.
func (w *wire) unwanted(why string) {
	switch {
	case w.asked.verb == "MAIL":
		if w.asking.of == w.asked {
			w.tell(mailstore.Attempt{At: time.Since(w.started), ReversePath: w.asking.path, Outcome: why})
		}
	case w.asked.verb == "RCPT":
		if w.asking.of == w.asked && w.open {
			w.why = why
			if len(w.turned) == maxAttemptPaths {
				w.untold = true
				return
			}
			w.turned = append(w.turned, w.asking.path)
		}
	case w.open && (w.why == "" || len(w.env.ForwardPaths) > 0 || !w.asked.bringsContent()): // without recipients, RCPT was why
		w.why = why
	}
}

// settle ends the transaction. If it was one and brought no message, the session
// record tells of it.
func (w *wire) settle() {
	if !w.open || w.stored {
		return
	}
	a := mailstore.Attempt{
		At: w.began, ReversePath: w.env.ReversePath, Refused: w.turned, Outcome: w.why, Octets: w.received, Content: w.head,
	}
	if a.Outcome == "" {
		if a.Outcome = w.ending; a.Outcome == "" {
			a.Outcome = w.asked.verb
		}
	}
	for i := range w.env.ForwardPaths {
		if i == maxAttemptPaths {
			w.untold = true
			break
		}
		a.ForwardPaths = append(a.ForwardPaths, w.env.ForwardPaths[i].Address)
	}
	w.tell(a)
}

func (w *wire) tell(a mailstore.Attempt) {
	if len(w.tried) == maxAttempts {
		w.untold = true
		return
	}
	if room := maxAttemptOctets - w.content; len(a.Content) > room {
		a.Content, w.untold = a.Content[:room], true
	}
	w.content += len(a.Content)
	a.Outcome = a.Outcome[:min(len(a.Outcome), maxAttemptOutcome)]
	w.tried = append(w.tried, a)
}

// keepHead keeps the beginning of content that was not stored.
func (w *wire) keepHead(in *receiver) {
	switch {
	case w.stored:
	case in.head != nil:
		w.head = in.head[:min(len(in.head), mailstore.MaxAttemptContent)]
	default:
		w.head = in.Head(mailstore.MaxAttemptContent)
	}
}
