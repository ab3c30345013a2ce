package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"restante/client"
	"restante/internal/mbox"
)

// exportCmd writes messages to files.
type exportCmd struct {
	Path   string `arg:"" name:"DIR|FILE|-" help:"A new or empty directory; for mbox a new file, or - for standard output."`
	Format string `name:"format" default:"eml" placeholder:"FORMAT" values:"eml,mbox,maildir" help:"eml (a file for each message), mbox (one file, mboxrd) or maildir."`
	selection
	remote
}

// Help is what export --help says behind its flags.
func (*exportCmd) Help() string {
	return `
Writes exactly the octets that arrived, in the order of arrival. Beside them goes
an index, restante.jsonl (for a mailbox file: FILE.restante.jsonl): a line of JSON
for each message with its envelope, tags and whether it was seen, so that import
puts everything back. Nothing that is there already is written over.

Examples:
  restante export mail
  restante export mail.mbox --format mbox --to alice@app.test`
}

func (c *exportCmd) do(a *app) int {
	if c.Path == "-" && c.Format != "mbox" {
		return a.fail(usagef("only --format mbox can go to standard output"))
	}
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		first, err := remote.List(ctx, c.query(), client.ListOptions{Limit: 1})
		if err != nil {
			return err
		}
		if c.Path == "-" {
			return c.stream(ctx, a, remote)
		}
		to, err := c.archive()
		if err != nil {
			return err
		}
		most := first.Total
		if !c.empty() {
			most = -1
		}
		n, err := c.export(ctx, a, remote, to, most)
		if err = errors.Join(err, to.close()); err != nil {
			return err
		}
		if c.JSON {
			return a.out().json(map[string]int{"exported": n})
		}
		_, err = fmt.Fprintf(a.stdout, "exported %s\n", plural(int64(n), "message"))
		return err
	})
}

// archive is where messages go. add returns the name for the index.
type archive struct {
	add   func(m *client.Summary, content []byte) (file string, err error)
	index *os.File
	box   *os.File // of a mailbox file
}

func (t *archive) close() error {
	errs := []error{t.index.Close()}
	if t.box != nil {
		errs = append(errs, t.box.Close())
	}
	return errors.Join(errs...)
}

// archive makes the files and directories.
func (c *exportCmd) archive() (*archive, error) {
	t := new(archive)
	index := filepath.Join(c.Path, indexFile)
	switch c.Format {
	case "mbox":
		box, err := os.OpenFile(c.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("%s is there already: export to a new file", c.Path)
		} else if err != nil {
			return nil, err
		}
		index, t.box = indexOf(c.Path), box
		w := mbox.NewWriter(box)
		t.add = func(m *client.Summary, content []byte) (string, error) {
			return "", w.Add(m.Sender, m.Received, content)
		}
	case "eml", "maildir":
		if err := os.MkdirAll(c.Path, 0o700); err != nil {
			return nil, err
		}
		if there, err := os.ReadDir(c.Path); err != nil {
			return nil, err
		} else if len(there) > 0 {
			return nil, fmt.Errorf("%s is not empty: export to a new directory", c.Path)
		}
		t.add = func(m *client.Summary, content []byte) (string, error) {
			name := fmt.Sprintf("%08d-%s.eml", m.Seq, m.ID)
			return name, writeNew(filepath.Join(c.Path, name), content)
		}
		if c.Format == "maildir" {
			if err := makeMaildir(c.Path); err != nil {
				return nil, err
			}
			t.add = func(m *client.Summary, content []byte) (string, error) {
				return addToMaildir(c.Path, m.Received, m.Seq, m.ID, m.Seen, content)
			}
		}
	default:
		return nil, usagef("--format: %q is not allowed; it takes eml, mbox or maildir", c.Format)
	}
	file, err := os.OpenFile(index, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil && t.box != nil {
		err = errors.Join(err, t.box.Close())
	}
	t.index = file
	return t, err
}

// export writes every message, and a line of the index for each.
func (c *exportCmd) export(ctx context.Context, a *app, remote *client.Client, to *archive, most int64) (n int, err error) {
	bar := a.progress(c.JSON, most, "export", false)
	w := bufio.NewWriter(to.index)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err = c.each(ctx, remote, func(m *client.Summary, content []byte) error {
		file, err := to.add(m, content)
		if err != nil {
			return err
		}
		n++
		_ = bar.Add(1)
		return enc.Encode(indexed{File: file, ID: m.ID, Octets: int64(len(content)), From: m.Sender, To: m.Recipients,
			Received: m.Received.Truncate(time.Millisecond), Seen: m.Seen, Tags: m.Tags})
	})
	_ = bar.Finish()
	return n, errors.Join(err, w.Flush())
}

// each reads the messages, oldest first. One that goes meanwhile is left out.
func (c *exportCmd) each(ctx context.Context, remote *client.Client, do func(*client.Summary, []byte) error) error {
	for m, err := range remote.All(ctx, c.query(), client.ListOptions{Oldest: true, Limit: maxPage}) {
		if err != nil {
			return err
		}
		content, err := rawOf(ctx, remote, m.ID)
		if errors.Is(err, client.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := do(&m, content); err != nil {
			return err
		}
	}
	return nil
}

// stream writes a mailbox file to standard output.
func (c *exportCmd) stream(ctx context.Context, a *app, remote *client.Client) error {
	w := mbox.NewWriter(a.stdout)
	return c.each(ctx, remote, func(m *client.Summary, content []byte) error {
		return w.Add(m.Sender, m.Received, content)
	})
}

func rawOf(ctx context.Context, remote *client.Client, id string) ([]byte, error) {
	in, err := remote.Raw(ctx, id)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}
