package bounce

import (
	"fmt"
	"strings"
	"time"

	"restante/mailstore"
)

// retryTime is how long a delayed message would still be tried (RFC 5321
// §4.5.4.1: 4 to 5 days at least).
const retryTime = 5 * 24 * time.Hour

// status writes a delivery status notification (RFC 3464).
func (r *report) status(kind Kind, to []Recipient) error {
	e := &r.o.Message.Envelope
	words := map[Kind]struct{ action, subject, intro string }{
		Failed:    {"failed", "Undelivered Mail Returned to Sender", "Your message could not be delivered to:"},
		Delayed:   {"delayed", "Delayed Mail (still being retried)", "Your message has not been delivered yet. You need not send it again. It is still being tried for:"},
		Delivered: {"delivered", "Successful Mail Delivery Report", "Your message was delivered to:"},
	}[kind]
	full := kind == Failed && e.Ret != "HDRS" // RFC 3461 §4.3: RET is for failures
	encoding := "8bit"                        // at least what the parts need (RFC 2045 §6.4)
	if full && r.o.scan.binary {
		encoding = "binary"
	}
	r.header("Mail Delivery System <MAILER-DAEMON@"+r.o.Hostname+">", words.subject, "auto-replied")
	r.multipart("delivery-status", encoding)
	text := []string{"This is the mail system at " + r.o.Hostname + ".", "", words.intro, ""}
	for _, p := range to {
		text = append(text, "<"+p.Path.Address+">: "+Diagnostic(p.Status))
	}
	r.text(text...)

	r.part("message/delivery-status", "7bit")
	r.field("Original-Envelope-Id", printable(e.EnvID))
	r.field("Reporting-MTA", "dns; "+r.o.Hostname)
	if e.Helo != "" {
		r.field("Received-From-MTA", "dns; "+printable(e.Helo))
	}
	r.field("Arrival-Date", r.o.Message.Received.Format(time.RFC1123Z))
	for _, p := range to {
		r.line()
		r.field("Original-Recipient", originalRecipient(p.Path))
		r.field("Final-Recipient", typed("", p.Path.Address))
		r.field("Action", words.action)
		r.field("Status", p.Status)
		if kind != Delivered {
			r.field("Diagnostic-Code", "smtp; "+Diagnostic(p.Status))
		}
		r.field("Last-Attempt-Date", r.o.Now.Format(time.RFC1123Z))
		if kind == Delayed {
			r.field("Will-Retry-Until", r.o.Now.Add(retryTime).Format(time.RFC1123Z))
		}
	}
	if err := r.returned(full); err != nil {
		return err
	}
	r.end()
	return nil
}

// originalRecipient is the ORCPT parameter (RFC 3461 §6.3).
func originalRecipient(p mailstore.ForwardPath) string {
	if p.ORcpt == "" {
		return ""
	}
	return typed(p.ORcptType, p.ORcpt)
}

// typed is an address with its type. One beyond ASCII has the type utf-8, and is
// written in ASCII (RFC 6533 §3).
func typed(kind, address string) string {
	switch {
	case kind == "":
		kind = "rfc822"
	case kind == "utf-8":
	default:
		return kind + ";" + printable(address)
	}
	if isASCII(address) && kind == "rfc822" {
		return "rfc822;" + oneLine(address)
	}
	var b strings.Builder
	for _, c := range address {
		if c <= ' ' || c >= 0x7f || c == '+' || c == '=' || c == '\\' {
			fmt.Fprintf(&b, `\x{%X}`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return "utf-8;" + b.String()
}

// printable leaves only printable ASCII.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f {
			return '?'
		}
		return c
	}, s)
}

// meanings words the enhanced status codes that are met most (RFC 3463 §3).
var meanings = map[string]string{
	"1.1": "Mailbox does not exist",
	"1.2": "Domain does not exist",
	"1.6": "Mailbox has moved, no forwarding address",
	"2.0": "Mailbox cannot be delivered to",
	"2.1": "Mailbox is disabled, not accepting messages",
	"2.2": "Mailbox is full",
	"2.3": "Message is too long for this mailbox",
	"3.1": "Mail system is full",
	"3.4": "Message is too large for this system",
	"4.1": "No answer from the host",
	"4.4": "No route to the host",
	"4.7": "Delivery time expired",
	"6.1": "Media not supported",
	"7.1": "Delivery not authorised, message refused",
}

// Diagnostic is an SMTP reply with an enhanced status code: "550 5.1.1 Mailbox
// does not exist".
func Diagnostic(status string) string {
	class, rest, _ := strings.Cut(status, ".")
	code := map[string]string{"2": "250", "4": "451", "5": "550"}[class]
	if class == "5" && rest == "2.2" || class == "5" && strings.HasPrefix(rest, "3.4") {
		code = "552"
	}
	if class == "2" {
		return code + " " + status + " OK"
	}
	meaning := meanings[rest]
	if meaning == "" {
		meaning = "Delivery failed"
	}
	return code + " " + status + " " + meaning
}
