package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"net/url"
	"time"
)

// Receipt is what became of a delivery.
type Receipt struct {
	ID        string   `json:"id"`
	Seq       uint64   `json:"seq"`
	Mailboxes []string `json:"mailboxes"`
}

// Deliver stores a message, its octets as they are, for the recipients of the
// envelope; at least one. An empty from is <>.
func (c *Client) Deliver(ctx context.Context, from string, to []string, message io.Reader) (*Receipt, error) {
	rcpt := new(Receipt)
	err := c.json(ctx, call{
		method: http.MethodPost,
		path:   "/v1/messages",
		query:  url.Values{"from": {from}, "to": to},
		header: http.Header{"Content-Type": {"message/rfc822"}},
		body:   message,
	}, rcpt)
	if err != nil {
		return nil, err
	}
	return rcpt, nil
}

// Mail is a message for the server to compose. Addresses are as in a header
// field: alice@app.test, or Alice <alice@app.test>.
type Mail struct {
	From        string
	To, Cc, Bcc []string
	ReplyTo     []string
	Subject     string
	Text, HTML  string
	Headers     map[string]string // further fields
	Attachments []File
	Date        time.Time // zero is now

	// Sender and Recipients are the envelope, where it is not what From, To, Cc
	// and Bcc say.
	Sender     string
	Recipients []string
}

// File is an attachment for the server to compose.
type File struct {
	Name      string `json:"name"`
	Type      string `json:"type,omitempty"` // "" is application/octet-stream
	Content   []byte `json:"content"`
	ContentID string `json:"contentId,omitempty"` // for cid: in the HTML: the file is inline
}

// wireMail is a Mail as the API takes it.
type wireMail struct {
	From        *Address          `json:"from,omitempty"`
	To          []*Address        `json:"to,omitempty"`
	Cc          []*Address        `json:"cc,omitempty"`
	Bcc         []*Address        `json:"bcc,omitempty"`
	ReplyTo     []*Address        `json:"replyTo,omitempty"`
	Subject     string            `json:"subject,omitempty"`
	Text        string            `json:"text,omitempty"`
	HTML        string            `json:"html,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
	Attachments []File            `json:"attachments,omitempty"`
	Date        *time.Time        `json:"date,omitempty"`
	Envelope    *wireEnvelope     `json:"envelope,omitempty"`
}

type wireEnvelope struct {
	From string   `json:"from,omitempty"`
	To   []string `json:"to,omitempty"`
}

// Send has the server compose a message and stores it.
func (c *Client) Send(ctx context.Context, m Mail) (*Receipt, error) {
	w := wireMail{Subject: m.Subject, Text: m.Text, HTML: m.HTML, Headers: m.Headers, Attachments: m.Attachments}
	if m.From != "" {
		from, err := addressesOf("from", []string{m.From})
		if err != nil {
			return nil, err
		}
		w.From = from[0]
	}
	for _, f := range [...]struct {
		name string
		list []string
		into *[]*Address
	}{{"to", m.To, &w.To}, {"cc", m.Cc, &w.Cc}, {"bcc", m.Bcc, &w.Bcc}, {"reply to", m.ReplyTo, &w.ReplyTo}} {
		var err error
		if *f.into, err = addressesOf(f.name, f.list); err != nil {
			return nil, err
		}
	}
	if !m.Date.IsZero() {
		w.Date = &m.Date
	}
	if m.Sender != "" || m.Recipients != nil {
		w.Envelope = &wireEnvelope{From: m.Sender, To: m.Recipients}
	}
	rcpt := new(Receipt)
	if err := c.send(ctx, http.MethodPost, "/v1/messages", nil, w, rcpt); err != nil {
		return nil, err
	}
	return rcpt, nil
}

func addressesOf(field string, list []string) (out []*Address, err error) {
	for _, s := range list {
		a, err := mail.ParseAddress(s)
		if err != nil {
			return nil, fmt.Errorf("send: %s: %q is no address: %w", field, s, err)
		}
		out = append(out, &Address{Name: a.Name, Address: a.Address})
	}
	return out, nil
}
