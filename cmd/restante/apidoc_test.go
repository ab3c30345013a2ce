package main

import (
	"os/exec"
	"strings"
	"testing"

	"restante/internal/tools"
)

// TestTourOfTheAPI types the commands of docs/api.md at a new server, in their
// order.
func TestTourOfTheAPI(t *testing.T) {
	t.Parallel()
	tools.Need(t, "sh", "curl", "sed")
	p := serve(t, "--ephemeral")
	wantInOrder(t, typeCommands(t, p, "../../docs/api.md"),
		`"seq":2,"mailboxes":["alice@app.test","audit@app.test"]`,
		`"links":[{"href":"http://app.test/verify?t=abc&u=7","text":"click here","where":"html"`,
		`"codes":[{"code":"471193",`,
		`"subject":"Second"`,
		"3 messages arrived, none matched; nearest was",
		"subject matched, rcpt was alice@app.test, audit@app.test, wanted alicia@app.test",
		"204\n",
		`"total":3`,
		"Return-Path: <app@app.test>",
		`"trace":[`,
		"Agreed.",
		`"tags":["signup"]`,
		`{"changed":2}`,
		`{"deleted":1}`,
		`"inbox":false`,
		`"subject":"For the inbox"`,
		`"inboxes":[{"id":"signup-`,
		`{"removed":0,"restored":1}`,
		"retry: 1000",
		`"transcript":[`,
		`"do":{"delay":"3s"}`,
		`{"deleted":1}`,
		`"ephemeral":true`,
		"restante_smtp_accepted_total",
		`"openapi":"3.1.0"`,
	)
}

// typeCommands types the commands of a page at a server, and returns what they
// print.
func typeCommands(t *testing.T, p *process, page string) string {
	t.Helper()
	ports := strings.NewReplacer("127.0.0.1:1025", p.ports["smtp"], "127.0.0.1:1110", p.ports["pop3"], "http://127.0.0.1:8025", p.ports["http"])
	text, dir := readFile(t, page), t.TempDir()
	var all strings.Builder
	for {
		_, after, ok := strings.Cut(text, "```sh\n")
		if !ok {
			return all.String()
		}
		block, rest, _ := strings.Cut(after, "```")
		text = rest
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", ports.Replace(block))
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, block, out)
		}
		all.Write(out)
	}
}

// wantInOrder looks for texts one behind the other.
func wantInOrder(t *testing.T, printed string, wants ...string) {
	t.Helper()
	rest := printed
	for _, want := range wants {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("the tour does not print %q, or not here:\n%s", want, rest)
		}
		rest = after
	}
}

// TestDocumentedSettings looks every flag up that docs/api.md names.
func TestDocumentedSettings(t *testing.T) {
	t.Parallel()
	_, known, _ := run(t, command(t, "serve", "--help"))
	known += "--data-urlencode --data-binary --max-time --mail-from --mail-rcpt " // curl's
	for _, part := range strings.Split(readFile(t, "../../docs/api.md"), "--")[1:] {
		name := part[:len(part)-len(strings.TrimLeft(part, "abcdefghijklmnopqrstuvwxyz0123456789-"))]
		if name = strings.Trim(name, "-"); name != "" && !strings.Contains(known, "--"+name) {
			t.Errorf("docs/api.md names --%s, which does not exist", name)
		}
	}
}
