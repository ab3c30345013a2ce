package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"

	"restante/client"
)

// importCmd delivers messages that are in files.
type importCmd struct {
	Paths []string `arg:"" name:"FILE|DIR|-" help:"Messages, mailbox files, directories, Maildirs, or - for standard input."`
	To    []string `name:"to" sep:"none" placeholder:"ADDR" help:"Deliver everything to this recipient. Repeat it at will."`
	From  *string  `name:"from" placeholder:"ADDR" help:"The envelope's sender of everything; '' is <>."`
	remote
}

// Help is what import --help says behind its flags.
func (*importCmd) Help() string {
	return `
Octets stay as they are. Of a directory everything in it is taken that ends in
.eml or .mbox, and all of a Maildir; a file that begins with "From " is a mailbox
file (mboxrd, RFC 4155).

Recipients are those of --to; else those of the index that export writes beside
the messages; else those in Delivered-To and X-Original-To; else those in To, Cc
and Bcc. The sender is found likewise: in the index, the mailbox file's "From "
line, Return-Path, From. A message without any recipient is skipped.

Exit codes: 0 when everything was delivered, else 1.

Examples:
  restante import ~/Maildir
  restante import --to alice@app.test *.eml
  restante export - --format mbox | restante import - --url http://other:8025`
}

// imported is what an import did.
type imported struct {
	Imported int `json:"imported"`
	Failed   int `json:"failed"`
}

func (c *importCmd) do(a *app) int {
	var to []string
	for _, list := range c.To {
		var err error
		if to, err = appendAddresses(to, list); err != nil {
			return a.fail(err)
		}
	}
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		if err := remote.Ready(ctx); err != nil {
			return err
		}
		bar := a.progress(c.JSON, size(c.Paths), "import", true)
		var done imported
		for _, path := range c.Paths {
			for l, err := range letters(path, a.stdin) {
				if err == nil {
					err = c.deliver(ctx, remote, l, to)
				}
				if _, lost := errors.AsType[*net.OpError](err); lost || ctx.Err() != nil {
					return err // there is nothing to go on with
				}
				if err != nil {
					done.Failed++
					_ = bar.Clear() // what is said must not stand behind the bar
					fmt.Fprintf(a.stderr, "restante: %s: %s\n", l.name, a.err().lines(err.Error()))
					continue
				}
				done.Imported++
				_ = bar.Add(len(l.content))
			}
		}
		_ = bar.Finish()
		if c.JSON {
			if err := a.out().json(done); err != nil {
				return err
			}
		} else {
			fmt.Fprintf(a.stdout, "imported %s\n", plural(int64(done.Imported), "message"))
		}
		if done.Failed > 0 {
			return fmt.Errorf("%s not imported", plural(int64(done.Failed), "message"))
		}
		return nil
	})
}

func (c *importCmd) deliver(ctx context.Context, remote *client.Client, l letter, to []string) error {
	from, known := l.parties()
	if c.From != nil {
		from = strings.Trim(*c.From, "<>")
	}
	if len(to) == 0 {
		to = known
	}
	if len(to) == 0 {
		return usagef("it names no recipient; name one with --to")
	}
	got, err := remote.Deliver(ctx, from, to, bytes.NewReader(l.content))
	if err != nil {
		return err
	}
	if l.seen {
		if _, err := remote.Mark(ctx, true, got.ID); err != nil {
			return err
		}
	}
	if l.known != nil && len(l.known.Tags) > 0 {
		_, err = remote.Tag(ctx, l.known.Tags, got.ID)
	}
	return err
}

// size is how many octets there are to import; -1 when that is not known. It is
// for the progress bar alone.
func size(paths []string) (octets int64) {
	for _, path := range paths {
		if path == "-" {
			return -1
		}
		_ = filepath.WalkDir(path, func(_ string, e os.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() && !strings.HasSuffix(e.Name(), indexFile) {
				if info, err := e.Info(); err == nil {
					octets += info.Size()
				}
			}
			return nil
		})
	}
	return octets
}

// progress is a bar on standard error where that is a terminal, and shows
// nothing elsewhere.
func (a *app) progress(silent bool, most int64, what string, octets bool) *progressbar.ProgressBar {
	err := a.err()
	var w io.Writer = io.Discard
	if err.terminal && !silent {
		w = a.stderr
	}
	return progressbar.NewOptions64(most,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(w != io.Discard),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(octets),
		progressbar.OptionShowCount(),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionClearOnFinish(),
	)
}
