package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"restante/mailstore"
)

// places says at which points an action is possible; those that are not here are
// possible at all.
var places = []struct {
	field string
	is    func(*Action) bool
	at    map[string][]Point
}{
	{"truncate", func(a *Action) bool { return a.Truncate != nil }, map[string][]Point{SMTP: {Data}, POP3: {Capa, List, UIDL, Retr, Top}}},
	{"keep", func(a *Action) bool { return a.Keep }, map[string][]Point{SMTP: {End}}},
	{"hide", func(a *Action) bool { return len(a.Hide) > 0 }, map[string][]Point{SMTP: {Ehlo}, POP3: {Capa}}},
	{"size", func(a *Action) bool { return a.Size != "" }, map[string][]Point{POP3: {Stat, List}}},
	{"uid", func(a *Action) bool { return a.UID != "" }, map[string][]Point{POP3: {UIDL}}},
	{"refuseTLS", func(a *Action) bool { return a.RefuseTLS }, map[string][]Point{SMTP: {Connect, StartTLS}, POP3: {Connect, STLS}}},
	{"dsn", func(a *Action) bool { return a.DSN != "" }, map[string][]Point{SMTP: {Rcpt, End}}},
	{"delayedDSN", func(a *Action) bool { return a.DelayedDSN }, map[string][]Point{SMTP: {Rcpt, End}}},
	{"autoreply", func(a *Action) bool { return a.Autoreply }, map[string][]Point{SMTP: {Rcpt, End}}},
	{"complaint", func(a *Action) bool { return a.Complaint }, map[string][]Point{SMTP: {Rcpt, End}}},
	{"greylist", func(a *Action) bool { return a.Greylist }, map[string][]Point{SMTP: {Rcpt}}},
	{"persona", func(a *Action) bool { return a.Persona != "" }, map[string][]Point{SMTP: {Connect}}},
}

const (
	maxName  = 100
	maxGlob  = 300
	maxText  = 400 // of a reply: the line fits into 512 octets (RFC 5321 §4.5.3.1.5, RFC 2449 §4)
	maxHide  = 50
	maxDelay = Duration(time.Hour)
	maxAbove = 10_000
)

// check finds what is wrong with a rule, and spells its words as they are
// compared: points and capabilities in their case, login as the three points
// that it stands for.
func (r *Rule) check(o *Options) error {
	var c complaints
	short := func(field, text string, limit int) {
		if len(text) > limit || !printable(text) {
			c.add(field, text, "want a text of %d octets at most, without control characters", limit)
		}
	}
	short("name", r.Name, maxName)
	short("owner", r.Owner, maxName)
	r.Protocol = strings.ToLower(r.Protocol)
	if points[r.Protocol] == nil {
		c.add("protocol", r.Protocol, "want smtp or pop3")
	} else {
		r.checkPoints(&c)
		r.checkAction(&c, o)
	}
	for _, w := range r.For.criteria() {
		if w.field != "query" {
			short("for."+w.field, w.text, maxGlob)
		}
	}
	if _, err := newAudience(&r.For); err != nil {
		reason := err.Error()
		if q, ok := errors.AsType[*mailstore.QueryError](err); ok {
			reason = fmt.Sprintf("at octet %d: %s", q.Offset, q.Reason)
		}
		c.add("for.query", r.For.Query, "%s", reason)
	}
	r.Often.check(&c)
	if r.TTL != 0 && !r.Expires.IsZero() {
		c.add("expires", r.Expires, "give ttl or expires, not both")
	}
	return c.err()
}

func (r *Rule) checkPoints(c *complaints) {
	if len(r.At) == 0 {
		c.add("at", nil, "where? Give one or more of %s", join(points[r.Protocol]))
	}
	var at []Point
	for i, p := range r.At {
		p = Point(strings.ToLower(string(p)))
		of := []Point{p}
		if p == Login && r.Protocol == POP3 {
			of = logins
		} else if !slices.Contains(points[r.Protocol], p) {
			c.add(fmt.Sprintf("at[%d]", i), p, "%s has no such point; it has %s", r.Protocol, join(points[r.Protocol]))
			continue
		}
		for _, p := range of {
			if !slices.Contains(at, p) {
				at = append(at, p)
			}
		}
	}
	r.At = at
}

// logins are what Login stands for.
var logins = []Point{Pass, Apop, Auth}

func (r *Rule) checkAction(c *complaints, o *Options) {
	a := &r.Do
	if a.String() == "" {
		c.add("do", nil, "what? Give one or more of reply, delay, throttle, close, reset, truncate, hide, …")
	}
	if a.Delay < 0 || a.Delay > maxDelay {
		c.add("do.delay", a.Delay.String(), "want a time up to %s", maxDelay)
	}
	if a.Throttle < 0 {
		c.add("do.throttle", a.Throttle.String(), "want octets in a second, 1 at least")
	}
	for _, p := range places {
		if !p.is(a) {
			continue
		}
		for _, at := range r.At {
			if possible := p.at[r.Protocol]; !slices.Contains(possible, at) {
				where := "in " + other(r.Protocol) + " only"
				if possible != nil {
					where = "at " + join(possible) + " only"
				}
				c.add("do."+p.field, nil, "is possible %s, and at has %s", where, at)
				break
			}
		}
	}
	if a.Keep && a.Reply == nil && !a.Close && !a.Reset {
		c.add("do.keep", true, "goes with reply, close or reset")
	}
	if a.Truncate != nil && *a.Truncate == Half && r.Protocol == SMTP {
		c.add("do.truncate", "half", "half is for responses of POP3: how long a content will be is not known")
	}
	if a.Close && a.Reset {
		c.add("do.reset", true, "the connection is closed or reset, not both")
	}
	if a.DSN != "" && !isEnhanced.MatchString(a.DSN) {
		c.add("do.dsn", a.DSN, "want a status such as 5.1.1 (RFC 3463)")
	}
	if !isSize(a.Size) {
		c.add("do.size", a.Size, "want +7, -3 or 100")
	}
	if !slices.Contains([]UID{"", UIDChange, UIDDuplicate, UIDMissing}, a.UID) {
		c.add("do.uid", a.UID, "want change, duplicate or missing")
	}
	if len(a.Hide) > maxHide {
		c.add("do.hide", len(a.Hide), "want %d names at most", maxHide)
	}
	for i, name := range a.Hide {
		if name == "" || len(name) > maxName || strings.ContainsAny(name, " \t") || !printable(name) {
			c.add(fmt.Sprintf("do.hide[%d]", i), name, "want the name of a capability, without its parameters")
		}
		a.Hide[i] = strings.ToUpper(name)
	}
	if a.Persona != "" && o.Personas != nil {
		if known := o.Personas(); !slices.Contains(known, a.Persona) {
			c.add("do.persona", a.Persona, "there is no such persona; there are %s", strings.Join(known, ", "))
		}
	}
	if a.Reply != nil {
		a.Reply.check(c, r.Protocol)
	}
}

func (r *Reply) check(c *complaints, protocol string) {
	if len(r.Text) > maxText || !printable(r.Text) {
		c.add("do.reply.text", r.Text, "want one line of %d octets at most", maxText)
	}
	if protocol == POP3 {
		if r.Code != 0 {
			c.add("do.reply.code", r.Code, "pop3 has no reply codes: the answer is -ERR; give resp, text or neither")
		}
		if r.Enhanced != "" {
			c.add("do.reply.enhanced", r.Enhanced, "pop3 has no enhanced codes; give resp, such as SYS/TEMP")
		}
		if r.Resp != "" && (len(r.Resp) > 40 || !isResp.MatchString(r.Resp)) {
			c.add("do.reply.resp", r.Resp, "want a response code without brackets, such as IN-USE or SYS/TEMP")
		}
		return
	}
	if r.Code < 200 || r.Code > 599 {
		c.add("do.reply.code", r.Code, "want a reply code from 200 to 599")
	} else if r.Enhanced != "" && (!isEnhanced.MatchString(r.Enhanced) || int(r.Enhanced[0]-'0') != r.Code/100) {
		c.add("do.reply.enhanced", r.Enhanced, "want a code such as %d.7.1, in the class of %d", r.Code/100, r.Code)
	}
	if r.Resp != "" {
		c.add("do.reply.resp", r.Resp, "smtp has no response codes; give code and enhanced")
	}
}

func (o *Often) check(c *complaints) {
	for _, n := range []struct {
		field string
		value int64
	}{{"next", o.Next}, {"every", o.Every}, {"after", o.After}, {"above", o.Above}} {
		if n.value < 0 {
			c.add("often."+n.field, n.value, "want a number from 1 on")
		}
	}
	if o.Above > maxAbove {
		c.add("often.above", o.Above, "want %d at most", maxAbove)
	}
	if o.Above > 0 && o.Per <= 0 {
		c.add("often.per", nil, "above needs a window, such as 1m")
	}
	if o.Above == 0 && o.Per != 0 {
		c.add("often.per", o.Per.String(), "is the window of above, which is not given")
	}
	if !(o.Probability >= 0 && o.Probability <= 1) {
		c.add("often.probability", o.Probability, "want a number from 0 to 1")
	}
	if o.Seed != 0 && o.Probability == 0 {
		c.add("often.seed", o.Seed, "is the seed of probability, which is not given")
	}
}

// isSize says whether a text is a number of octets with or without a sign.
func isSize(s string) bool {
	digits := strings.TrimLeft(s, "+-")
	return s == "" || len(s)-len(digits) <= 1 && digits != "" && len(digits) <= 18 && strings.Trim(digits, "0123456789") == ""
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' })
}

func other(protocol string) string {
	if protocol == SMTP {
		return POP3
	}
	return SMTP
}

func join[T ~string](list []T) string {
	var b strings.Builder
	for i, p := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(p))
	}
	return b.String()
}
