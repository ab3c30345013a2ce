package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"restante/configs"
)

// errHelp ends a run that was asked for help and has printed it.
var errHelp = errors.New("help was printed")

// front are the settings on the first page of the help.
var front = []string{"smtp", "pop3", "http", "data", "ephemeral"}

const usage = `Usage: restante [COMMAND] [flags]

A mail server for development: it takes mail in by SMTP, keeps it, and gives it
out by POP3 and on a web page. It never sends mail on.

Commands (restante COMMAND --help has more, and examples):
`

const epilogue = `
Flags of serve are also variables, and keys of the settings file: --max-bytes,
RESTANTE_MAX_BYTES, max-bytes. The flag wins, then the variable, then the file.

Exit codes: 0 done, 1 failed, 2 wrong flag or setting, 3 an address cannot be
bound, 4 the store cannot be opened, 5 no Restante is running there.

Example: a throw-away server for a script, SMTP on a free port
  restante --ephemeral --smtp 127.0.0.1:0 --pop3 off --http off --print-ports
`

// printHelp is what --help prints: the front page without a command, all flags
// by group with serve and config, and those that matter with any other.
func (a *app) printHelp(_ kong.HelpOptions, ctx *kong.Context) error {
	command := ""
	if node := ctx.Selected(); node != nil {
		command = node.Name
	}
	p := page{a.stdout, flagColumn}
	if command == "" {
		p.column = frontColumn
		p.front(ctx.Model)
	} else {
		p.command(ctx.Model, command)
	}
	return errHelp
}

type page struct {
	w      io.Writer
	column int // of what flags mean
}

func (p page) front(model *kong.Application) {
	fmt.Fprint(p.w, usage)
	for _, node := range model.Leaves(true) {
		fmt.Fprintf(p.w, "  %-11s %s\n", node.Name, node.Help)
	}
	fmt.Fprint(p.w, "\nFlags (all of them: restante serve --help):\n")
	var rows []row
	for _, name := range front {
		s, _ := configs.Lookup(name)
		r := settingRow(model, s)
		r.help, _, _ = strings.Cut(r.help, ". ")
		r.help, _, _ = strings.Cut(r.help, ": ")
		r.help = strings.TrimSuffix(r.help, ".") + defaultText(s)
		rows = append(rows, r)
	}
	rows = append(rows,
		row{"--config=FILE", "Read settings from this file"},
		row{"--print-ports", "Print the bound addresses as one line of JSON"})
	p.rows(rows)
	fmt.Fprint(p.w, epilogue)
}

func (p page) command(model *kong.Application, command string) {
	i := slices.IndexFunc(model.Children, func(n *kong.Node) bool { return n.Name == command })
	node := model.Children[i]
	fmt.Fprintf(p.w, "Usage: restante %s [flags]%s\n\n%s%s.\n", command, arguments(node), strings.ToUpper(node.Help[:1]), node.Help[1:])
	var own []row
	for _, flag := range slices.Concat(node.Flags, model.Flags) {
		_, setting := configs.Lookup(flag.Name)
		if !setting && !flag.Hidden && flag.Name != "help" && (flag.Name != "config" || command != "version") {
			text := flag.Help
			if flag.Default != "" && flag.Default != "0" {
				text += " [" + flag.Default + "]"
			}
			own = append(own, row{flagText(flag), text})
		}
	}
	if own != nil {
		fmt.Fprint(p.w, "\nFlags\n")
		p.rows(own)
	}
	if command != "run" {
		p.settings(model, command)
	}
	if node.Detail != "" {
		fmt.Fprintf(p.w, "\n%s\n", strings.Trim(node.Detail, "\n"))
	}
	if command == "serve" {
		fmt.Fprint(p.w, epilogue)
	}
}

// arguments are those behind the flags, as a usage line has them.
func arguments(node *kong.Node) string {
	text := ""
	for _, arg := range node.Positional {
		name := arg.Name
		if arg.IsCumulative() {
			name += " …"
		}
		switch {
		case node.Name == "run":
			text += " -- " + name
		case arg.Required:
			text += " " + name
		default:
			text += " [" + name + "]"
		}
	}
	return text
}

// settings prints the settings that a command looks at, by group.
func (p page) settings(model *kong.Application, command string) {
	names, some := useful[command]
	var rows []row
	heading := ""
	for _, s := range configs.Settings() {
		if some && !slices.Contains(names, s.Name) {
			continue
		}
		if s.Group != heading {
			p.rows(rows)
			rows, heading = nil, s.Group
			fmt.Fprintf(p.w, "\n%s\n", heading)
		}
		r := settingRow(model, s)
		r.help += defaultText(s)
		rows = append(rows, r)
	}
	p.rows(rows)
}

type row struct{ flag, help string }

const (
	flagColumn  = 29 // wider than any flag but two
	frontColumn = 17
	lineWidth   = 80
)

func (p page) rows(rows []row) {
	for _, r := range rows {
		for i, line := range configs.Wrap(r.help, lineWidth-p.column-2) {
			if i > 0 {
				r.flag = ""
			} else if len(r.flag) > p.column-1 {
				fmt.Fprintf(p.w, "  %s\n", r.flag)
				r.flag = ""
			}
			fmt.Fprintf(p.w, "  %-*s%s\n", p.column, r.flag, line)
		}
	}
}

func settingRow(model *kong.Application, s configs.Setting) row {
	for _, flag := range model.Flags {
		if flag.Name == s.Name {
			text := flagText(flag)
			if s.OneOf != nil {
				text = "--" + s.Name + "=" + strings.Join(s.OneOf, "|")
			}
			return row{text, s.Help}
		}
	}
	return row{"--" + s.Name, s.Help}
}

func flagText(flag *kong.Flag) string {
	if flag.IsBool() {
		return "--" + flag.Name
	}
	return "--" + flag.Name + "=" + flag.PlaceHolder
}

func defaultText(s configs.Setting) string {
	if s.Default == "" || s.Default == "false" {
		return ""
	}
	return " [" + s.Default + "]"
}
