package bounce

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"
	"unicode/utf8"

	"restante/mailstore"
)

// Write writes the report of a kind on some of the message's recipients. It is
// addressed to the message's reverse-path. There must be one recipient at least.
func (o *Original) Write(w io.Writer, kind Kind, to []Recipient) error {
	r := &report{Writer: bufio.NewWriter(w), o: o, boundary: "report-" + rand.Text()}
	var err error
	switch kind {
	case Autoreply:
		r.autoreply(to[0].Path)
	case Complaint:
		err = r.complaint(to)
	default:
		err = r.status(kind, to)
	}
	if err != nil {
		return fmt.Errorf("report on message %s: %w", o.Message.ID, err)
	}
	return r.Flush()
}

// Envelope is the mail transaction that a report comes in: its reverse-path is
// null, so that no report is ever sent about it (RFC 3464 §2, RFC 3834 §3.3).
func (o *Original) Envelope() mailstore.Envelope {
	e := &o.Message.Envelope
	env := mailstore.Envelope{
		ForwardPaths: []mailstore.ForwardPath{{Address: e.ReversePath}},
		Helo:         o.Hostname,
		Extended:     true,
		Session:      e.Session,
		SMTPUTF8:     e.SMTPUTF8,
	}
	switch o.scan.encoding() {
	case "binary":
		env.Body = "BINARYMIME"
	case "8bit":
		env.Body = "8BITMIME"
	}
	return env
}

// report is one that is being written. Write errors show at Flush.
type report struct {
	*bufio.Writer
	o        *Original
	boundary string
}

// line writes a line and CRLF.
func (r *report) line(parts ...string) {
	for _, s := range parts {
		r.WriteString(s)
	}
	r.WriteString("\r\n")
}

// field writes a header field, unless its value is empty. Line ends in it become
// spaces.
func (r *report) field(name, value string) {
	if value != "" {
		r.line(name, ": ", oneLine(value))
	}
}

func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, s)
}

// header writes what the header of every report has.
func (r *report) header(from, subject, submitted string) {
	e := &r.o.Message.Envelope
	r.field("Date", r.o.Now.Format(time.RFC1123Z))
	r.field("From", from)
	r.field("To", "<"+e.ReversePath+">")
	r.field("Subject", encoded(subject))
	r.field("Message-ID", "<"+rand.Text()+"@"+r.o.Hostname+">")
	r.field("Auto-Submitted", submitted) // RFC 3834 §5
	r.field("MIME-Version", "1.0")
}

// maxSubject keeps encoded subjects within one line (RFC 5322 §2.1.1), in octets.
const maxSubject = 200

func encoded(subject string) string {
	if len(subject) > maxSubject {
		cut := maxSubject
		for !utf8.RuneStart(subject[cut]) {
			cut--
		}
		subject = subject[:cut] + "..."
	}
	return mime.QEncoding.Encode("utf-8", oneLine(subject))
}

// multipart begins a multipart/report (RFC 6522).
func (r *report) multipart(reportType, encoding string) {
	r.line(`Content-Type: multipart/report; report-type=`, reportType, `;`)
	r.line(`	boundary="`, r.boundary, `"`)
	r.field("Content-Transfer-Encoding", encoding)
	r.line()
}

// part begins a part of it.
func (r *report) part(contentType, encoding string) {
	r.line("\r\n--", r.boundary)
	r.field("Content-Type", contentType)
	r.field("Content-Transfer-Encoding", encoding)
	r.line()
}

func (r *report) end() { r.line("\r\n--", r.boundary, "--") }

// text is the part for humans.
func (r *report) text(lines ...string) {
	encoding := "7bit"
	for _, l := range lines {
		if !isASCII(l) {
			encoding = "8bit"
		}
	}
	r.part("text/plain; charset=utf-8", encoding)
	for _, l := range lines {
		r.line(l)
	}
}

// returned is the part with the message as it was delivered, or with its header
// only.
func (r *report) returned(full bool) error {
	trace := r.o.Message.Trace
	var header scan
	header.add([]byte(trace))
	header.add(r.o.head)
	head, whole := "text/rfc822-headers", "message/rfc822" // RFC 6522 §4
	if header.high && r.o.Message.Envelope.SMTPUTF8 {
		head, whole = "message/global-headers", "message/global" // RFC 6533
	}
	if !full {
		r.part(head, header.encoding())
		r.WriteString(trace)
		r.Write(r.o.head)
		return nil
	}
	r.part(whole, r.o.scan.encoding())
	r.WriteString(trace)
	content, err := r.o.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(r, content)
	return err
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
