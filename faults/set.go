package faults

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what a set's rules can be about.
type Options struct {
	Addresses bool   // faults in addresses are looked for
	Prefix    string // of the part of an address that asks for faults; "" is "fault."
	Separator string // what sets that part apart; "" is none, and no address asks for anything

	MailboxFor   func(address string) string    // names an address's mailbox
	Capabilities func(protocol string) []string // those that EHLO and CAPA can list, in upper case; nil: not known
	Personas     func() []string                // the names there are; nil: not known
	Now          func() time.Time               // nil is time.Now
	Fired        func(f *Fault, session string) // is told of each fault; must not block
}

// DefaultPrefix is the prefix where none is set.
const DefaultPrefix = "fault."

// defaultTTL is how long a rule lives that does not say.
const defaultTTL = Duration(time.Hour)

// MaxRules is how many rules a set takes.
const MaxRules = 10_000

var (
	// ErrNotFound is a rule that is not there, or not any more.
	ErrNotFound = errors.New("there is no such fault rule")
	// ErrFull is a set that takes no more rules.
	ErrFull = fmt.Errorf("there are %d fault rules already: remove some", MaxRules)
)

// Set holds the rules of a server. It is safe for concurrent use. A nil one has
// no rules and takes none.
type Set struct {
	opts    Options
	current atomic.Pointer[index] // nil: no rules

	greylist memory // of addresses
	limits   memory // of addresses

	mu    sync.Mutex // of changes, and of counts
	rules []*rule    // in order
	last  int64      // number of the newest ID

	counts map[Count]int64 // with N 0
}

// rule is a Rule at work. All but the counters is not changed any more.
type rule struct {
	Rule
	who      audience
	tally    tally
	greylist memory

	matched, hits, lastHit atomic.Int64 // the last in Unix nanoseconds, 0: never
}

func (r *rule) expired(now time.Time) bool { return !r.Expires.IsZero() && !now.Before(r.Expires) }

// now is the rule with its counters and its warning; earlier are the rules before it.
func (r *rule) now(o *Options, earlier []*rule, now time.Time) Rule {
	out := r.Rule
	out.Warning = r.warning(o, earlier, now)
	out.At, out.Do.Hide = slices.Clone(r.At), slices.Clone(r.Do.Hide)
	out.Matched, out.Hits = r.matched.Load(), r.hits.Load()
	if at := r.lastHit.Load(); at != 0 {
		out.LastHit = time.Unix(0, at).UTC()
	}
	return out
}

// index has the rules of each place, in order.
type index map[string]map[Point][]*rule

// New makes a set without rules.
func New(o Options) *Set {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Addresses = o.Addresses && o.Separator != ""
	return &Set{opts: o, counts: map[Count]int64{}}
}

// Add puts a rule behind those there are, and returns it with its ID, and a
// warning if it can never fire. The error is an [*InvalidError] or [ErrFull].
func (s *Set) Add(r Rule) (Rule, error) { return s.put("", r) }

// Replace puts a rule in the place of another one: it keeps its ID and begins to
// count anew. The error is [ErrNotFound], or as that of Add.
func (s *Set) Replace(id string, r Rule) (Rule, error) { return s.put(id, r) }

func (s *Set) put(id string, r Rule) (Rule, error) {
	if s == nil {
		return Rule{}, ErrFull
	}
	now := s.opts.Now()
	fresh, err := s.compile(r, now)
	if err != nil {
		return Rule{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	place := len(s.rules)
	if id != "" {
		if place = s.place(id); place < 0 {
			return Rule{}, ErrNotFound
		}
		fresh.ID = id
		s.rules[place] = fresh
	} else {
		if place >= MaxRules {
			return Rule{}, ErrFull
		}
		s.last++
		fresh.ID = "f" + strconv.FormatInt(s.last, 10)
		s.rules = append(s.rules, fresh)
	}
	s.publish()
	return fresh.now(&s.opts, s.rules[:place], now), nil
}

// compile checks a rule and makes it ready.
func (s *Set) compile(r Rule, now time.Time) (*rule, error) {
	r.At, r.Do.Hide = slices.Clone(r.At), slices.Clone(r.Do.Hide)
	if err := r.check(&s.opts); err != nil {
		return nil, err
	}
	r.ID, r.Matched, r.Hits, r.LastHit, r.Warning = "", 0, 0, time.Time{}, ""
	if r.TTL == 0 && r.Expires.IsZero() {
		r.TTL = defaultTTL
	}
	if r.TTL > 0 { // so that the rule can be given back as it is listed
		r.Expires, r.TTL = now.Add(time.Duration(r.TTL)).UTC().Round(0), 0
	}
	out := &rule{Rule: r}
	out.who, _ = newAudience(&r.For) // check has parsed the query
	return out, nil
}

// place is where a rule stands, -1 when it does not; s.mu is held.
func (s *Set) place(id string) int {
	return slices.IndexFunc(s.rules, func(r *rule) bool { return r.ID == id })
}

// sweep takes expired rules out; s.mu is held.
func (s *Set) sweep(now time.Time) {
	before := len(s.rules)
	s.rules = slices.DeleteFunc(s.rules, func(r *rule) bool { return r.expired(now) })
	if len(s.rules) < before {
		s.publish()
	}
}

// publish makes the rules those that are asked; s.mu is held.
func (s *Set) publish() {
	if len(s.rules) == 0 {
		s.current.Store(nil)
		return
	}
	x := index{SMTP: {}, POP3: {}}
	for _, r := range s.rules {
		for _, p := range r.At {
			x[r.Protocol][p] = append(x[r.Protocol][p], r)
		}
	}
	s.current.Store(&x)
}

// Get returns a rule. [ErrNotFound] when it is not there.
func (s *Set) Get(id string) (Rule, error) {
	if list := s.list(func(r *rule) bool { return r.ID == id }); len(list) > 0 {
		return list[0], nil
	}
	return Rule{}, ErrNotFound
}

// List lists the rules in their order: those of an owner, or all for "".
func (s *Set) List(owner string) []Rule {
	return s.list(func(r *rule) bool { return owner == "" || r.Owner == owner })
}

func (s *Set) list(which func(*rule) bool) (list []Rule) {
	if s == nil {
		return nil
	}
	now := s.opts.Now()
	s.mu.Lock()
	s.sweep(now)
	rules := slices.Clone(s.rules)
	s.mu.Unlock()
	for i, r := range rules {
		if which(r) {
			list = append(list, r.now(&s.opts, rules[:i], now))
		}
	}
	return list
}

// Delete removes a rule. [ErrNotFound] when it is not there.
func (s *Set) Delete(id string) error {
	if n := s.remove(func(r *rule) bool { return r.ID == id }); n == 0 {
		return ErrNotFound
	}
	return nil
}

// DeleteOwned removes the rules of an owner and tells how many there were; those
// without an owner are nobody's.
func (s *Set) DeleteOwned(owner string) int {
	return s.remove(func(r *rule) bool { return owner != "" && r.Owner == owner })
}

// DeleteAll removes all rules and tells how many there were.
func (s *Set) DeleteAll() int { return s.remove(func(*rule) bool { return true }) }

func (s *Set) remove(which func(*rule) bool) int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(s.opts.Now())
	before := len(s.rules)
	s.rules = slices.DeleteFunc(s.rules, which)
	s.publish()
	return before - len(s.rules)
}

// Addresses says whether addresses are looked at, and what to write into them.
func (s *Set) Addresses() (on bool, separator, prefix string) {
	if s == nil {
		return false, "", DefaultPrefix
	}
	return s.opts.Addresses, s.opts.Separator, s.opts.Prefix
}

// Count is how many faults there were of a kind.
type Count struct {
	Protocol string
	Point    Point
	Action   string // the most noticeable part: reply, close, reset, truncate, delay, …
	N        int64
}

// Counts lists what has fired since the start, of rules and addresses.
func (s *Set) Counts() []Count {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Collect(maps.Keys(s.counts))
	for i := range list {
		list[i].N = s.counts[list[i]]
	}
	return list
}

// fired counts and tells of a fault.
func (s *Set) fired(f *Fault, c *Conn) *Fault {
	s.mu.Lock()
	s.counts[Count{Protocol: f.Protocol, Point: f.Point, Action: f.Do.kind()}]++
	s.mu.Unlock()
	if s.opts.Fired != nil {
		s.opts.Fired(f, c.session)
	}
	return f
}

// Conn begins a connection: protocol is SMTP or POP3, remote the client's
// address, with or without a port, session the ID of its record.
func (s *Set) Conn(protocol, remote, session string) *Conn {
	if s == nil {
		return nil
	}
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	return &Conn{set: s, protocol: protocol, remote: remote, session: session}
}
