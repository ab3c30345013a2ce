package main

import (
	"encoding/json"
	"net"
	"os/exec"
	"strings"
	"testing"
)

// command is the command in a shell whose variables name the server.
func (s *site) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := command(t, args...)
	cmd.Env = append(cmd.Env, "RESTANTE_URL="+s.ports["http"], "RESTANTE_SMTP="+s.ports["smtp"])
	return cmd
}

// does runs the command to a good end and returns what it printed.
func (s *site) does(t *testing.T, args ...string) string {
	t.Helper()
	return succeeds(t, s.command(t, args...))
}

func succeeds(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	code, stdout, stderr := run(t, cmd)
	if code != exitOK || stderr != "" {
		t.Fatalf("%q: exit code %d, printed %q, said %q", cmd.Args[1:], code, stdout, stderr)
	}
	return stdout
}

// fails runs the command, which must end with a code and say something.
func fails(t *testing.T, cmd *exec.Cmd, want int, says string) {
	t.Helper()
	code, stdout, stderr := run(t, cmd)
	if code != want || stdout != "" || !strings.Contains(stderr, says) {
		t.Errorf("%q: exit code %d, printed %q, said %q, want %d and %q", cmd.Args[1:], code, stdout, stderr, want, says)
	}
}

// decoded is JSON that a command printed.
func decoded[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}

// chunk sends a message of any octets.
func (s *site) chunk(t *testing.T, from, to, content string) string {
	t.Helper()
	c := dialSMTP(t, s.ports["smtp"])
	defer c.Close()
	id, err := c.chunk(from, to, content)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// unused is an address where nothing listens.
func unused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
