package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"restante/client"
	"restante/configs"
)

// completionCmd prints a script for a shell. The scripts ask the hidden command
// complete, so that they know whatever this program knows.
type completionCmd struct {
	Shell string `arg:"" name:"bash|zsh|fish" values:"bash,zsh,fish" help:"The shell."`
}

// Help is what completion --help says behind its flags.
func (*completionCmd) Help() string {
	return `
It completes commands, flags, their values, and what the running server has:
IDs with their subjects, and mailboxes.

Examples:
  source <(restante completion bash)                  # in ~/.bashrc
  source <(restante completion zsh)                   # in ~/.zshrc, after compinit
  restante completion fish > ~/.config/fish/completions/restante.fish`
}

var (
	//go:embed completion.bash
	bashScript string
	//go:embed completion.zsh
	zshScript string
	//go:embed completion.fish
	fishScript string
)

func (c *completionCmd) do(a *app) int {
	script, ok := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[c.Shell]
	if !ok {
		return a.fail(usagef("%q is not a shell that is known here; bash, zsh and fish are", c.Shell))
	}
	fmt.Fprint(a.stdout, script)
	return exitOK
}

// completeCmd lists what may stand in the place of the last word, one on a line,
// with a tab and a description behind it. Nothing means file names.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
	remote
}

func (c *completeCmd) do(a *app) int {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	for _, one := range a.completions(words[:len(words)-1], last) {
		if strings.HasPrefix(one.word, last) {
			fmt.Fprintf(a.stdout, "%s\t%s\n", one.word, oneLine(one.help))
		}
	}
	return exitOK
}

type completion struct{ word, help string }

// completions are what may follow words; last is how it begins.
func (a *app) completions(words []string, last string) []completion {
	node, flag := a.place(words)
	if name, _, ok := strings.Cut(last, "="); ok && strings.HasPrefix(name, "--") {
		if flag = findFlag(node, name[2:]); flag == nil {
			return nil
		}
		found := a.values(flag)
		for i := range found {
			found[i].word = name + "=" + found[i].word
		}
		return found
	}
	switch {
	case flag != nil:
		return a.values(flag)
	case strings.HasPrefix(last, "-"):
		return flagsOf(node)
	case node.Type == kong.ApplicationNode:
		var found []completion
		for _, child := range node.Leaves(true) {
			found = append(found, completion{child.Name, child.Help})
		}
		return found
	}
	return a.argumentsOf(node)
}

// place is the command that words name, and the flag whose value is next. A
// shell may take "=" for a word of its own.
func (a *app) place(words []string) (node *kong.Node, flag *kong.Flag) {
	node = a.model.Node
	for i, word := range words {
		name, value, attached := strings.Cut(word, "=")
		switch {
		case flag != nil && word == "=":
		case flag != nil:
			flag = nil
		case strings.HasPrefix(word, "--"):
			flag = findFlag(node, name[2:])
			next := ""
			if i+1 < len(words) {
				next = words[i+1]
			}
			if attached && value != "" || flag != nil && flag.IsBool() && next != "=" {
				flag = nil
			}
		case node.Type == kong.ApplicationNode:
			for _, child := range node.Children {
				if child.Name == word {
					node = child
				}
			}
		}
	}
	return node, flag
}

func findFlag(node *kong.Node, name string) *kong.Flag {
	for ; node != nil; node = node.Parent {
		for _, flag := range node.Flags {
			if flag.Name == name {
				return flag
			}
		}
	}
	return nil
}

// flagsOf are the flags that mean something to a command.
func flagsOf(node *kong.Node) (found []completion) {
	names, some := useful[node.Name]
	for at := node; at != nil; at = at.Parent {
		for _, flag := range at.Flags {
			if _, setting := configs.Lookup(flag.Name); flag.Hidden || setting && some && !contains(names, flag.Name) {
				continue
			}
			found = append(found, completion{"--" + flag.Name, flag.Help})
		}
	}
	return found
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// values are those of a flag, where they can be known.
func (a *app) values(flag *kong.Flag) (found []completion) {
	list := strings.Split(flag.Tag.Get("values"), ",")
	if s, ok := configs.Lookup(flag.Name); ok {
		list = s.OneOf
	}
	for _, value := range list {
		if value != "" {
			found = append(found, completion{value, ""})
		}
	}
	if flag.Name == "mailbox" {
		a.quickly(func(ctx context.Context, remote *client.Client) {
			for box, err := range remote.Mailboxes(ctx, "") {
				if err != nil {
					return
				}
				found = append(found, completion{box.Name, plural(box.Messages, "message")})
			}
		})
	}
	return found
}

// argumentsOf are what may stand behind a command.
func (a *app) argumentsOf(node *kong.Node) (found []completion) {
	switch node.Name {
	case "show":
		found = append(found, completion{"latest", "the newest message"})
		fallthrough
	case "delete":
		a.quickly(func(ctx context.Context, remote *client.Client) {
			page, err := remote.List(ctx, client.Query{}, client.ListOptions{})
			if err != nil {
				return
			}
			for i := range page.Messages {
				found = append(found, completion{page.Messages[i].ID, subjectOf(&page.Messages[i])})
			}
		})
	case "completion":
		for _, shell := range strings.Split(node.Positional[0].Tag.Get("values"), ",") {
			found = append(found, completion{shell, ""})
		}
	}
	return found
}

// quickly asks the server, if there is one. A completion that takes long or
// fails is none.
func (a *app) quickly(do func(context.Context, *client.Client)) {
	remote, err := a.client(&a.Complete.remote)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	do(ctx, remote)
}
