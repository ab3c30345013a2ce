package client

import (
	"context"
)

// Info is what the server says about itself.
type Info struct {
	Version      string         `json:"version"`
	SMTP         string         `json:"smtp"` // host:port to send mail to; "" when off
	POP3         string         `json:"pop3"` // to fetch it from
	HTTP         string         `json:"http"` // of the API and the page
	SMTPS        string         `json:"smtps"`
	POP3S        string         `json:"pop3s"`
	HTTPS        string         `json:"https"`
	StartTLS     bool           `json:"starttls"`   // STARTTLS and STLS are offered
	Everywhere   []string       `json:"everywhere"` // listeners on every interface, such as "smtp"
	Hostname     string         `json:"hostname"`
	Limits       Limits         `json:"limits"`
	Retention    StoreRetention `json:"retention"`
	Durability   string         `json:"durability"`   // commit: a message is on disk when it is acknowledged; none
	Ephemeral    bool           `json:"ephemeral"`    // the mail goes with the server
	Naming       string         `json:"naming"`       // of mailboxes: full, local or domain
	Separator    string         `json:"separator"`    // of sub-addresses; "" is none
	AuthRequired bool           `json:"authRequired"` // no mail without a login
	Users        bool           `json:"users"`        // only certain users are let in
	POP3Lock     string         `json:"pop3Lock"`     // shared or exclusive
	Persona      string         `json:"persona"`      // that it behaves as; "" is itself
	Personas     []string       `json:"personas"`     // that a fault rule at connect can name
	Counts       Counts         `json:"counts"`
	Open         OpenSessions   `json:"sessionsOpen"`
}

// Limits of the server; 0 is none.
type Limits struct {
	MessageBytes int64 `json:"messageBytes"` // of a message
	Recipients   int   `json:"recipients"`   // of a message
	Connections  int   `json:"connections"`  // at a time, of SMTP and of POP3 each
}

// OpenSessions counts the sessions that there are now.
type OpenSessions struct {
	SMTP int `json:"smtp"`
	POP3 int `json:"pop3"`
}

// Retention is how much mail is kept. The oldest goes first; 0 or "" is no cap.
type Retention struct {
	MaxMessages int64  `json:"maxMessages"`
	MaxAge      string `json:"maxAge"` // as Go writes a duration: 720h0m0s
	MaxBytes    int64  `json:"maxBytes"`
}

// StoreRetention is that of the store, and that of each mailbox.
type StoreRetention struct {
	Retention
	Mailbox Retention `json:"mailbox"`
}

// Counts are those of the store.
type Counts struct {
	Messages   int64  `json:"messages"`
	Unseen     int64  `json:"unseen"`
	Bytes      int64  `json:"bytes"`
	Newest     uint64 `json:"newest"`     // the newest seq that was ever given: the cursor
	Pruned     int64  `json:"pruned"`     // messages that retention has removed
	PrunedUpTo uint64 `json:"prunedUpTo"` // the highest seq of them; 0 is none
}

// Info asks the server about itself.
func (c *Client) Info(ctx context.Context) (*Info, error) {
	i := new(Info)
	if err := c.get(ctx, "/v1/info", nil, i); err != nil {
		return nil, err
	}
	return i, nil
}

// Ready returns nil when the server can accept mail.
func (c *Client) Ready(ctx context.Context) error {
	return c.get(ctx, "/readyz", nil, nil)
}
