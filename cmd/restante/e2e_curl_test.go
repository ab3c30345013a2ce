package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"restante/internal/tools"
)

// curl sends a file as it is, and stores what it fetches as it is.
func TestCurl(t *testing.T) {
	t.Parallel()
	tools.Need(t, "curl")
	s := newTLSSite(t)
	home := t.TempDir()
	curl := func(t *testing.T, args ...string) string {
		t.Helper()
		return done(t, tool(t, home, "curl", append([]string{"-sS", "--max-time", "60"}, args...)...))
	}
	send := func(t *testing.T, m mail, args ...string) {
		t.Helper()
		file := filepath.Join(home, "mail")
		writeFile(t, file, m.content)
		args = append(args, "--mail-from", m.from, "-T", file)
		for _, to := range m.to {
			args = append(args, "--mail-rcpt", to)
		}
		curl(t, args...)
	}
	s.testSending(t, "curl.test", func(t *testing.T, m mail) {
		t.Helper()
		send(t, m, "smtp://"+s.ports["smtp"]+"/client.test")
	})
	for name, args := range map[string][]string{
		"starttls": {"--ssl-reqd", "--cacert", s.ca, "-u", "user:secret", "smtp://" + s.ports["smtp"]},
		"smtps":    {"--cacert", s.ca, "-u", "user:secret", "smtps://" + s.ports["smtps"]},
	} {
		m := mailOf("curl.test", name, "", "Secret.\r\n")
		send(t, m, args...)
		s.wantSecret(t, m, "user")
	}

	owed := s.fill(t, "user@fetch.test")
	for name, args := range map[string][]string{
		"plain": {"pop3://" + s.ports["pop3"]},
		"stls":  {"--ssl-reqd", "--cacert", s.ca, "pop3://" + s.ports["pop3"]},
		"pop3s": {"--cacert", s.ca, "pop3s://" + s.ports["pop3s"]},
	} {
		url := args[len(args)-1] + "/"
		args = append(args[:len(args)-1:len(args)-1], "-u", "user@fetch.test:any")
		listed := curl(t, append(args, url)...)
		if got := strings.Count(listed, "\n"); got != len(owed) {
			t.Errorf("%s: the list has %d lines, want %d:\n%s", name, got, len(owed), listed)
		}
		dir := t.TempDir()
		for i := range owed {
			args = append(args, "-o", numbered(dir, i+1), fmt.Sprint(url, i+1))
		}
		curl(t, args...)
		got := filesIn(t, dir)
		wantMails(t, got, owed)
	}
	curl(t, "-u", "user@fetch.test:any", "-X", "DELE", "-I", "pop3://"+s.ports["pop3"]+"/1")
	if left := s.maildrop(t, "user@fetch.test"); len(left) != len(owed)-1 {
		t.Errorf("after DELE there are %d messages, want %d", len(left), len(owed)-1)
	}
}
