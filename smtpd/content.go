package smtpd

import (
	"bytes"
	"errors"
	"strconv"
	"time"

	"github.com/emersion/go-smtp"

	"restante/mailstore"
)

// data is the DATA command (RFC 5321 §4.1.1.4).
func (w *wire) data(arg string) {
	switch {
	case arg != "":
		w.reply(replyNoArgument)
	case w.env.Body == string(smtp.BodyBinaryMIME):
		w.reply(replyBinary)
	case !w.faultyData(nil):
		w.chunk = nil
		w.ask(w.asked, "DATA")
	}
}

var (
	errTooLarge = errors.New("the message is too large")
	errAborted  = errors.New("the message was aborted") // nobody is told
)

// receiver takes the content of one message. After an error it goes on
// counting, so that content is read to its end whatever happens.
type receiver struct {
	*mailstore.Incoming
	size  *int64
	limit int64  // 0 is none
	watch *watch // nil: nobody looks
	head  []byte // the beginning of what was given up
	err   error
}

func (w *wire) receive() *receiver {
	return &receiver{Incoming: w.server.store.NewIncoming(), size: &w.received, limit: w.maxSize(), watch: w.newWatch()}
}

func (r *receiver) write(p []byte) {
	*r.size += int64(len(p))
	if r.err != nil || len(p) == 0 {
		return
	}
	if r.limit > 0 && *r.size > r.limit {
		r.err = errTooLarge
		r.head = append(r.Head(mailstore.MaxAttemptContent), p...)
		r.Abort()
		return
	}
	if r.watch != nil {
		r.watch.see(p)
	}
	_, r.err = r.Write(p)
}

// readData reads content up to the line with a dot, and delivers it.
func (w *wire) readData(in *receiver) error {
	w.enlarge()
	var text unstuffer
	for {
		w.cutOff()
		for w.r < w.w && !w.ended {
			keep, n, end := text.next(w.unread())
			w.r += n
			in.write(keep)
			if w.cutOff(); end && !w.ended {
				w.noteContent(w.received)
				return w.deliver(in)
			}
		}
		if !w.fill() {
			w.noteContent(w.received)
			return errAborted
		}
	}
}

// deliver stores the message that was read, and says its ID and seq.
func (w *wire) deliver(in *receiver) error {
	w.feed = endOfData
	if in.err != nil {
		return w.refuse(in.err)
	}
	if why := w.unfit(in); why != "" {
		return reject(why)
	}
	if w.faultyEnd(in) {
		w.aborting = true // what the engine says
		return errAborted
	}
	receipt, err := w.store(in)
	if err != nil {
		return w.refuse(err)
	}
	return &smtp.SMTPError{
		Code:         250,
		EnhancedCode: smtp.EnhancedCode{2, 0, 0},
		Message:      "OK id=" + receipt.ID + " seq=" + strconv.FormatUint(receipt.Seq, 10),
	}
}

// store delivers the message, and then what is reported on it.
func (w *wire) store(in *receiver) (mailstore.Receipt, error) {
	began := time.Now()
	receipt, err := in.Deliver(w.server.hard, w.env)
	if err != nil {
		return receipt, err
	}
	w.stored = true
	w.server.meter.delivered(in.Size(), time.Since(began))
	w.deliveredAs(receipt.ID)
	w.report(receipt)
	return receipt, nil
}

// endOfData is the content that the engine is left to read.
var endOfData = []byte(".\r\n")

func (w *wire) noteContent(n int64) {
	note(&w.transcript, mailstore.Client, "("+octets(n)+" of content)")
}

// unstuffer finds the content in what follows DATA: it removes the dot that a
// line begins with, and sees the line that is only a dot (RFC 5321 §4.5.2).
// Lines end in CRLF and in nothing else; all other octets are content.
type unstuffer struct{ at place }

// place is where the unstuffer stands.
type place byte

const (
	lineStart place = iota // after CRLF, and at the very start
	inLine
	afterCR
	afterDot   // after a dot at the start of a line, which is not content
	afterDotCR // after that and CR, which is content unless LF comes
)

var crlfDot = []byte("\r\n.")

// next looks at p, which must not be empty: keep is content, n is how many octets of p are
// done with, end tells that the end was among them. It is called until p is used up.
func (u *unstuffer) next(p []byte) (keep []byte, n int, end bool) {
	switch u.at {
	case lineStart:
		if p[0] == '.' {
			u.at = afterDot
			return nil, 1, false
		}
	case afterDot:
		if p[0] == '\r' {
			u.at = afterDotCR
			return nil, 1, false
		}
	case afterDotCR:
		if p[0] == '\n' {
			u.at = lineStart
			return nil, 1, true
		}
		u.at = inLine
		return crOctet, 0, false
	case afterCR:
		if p[0] == '\n' {
			u.at = lineStart
			return p[:1], 1, false
		}
	}
	i := bytes.Index(p, crlfDot)
	switch {
	case i >= 0:
		u.at = afterDot
		return p[:i+2], i + 3, false
	case bytes.HasSuffix(p, crlfDot[:2]):
		u.at = lineStart
	case p[len(p)-1] == '\r':
		u.at = afterCR
	default:
		u.at = inLine
	}
	return p, len(p), false
}
