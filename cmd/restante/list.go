package main

import (
	"context"
	"fmt"
	"strings"

	"restante/client"
)

// listCmd lists mail, newest first.
type listCmd struct {
	selection
	After  uint64 `name:"after" placeholder:"CURSOR" help:"Only mail that came after this one: a seq, or the cursor of an earlier list."`
	Before uint64 `name:"before" placeholder:"SEQ" help:"Only mail that came before this one."`
	Oldest bool   `name:"oldest" help:"Oldest first."`
	Limit  int    `name:"limit" default:"50" placeholder:"N" help:"Messages that are listed; 0 is all of them."`
	remote
}

// Help is what list --help says behind its flags.
func (*listCmd) Help() string {
	return `
--json prints {"messages":[…],"cursor":N,…}, as GET /v1/messages does. An empty
list is no error.

Examples:
  restante list --to alice@app.test
  restante list --query 'has:attachment after:10m' --json`
}

func (c *listCmd) do(a *app) int {
	if c.Limit < 0 {
		return a.fail(usagef("--limit is %d; it takes a number of messages, 0 is all", c.Limit))
	}
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		o := client.ListOptions{After: c.After, Before: c.Before, Oldest: c.Oldest, Limit: min(c.Limit, maxPage)}
		if c.Limit == 0 {
			o.Limit = maxPage
		}
		page, err := remote.List(ctx, c.query(), o)
		if err != nil {
			return err
		}
		for next := page; next.Next != 0 && (c.Limit == 0 || len(page.Messages) < c.Limit); {
			if o.Oldest {
				o.After = next.Next
			} else {
				o.Before = next.Next
			}
			if c.Limit > 0 {
				o.Limit = min(c.Limit-len(page.Messages), maxPage)
			}
			if next, err = remote.List(ctx, c.query(), o); err != nil {
				return err
			}
			page.Messages = append(page.Messages, next.Messages...)
			page.Next = next.Next
		}
		if c.JSON {
			return a.out().json(page)
		}
		return c.print(a, page)
	})
}

const maxPage = 1000 // of the API

func (c *listCmd) print(a *app, page *client.Page) error {
	if len(page.Messages) == 0 {
		fmt.Fprintf(a.stderr, "no mail%s\n", among(&c.selection, page.Total))
		return nil
	}
	rows := [][]string{{"ID", "RECEIVED", "FROM", "TO", "SUBJECT"}}
	for i := range page.Messages {
		m := &page.Messages[i]
		rows = append(rows, []string{m.ID, moment(m.Received), oneLine(author(m)), oneLine(strings.Join(m.Recipients, ", ")), subjectOf(m)})
	}
	if err := a.out().table(rows, faint, faint, "", "", bold); err != nil {
		return err
	}
	if page.Next != 0 {
		fmt.Fprintf(a.stderr, "there is more: --limit 0 lists all\n")
	}
	return nil
}

// among says that there is mail, but none of what was asked for.
func among(s *selection, total int64) string {
	if s.empty() || total == 0 {
		return ""
	}
	return fmt.Sprintf(" of that kind; there are %d messages", total)
}

// author is the name or address in From, else the envelope's sender.
func author(m *client.Summary) string {
	for _, from := range m.From {
		if from.Name != "" {
			return from.Name
		}
		if from.Address != "" {
			return from.Address
		}
	}
	if m.Sender == "" {
		return "<>"
	}
	return m.Sender
}

func subjectOf(m *client.Summary) string {
	if m.Subject == "" {
		return "(no subject)"
	}
	return oneLine(m.Subject)
}
