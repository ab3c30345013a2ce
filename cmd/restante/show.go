package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"restante/client"
)

// showCmd shows one message.
type showCmd struct {
	ID      string `arg:"" optional:"" name:"ID" default:"latest" help:"The message's ID, or latest."`
	Raw     bool   `name:"raw" help:"Print exactly the octets that arrived."`
	Text    bool   `name:"text" help:"Print the text."`
	HTML    bool   `name:"html" help:"Print the HTML as it was sent."`
	Headers bool   `name:"headers" help:"Print the header, decoded."`
	selection
	remote
}

// Help is what show --help says behind its flags.
func (*showCmd) Help() string {
	return `
Without an ID it is the latest message of those that the flags select. Showing a
message does not mark it as seen.

Examples:
  restante show
  restante show latest --to alice@app.test --text
  restante show --raw > message.eml`
}

func (c *showCmd) do(a *app) int {
	kind := ""
	for _, k := range []struct {
		name string
		on   bool
	}{{"raw", c.Raw}, {"text", c.Text}, {"html", c.HTML}, {"headers", c.Headers}, {"json", c.JSON}} {
		if k.on && kind != "" {
			return a.fail(usagef("--%s and --%s do not go together", kind, k.name))
		}
		if k.on {
			kind = k.name
		}
	}
	if c.ID != "latest" && !c.empty() {
		return a.fail(usagef("an ID and a selection do not go together"))
	}
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		m, err := c.find(ctx, remote)
		if err != nil {
			return err
		}
		return a.show(ctx, remote, m, kind)
	})
}

func (c *showCmd) find(ctx context.Context, remote *client.Client) (*client.Message, error) {
	if c.ID != "latest" {
		m, err := remote.Get(ctx, c.ID)
		if errors.Is(err, client.ErrNotFound) {
			return nil, fmt.Errorf("there is no message %s, or not any more", c.ID)
		}
		return m, err
	}
	m, err := remote.Latest(ctx, c.query())
	if errors.Is(err, client.ErrNotFound) {
		return nil, errors.New("there is no such mail")
	}
	return m, err
}

// errLacking is a message that does not have what was asked for.
var errLacking = errors.New("the message has none")

// show prints a message, or one thing of it.
func (a *app) show(ctx context.Context, remote *client.Client, m *client.Message, kind string) error {
	out := a.out()
	switch kind {
	case "json":
		return out.json(m)
	case "raw":
		octets, err := remote.Raw(ctx, m.ID)
		if err != nil {
			return err
		}
		defer octets.Close()
		_, err = io.Copy(out, octets)
		return err
	case "text":
		text := m.Text
		if m.TextTruncated {
			var err error
			if text, err = remote.Text(ctx, m.ID); err != nil {
				return err
			}
		}
		return out.print(text)
	case "html":
		if m.HTML == "" {
			return fmt.Errorf("%w: no HTML in %s", errLacking, m.ID)
		}
		return out.print(m.HTML)
	case "headers":
		for _, f := range m.Headers {
			if _, err := fmt.Fprintf(out, "%s: %s\n", out.colour(bold, oneLine(f.Name)), oneLine(f.Value)); err != nil {
				return err
			}
		}
		return nil
	}
	return out.message(m, 0)
}

// print prints text so that the next line begins at its beginning.
func (o output) print(text string) error {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	_, err := io.WriteString(o, o.lines(text))
	return err
}

// message prints a message for people, with so many lines of its text; 0 is all
// of it.
func (o output) message(m *client.Message, most int) error {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s %s\n", o.colour(faint, fmt.Sprintf("%-9s", name+":")), oneLine(value))
		}
	}
	field("ID", m.ID)
	field("From", listed(m.From))
	field("To", listed(m.To))
	field("Cc", listed(m.Cc))
	field("Bcc", strings.Join(m.Hidden, ", "))
	field("Subject", subjectOf(&m.Summary))
	field("Received", fmt.Sprintf("%s, %d octets", m.Received.Local().Format("2006-01-02 15:04:05"), m.Size))
	field("Sender", "<"+m.Sender+"> to "+strings.Join(m.Recipients, ", "))
	for _, f := range m.Attachments {
		name := f.Name
		if name == "" {
			name = "(no name)"
		}
		field("File", fmt.Sprintf("%s, %s, %d octets", name, f.Type, f.Octets))
	}
	for _, link := range m.Links {
		if link.Where != "header" {
			field("Link", link.Href)
		}
	}
	for _, code := range m.Codes {
		field("Code", code.Code)
	}
	for _, d := range m.Defects {
		field("Defect", d.Text)
	}
	text := strings.TrimRight(m.Text, "\r\n")
	if text == "" && m.HTML != "" {
		text = "(only HTML, see --html)"
	}
	if lines := strings.SplitAfter(text, "\n"); most > 0 && len(lines) > most {
		text = strings.Join(lines[:most], "") + "…"
	}
	if text != "" {
		b.WriteString("\n" + o.lines(text) + "\n")
	}
	_, err := io.WriteString(o, b.String())
	return err
}

func listed(list []client.Address) string {
	var all []string
	for _, a := range list {
		switch {
		case a.Name != "" && a.Address != "":
			all = append(all, a.Name+" <"+a.Address+">")
		default:
			all = append(all, a.Name+a.Address)
		}
	}
	return strings.Join(all, ", ")
}
