package faults

import (
	"errors"
	"time"
)

// Options say what a set's rules can be about.
type Options struct {
	Addresses bool   // faults in addresses are looked for
	Prefix    string // of the part of an address that asks for faults; "" is "fault."
	Separator string // what sets that part apart; "" is none, and no address asks for anything

	MailboxFor   func(address string) string    // names an address's mailbox
	Capabilities func(protocol string) []string // those that EHLO and CAPA can list; nil: not known
	Personas     func() []string                // the names there are
	Now          func() time.Time               // nil is time.Now
	Fired        func(*Fault, *Conn)            // is told of each fault; must not block
}

// ErrNotFound is a rule that is not there, or not any more.
var ErrNotFound = errors.New("no such rule")

// Set holds the rules of a server. It is safe for concurrent use. A nil one has
// no rules and takes none.
type Set struct {
	opts Options
}

// New makes a set without rules.
func New(o Options) *Set { return &Set{opts: o} }

// Conn begins a connection: protocol is SMTP or POP3, remote the client's
// address, with or without a port, session the ID of its record.
func (s *Set) Conn(protocol, remote, session string) *Conn {
	if s == nil {
		return nil
	}
	return &Conn{set: s, protocol: protocol, remote: remote, session: session}
}
