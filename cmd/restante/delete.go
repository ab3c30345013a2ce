package main

import (
	"context"
	"fmt"

	"restante/client"
)

// deleteCmd deletes mail.
type deleteCmd struct {
	IDs []string `arg:"" optional:"" name:"ID" help:"The IDs of the messages."`
	All bool     `name:"all" help:"Delete all mail there is."`
	selection
	remote
}

// Help is what delete --help says behind its flags.
func (*deleteCmd) Help() string {
	return `
Deletes the messages with these IDs, or those that the flags select, or all. With
--mailbox alone that mailbox is emptied, and what is in others too stays there.

Exit codes: 0 also when the flags select nothing, 1 when an ID is not there.

Examples:
  restante delete --to alice@app.test
  restante delete --all`
}

func (c *deleteCmd) do(a *app) int {
	ways := 0
	for _, way := range []bool{len(c.IDs) > 0, !c.empty(), c.All} {
		if way {
			ways++
		}
	}
	if ways != 1 {
		return a.fail(usagef("delete what? Name IDs, or select mail with flags, or take --all: one of these"))
	}
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		var deleted int
		var err error
		switch {
		case c.All:
			deleted, err = remote.DeleteAll(ctx)
		case len(c.IDs) > 0:
			deleted, err = remote.Delete(ctx, c.IDs...)
		default:
			deleted, err = remote.DeleteWhere(ctx, c.query())
		}
		if err != nil {
			return err
		}
		if c.JSON {
			err = a.out().json(map[string]int{"deleted": deleted})
		} else {
			_, err = fmt.Fprintf(a.stdout, "deleted %s\n", plural(int64(deleted), "message"))
		}
		if missing := len(c.IDs) - deleted; err == nil && missing > 0 {
			err = fmt.Errorf("%s of these IDs: not there, or not any more", plural(int64(missing), "message"))
		}
		return err
	})
}
