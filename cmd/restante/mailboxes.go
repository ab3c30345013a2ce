package main

import (
	"context"
	"fmt"

	"restante/client"
)

// mailboxesCmd lists mailboxes.
type mailboxesCmd struct {
	Prefix string `arg:"" optional:"" name:"PREFIX" help:"Only mailboxes whose names begin so."`
	remote
}

// Help is what mailboxes --help says behind its flags.
func (*mailboxesCmd) Help() string {
	return `
A mailbox is there as long as it holds mail. delete --mailbox NAME empties one.

Example:
  restante mailboxes alice`
}

func (c *mailboxesCmd) do(a *app) int {
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		all := []client.Mailbox{}
		for box, err := range remote.Mailboxes(ctx, c.Prefix) {
			if err != nil {
				return err
			}
			all = append(all, box)
		}
		if c.JSON {
			return a.out().json(map[string]any{"mailboxes": all})
		}
		if len(all) == 0 {
			fmt.Fprintln(a.stderr, "no mailboxes")
			return nil
		}
		rows := [][]string{{"MESSAGES", "UNSEEN", "OCTETS", "NEWEST", "MAILBOX"}}
		for _, box := range all {
			rows = append(rows, []string{fmt.Sprint(box.Messages), fmt.Sprint(box.Unseen), fmt.Sprint(box.Octets), moment(box.Received), oneLine(box.Name)})
		}
		return a.out().table(rows, "", "", "", faint, bold)
	})
}
