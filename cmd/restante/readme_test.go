package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"restante/internal/tools"
)

// blocks are the README's blocks of code in a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	rest := string(readme)
	for {
		_, after, ok := strings.Cut(rest, "```"+language+"\n")
		if !ok {
			return found
		}
		block, next, _ := strings.Cut(after, "```")
		found, rest = append(found, block), next
	}
}

// TestTour types the commands of the README's tour, with the ports of a server
// of its own.
func TestTour(t *testing.T) {
	t.Parallel()
	tools.Need(t, "sh", "curl")
	p := serve(t, "--ephemeral")
	ports := strings.NewReplacer("127.0.0.1:1025", p.ports["smtp"], "127.0.0.1:1110", p.ports["pop3"],
		"http://127.0.0.1:8025", p.ports["http"])
	said := ""
	for _, block := range blocks(t, "sh") {
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", ports.Replace(block))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", block, err, out)
		}
		said += string(out)
	}
	for _, want := range []string{
		"1 ",                           // LIST
		"Return-Path: <app@app.test>",  // RETR
		"\r\n\r\nYour code is 4711.\r", // its content
		`"subject":"Welcome"`,          // JSON
		`{"code":"4711",`,              // waited for
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the tour does not print %q:\n%s", want, said)
		}
	}
}

// TestWaitingInTheReadme runs what the README shows of waiting, in each language.
func TestWaitingInTheReadme(t *testing.T) {
	t.Parallel()
	tools.Need(t, "sh", "curl", "node", "python3")
	p := serve(t, "--ephemeral")
	ports := strings.NewReplacer("127.0.0.1:1025", p.ports["smtp"], "http://127.0.0.1:8025", p.ports["http"])
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	send := exec.CommandContext(t.Context(), "sh", "-e", "-c", ports.Replace(blocks(t, "sh")[0]))
	if out, err := send.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for language, interpreter := range map[string][]string{
		"js":     {"node", "--input-type=module", "-e"},
		"python": {"python3", "-c"},
		"bash":   {"sh", "-e", "-c"},
	} {
		code := blocks(t, language)
		if len(code) != 1 {
			t.Fatalf("the README has %d blocks of %s, want 1", len(code), language)
		}
		text := ports.Replace(code[0])
		if language == "bash" {
			text = `restante() { "$RESTANTE" "$@"; }; ` + text
		}
		cmd := exec.CommandContext(t.Context(), interpreter[0], append(interpreter[1:], text)...)
		cmd.Env = append(os.Environ(), "RESTANTE="+self, "TEST_BE_THE_COMMAND=1", "RESTANTE_URL="+p.ports["http"])
		if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "4711" {
			t.Errorf("%s prints %q, %v; want 4711", language, out, err)
		}
	}
}

// TestGoTestOfTheReadme holds the README's Go test against an example that runs.
func TestGoTestOfTheReadme(t *testing.T) {
	t.Parallel()
	holdsLines(t, "../../restantetest/example_test.go", blocks(t, "golang"))
}

// TestGoOfTheTour holds the README's Go against the example, which runs.
func TestGoOfTheTour(t *testing.T) {
	t.Parallel()
	holdsLines(t, "../../example_test.go", blocks(t, "go"))
}

// holdsLines checks that a file has the lines of some code in their order.
func holdsLines(t *testing.T, file string, code []string) {
	t.Helper()
	example, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(code) == 0 {
		t.Fatal("the README has no Go")
	}
	rest := string(example)
	for line := range strings.Lines(strings.Join(code, "")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		_, after, ok := strings.Cut(rest, line)
		if !ok {
			t.Fatalf("%s does not have %q where the README has it", file, line)
		}
		rest = after
	}
}

// TestFlagsOfTheReadme looks every flag up that the README names.
func TestFlagsOfTheReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, serve, _ := run(t, command(t, "serve", "--help"))
	_, config, _ := run(t, command(t, "config", "--help"))
	_, wait, _ := run(t, command(t, "wait", "--help"))
	known := serve + config + wait + "--mail-from --mail-rcpt --mailbox-max-" // curl's, and a group
	for _, part := range strings.Split(string(readme), "--")[1:] {
		name := strings.TrimRight(part[:len(part)-len(strings.TrimLeft(part, "abcdefghijklmnopqrstuvwxyz0123456789-"))], "-")
		if strings.HasPrefix(part, "mailbox-max-…") || name == "" || name == "end" {
			continue
		}
		if !strings.Contains(known, "--"+name) {
			t.Errorf("the README names --%s, which does not exist", name)
		}
	}
}
