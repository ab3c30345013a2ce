package faults

import "restante/mailstore"

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
	Do       Action // complete: a reply has a text, and a greylist that lets pass is no fault
}

// String is how transcripts and outcomes tell of the fault: "fault: rule f3,
// RCPT, 451", "fault: address, end of data, close".
func (f *Fault) String() string { return "fault: " + f.what() }

func (f *Fault) what() string {
	by := "address"
	if f.Rule != "" {
		by = "rule " + f.Rule
	}
	return by + ", " + f.Point.name() + ", " + f.Do.String()
}

// Conn asks for one connection. It is safe for concurrent use; a nil one never
// has a fault.
type Conn struct {
	set      *Set
	protocol string
	remote   string // an IP address
	session  string
}

// At tells what goes wrong on an occasion, nil for nothing. It counts: a server
// asks once for each command.
func (c *Conn) At(o Occasion) *Fault {
	return nil
}
