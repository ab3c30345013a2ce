package main

import (
	"context"
	"fmt"
	"time"

	"restante"
	"restante/client"
)

const (
	maxUnread      = 20 // messages that are shown
	maxUnreadLines = 12 // of the text of each
	ending         = 2 * time.Second
)

// unread prints the mail that arrived and that nobody has read.
func (c *runCmd) unread(a *app, srv *restante.Server, watch *reading) error {
	remote, err := client.New(srv.URL())
	if err != nil {
		return err
	}
	defer remote.CloseIdleConnections()
	ctx := context.Background()
	if err := settled(ctx, remote); err != nil {
		return err
	}
	fetched := make(map[string]bool)
	for session, err := range remote.Sessions(ctx, client.SessionOptions{Protocol: "pop3"}) {
		if err != nil {
			return err
		}
		for _, id := range session.Messages {
			fetched[id] = true
		}
	}
	left := []*client.Message{}
	more := 0
	for m, err := range remote.All(ctx, client.Query{Text: "is:unseen"}, client.ListOptions{Oldest: true, Limit: maxPage}) {
		if err != nil {
			return err
		}
		if fetched[m.ID] || watch.has(m.ID) {
			continue
		}
		if len(left) == maxUnread && !c.JSON {
			more++
			continue
		}
		whole, err := remote.Get(ctx, m.ID)
		if err != nil {
			return err
		}
		left = append(left, whole)
	}
	out := a.err()
	if c.JSON {
		return out.json(map[string]any{"unread": left})
	}
	if len(left) == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nrestante: %s arrived that nobody has read:\n", plural(int64(len(left)+more), "message"))
	for _, m := range left {
		fmt.Fprintln(out)
		if err := out.message(m, maxUnreadLines); err != nil {
			return err
		}
	}
	if more > 0 {
		fmt.Fprintf(out, "\nand %d more\n", more)
	}
	return nil
}

// settled waits for the sessions of the command to end: what they fetched is
// known then.
func settled(ctx context.Context, remote *client.Client) error {
	for end := time.Now().Add(ending); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		info, err := remote.Info(ctx)
		if err != nil {
			return err
		}
		if info.Open.SMTP+info.Open.POP3 == 0 {
			return nil
		}
	}
	return nil
}
