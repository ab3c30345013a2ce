package bounce

import (
	"net"
	"strings"
	"time"
)

// complaint writes a feedback report (RFC 5965): a recipient says that the
// message is abuse.
func (r *report) complaint(to []Recipient) error {
	e := &r.o.Message.Envelope
	r.header("Feedback Loop <feedback@"+r.o.Hostname+">", "FW: "+r.o.Message.Subject, "auto-generated")
	r.multipart("feedback-report", r.o.scan.encoding())
	r.text("This is an email abuse report for a message that came from "+source(e.Remote)+" on", r.o.Message.Received.Format(time.RFC1123Z)+".")

	r.part("message/feedback-report", "7bit")
	r.field("Feedback-Type", "abuse")
	r.field("User-Agent", "Restante")
	r.field("Version", "1")
	r.field("Original-Envelope-Id", printable(e.EnvID))
	r.field("Original-Mail-From", "<"+printable(e.ReversePath)+">")
	r.field("Arrival-Date", r.o.Message.Received.Format(time.RFC1123Z))
	r.field("Reporting-MTA", "dns; "+r.o.Hostname)
	if ip := net.ParseIP(source(e.Remote)); ip != nil {
		r.field("Source-IP", ip.String())
	}
	for _, p := range to {
		r.field("Original-Rcpt-To", "<"+printable(p.Path.Address)+">")
	}
	if len(r.o.Message.From) > 0 {
		if _, domain, ok := strings.Cut(r.o.Message.From[0].Address, "@"); ok {
			r.field("Reported-Domain", printable(domain))
		}
	}
	if err := r.returned(true); err != nil {
		return err
	}
	r.end()
	return nil
}

// source is the address that a client came from, without its port.
func source(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return "this host"
	}
	host, _, _ = strings.Cut(host, "%")
	return host
}
