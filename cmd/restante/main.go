package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
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
	loader  configs.Loader
	stdout  io.Writer
	stderr  io.Writer
	signals <-chan os.Signal
}

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	a := &app{stdout: os.Stdout, stderr: os.Stderr, signals: signals}
	a.loader.File = configs.File()
	os.Exit(a.run(os.Args[1:]))
}

// run runs a command line and returns the exit code.
func (a *app) run(args []string) int {
	ctx, err := a.loader.Parse(&a.cli, args,
		kong.Name("restante"), kong.Help(a.printHelp), kong.Writers(a.stdout, a.stderr))
	switch {
	case errors.Is(err, errHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(a.stderr, "restante: %v\nRun \"restante --help\" for help.\n", err)
		return exitUsage
	case a.ShowVersion:
		return a.version()
	}
	command := ctx.Selected().Name
	if err := useless(ctx, command); err != nil {
		fmt.Fprintf(a.stderr, "restante: %v\n", err)
		return exitUsage
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
	fmt.Fprintf(a.stderr, "restante: %v\n", err)
	return exitCode(err)
}

// useful lists the settings that a command looks at, for those that do not
// look at all of them.
var useful = map[string][]string{
	"compact": {"data"},
	"cert":    {"data"},
	"version": {},
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
