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
	"time"

	gomail "github.com/emersion/go-message/mail"
)

// composes says whether the flags make a message.
func (c *sendCmd) composes() bool {
	return len(c.To)+len(c.Cc)+len(c.Bcc)+len(c.Attach)+len(c.Header) > 0 || c.Subject != "" || c.Text != nil || c.HTML != ""
}

// compose makes the message that the flags describe.
func (c *sendCmd) compose(stdin io.Reader) (env envelope, content []byte, err error) {
	text := ""
	switch {
	case c.Text != nil:
		text = *c.Text
	case c.HTML == "":
		octets, err := readMessage(stdin, c.dots)
		if err != nil {
			return env, nil, fmt.Errorf("standard input: %w", err)
		}
		text = string(octets)
	}
	h, err := c.header(&env)
	if err != nil {
		return env, nil, err
	}
	if len(env.to) == 0 {
		return env, nil, usagef("whom is it for? Name a recipient with --to, --cc or --bcc")
	}
	var b bytes.Buffer
	if err := c.write(&b, h, text); err != nil {
		return env, nil, err
	}
	return env, b.Bytes(), nil
}

// header makes the header, and takes the envelope from the same flags.
func (c *sendCmd) header(env *envelope) (h gomail.Header, err error) {
	from := c.From
	if from == "" {
		from = me()
		if c.sender != nil && *c.sender != "" && *c.sender != "<>" {
			from = *c.sender
		}
	}
	author, err := addressOf(from)
	if err != nil {
		return h, err
	}
	if author.Name == "" {
		author.Name = c.name
	}
	env.from = author.Address
	if c.sender != nil {
		env.from = strings.Trim(*c.sender, "<>")
	}
	h.SetDate(time.Now())
	h.SetAddressList("From", []*gomail.Address{author})
	for _, field := range []struct {
		name  string
		lists []string
	}{{"To", append(c.To, c.Recipients...)}, {"Cc", c.Cc}, {"Bcc", c.Bcc}} {
		var shown []*gomail.Address
		for _, list := range field.lists {
			if env.to, err = appendAddresses(env.to, list); err != nil {
				return h, err
			}
			found, err := lenient.ParseList(list)
			if err != nil {
				paths, _ := appendAddresses(nil, list) // it is readable: it was just read
				for _, path := range paths {
					found = append(found, &netmail.Address{Address: path})
				}
			}
			for _, a := range found {
				shown = append(shown, (*gomail.Address)(a))
			}
		}
		if field.name != "Bcc" && shown != nil {
			h.SetAddressList(field.name, shown)
		}
	}
	if c.Subject != "" {
		h.SetSubject(c.Subject)
	}
	if err := h.GenerateMessageIDWithHostname("localhost"); err != nil {
		return h, err
	}
	for _, text := range c.Header {
		name, value, ok := strings.Cut(text, ":")
		if !ok || fieldName.FindString(name+":") != name+":" {
			return h, usagef("--header wants NAME:VALUE, not %q", text)
		}
		h.SetText(name, strings.TrimSpace(value))
	}
	return h, nil
}

func addressOf(text string) (*gomail.Address, error) {
	if a, err := lenient.Parse(text); err == nil {
		return (*gomail.Address)(a), nil
	}
	paths, err := appendAddresses(nil, text)
	if err != nil {
		return nil, err
	}
	return &gomail.Address{Address: paths[0]}, nil
}

// write writes the message: text and HTML as alternatives, attachments beside
// them.
func (c *sendCmd) write(w io.Writer, h gomail.Header, text string) error {
	bodies := []struct{ kind, text string }{{"text/plain", text}, {"text/html", c.HTML}}
	if c.HTML == "" {
		bodies = bodies[:1]
	} else if c.Text == nil {
		bodies = bodies[1:]
	}
	if len(c.Attach) > 0 {
		all, err := gomail.CreateWriter(w, h)
		if err != nil {
			return err
		}
		in, err := all.CreateInline()
		if err != nil {
			return err
		}
		for _, body := range bodies {
			var h gomail.InlineHeader
			setBody(&h, body.kind)
			part, err := in.CreatePart(h)
			if err := writeBody(part, body.text, err); err != nil {
				return err
			}
		}
		errs := []error{in.Close()}
		for _, file := range c.Attach {
			errs = append(errs, attach(all, file))
		}
		return errors.Join(append(errs, all.Close())...)
	}
	if len(bodies) == 1 {
		setBody(&h, bodies[0].kind)
		part, err := gomail.CreateSingleInlineWriter(w, h)
		return writeBody(part, bodies[0].text, err)
	}
	in, err := gomail.CreateInlineWriter(w, h)
	if err != nil {
		return err
	}
	for _, body := range bodies {
		var h gomail.InlineHeader
		setBody(&h, body.kind)
		part, err := in.CreatePart(h)
		if err := writeBody(part, body.text, err); err != nil {
			return err
		}
	}
	return in.Close()
}

// setBody describes a text. Quoted-printable is right for any line length.
func setBody(h interface {
	SetContentType(string, map[string]string)
	Set(string, string)
}, kind string) {
	h.SetContentType(kind, map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
}

func writeBody(w io.WriteCloser, text string, err error) error {
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return errors.Join(err, w.Close())
}

// attach adds a file.
func attach(w *gomail.Writer, file string) error {
	octets, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("--attach: there is no file %s", file)
	} else if err != nil {
		return fmt.Errorf("--attach: %w", err)
	}
	kind, params, err := mime.ParseMediaType(mime.TypeByExtension(filepath.Ext(file)))
	if err != nil {
		kind, params, _ = mime.ParseMediaType(http.DetectContentType(octets)) // it always knows one
	}
	var h gomail.AttachmentHeader
	h.SetContentType(kind, params)
	h.SetFilename(filepath.Base(file))
	h.Set("Content-Transfer-Encoding", "base64")
	part, err := w.CreateAttachment(h)
	return writeBody(part, string(octets), err)
}
