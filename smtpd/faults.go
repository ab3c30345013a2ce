package smtpd

import (
	"slices"
	"strings"
	"time"

	"restante/faults"
	"restante/mailstore"
)

// trouble is what goes wrong on purpose in a session.
type trouble struct {
	rules  *faults.Conn // nil where there never is any
	made   []string     // faults that fired, as session records have them
	fired  int          // how many there were
	spoilt bool         // one of them kept the client from what it wanted
	barred bool         // the connection was refused, but stays until QUIT (RFC 5321 §3.1)
	abrupt bool         // the connection ends with a TCP reset
	hidden []string     // capabilities

	recipients []string  // of the transaction
	one        [1]string // the one that RCPT gives
}

const maxMade = 100 // faults that a session record lists

// troubled asks for a fault at the point of a command that is well formed, and
// does what it says. It reports whether that takes the command's place. helo is the
// argument of HELO and EHLO.
func (w *wire) troubled(p faults.Point, helo string) bool {
	if w.rules == nil {
		return false
	}
	if p == faults.Ehlo {
		w.hidden = nil // what is hidden is so in this answer
	}
	return w.suffer(w.faultAt(faults.Occasion{Point: p, Helo: helo}))
}

// faultAt asks for a fault on an occasion, and adds what is known of the session
// to it.
func (w *wire) faultAt(o faults.Occasion) *faults.Fault {
	if o.Helo == "" {
		o.Helo = w.helo
	}
	if o.User == "" {
		o.User = w.user
	}
	if w.open {
		o.Mail, o.Sender = true, w.env.ReversePath
		if o.Recipients == nil {
			o.Recipients = w.recipients
		}
	}
	return w.rules.At(o)
}

// suffer does what a fault says, and reports whether that takes the command's place.
func (w *wire) suffer(f *faults.Fault) (instead bool) {
	if f == nil {
		return false
	}
	w.endure(f)
	do := &f.Do
	if !do.Ends() || w.ended {
		return w.ended
	}
	if do.Reply != nil {
		w.answerFault(f)
	}
	if do.Close || do.Reset || do.Reply.Code == 421 { // RFC 5321 §3.8
		w.breakOff(f)
	}
	return true
}

// endure does what goes wrong beside the answer.
func (w *wire) endure(f *faults.Fault) {
	w.noteFault(f)
	if f.Do.Delay > 0 {
		w.pause(time.Duration(f.Do.Delay))
	}
	if f.Do.Throttle > 0 {
		w.slow(int64(f.Do.Throttle))
	}
	w.hidden = append(w.hidden, f.Do.Hide...)
}

// answerFault gives the fault's reply.
func (w *wire) answerFault(f *faults.Fault) {
	line := f.Do.Reply.Line()
	if line[0] >= '4' {
		w.server.meter.refused(faultReason)
		if w.refusal == "" { // what is refused later is a consequence
			w.refusal = f.String()
		}
	}
	if line[0] >= '4' || w.asked.wanted { // a yes is none: nothing was done
		w.spoilt = true
		w.unwanted(f.String())
	}
	w.say(line)
}

// breakOff ends the session as a fault says.
func (w *wire) breakOff(f *faults.Fault) {
	if f.Do.Reply == nil {
		w.unwanted(f.String())
	}
	w.spoilt = true
	w.abrupt = f.Do.Reset
	w.end("", "", true)
}

// noteFault records that a fault fired.
func (w *wire) noteFault(f *faults.Fault) {
	note(&w.transcript, mailstore.Note, f.String())
	if w.fired++; len(w.made) < maxMade {
		w.made = append(w.made, f.What())
	}
}

// faultyStart is what may happen before the greeting. It reports whether the
// session goes on with the usual one.
func (w *wire) faultyStart() bool {
	f := w.rules.At(faults.Occasion{Point: faults.Connect})
	if f == nil {
		return true
	}
	if f.Do.Persona != "" {
		w.persona = w.server.cfg.Personas[f.Do.Persona]
	}
	if f.Do.RefuseTLS {
		w.noTLS = f
	}
	reply := f.Do.Reply
	if reply != nil && w.implicitTLS && !w.handshake() { // it can be read only after that
		return false
	}
	w.implicitTLS = w.implicitTLS && reply == nil
	instead := w.suffer(f)
	w.barred = instead && !w.ended && reply.Code >= 400 // one of 2yz is the greeting
	return !instead
}

// faultyAuth asks for a fault when the client's credentials were right.
func (w *wire) faultyAuth(user string) bool {
	return w.rules != nil && w.suffer(w.faultAt(faults.Occasion{Point: faults.Auth, User: user}))
}

// faultyMail and faultyRcpt ask for a fault when the command is well formed.
func (w *wire) faultyMail() bool {
	return w.rules != nil && w.suffer(w.faultAt(faults.Occasion{Point: faults.Mail, Mail: true, Sender: w.asking.path}))
}

func (w *wire) faultyRcpt() bool {
	if w.rules == nil {
		return false
	}
	w.one[0] = w.asking.path
	f := w.faultAt(faults.Occasion{Point: faults.Rcpt, Recipients: w.one[:]})
	if w.suffer(f) {
		return true
	}
	if f != nil {
		w.asking.wish = wishOf(&f.Do)
	}
	return false
}

// faultyData asks for a fault before content is asked for. A chunk that is refused
// is read before its answer.
func (w *wire) faultyData(c *chunk) bool {
	if w.rules == nil {
		return false
	}
	f := w.faultAt(faults.Occasion{Point: faults.Data})
	if c != nil && f != nil && f.Do.Reply != nil {
		if !w.eachBlock(c.size, w.keepRefused) {
			return true
		}
		w.noteContent(c.size)
	}
	w.goAhead = ""
	if c == nil && f != nil && goesAhead(&f.Do) {
		w.endure(f)
		w.goAhead = f.Do.Reply.Line()
	} else if w.suffer(f) {
		return true
	}
	if f != nil && f.Do.Truncate != nil {
		w.cut = &cut{f, int64(*f.Do.Truncate)}
	}
	return false
}

// goesAhead tells a reply that asks for content: it has to be read, else its lines
// would be commands.
func goesAhead(do *faults.Action) bool {
	return do.Reply != nil && do.Reply.Code == 354 && !do.Close && !do.Reset
}

// keepRefused keeps the beginning of a refused chunk for the session record.
func (w *wire) keepRefused(p []byte) {
	w.received += int64(len(p))
	w.head = append(w.head, p[:min(len(p), mailstore.MaxAttemptContent-len(w.head))]...)
}

// cut is where content breaks off.
type cut struct {
	fault *faults.Fault
	after int64 // octets of content
}

// cutOff ends the session when enough content has arrived.
func (w *wire) cutOff() {
	if w.cut != nil && w.received >= w.cut.after && !w.ended {
		w.breakOff(w.cut.fault)
	}
}

// faultyEnd asks for a fault between the end of the content and its delivery.
// It reports whether the message was answered for. With keep it is stored
// nevertheless: only the answer is wrong.
func (w *wire) faultyEnd(in *receiver) bool {
	if w.rules == nil {
		return false
	}
	f := w.faultAt(faults.Occasion{Point: faults.End, Message: func(q *mailstore.Query) bool {
		return in.Matches(q, w.env)
	}})
	if f == nil {
		return false
	}
	if asked := wishOf(&f.Do); asked != (wish{}) {
		for i := range w.env.ForwardPaths {
			w.wished(i, asked)
		}
	}
	if f.Do.Keep && f.Do.Ends() {
		if _, err := w.store(in); err != nil {
			return false // it is told why
		}
		note(&w.transcript, mailstore.Note, "the message was stored, though the client is not told")
	}
	return w.suffer(f)
}

// hides tells whether a fault took a capability out of the answer to EHLO.
func (w *wire) hides(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return slices.ContainsFunc(w.hidden, func(name string) bool { return strings.EqualFold(name, word) })
}
