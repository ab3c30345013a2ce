package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"restante/internal/tools"
)

func TestCompletions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.transmit(t, "app@app.test", "alice@app.test", "Subject: Hello: there\r\n\r\n")
	complete := func(words ...string) (found []string) {
		t.Helper()
		for line := range strings.Lines(s.does(t, append([]string{"complete", "--"}, words...)...)) {
			word, _, _ := strings.Cut(line, "\t")
			found = append(found, word)
		}
		return found
	}
	for _, tt := range []struct {
		words string // the last one is being written
		want  []string
	}{
		{"", []string{"serve", "wait", "list", "show", "delete", "mailboxes", "faults", "send", "import", "export", "run", "completion", "compact", "cert", "config", "version"}},
		{"li", []string{"list"}},
		{"wait --pri", []string{"--print"}},
		{"wait --print ", []string{"link", "code", "text", "html", "raw", "json", "id"}},
		{"wait --print h", []string{"html"}},
		{"wait --print=h", []string{"--print=html"}},
		{"wait --print = h", []string{"html"}},
		{"wait --json --print t", []string{"text"}},
		{"export x --format m", []string{"mbox", "maildir"}},
		{"serve --tls s", []string{"self-signed"}},
		{"--durability ", []string{"commit", "none"}},
		{"completion ", []string{"bash", "zsh", "fish"}},
		{"show l", []string{"latest"}},
		{"show " + id[:4], []string{id}},
		{"delete ", []string{id}},
		{"list --mailbox a", []string{"alice@app.test"}},
		{"import ", nil},
		{"list --smt", nil},
		{"send --smt", []string{"--smtp"}},
		{"run --smt", []string{"--smtp", "--smtps", "--smtp-auth", "--smtp-idle-timeout"}},
	} {
		got := complete(strings.Split(tt.words, " ")...)
		slices.Sort(got)
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: completions are %q, want %q", tt.words, got, tt.want)
		}
	}
	if out := s.does(t, "complete", "--", "delete", ""); out != id+"\tHello: there\n" {
		t.Errorf("printed %q, want the ID and the subject", out)
	}
	// Without a server there is no error in the middle of a line.
	nobody := command(t, "complete", "--", "delete", "")
	nobody.Env = append(nobody.Env, "RESTANTE_URL=http://"+unused(t))
	if out := succeeds(t, nobody); out != "" {
		t.Errorf("without a server it printed %q", out)
	}
	fails(t, command(t, "completion", "csh"), exitUsage, "bash, zsh and fish")
}

// The scripts work in their shells.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for shell, try := range map[string]string{
		"bash": `source "$1"; COMP_WORDS=(restante wait --print te); COMP_CWORD=3; _restante; echo "${COMPREPLY[@]}"`,
		"zsh":  `compdef() { : }; _describe() { print -r -- "${(P)2[1]}" }; words=(restante wait --print te); CURRENT=4; source "$1"; _restante`,
		"fish": `source $argv[1]; complete --do-complete "restante wait --print te"`,
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			tools.Need(t, shell)
			cmd := command(t, "completion", shell)
			home, dir := t.TempDir(), t.TempDir()
			script := filepath.Join(dir, "script")
			writeFile(t, script, succeeds(t, cmd))
			if err := os.Symlink(cmd.Path, filepath.Join(dir, "restante")); err != nil {
				t.Skip(err)
			}
			args := []string{"-c", try, "-", script}
			if shell == "fish" {
				args = []string{"--no-config", "-c", try, script}
			}
			use := tool(t, home, shell, args...)
			use.Env = append(use.Env, "TEST_BE_THE_COMMAND=1", "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			// Fish has file names behind it, and zsh a colon before what it means.
			if got, _, _ := strings.Cut(done(t, use), "\n"); strings.TrimRight(got, ":\t") != "text" {
				t.Errorf("it completes %q, want text", got)
			}
		})
	}
}
