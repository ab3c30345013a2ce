package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"restante/client"
)

// faultsCmd lists, adds and removes fault rules.
type faultsCmd struct {
	Add    string   `name:"add" placeholder:"RULE" help:"Add this rule, in JSON; - reads it from standard input. Its ID is printed."`
	Remove []string `name:"remove" placeholder:"ID" help:"Remove these rules."`
	Owner  string   `name:"owner" placeholder:"NAME" help:"Only the rules of this owner."`
	Clear  bool     `name:"clear" help:"Remove the rules of the owner, or all with --all."`
	All    bool     `name:"all" help:"With --clear: all rules there are."`
	remote
}

// Help is what faults --help says behind its flags.
func (*faultsCmd) Help() string {
	return `
Lists the rules in the order in which they are asked, with how many times each
struck, of how many times it matched. docs/faults.md says what a rule can do, and
what an address can ask for without one.

Examples:
  restante faults
  restante faults --add '{"protocol": "smtp", "at": "rcpt", "often": {"next": 2},
    "for": {"recipient": "alice@app.test"}, "do": {"reply": {"code": 451}}}'
  restante faults --remove f1`
}

func (c *faultsCmd) do(a *app) int {
	ways := 0
	for _, way := range []bool{c.Add != "", len(c.Remove) > 0, c.Clear} {
		if way {
			ways++
		}
	}
	if ways > 1 {
		return a.fail(usagef("take one of --add, --remove and --clear"))
	}
	if c.All && !c.Clear || c.Clear && c.All == (c.Owner != "") {
		return a.fail(usagef("remove which rules? --clear goes with either --owner or --all"))
	}
	if c.Owner != "" && (c.Add != "" || len(c.Remove) > 0) {
		return a.fail(usagef("--owner is for the list and for --clear; a rule has its owner in itself"))
	}
	return a.ask(&c.remote, func(ctx context.Context, remote *client.Client) error {
		switch {
		case c.Add != "":
			return c.add(ctx, a, remote)
		case len(c.Remove) > 0:
			for _, id := range c.Remove {
				if err := remote.DeleteFault(ctx, id); err != nil {
					return err
				}
			}
			return c.removed(a, len(c.Remove))
		case c.Clear:
			remove := remote.DeleteAllFaults
			if !c.All {
				remove = func(ctx context.Context) (int, error) { return remote.DeleteFaultsOf(ctx, c.Owner) }
			}
			n, err := remove(ctx)
			if err != nil {
				return err
			}
			return c.removed(a, n)
		}
		return c.list(ctx, a, remote)
	})
}

func (c *faultsCmd) add(ctx context.Context, a *app, remote *client.Client) error {
	text := []byte(c.Add)
	if c.Add == "-" {
		var err error
		if text, err = io.ReadAll(a.stdin); err != nil {
			return fmt.Errorf("read the rule: %w", err)
		}
	}
	rule, err := remote.AddFaultJSON(ctx, text)
	if err != nil {
		return err
	}
	if rule.Warning != "" {
		fmt.Fprintf(a.stderr, "restante: %s %s\n", rule.ID, rule.Warning)
	}
	if c.JSON {
		return a.out().json(rule)
	}
	_, err = fmt.Fprintln(a.stdout, rule.ID)
	return err
}

func (c *faultsCmd) removed(a *app, n int) error {
	if c.JSON {
		return a.out().json(map[string]int{"deleted": n})
	}
	_, err := fmt.Fprintf(a.stdout, "removed %s\n", plural(int64(n), "rule"))
	return err
}

func (c *faultsCmd) list(ctx context.Context, a *app, remote *client.Client) error {
	rules, err := remote.Faults(ctx, c.Owner)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.out().json(map[string]any{"rules": rules})
	}
	if len(rules) == 0 {
		fmt.Fprintln(a.stderr, "no fault rules")
		return nil
	}
	rows := [][]string{{"ID", "HITS", "OF", "UNTIL", "WHERE", "FOR", "DO", "OFTEN", "NAME"}}
	for _, r := range rules {
		until := "never"
		if !r.Expires.IsZero() {
			until = moment(r.Expires)
		}
		rows = append(rows, []string{r.ID, fmt.Sprint(r.Hits), fmt.Sprint(r.Matched), until, r.Protocol + " " + strings.Join(r.At, " "),
			brief(r.For), brief(r.Do), brief(r.Often), oneLine(cmp.Or(r.Warning, r.Name, r.Owner))})
	}
	return a.out().table(rows, bold, "", "", faint)
}

// brief is a part of a rule on one line.
func brief(part any) string {
	octets, err := json.Marshal(part)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return oneLine(strings.ReplaceAll(string(octets[1:len(octets)-1]), `"`, ""))
}
