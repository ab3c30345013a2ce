package webui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"restante/mailstore"
)

// eventFilter says which events a stream is about. The zero value passes all.
type eventFilter struct {
	query   *mailstore.Query
	mailbox string // as in a list: a mailbox, "*@domain"; "" and "*" are all
}

// passes says whether an event is for the stream. Of a message that is gone it
// cannot be told any more what it said: events about it pass whatever the query,
// unless it is known that they are about other mailboxes.
func (f eventFilter) passes(ctx context.Context, store *mailstore.Store, e *mailstore.Event) (bool, error) {
	if f.query == nil && f.mailbox == "" || e.Seq == 0 {
		return true, nil
	}
	if e.Type != mailstore.Deleted && e.Type != mailstore.Pruned {
		page, err := store.List(ctx, mailstore.ListOptions{
			Query: f.query, Mailbox: f.mailbox, After: e.Seq - 1, Before: e.Seq + 1, Limit: 1,
		})
		if err != nil || len(page.Messages) > 0 {
			return true, err
		}
		if _, err := store.MessageBySeq(e.Seq); !errors.Is(err, mailstore.ErrNotFound) {
			return false, err
		}
	}
	return f.covers(store, e.Mailboxes), nil
}

// covers says whether the mailbox of the filter is among some; nil is all there
// are.
func (f eventFilter) covers(store *mailstore.Store, mailboxes []string) bool {
	if f.mailbox == "" || f.mailbox == "*" || mailboxes == nil {
		return true
	}
	if domain, ok := strings.CutPrefix(f.mailbox, "*"); ok {
		return slices.ContainsFunc(mailboxes, func(name string) bool { return strings.HasSuffix(name, strings.ToLower(domain)) })
	}
	return slices.Contains(mailboxes, store.MailboxFor(f.mailbox))
}
