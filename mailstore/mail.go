package mailstore

import (
	"errors"
	"time"
)

// Errors that callers match with errors.Is.
var (
	ErrNotFound    = errors.New("no such message")         // never stored here, or gone
	ErrNoMailbox   = errors.New("no such mailbox")         // nothing was ever delivered to it
	ErrClosed      = errors.New("the store is closed")     // Close was called
	ErrFull        = errors.New("the disk is full")        // nothing was stored; space may return
	ErrInUse       = errors.New("the store is in use")     // by another process
	ErrDamaged     = errors.New("the store is damaged")    // not a store, or a broken one; left as it is
	ErrNewerSchema = errors.New("the store is newer")      // written by a later version of Restante
	ErrAmbiguous   = errors.New("several mailboxes match") // a bare local part with several candidates
)

// Envelope is what the SMTP session (RFC 5321 §2.3.1) said about a message:
// the mail transaction and the connection it came over.
type Envelope struct {
	ReversePath  string        // without angle brackets; "" is the null reverse-path <>
	ForwardPaths []ForwardPath // in the order of RCPT

	Helo      string // argument of HELO or EHLO
	Extended  bool   // greeted with EHLO
	Remote    string // client's address, "127.0.0.1:41234"; "" when not from a network
	User      string // SMTP AUTH identity; "" without AUTH
	TLS       string // "TLS 1.3", "" in plaintext
	Cipher    string // cipher suite, "" in plaintext
	Session   string // ID of the SMTP session, see [Store.NewSessionID]
	Mechanism string // SASL mechanism, "" without AUTH

	// Parameters of MAIL.
	Size     int64   // SIZE=, RFC 1870; 0 when not given
	Body     string  // BODY=: 7BIT, 8BITMIME, BINARYMIME; "" when not given
	SMTPUTF8 bool    // RFC 6531
	Ret      string  // RET=: FULL, HDRS; RFC 3461 §4.3
	EnvID    string  // ENVID=, decoded; RFC 3461 §4.4
	Auth     *string // AUTH=, decoded; nil when not given, "" is <>; RFC 4954 §5
}

// ForwardPath is one RCPT command of a mail transaction.
type ForwardPath struct {
	Address string // as given, without angle brackets and source route
	Mailbox string // that it was delivered to; filled in at delivery

	Notify    []string // NOTIFY=: NEVER, or of SUCCESS, FAILURE, DELAY; RFC 3461 §4.1
	ORcpt     string   // ORCPT=, decoded address; RFC 3461 §4.2
	ORcptType string   // its address type: rfc822, utf-8
}

// Address is a mailbox of a header field: a display name and an address.
type Address struct {
	Name    string // decoded; "" when there is none
	Address string // as written; "" when it could not be read
}

// Message is everything that the store knows about one message except its
// content.
type Message struct {
	Seq      uint64    // in commit order, never reused
	ID       string    // short, URL-safe, also the POP3 unique-id
	Received time.Time // when the end of its content arrived
	Size     int64     // octets of its content as it arrived
	Octets   int64     // octets of Trace and content as POP3 sends them (RFC 1939 §11)
	Trace    string    // trace fields made at delivery (RFC 5321 §4.4), lines end in CRLF
	Envelope Envelope

	// From the header, decoded.
	Subject   string
	From      []Address
	To        []Address
	Cc        []Address
	MessageID string
	Date      time.Time // zero when missing or unreadable

	Preview     string   // the beginning of its text
	Attachments int      // number of parts that are attachments
	Defects     []string // codes of package message, see message.Defect

	Seen bool
	Tags []string // sorted
}

// Mailboxes lists the mailboxes that the message is still in.
func (m *Message) Mailboxes() []string {
	var boxes []string
next:
	for _, p := range m.Envelope.ForwardPaths {
		if p.Mailbox == "" {
			continue
		}
		for _, b := range boxes {
			if b == p.Mailbox {
				continue next
			}
		}
		boxes = append(boxes, p.Mailbox)
	}
	return boxes
}

// Mailbox is a mailbox with its counters.
type Mailbox struct {
	Name     string
	Messages int64
	Unseen   int64
	Octets   int64     // as POP3 sends them
	Newest   uint64    // seq of the newest message ever delivered to it
	Received time.Time // of that message
}

// Session is the record of one SMTP or POP3 connection.
type Session struct {
	ID       string    // from [Store.NewSessionID]
	Protocol string    // "smtp", "pop3"
	Remote   string    // client's address
	Started  time.Time //
	Ended    time.Time //
	Helo     string    // SMTP only
	User     string    // SMTP AUTH identity or POP3 user name
	TLS      string    // "TLS 1.3", "" in plaintext
	Outcome  string    // one line in plain words: "1 message delivered", "closed by the client in DATA"
	Failed   bool      // the client did not get what it came for
	Messages []string  // IDs that were delivered or fetched
	Faults   []string  // made on purpose, in order: "rule f3, RCPT, 451"

	Transcript []Line
	Attempts   []Attempt // SMTP only: mail transactions that brought no message
	Truncated  bool      // there was more than what is kept
}

// Line is one line of a session's transcript, without its line ending.
type Line struct {
	At   time.Duration // since the session started
	From Side
	Text string // content is elided: "(2,048 octets of content)"; secrets are "***"
}

// Side says who spoke a line of a transcript.
type Side byte

const (
	Client Side = 'C'
	Server Side = 'S'
	Note   Side = '*' // nobody: what happened, such as "TLS handshake" or a fault
)
