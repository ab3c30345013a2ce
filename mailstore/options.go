package mailstore

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Durability says when a change counts as stored.
type Durability string

const (
	// Commit: after fsync. What was accepted survives a crash of the machine.
	Commit Durability = "commit"
	// None: without fsync. What was accepted survives a crash of the process,
	// NOT of the machine, which may leave a damaged file. For throw-away stores.
	None Durability = "none"
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
	MaxAge      time.Duration // since the message was received
	MaxBytes    int64         // octets; of the store: as they arrived, of a mailbox: as POP3 sends them
}

// Options of a store. The zero value of each field is its default.
type Options struct {
	Path       string           // of the file; made when missing; ignored when Ephemeral
	Ephemeral  bool             // a temporary file without fsync that goes with Close
	Durability Durability       // "" is Commit; an ephemeral store has None
	Naming     Naming           // "" is Full
	Separator  string           // between local part and sub-address; "" is "+", "none" keeps sub-addresses apart
	Retention  Retention        // of the whole store
	PerMailbox Retention        // of each mailbox
	Sessions   int              // newest sessions that are kept; 0 is 1,000
	Hostname   string           // for the Received field; "" is "localhost"
	Now        func() time.Time // nil is time.Now
	Log        *slog.Logger     // nil discards
}

func (o Options) withDefaults() (Options, error) {
	if o.Ephemeral {
		o.Durability = None
	} else if o.Path == "" {
		return o, fmt.Errorf("open store: no path, and not ephemeral")
	}
	switch o.Durability {
	case "":
		o.Durability = Commit
	case Commit, None:
	default:
		return o, fmt.Errorf("open store: durability %q: want %q or %q", o.Durability, Commit, None)
	}
	switch o.Naming {
	case "":
		o.Naming = Full
	case Full, Local, Domain:
	default:
		return o, fmt.Errorf("open store: naming %q: want %q, %q or %q", o.Naming, Full, Local, Domain)
	}
	switch o.Separator {
	case "":
		o.Separator = "+"
	case "none":
		o.Separator = ""
	}
	if o.Sessions <= 0 {
		o.Sessions = 1000
	}
	if o.Hostname == "" {
		o.Hostname = "localhost"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return o, nil
}
