package client

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// Session is the record of an SMTP or POP3 session.
type Session struct {
	ID       string    `json:"id"`
	Protocol string    `json:"protocol"` // smtp or pop3
	Remote   string    `json:"remote"`   // the client's address
	Helo     string    `json:"helo"`
	User     string    `json:"user"` // who logged in; "" is nobody
	TLS      string    `json:"tls"`  // version; "" in plaintext
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended"`
	Outcome  string    `json:"outcome"`  // how it ended, in words
	Failed   bool      `json:"failed"`   // something was refused, or it broke off
	Messages []string  `json:"messages"` // ids of those it delivered or fetched

	Faults []string `json:"faults"` // what was broken on purpose: rule f3, RCPT, 451

	Transcript []Line    `json:"transcript"` // only from Client.Session
	Attempts   []Attempt `json:"attempts"`   // the same
	Truncated  bool      `json:"truncated"`  // there was more
}

// Attempt is a mail transaction that was refused or broken off.
type Attempt struct {
	MS         float64  `json:"ms"`         // milliseconds from the session's begin to MAIL
	From       string   `json:"from"`       // the reverse-path; "" is the null one
	Recipients []string `json:"recipients"` // forward-paths that were accepted
	Refused    []string `json:"refused"`    // those that were not
	Outcome    string   `json:"outcome"`
	Octets     int64    `json:"octets"`  // of content that arrived
	Content    string   `json:"content"` // the first of it; what is not UTF-8 is replaced
}

// Line is a line of a transcript.
type Line struct {
	MS   float64 `json:"ms"`   // milliseconds since the session began
	From string  `json:"from"` // client, server or note
	Text string  `json:"text"`
}

// SessionOptions say which sessions. The zero value is all of them.
type SessionOptions struct {
	Protocol string // smtp or pop3; "" is both
	Failed   bool   // only those that failed
	Message  string // only those that delivered or fetched the message of this id
	Before   string // only those that began before the one of this id
}

// Sessions goes through the sessions that have ended, newest first, without
// transcripts. The server keeps the newest 1,000 unless it was told otherwise. An
// error is the last thing it gives.
func (c *Client) Sessions(ctx context.Context, o SessionOptions) iter.Seq2[Session, error] {
	v := make(url.Values)
	for _, p := range [...][2]string{{"protocol", o.Protocol}, {"message", o.Message}, {"before", o.Before}} {
		if p[1] != "" {
			v.Set(p[0], p[1])
		}
	}
	if o.Failed {
		v.Set("failed", "true")
	}
	return paged("before", v, func(v url.Values) ([]Session, string, error) {
		var page struct {
			Sessions []Session `json:"sessions"`
			Next     string    `json:"next"`
		}
		err := c.get(ctx, "/v1/sessions", v, &page)
		return page.Sessions, page.Next, err
	})
}

// Session returns a session with its transcript, [ErrNotFound] when it is not
// recorded, or not any more. It is recorded when it ends.
func (c *Client) Session(ctx context.Context, id string) (*Session, error) {
	s := new(Session)
	if err := c.get(ctx, "/v1/sessions/"+url.PathEscape(id), nil, s); err != nil {
		return nil, err
	}
	return s, nil
}
