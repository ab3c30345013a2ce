package main

import (
	"strings"
	"testing"
)

func TestFaultsCommand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if code, _, said := run(t, s.command(t, "faults")); code != exitOK || said != "no fault rules\n" {
		t.Errorf("exit code %d, said %q", code, said)
	}
	const rule = `{"owner": "t1", "protocol": "smtp", "at": "rcpt", "for": {"recipient": "alice@app.test"}, "do": {"reply": {"code": 451}}, "often": {"next": 2}}`
	if id := s.does(t, "faults", "--add", rule); id != "f1\n" {
		t.Errorf("added as %q, want f1", id)
	}
	cmd := s.command(t, "faults", "--add", "-", "--json")
	cmd.Stdin = strings.NewReader(strings.Replace(rule, "alice", "bob", 1))
	if added := decoded[struct{ ID string }](t, succeeds(t, cmd)); added.ID != "f2" {
		t.Errorf("added as %+v, want f2", added)
	}
	cmd = s.command(t, "faults", "--add", strings.Replace(rule, `"rcpt"`, `"mail"`, 1))
	if code, id, said := run(t, cmd); code != exitOK || id != "f3\n" || !strings.Contains(said, "f3 never matches at mail") {
		t.Errorf("exit code %d, printed %q, said %q; want a warning", code, id, said)
	}
	lines := strings.Split(s.does(t, "faults", "--owner", "t1"), "\n")
	if len(lines) != 5 || strings.Join(strings.Fields(lines[1])[:3], " ") != "f1 0 0" || !strings.Contains(lines[1], "smtp rcpt  recipient:alice@app.test  reply:{code:451}  next:2  t1") {
		t.Errorf("listed as\n%s", strings.Join(lines, "\n"))
	}
	for _, wrong := range []struct {
		args []string
		said string
	}{
		{[]string{"--add", strings.Replace(rule, "451", "999", 1)}, "do.reply.code: want a reply code from 200 to 599"},
		{[]string{"--add", rule, "--remove", "f1"}, "take one of"},
		{[]string{"--clear"}, "remove which rules?"},
		{[]string{"--all"}, "remove which rules?"},
		{[]string{"--clear", "--all", "--owner", "t1"}, "remove which rules?"},
		{[]string{"--remove", "f1", "--owner", "t1"}, "--owner is for"},
	} {
		if code, _, said := run(t, s.command(t, append([]string{"faults"}, wrong.args...)...)); code != exitUsage || !strings.Contains(said, wrong.said) {
			t.Errorf("%q: exit code %d, said %q; want %d and %q", wrong.args, code, said, exitUsage, wrong.said)
		}
	}
	if out := s.does(t, "faults", "--remove", "f3"); out != "removed 1 rule\n" {
		t.Errorf("printed %q", out)
	}
	if code, _, said := run(t, s.command(t, "faults", "--remove", "f3")); code == exitOK || !strings.Contains(said, "no such fault rule") {
		t.Errorf("exit code %d, said %q", code, said)
	}
	if out := decoded[struct{ Deleted int }](t, s.does(t, "faults", "--clear", "--owner", "t1", "--json")); out.Deleted != 2 {
		t.Errorf("%d went, want 2", out.Deleted)
	}
	if out := s.does(t, "faults", "--clear", "--all"); out != "removed 0 rules\n" {
		t.Errorf("printed %q", out)
	}
}
