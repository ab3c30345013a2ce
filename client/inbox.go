package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Inbox is a disposable mailbox: an address that nobody else has, and what to log
// in with to send to it and to fetch from it.
type Inbox struct {
	ID      string    `json:"id"`      // the local part of the address
	Address string    `json:"address"` // to send to
	Mailbox string    `json:"mailbox"` // for Query.Mailbox
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"` // when it goes by itself; zero is never
	Cursor  uint64    `json:"cursor"`  // the newest seq when it was made

	SMTP  Endpoint  `json:"smtp"`
	POP3  Endpoint  `json:"pop3"`
	SMTPS *Endpoint `json:"smtps"` // with TLS from the first octet; nil when off
	POP3S *Endpoint `json:"pop3s"`

	c *Client
}

// Endpoint is where and as whom to log in.
type Endpoint struct {
	Host     string `json:"host"` // "" when off
	Port     int    `json:"port"`
	User     string `json:"user"`
	Password string `json:"password"`
	TLS      string `json:"tls"` // starttls when it is offered, tls when it comes first, else ""
}

// InboxOptions say what kind of inbox. The zero value is a random address that
// stays until it is closed.
type InboxOptions struct {
	Prefix string        // the address begins with it
	TTL    time.Duration // the inbox goes by itself after this long; 0 is never
	Domain string        // of the address; "" is the server's choice
}

// NewInbox makes an inbox. [Inbox.Close] deletes it and its mail.
func (c *Client) NewInbox(ctx context.Context, o InboxOptions) (*Inbox, error) {
	var ask struct {
		Prefix string `json:"prefix,omitempty"`
		TTL    string `json:"ttl,omitempty"`
		Domain string `json:"domain,omitempty"`
	}
	ask.Prefix, ask.Domain = o.Prefix, o.Domain
	if o.TTL > 0 {
		ask.TTL = o.TTL.String()
	}
	in := &Inbox{c: c}
	if err := c.send(ctx, http.MethodPost, "/v1/inboxes", nil, ask, in); err != nil {
		return nil, err
	}
	return in, nil
}

// Inbox returns an inbox by its id, [ErrNotFound] when it is closed or expired.
func (c *Client) Inbox(ctx context.Context, id string) (*Inbox, error) {
	in := &Inbox{c: c}
	if err := c.get(ctx, inboxPath(id), nil, in); err != nil {
		return nil, err
	}
	return in, nil
}

// Inboxes lists the inboxes that are not closed and have not expired.
func (c *Client) Inboxes(ctx context.Context) ([]*Inbox, error) {
	var answer struct {
		Inboxes []*Inbox `json:"inboxes"`
	}
	if err := c.get(ctx, "/v1/inboxes", nil, &answer); err != nil {
		return nil, err
	}
	for _, in := range answer.Inboxes {
		in.c = c
	}
	return answer.Inboxes, nil
}

// Close deletes the inbox and its mail.
func (in *Inbox) Close(ctx context.Context) error {
	return in.c.send(ctx, http.MethodDelete, inboxPath(in.ID), nil, nil, nil)
}

// Wait is [Client.Wait] for a message in the inbox, whatever q.Mailbox says.
func (in *Inbox) Wait(ctx context.Context, q Query, o WaitOptions) (*Message, error) {
	q.Mailbox = in.Mailbox
	return in.c.Wait(ctx, q, o)
}

// Quiet is [Client.Quiet] for the inbox, whatever q.Mailbox says. Without a cursor
// it is since the inbox was made.
func (in *Inbox) Quiet(ctx context.Context, q Query, o QuietOptions) error {
	q.Mailbox = in.Mailbox
	if o.After == nil {
		o.After = &in.Cursor
	}
	return in.c.Quiet(ctx, q, o)
}

func inboxPath(id string) string { return "/v1/inboxes/" + url.PathEscape(id) }
