package compat

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"restante/internal/tools"
)

// TestClients runs clients from the npm registry that others wrote for Mailpit,
// MailHog and Cypress against the built server.
func TestClients(t *testing.T) {
	t.Parallel()
	tools.Need(t, "node", "npm", "go")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "npm"))); err != nil {
		t.Fatal(err)
	}
	// Cypress itself is a peer dependency that its commands can do without.
	install := exec.CommandContext(t.Context(), "npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		tools.Missing(t, fmt.Errorf("npm cannot install the clients (is the registry within reach?): %w\n%s", err, out))
	}
	ports := serve(t)
	run := exec.CommandContext(t.Context(), "node", "main.mjs")
	run.Dir = dir
	run.Env = append(os.Environ(), "RESTANTE_URL="+ports["http"], "RESTANTE_SMTP="+ports["smtp"])
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "all clients are served") {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := strings.Count(string(out), "\nok ") + 1; n < 20 {
		t.Errorf("only %d checks ran:\n%s", n, out)
	}
}

// serve builds the command, starts it on free ports and waits for its line.
func serve(t *testing.T) (ports map[string]string) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "restante.exe") // a name that runs everywhere
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "restante/cmd/restante").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), bin, "serve", "--print-ports", "--ephemeral",
		"--smtp=127.0.0.1:0", "--pop3=127.0.0.1:0", "--http=127.0.0.1:0")
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("no line of ports: %v; it said:\n%s", err, said.String())
	}
	if err := json.Unmarshal([]byte(line), &ports); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return ports
}
