package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"

	"restante/internal/compose"
)

// composes says whether the flags make a message.
func (c *sendCmd) composes() bool {
	return len(c.To)+len(c.Cc)+len(c.Bcc)+len(c.Attach)+len(c.Header) > 0 || c.Subject != "" || c.Text != nil || c.HTML != ""
}

// compose makes the message that the flags describe.
func (c *sendCmd) compose(stdin io.Reader) (env envelope, content []byte, err error) {
	m := compose.Mail{Subject: c.Subject, HTML: c.HTML, Fields: make(map[string]string)}
	for _, field := range []struct {
		lists []string
		shown *[]compose.Address
	}{{append(c.To, c.Recipients...), &m.To}, {c.Cc, &m.Cc}, {c.Bcc, nil}} {
		for _, list := range field.lists {
			if env.to, err = appendAddresses(env.to, list); err != nil {
				return env, nil, err
			}
			if field.shown != nil {
				*field.shown = append(*field.shown, named(list)...)
			}
		}
	}
	if len(env.to) == 0 {
		return env, nil, usagef("whom is it for? Name a recipient with --to, --cc or --bcc")
	}
	if err := c.origin(&env, &m); err != nil {
		return env, nil, err
	}
	for _, text := range c.Header {
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return env, nil, usagef("--header wants NAME:VALUE, not %q", text)
		}
		m.Fields[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	for _, name := range c.Attach {
		file, err := attachment(name)
		if err != nil {
			return env, nil, err
		}
		m.Files = append(m.Files, file)
	}
	switch {
	case c.Text != nil:
		m.Text = *c.Text
	case c.HTML == "":
		text, err := readMessage(stdin, c.dots)
		if err != nil {
			return env, nil, fmt.Errorf("standard input: %w", err)
		}
		m.Text = string(text)
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		return env, nil, usagef("%v", err)
	}
	return env, b.Bytes(), nil
}

// origin fills in whom the message is from.
func (c *sendCmd) origin(env *envelope, m *compose.Mail) error {
	from := c.From
	if from == "" && c.sender != nil {
		from = strings.Trim(*c.sender, "<>")
	}
	if from == "" {
		from = me()
	}
	var err error
	if env.from, err = senderOf(from); err != nil {
		return err
	}
	m.From = named(from)[:1]
	if m.From[0].Name == "" {
		m.From[0].Name = c.name
	}
	if c.sender != nil {
		env.from = strings.Trim(*c.sender, "<>")
	}
	return nil
}

// named are the addresses of a list that can be read, with their names.
func named(list string) (all []compose.Address) {
	if found, err := netmail.ParseAddressList(list); err == nil {
		for _, a := range found {
			all = append(all, compose.Address{Name: a.Name, Address: a.Address})
		}
		return all
	}
	paths, _ := appendAddresses(nil, list) // it was read before
	for _, path := range paths {
		all = append(all, compose.Address{Address: path})
	}
	return all
}

// attachment reads a file. Its type is that of its name, else of its content.
func attachment(name string) (compose.File, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return compose.File{}, usagef("--attach: there is no file %s", name)
	} else if err != nil {
		return compose.File{}, fmt.Errorf("--attach: %w", err)
	}
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = http.DetectContentType(content)
	}
	return compose.File{Name: filepath.Base(name), Type: kind, Content: content}, nil
}
