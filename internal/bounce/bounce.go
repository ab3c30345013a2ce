// Package bounce writes what mail systems send back about a message: delivery
// status notifications (RFC 3464), automatic replies (RFC 3834) and feedback
// reports (RFC 5965), and knows when none may be sent.
//
//	bounce.go    the message that is reported on, and whether a report is due
//	report.go    what reports have in common: header, parts, the returned message
//	status.go    delivery status notifications
//	reply.go     automatic replies
//	feedback.go  feedback reports
package bounce

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"restante/mailstore"
	"restante/mailstore/message"
)

// Kind is a kind of report.
type Kind byte

const (
	Failed    Kind = iota // it could not be delivered: RFC 3464
	Delayed               // it is still being tried: RFC 3464
	Delivered             // it was delivered: RFC 3464
	Autoreply             // the recipient is out of office: RFC 3834
	Complaint             // the recipient calls it abuse: RFC 5965
)

// Recipient is one that a report tells of.
type Recipient struct {
	Path   mailstore.ForwardPath
	Status string // enhanced status code (RFC 3463), "5.1.1"; of delivery status notifications
}

// Original is the message that is reported on. Its methods are safe for
// concurrent use when Open is.
type Original struct {
	Message   *mailstore.Message
	Open      func() (io.ReadCloser, error) // its content
	Hostname  string                        // of the server that reports
	Separator string                        // of sub-addresses; "" is none
	Now       time.Time                     // when

	head   []byte // of the content, with its empty line
	fields []message.Field
	scan   scan
}

// maxHead is how much of a message's header is returned with a report.
const maxHead = 256 << 10

// Read reads the message; it comes before anything else.
func (o *Original) Read() error {
	content, err := o.Open()
	if err != nil {
		return fmt.Errorf("report on message %s: %w", o.Message.ID, err)
	}
	defer content.Close()
	o.scan.add([]byte(o.Message.Trace)) // it is returned, too
	buf := make([]byte, 32<<10)
	for inHead := true; ; {
		n, err := content.Read(buf)
		o.scan.add(buf[:n])
		if inHead {
			o.head = append(o.head, buf[:n]...)
			end := endOfHead(o.head)
			if inHead = end < 0 && len(o.head) < maxHead; !inHead && end >= 0 {
				o.head = bytes.Clone(o.head[:end])
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("report on message %s: %w", o.Message.ID, err)
		}
	}
	o.fields = message.Parse(bytes.NewReader(o.head)).Header
	return nil
}

// endOfHead returns where the body begins, or -1.
func endOfHead(p []byte) int {
	for _, blank := range [...]string{"\r\n", "\n"} { // no header at all
		if bytes.HasPrefix(p, []byte(blank)) {
			return len(blank)
		}
	}
	end := -1
	for _, blank := range [...]string{"\n\r\n", "\n\n"} {
		if i := bytes.Index(p, []byte(blank)); i >= 0 && (end < 0 || i+len(blank) < end) {
			end = i + len(blank)
		}
	}
	return end
}

// value is the first field of a name, unfolded and decoded.
func (o *Original) value(name string) (string, bool) {
	for _, f := range o.fields {
		if strings.EqualFold(f.Name, name) {
			return strings.TrimSpace(f.Value), true
		}
	}
	return "", false
}

// Refusal tells why no report may be sent; "" says that one is due.
//
// A message with Auto-Submitted: auto-generated, as apps send, does get delivery
// status notifications: RFC 3834 §2 is about replies. One that is itself a reply
// or a report does not.
func (o *Original) Refusal(kind Kind, to mailstore.ForwardPath) string {
	if o.Message.Envelope.ReversePath == "" {
		return "the reverse-path is null" // RFC 5321 §4.5.5
	}
	submitted, _ := o.value("Auto-Submitted")
	submitted, _, _ = strings.Cut(submitted, ";")
	submitted = strings.ToLower(strings.TrimSpace(submitted))
	switch kind {
	case Complaint:
		return ""
	case Autoreply:
		return o.noReply(submitted, to)
	}
	if submitted == "auto-replied" || submitted == "auto-notified" {
		return "Auto-Submitted is " + submitted
	}
	asked := map[Kind]string{Failed: "FAILURE", Delayed: "DELAY", Delivered: "SUCCESS"}[kind]
	switch {
	case len(to.Notify) == 0 && kind == Delivered: // RFC 3461 §4.1: the default is FAILURE, perhaps DELAY
		return "NOTIFY does not ask for SUCCESS"
	case len(to.Notify) > 0 && !slices.Contains(to.Notify, asked):
		return "NOTIFY=" + strings.Join(to.Notify, ",")
	}
	return ""
}

// scan finds out which transfer encoding content needs (RFC 2045 §2).
type scan struct {
	high   bool // octets beyond ASCII
	binary bool // NUL, bare CR or LF, lines of more than 998 octets
	line   int
	last   byte
}

const maxLine = 998 // RFC 5322 §2.1.1

func (s *scan) add(p []byte) {
	for _, b := range p {
		switch {
		case b == '\n':
			s.binary = s.binary || s.last != '\r'
			s.line = 0
		case s.last == '\r':
			s.binary = true
			s.line = 1
		case b != '\r':
			s.line++
			s.high = s.high || b > 0x7f
			s.binary = s.binary || b == 0 || s.line > maxLine
		}
		s.last = b
	}
}

func (s *scan) encoding() string {
	switch {
	case s.binary:
		return "binary"
	case s.high:
		return "8bit"
	}
	return "7bit"
}
