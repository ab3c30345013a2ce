package mailstore

// Signatures agreed on; each moves to its file as it is implemented.

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Durability says when a change counts as stored.
type Durability string

const (
	Commit Durability = "commit" // after fsync: survives a crash of the machine
	None   Durability = "none"   // no fsync: survives a crash of the process only
)

// Naming says which part of an address names its mailbox.
type Naming string

const (
	Full   Naming = "full"   // alice@app.test
	Local  Naming = "local"  // alice
	Domain Naming = "domain" // app.test
)

// Retention caps what is kept; the oldest goes first. 0 is no cap.
type Retention struct {
	MaxMessages int64
	MaxAge      time.Duration
	MaxBytes    int64 // sum of the messages' sizes, in octets as they arrived
}

// Options of a store. The zero value of each field is its default.
type Options struct {
	Path       string // of the file; ignored when Ephemeral
	Ephemeral  bool   // a temporary file without fsync, removed by Close
	Durability Durability
	Naming     Naming
	Separator  string // between local part and sub-address; "" is "+", "none" is off
	Retention  Retention
	PerMailbox Retention
	Sessions   int              // newest sessions that are kept; 0 is 1,000
	Hostname   string           // for the Received field; "" is "localhost"
	Now        func() time.Time // nil is time.Now
	Log        *slog.Logger     // nil discards
}

type Store struct{}

func Open(o Options) (*Store, error) { panic("sketch") }
func (s *Store) Close() error        { panic("sketch") } // waits for what was accepted; then every call returns ErrClosed
func (s *Store) Path() string        { panic("sketch") }

// Check says whether the store can accept mail now: nil, ErrFull, ErrClosed.
func (s *Store) Check() error { panic("sketch") }

// Totals of the store.
type Totals struct {
	Messages, Unseen int64
	Bytes            int64  // sum of Size
	Newest           uint64 // highest seq ever assigned: the cursor
	Pruned           int64  // messages removed by retention since the store was made
	PrunedUpTo       uint64 // highest seq removed by retention
}

func (s *Store) Totals() (Totals, error) { panic("sketch") }

// Incoming takes the content of one message. Write never holds more than a few
// chunks in memory. Exactly one of Deliver and Abort ends it (Abort after either is a no-op).
type Incoming struct{}

func (s *Store) NewIncoming() *Incoming                                         { panic("sketch") }
func (in *Incoming) Write(p []byte) (int, error)                                { panic("sketch") } // p is copied; ErrFull, ErrClosed
func (in *Incoming) Size() int64                                                { panic("sketch") }
func (in *Incoming) Abort()                                                     { panic("sketch") }
func (in *Incoming) Deliver(ctx context.Context, env Envelope) (Receipt, error) { panic("sketch") }

// Receipt is what the 250 says.
type Receipt struct {
	Seq uint64
	ID  string
}

// Message by ID or by decimal seq ("latest" is not handled here). ErrNotFound.
func (s *Store) Message(id string) (*Message, error)       { panic("sketch") }
func (s *Store) MessageBySeq(seq uint64) (*Message, error) { panic("sketch") }

// Content opens a message's content: exactly the octets that arrived. It keeps no
// transaction open between reads. When the message is deleted meanwhile, reading ends with ErrNotFound.
func (s *Store) Content(seq uint64) (*Content, error) { panic("sketch") }

type Content struct{}

func (c *Content) Message() *Message                  { panic("sketch") } // trace fields, sizes
func (c *Content) Read(p []byte) (int, error)         { panic("sketch") }
func (c *Content) WriteTo(w io.Writer) (int64, error) { panic("sketch") } // large blocks
func (c *Content) Close() error                       { panic("sketch") }

// Maildrop is what a POP3 user name opens: a snapshot.
type Maildrop struct {
	Name    string  // resolved: a mailbox name, "*@domain" or "*"
	Entries []Entry // oldest first
	Octets  int64   // of all entries
	Hint    string  // for an empty maildrop: "alice@app.test has 3", else ""
}

type Entry struct {
	Seq    uint64
	Octets int64 // trace fields + content as POP3 sends them
}

// Maildrop resolves a POP3 user name and takes the snapshot. ErrAmbiguous (its
// text lists the candidates) when a bare local part has several mailboxes.
func (s *Store) Maildrop(user string) (*Maildrop, error) { panic("sketch") }
func (s *Store) ID(seq uint64) string                    { panic("sketch") } // the unique-id

// DeleteFrom removes deliveries from a maildrop name as Maildrop.Name gives it:
// from one mailbox, or from all mailboxes of "*@domain" or "*". Seqs that are gone are no error.
func (s *Store) DeleteFrom(ctx context.Context, maildrop string, seqs []uint64) error {
	panic("sketch")
}

// Delete removes messages everywhere; it returns how many were there.
func (s *Store) Delete(ctx context.Context, seqs ...uint64) (int, error)      { panic("sketch") }
func (s *Store) DeleteMailbox(ctx context.Context, name string) (int, error)  { panic("sketch") }
func (s *Store) DeleteAll(ctx context.Context) (int, error)                   { panic("sketch") }
func (s *Store) SetSeen(ctx context.Context, seen bool, seqs ...uint64) error { panic("sketch") }
func (s *Store) SetTags(ctx context.Context, seq uint64, tags []string) error { panic("sketch") }

// MailboxFor names the mailbox of an address: the one resolver.
func (s *Store) MailboxFor(address string) string                     { panic("sketch") }
func (s *Store) Mailboxes(after string, limit int) ([]Mailbox, error) { panic("sketch") } // by name
func (s *Store) Mailbox(name string) (Mailbox, error)                 { panic("sketch") }

// Query is a parsed search, see ParseQuery. nil matches everything.
type Query struct{}

// QueryError points at the place of what is wrong.
type QueryError struct {
	Text   string
	Offset int // in octets
	Reason string
}

func (e *QueryError) Error() string          { panic("sketch") }
func ParseQuery(text string) (*Query, error) { panic("sketch") }
func (q *Query) String() string              { panic("sketch") }

type ListOptions struct {
	Query   *Query
	Mailbox string // as Maildrop names: a mailbox, "*@domain", "*" or ""
	After   uint64 // only seqs above
	Before  uint64 // only seqs below; 0 is no bound
	Oldest  bool   // oldest first; default newest first
	Limit   int    // 0 is 50; at most 1,000
}

type Page struct {
	Messages []*Message
	Next     uint64 // pass as Before (After when Oldest) for the next page; 0 at the end
	Totals   Totals
}

func (s *Store) List(ctx context.Context, o ListOptions) (*Page, error) { panic("sketch") }

// Wait returns as soon as Count messages match after the cursor, oldest first. When ctx
// ends first the error is a *NoMatch that tells what did arrive.
type WaitOptions struct {
	Query   *Query
	Mailbox string
	After   uint64
	Count   int // 0 is 1
}

type NoMatch struct {
	Arrived int        // since the cursor
	Matched []*Message // fewer than Count
	Nearest *Message
	Reason  string // which criterion of Nearest failed
	Err     error  // the context's
}

func (e *NoMatch) Error() string                                             { panic("sketch") }
func (e *NoMatch) Unwrap() error                                             { return e.Err }
func (s *Store) Wait(ctx context.Context, o WaitOptions) ([]*Message, error) { panic("sketch") }

// Event is one change, in order.
type Event struct {
	Revision  uint64
	Type      EventType
	Seq       uint64 // of the message, 0 where it concerns none
	ID        string
	Mailboxes []string
	Message   *Message // for Stored
	Seen      bool     // for Seen
	Tags      []string // for Tagged
	Session   *Session // for SessionEnded, without its transcript
}

type EventType string

const (
	Stored  EventType = "stored"
	Deleted EventType = "deleted" // from all its mailboxes or, with Mailboxes set, from those
	Seen    EventType = "seen"
	Tagged  EventType = "tagged"
	Pruned  EventType = "pruned"
	Ended   EventType = "session"
	Resync  EventType = "resync" // what was missed is no longer known: read the list again
)

// Subscribe delivers the events after the given revision (0: from now on). A
// subscriber that does not keep up is dropped: Events is closed, Err is ErrSlow.
func (s *Store) Subscribe(after uint64) *Subscription { panic("sketch") }

type Subscription struct{}

func (sub *Subscription) Events() <-chan Event { panic("sketch") }
func (sub *Subscription) Err() error           { panic("sketch") }
func (sub *Subscription) Close()               { panic("sketch") }

func (s *Store) NewSessionID() string                                  { panic("sketch") }
func (s *Store) RecordSession(rec *Session)                            { panic("sketch") } // does not wait for the disk
func (s *Store) Session(id string) (*Session, error)                   { panic("sketch") }
func (s *Store) Sessions(before string, limit int) ([]*Session, error) { panic("sketch") } // newest first, without transcripts
func (s *Store) Compact(ctx context.Context) error                     { panic("sketch") } // the file must not be in use by others
