package faults

import (
	"sync"
	"time"

	"restante/mailstore"
)

// Occasion is a command that a client has given, with what is known by then.
// What is not known is left out.
type Occasion struct {
	Point      Point
	Helo       string
	User       string   // who has logged in; at the points of a login, who is about to
	Mail       bool     // SMTP: a reverse-path was given, also the null one
	Sender     string   // SMTP: the reverse-path, "" is the null one
	Recipients []string // SMTP: at rcpt the one, at data and end all that were accepted
	Mailbox    string   // POP3: the maildrop's

	// Message says whether the message that the command is about matches a query;
	// nil where there is none. It is called at most once for each rule.
	Message func(*mailstore.Query) bool
}

// Fault is what to do on an occasion.
type Fault struct {
	Protocol string
	Point    Point
	Rule     string // the rule's ID; "" when an address asks for it
	Owner    string // the rule's
	Do       Action // complete: a reply has a text, and a greylist is its reply
}

// String is how transcripts and outcomes tell of the fault: "fault: rule f3,
// RCPT, 451", "fault: address, end of data, close".
func (f *Fault) String() string { return "fault: " + f.What() }

// What is the fault as lists of faults have it: who asked for it, where it
// strikes and what it does, such as "rule f3, RCPT, 451".
func (f *Fault) What() string {
	return f.by() + ", " + f.Point.name() + ", " + f.Do.String()
}

func (f *Fault) by() string {
	if f.Rule == "" {
		return "address"
	}
	return "rule " + f.Rule
}

// Conn asks for one connection. It is safe for concurrent use; a nil one never
// has a fault.
type Conn struct {
	set      *Set
	protocol string
	remote   string // an IP address
	session  string

	mu      sync.Mutex
	tallies map[*rule]*tally // of the rules that count in each session
	user    string           // whose wishes were read last
	wishes  []Wish
	asked   map[Point]int64 // how many times, of the points that user has numbered wishes for
}

// At tells what goes wrong on an occasion, nil for nothing. It counts: a server
// asks once for each command.
func (c *Conn) At(o Occasion) *Fault {
	if c == nil {
		return nil
	}
	if c.set.opts.Addresses {
		if f := c.wished(&o); f != nil {
			return c.set.fired(f, c)
		}
	}
	rules := c.set.current.Load()
	if rules == nil {
		return nil
	}
	if at := (*rules)[c.protocol][o.Point]; len(at) > 0 {
		return c.ruled(at, &o)
	}
	return nil
}

// ruled asks rules in their order.
func (c *Conn) ruled(rules []*rule, o *Occasion) *Fault {
	now := c.set.opts.Now()
	var fired *rule
	stale := false
	for _, r := range rules {
		if r.expired(now) {
			stale = true
		} else if r.who.includes(c, o) && r.fires(c, o, now) {
			fired = r
			break
		}
	}
	if stale {
		c.set.mu.Lock()
		c.set.sweep(now)
		c.set.mu.Unlock()
	}
	if fired == nil {
		return nil
	}
	f := &Fault{Protocol: c.protocol, Point: o.Point, Rule: fired.ID, Owner: fired.Owner, Do: fired.Do}
	f.complete()
	return c.set.fired(f, c)
}

// fires counts a match of a rule and says whether this one counts.
func (r *rule) fires(c *Conn, o *Occasion, now time.Time) bool {
	r.matched.Add(1)
	if r.Do.Greylist && !r.greylist.stranger(c.triple(o)) {
		return false
	}
	t := &r.tally
	if r.Often.Session {
		t = c.tally(r)
	}
	if !r.Often.fires(t, now) {
		return false
	}
	r.hits.Add(1)
	r.lastHit.Store(now.UnixNano())
	return true
}

// tally is this session's own of a rule.
func (c *Conn) tally(r *rule) *tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tallies[r]
	if t == nil {
		if c.tallies == nil {
			c.tallies = map[*rule]*tally{}
		}
		t = new(tally)
		c.tallies[r] = t
	}
	return t
}

// complete makes an action what a server can do: its reply has a text, and a
// greylist became a reply.
func (f *Fault) complete() {
	if f.Do.Greylist {
		f.Do.Greylist = false
		if f.Do.Reply == nil {
			f.Do.Reply = &Reply{Code: 451, Enhanced: "4.7.1", Text: "Greylisted, try again later (fault of " + f.by() + ")"}
		}
	}
	if f.Do.Reply != nil {
		f.Do.Reply = f.Do.Reply.completed(f.Point, f.by())
	}
}
