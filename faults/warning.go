package faults

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// knownAt says from which points on, in the order of a session, what a rule asks
// of a client is known; a field that is missing is never known.
var knownAt = map[string]map[string][]Point{
	SMTP: {
		"sender":    {Ehlo, Mail, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
		"recipient": {Ehlo, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
		"mailbox":   {Ehlo, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
		"user":      {Ehlo, StartTLS, Auth, Mail, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
		"helo":      {Ehlo, StartTLS, Auth, Mail, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
		"remote":    points[SMTP],
		"query":     {End},
	},
	POP3: {
		"mailbox": {Capa, Pass, Apop, Auth, Stat, List, UIDL, Retr, Top, Dele, Rset, Noop, Lang, Quit},
		"user":    {Capa, STLS, User, Pass, Apop, Auth, Stat, List, UIDL, Retr, Top, Dele, Rset, Noop, UTF8, Lang, Quit},
		"remote":  points[POP3],
		"query":   {Retr, Top, Dele},
	},
}

// warning says why a rule can never fire, or never at one of its points; "" when
// it can. earlier are the rules before it.
func (r *rule) warning(o *Options, earlier []*rule, now time.Time) string {
	var why []string
	add := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	for _, p := range r.At {
		for _, w := range r.For.criteria() {
			if w.text != "" && !slices.Contains(knownAt[r.Protocol][w.field], p) {
				add("never matches at %s: the %s is not known there", p, w.field)
			}
		}
	}
	for _, w := range r.For.criteria() {
		if wanted := w.wanted(o); wanted != "" {
			add("never matches: the %s is %s", w.field, wanted)
		}
	}
	if o.Capabilities != nil {
		there := o.Capabilities(r.Protocol)
		for _, name := range r.Do.Hide {
			if !slices.Contains(there, name) {
				add("hides %s, which is not offered; there are %s", name, strings.Join(there, ", "))
			}
		}
		start := map[string]Point{SMTP: StartTLS, POP3: STLS}[r.Protocol]
		if !slices.Contains(there, strings.ToUpper(string(start))) {
			if slices.Contains(r.At, start) {
				add("never matches at %s: TLS is not offered", start)
			} else if r.Do.RefuseTLS {
				add("refuses TLS, which is not offered")
			}
		}
	}
	if r.expired(now) {
		add("never matches: it expired at %s", r.Expires.Format(time.RFC3339))
	}
	if !r.Often.Until.IsZero() && !now.Before(r.Often.Until) {
		add("never fires: until is past")
	}
	for _, e := range earlier {
		if e.shadows(r, now) {
			add("never fires: rule %s is before it and always fires", e.ID)
			break
		}
	}
	return strings.Join(why, "; ")
}

// wanted says what a text without * and ? had to be for anything to match it, ""
// when it is that.
func (c criterion) wanted(o *Options) string {
	if c.text == "" || strings.ContainsAny(c.text, "*?") {
		return ""
	}
	text := strings.ToLower(c.text)
	switch c.field {
	case "remote":
		if net.ParseIP(text) == nil {
			return "an IP address, without a port"
		}
	case "sender", "recipient":
		address := strings.Contains(text, "@") && text[0] != '<'
		if !address && text != nullSender && text != "postmaster" { // RFC 5321 §4.1.1.3: it needs no domain
			return "an address without brackets, such as alice@app.test"
		}
	case "mailbox":
		if o.MailboxFor == nil {
			break
		}
		if name := o.MailboxFor(text); name != text {
			return name + " for such an address"
		}
	}
	return ""
}

// shadows says whether a rule always fires where r would: as long as both are
// there, or nearly so. Two rules that live for an hour end one after the other.
func (e *rule) shadows(r *rule, now time.Time) bool {
	if e.Protocol != r.Protocol || e.Often != (Often{}) || e.Do.Greylist ||
		!e.Expires.IsZero() && (r.Expires.IsZero() || r.Expires.Sub(e.Expires) > r.Expires.Sub(now)/10) {
		return false
	}
	for _, p := range r.At {
		if !slices.Contains(e.At, p) {
			return false
		}
	}
	a, b := &e.who, &r.who
	return a.sender.covers(b.sender) && a.recipient.covers(b.recipient) && a.mailbox.covers(b.mailbox) &&
		a.user.covers(b.user) && a.helo.covers(b.helo) && a.remote.covers(b.remote) &&
		(a.query == nil || a.query.String() == b.query.String())
}
