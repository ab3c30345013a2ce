package faults

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTablesOfTheBook holds the tables of docs/faults.md against the code.
func TestTablesOfTheBook(t *testing.T) {
	t.Parallel()
	octets, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]string{"addresses": addressTable(), "actions": actionTable()} {
		if !strings.Contains(string(octets), "\n"+table+"\n") {
			t.Errorf("docs/faults.md does not have the table of %s as it is:\n%s", name, table)
		}
	}
}

func addressTable() string {
	var b strings.Builder
	b.WriteString("| in the address | | what it does |\n|---|---|---|\n")
	for _, f := range AddressFaults() {
		protocol := strings.ToUpper(f.Protocol)
		if protocol == "" {
			protocol = "both"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(f.Form, " or ", "` or `"), protocol, f.Says)
	}
	return b.String()
}

func actionTable() string {
	var b strings.Builder
	b.WriteString("| `do` | SMTP | POP3 |\n|---|---|---|\n| `reply` `delay` `throttle` `close` `reset` | everywhere | everywhere |\n")
	where := func(at []Point) string {
		words := make([]string, len(at))
		for i, p := range at {
			words[i] = "`" + string(p) + "`"
		}
		return strings.Join(words, " ")
	}
	for _, p := range places {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.field, where(p.at[SMTP]), where(p.at[POP3]))
	}
	return b.String()
}

// TestBookNamesEverything looks for every field and point in docs/faults.md.
func TestBookNamesEverything(t *testing.T) {
	t.Parallel()
	octets, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, p := range slices.Concat(points[SMTP], points[POP3], []Point{Login}) {
		words = append(words, string(p))
	}
	for _, w := range new(Whom).criteria() {
		words = append(words, w.field)
	}
	words = append(words, "next", "every", "after", "above", "per", "probability", "seed", "until", "session", "name", "owner", "ttl", "expires", "warning", "hits", "matched")
	for _, w := range words {
		if !strings.Contains(string(octets), "`"+w+"`") {
			t.Errorf("docs/faults.md does not tell of `%s`", w)
		}
	}
}
