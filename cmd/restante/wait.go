package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"restante/client"
)

// waitCmd waits for mail.
type waitCmd struct {
	selection
	After   string        `name:"after" default:"0" placeholder:"CURSOR" help:"Only mail that comes after this one: a seq, the cursor of a list, or now. Without it, what is there already counts too."`
	Count   int           `name:"count" default:"1" placeholder:"N" help:"Wait for so many messages."`
	Timeout time.Duration `name:"timeout" default:"10s" placeholder:"TIME" help:"Give up after this long; 0s just looks."`
	Print   string        `name:"print" default:"" placeholder:"WHAT" values:"link,code,text,html,raw,json,id" help:"What to print: link, code, text, html, raw, json or id. Without it, the message for people."`
	remote
}

// Help is what wait --help says behind its flags.
func (*waitCmd) Help() string {
	return `
link is the first address that the message shows, code the first one-time code
found in it. With --count every message is printed, oldest first.

Exit codes: 0 when it came, 1 when it did not: what came instead is said on
standard error. 1 as well when the message has no link or code to print.

Examples:
  restante wait --to alice@app.test --subject Verify --print link
  code=$(restante wait --to alice@app.test --after now --print code)`
}

func (c *waitCmd) do(a *app) int {
	kind := c.Print
	if c.JSON {
		if kind != "" && kind != "json" {
			return a.fail(usagef("--json and --print %s do not go together", kind))
		}
		kind = "json"
	}
	switch kind {
	case "", "link", "code", "text", "html", "raw", "json", "id":
	default:
		return a.fail(usagef("--print: %q is not allowed; it takes link, code, text, html, raw, json or id", kind))
	}
	if c.Count < 1 || c.Count > maxPage {
		return a.fail(usagef("--count is %d; it takes a number from 1 to %d", c.Count, maxPage))
	}
	if c.Timeout < 0 {
		return a.fail(usagef("--timeout is %v; it cannot be below zero", c.Timeout))
	}
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		after, err := c.cursor(ctx, remote)
		if err != nil {
			return err
		}
		o := client.WaitOptions{After: after, Timeout: max(c.Timeout, aLook)}
		found, err := remote.WaitN(ctx, c.Count, c.query(), o)
		if missed, ok := errors.AsType[*client.NoMatch](err); ok {
			return c.explain(a, missed)
		}
		if err != nil {
			return err
		}
		for i, m := range found {
			if i > 0 && kind == "" {
				fmt.Fprintln(a.stdout)
			}
			if err := a.printOf(ctx, remote, m, kind); err != nil {
				return err
			}
		}
		return nil
	})
}

// aLook is how long it takes to see whether mail is there already: --timeout 0s.
const aLook = 100 * time.Millisecond

// cursor reads --after.
func (c *waitCmd) cursor(ctx context.Context, remote *client.Client) (uint64, error) {
	if c.After == "now" {
		page, err := remote.List(ctx, client.Query{}, client.ListOptions{Limit: 1})
		if err != nil {
			return 0, err
		}
		return page.Cursor, nil
	}
	after, err := strconv.ParseUint(c.After, 10, 64)
	if err != nil {
		return 0, usagef("--after: %q is not allowed; it takes a seq, a cursor, or now", c.After)
	}
	return after, nil
}

// printOf prints one thing of a message that has come.
func (a *app) printOf(ctx context.Context, remote *client.Client, m *client.Message, kind string) error {
	switch kind {
	case "id":
		return a.out().print(m.ID)
	case "link":
		for _, link := range m.Links {
			if link.Where != "header" {
				return a.out().print(oneLine(link.Href))
			}
		}
		return fmt.Errorf("%w: no link in %s", errLacking, m.ID)
	case "code":
		if len(m.Codes) == 0 {
			return fmt.Errorf("%w: no code in %s", errLacking, m.ID)
		}
		return a.out().print(oneLine(m.Codes[0].Code))
	}
	return a.show(ctx, remote, m, kind)
}

// near are the messages that a wait in vain tells about.
const near = 10

// explain lists those that did come, of several. What else there is to say is in
// the error.
func (c *waitCmd) explain(a *app, missed *client.NoMatch) error {
	for i, m := range missed.Matched {
		if i == near {
			fmt.Fprintf(a.stderr, "and %d more\n", len(missed.Matched)-i)
			break
		}
		fmt.Fprintf(a.stderr, "came: %s to %s, %s\n", m.ID, oneLine(strings.Join(m.Recipients, ", ")), subjectOf(&m))
	}
	return missed
}
