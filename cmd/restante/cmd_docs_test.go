package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"restante/internal/tools"
)

// TestTourOfTheCommands types docs/cli.md, in one directory, from its beginning
// to its end.
func TestTourOfTheCommands(t *testing.T) {
	t.Parallel()
	tools.Need(t, "sh")
	if runtime.GOOS == "windows" {
		t.Skip("it is for a POSIX shell")
	}
	s := newSite(t)
	tour := readFile(t, "../../docs/cli.md")
	env := s.command(t).Env
	bin, dir := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "restante")); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for blocks := tour; ; {
		_, after, ok := strings.Cut(blocks, "```sh\n")
		if !ok {
			break
		}
		block, rest, _ := strings.Cut(after, "```")
		blocks = rest
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", block)
		cmd.Dir = dir
		cmd.Env = append(env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, block, out)
		}
		all.Write(out)
	}
	for _, want := range []string{
		"http://app.test/verify?token=abc\n",
		"471193\n",
		"552017\n",
		"nearest was ",
		"exit code 1\n",
		"221 2.0.0 Bye",
		"As it is\n",
		"alice@app.test\n",
		"exported ",
		"imported ",
		"\nHello\n",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the tour does not print %q:\n%s", want, &all)
		}
	}
}

// TestDocumentedFlags looks every flag up that docs/cli.md and the help's own
// text name.
func TestDocumentedFlags(t *testing.T) {
	t.Parallel()
	known := "--help --mail-from --mail-rcpt "
	texts := readFile(t, "../../docs/cli.md")
	_, front, _ := run(t, command(t, "--help"))
	for line := range strings.Lines(front) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.HasPrefix(line, "  ") || strings.HasPrefix(name, "-") || name == "restante" {
			continue
		}
		code, help, said := run(t, command(t, name, "--help"))
		if code != exitOK || said != "" || !strings.HasPrefix(help, "Usage: restante "+name) {
			t.Errorf("%s --help: exit code %d, said %q", name, code, said)
		}
		if isClient := strings.Contains(help, "\nExample"); !isClient && name != "compact" && name != "cert" && name != "config" && name != "version" {
			t.Errorf("%s --help has no example:\n%s", name, help)
		}
		for line := range strings.Lines(help) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 84 {
				t.Errorf("%s --help has a line of %d characters: %s", name, n, line)
			}
			if flag := strings.TrimSpace(line); strings.HasPrefix(flag, "--") {
				known += flag + " "
			}
		}
		texts += help
	}
	for _, part := range strings.Split(texts, "--")[1:] {
		name := part[:len(part)-len(strings.TrimLeft(part, "abcdefghijklmnopqrstuvwxyz0123456789-"))]
		if name = strings.Trim(name, "-"); name != "" && !strings.Contains(known, "--"+name) {
			t.Errorf("--%s is named, and does not exist", name)
		}
	}
}
