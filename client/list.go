package client

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"strconv"
)

// ListOptions say what part of a list. The zero value is the newest 50.
type ListOptions struct {
	After  uint64 // only messages with a higher seq
	Before uint64 // only messages with a lower seq; 0 is no bound
	Oldest bool   // oldest first, else newest first
	Limit  int    // messages in a page, at most 1,000; 0 is 50
}

// Page is a part of a list, and the counts of the whole store.
type Page struct {
	Messages   []Summary `json:"messages"`
	Next       uint64    `json:"next"`       // give it as Before (with Oldest: as After) for the next page; 0 at the end
	Cursor     uint64    `json:"cursor"`     // the newest seq that was ever given: later mail has a higher one
	Revision   uint64    `json:"revision"`   // number of the newest event: what [Client.Events] tells after it is news
	Total      int64     `json:"total"`      // messages
	Unseen     int64     `json:"unseen"`     // of them
	Bytes      int64     `json:"bytes"`      // octets of them all
	Pruned     int64     `json:"pruned"`     // messages that retention has removed
	PrunedUpTo uint64    `json:"prunedUpTo"` // the highest seq of them; 0 is none
}

// List returns one page of the messages that match.
func (c *Client) List(ctx context.Context, q Query, o ListOptions) (*Page, error) {
	v := q.values()
	setUint(v, "after", o.After)
	setUint(v, "before", o.Before)
	setUint(v, "limit", uint64(max(o.Limit, 0)))
	if o.Oldest {
		v.Set("order", "oldest")
	}
	page := new(Page)
	if err := c.get(ctx, "/v1/messages", v, page); err != nil {
		return nil, err
	}
	return page, nil
}

// All goes through all messages that match, page by page. Limit is the size of a
// page here. An error is the last thing it gives.
func (c *Client) All(ctx context.Context, q Query, o ListOptions) iter.Seq2[Summary, error] {
	return func(yield func(Summary, error) bool) {
		for {
			page, err := c.List(ctx, q, o)
			if err != nil {
				yield(Summary{}, err)
				return
			}
			for _, m := range page.Messages {
				if !yield(m, nil) {
					return
				}
			}
			if page.Next == 0 {
				return
			}
			if o.Oldest {
				o.After = page.Next
			} else {
				o.Before = page.Next
			}
		}
	}
}

// paged goes through the pages of a list that goes on after a name or an id.
func paged[T any](more string, v url.Values, page func(url.Values) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		v := maps.Clone(v)
		for {
			items, next, err := page(v)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			v.Set(more, next)
		}
	}
}

func setUint(v url.Values, name string, n uint64) {
	if n > 0 {
		v.Set(name, strconv.FormatUint(n, 10))
	}
}
