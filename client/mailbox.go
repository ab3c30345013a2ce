package client

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// Mailbox is a mailbox that holds something.
type Mailbox struct {
	Name     string    `json:"name"`
	Messages int64     `json:"messages"`
	Unseen   int64     `json:"unseen"`
	Octets   int64     `json:"octets"`   // as POP3 serves them
	Newest   uint64    `json:"newest"`   // seq of the newest
	Received time.Time `json:"received"` // when that came
	Inbox    bool      `json:"inbox"`    // it is that of an Inbox
}

// Mailboxes goes through the mailboxes, by name, whose names begin with a prefix
// ("" is all). An error is the last thing it gives.
func (c *Client) Mailboxes(ctx context.Context, prefix string) iter.Seq2[Mailbox, error] {
	v := make(url.Values)
	if prefix != "" {
		v.Set("prefix", prefix)
	}
	return paged("after", v, func(v url.Values) ([]Mailbox, string, error) {
		var page struct {
			Mailboxes []Mailbox `json:"mailboxes"`
			Next      string    `json:"next"`
		}
		err := c.get(ctx, "/v1/mailboxes", v, &page)
		return page.Mailboxes, page.Next, err
	})
}

// Mailbox returns a mailbox by its name, [ErrNotFound] when nothing is in it.
func (c *Client) Mailbox(ctx context.Context, name string) (*Mailbox, error) {
	m := new(Mailbox)
	if err := c.get(ctx, mailboxPath(name), nil, m); err != nil {
		return nil, err
	}
	return m, nil
}

// DeleteMailbox deletes what is in a mailbox and returns how many messages that
// was. What is in another mailbox too stays there.
func (c *Client) DeleteMailbox(ctx context.Context, name string) (int, error) {
	return c.delete(ctx, mailboxPath(name), nil)
}

// MarkMailbox marks all messages of a mailbox as seen and returns how many were
// not.
func (c *Client) MarkMailbox(ctx context.Context, name string) (int, error) {
	seen := true
	return c.patch(ctx, mailboxPath(name), change{Seen: &seen})
}

func mailboxPath(name string) string { return "/v1/mailboxes/" + url.PathEscape(name) }
