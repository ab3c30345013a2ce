package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"restante/configs"
)

// cli is the command line.
type cli struct {
	configs.Config `embed:""`
	File           string `name:"config" env:"RESTANTE_CONFIG" placeholder:"FILE" default:"" help:"Read settings from this file. Without it: restante/restante.yaml in the user's configuration directory, if it is there."`
	ShowVersion    bool   `name:"version" hidden:"" help:"Print the version."`

	Serve struct {
		PrintPorts bool `name:"print-ports" help:"Print the bound addresses as one line of JSON on standard output once every one is bound; the rest goes to standard error."`
	} `cmd:"" default:"withargs" help:"receive, keep and show mail (the default)"`
	Wait        waitCmd       `cmd:"" help:"wait for mail, and print it, its link or its code"`
	List        listCmd       `cmd:"" help:"list mail"`
	ShowMessage showCmd       `cmd:"" name:"show" help:"show a message"`
	Delete      deleteCmd     `cmd:"" help:"delete mail"`
	Mailboxes   mailboxesCmd  `cmd:"" help:"list mailboxes"`
	Faults      faultsCmd     `cmd:"" help:"list, add and remove what is broken on purpose"`
	Send        sendCmd       `cmd:"" help:"send a message; also a drop-in for sendmail"`
	Import      importCmd     `cmd:"" help:"deliver messages from files, mbox and Maildir"`
	Export      exportCmd     `cmd:"" help:"write messages to files, mbox or Maildir"`
	Run         runCmd        `cmd:"" help:"run a command beside a server of its own"`
	Completion  completionCmd `cmd:"" help:"print what completes commands in your shell"`
	Complete    completeCmd   `cmd:"" hidden:"" help:"list completions"`

	Compact struct{} `cmd:"" help:"give the free space in the store's file back"`
	Cert    struct{} `cmd:"" help:"print the certificate authority of self-signed TLS"`
	Show    struct {
		Sample bool `name:"sample" help:"Print a commented settings file with the defaults instead."`
	} `cmd:"" name:"config" help:"print the settings in force, and where each comes from"`
	Version struct{} `cmd:"" help:"print the version"`
}

// app is one run of the command.
type app struct {
	cli
	loader   configs.Loader
	model    *kong.Application
	sendmail bool // called by that name
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	signals  chan os.Signal
}

// doer is a command that has a file of its own.
type doer interface{ do(a *app) int }

func main() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, signals: signals}
	a.loader.File = configs.File()
	a.sendmail = strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "sendmail"
	os.Exit(a.run(os.Args[1:]))
}

// run runs a command line and returns the exit code.
func (a *app) run(args []string) int {
	if a.sendmail {
		args = append([]string{"send"}, args...)
	}
	args, err := sendmailIn(args)
	var ctx *kong.Context
	if err == nil {
		ctx, err = a.loader.Parse(&a.cli, args,
			kong.Name("restante"), kong.Help(a.printHelp), kong.Writers(a.stdout, a.stderr))
	}
	switch {
	case errors.Is(err, errHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(a.stderr, "restante: %v\nRun \"restante --help\" for help.\n", err)
		if a.sendmail {
			return sysexitUsage
		}
		return exitUsage
	case a.ShowVersion:
		return a.version()
	}
	command := ctx.Selected().Name
	if err := useless(ctx, command); err != nil {
		fmt.Fprintf(a.stderr, "restante: %v\n", err)
		return exitUsage
	}
	a.model = ctx.Model
	if c, ok := ctx.Selected().Target.Addr().Interface().(doer); ok {
		return c.do(a)
	}
	switch command {
	case "compact":
		return a.compact()
	case "cert":
		return a.cert()
	case "config":
		return a.config()
	case "version":
		return a.version()
	}
	return a.serve()
}

// fail prints an error and returns its exit code.
func (a *app) fail(err error) int {
	fmt.Fprintf(a.stderr, "restante: %s\n", outputTo(a.stderr).lines(err.Error()))
	return exitCode(err)
}

// useful lists the settings that a command looks at, for those that do not
// look at all of them.
var useful = map[string][]string{
	"compact": {"data"},
	"cert":    {"data"},
	"version": {},

	"wait":       {},
	"list":       {},
	"show":       {},
	"delete":     {},
	"mailboxes":  {},
	"faults":     {},
	"import":     {},
	"export":     {},
	"send":       {"smtp"},
	"completion": {},
}

// useless finds a flag that the command would ignore.
func useless(ctx *kong.Context, command string) error {
	names, some := useful[command]
	if !some {
		return nil
	}
	for _, p := range ctx.Path {
		if p.Flag == nil || p.Resolved {
			continue
		}
		if _, setting := configs.Lookup(p.Flag.Name); setting && !slices.Contains(names, p.Flag.Name) {
			return fmt.Errorf("--%s means nothing to %s", p.Flag.Name, command)
		}
	}
	return nil
}
