package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// knownAt says from which points on, in the order of a session, what a rule asks
// of a client is known; a field that is missing is never known.
var knownAt = map[string]map[string][]Point{
	SMTP: {
		"sender":    {Mail, Rcpt, Data, End},
		"recipient": {Rcpt, Data, End},
		"mailbox":   {Rcpt, Data, End},
		"user":      {Ehlo, StartTLS, Auth, Mail, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
		"helo":      {Ehlo, StartTLS, Auth, Mail, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
		"remote":    points[SMTP],
		"query":     {End},
	},
	POP3: {
		"mailbox": {Capa, Pass, Apop, Auth, Stat, List, UIDL, Retr, Top, Dele, Rset, Noop, Quit},
		"user":    {Capa, User, Pass, Apop, Auth, Stat, List, UIDL, Retr, Top, Dele, Rset, Noop, Quit},
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
	if len(r.Do.Hide) > 0 && o.Capabilities != nil {
		for _, name := range r.Do.Hide {
			if there := o.Capabilities(r.Protocol); !slices.Contains(there, name) {
				add("hides %s, which is not offered; there are %s", name, strings.Join(there, ", "))
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
