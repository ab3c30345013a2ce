package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"restante/internal/tools"
)

// inTerminal runs a program in a terminal of its own.
const inTerminal = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
`

// muttSettings keep mutt from asking anything.
const muttSettings = `
set ssl_force_tls=no ssl_verify_host=no hostname=client.test
set mbox_type=Maildir confirmcreate=no confirmappend=no quit=yes delete=yes wait_key=no sleep_time=0
set use_envelope_from=yes realname=App from=app@mutt.test envelope_from_address=app@mutt.test
set pop_pass=any pop_authenticators=user smtp_authenticators=plain smtp_pass=secret
`

// mutt makes a mail of a text and files, and keeps what it has sent, with Bcc,
// which it does not send.
func TestMuttSends(t *testing.T) {
	t.Parallel()
	tools.Need(t, "mutt")
	s := newTLSSite(t)
	bcc, date := regexp.MustCompile(`(?m)^Bcc: .*\n`), regexp.MustCompile(`^Date: .*\r\n`)
	send := func(t *testing.T, m mail, settings string) mail {
		t.Helper()
		home := t.TempDir()
		rc, sent := filepath.Join(home, "muttrc"), filepath.Join(home, "sent")
		writeFile(t, rc, muttSettings+"set folder="+home+" record="+sent+"\n"+settings)
		args := []string{"-n", "-F", rc, "-s", m.name}
		for i, to := range m.to[1:] {
			args = append(args, []string{"-c", "-b"}[min(i, 1)], to)
		}
		_, body, _ := strings.Cut(m.content, "\r\n\r\n")
		if m.name == "attachment" {
			file := filepath.Join(home, "every octet.bin")
			writeFile(t, file, string(attached()))
			args, body = append(args, "-a", file), "See the file.\r\n"
		}
		done(t, stdin(tool(t, home, "mutt", append(args, "--", m.to[0])...), lf(body)))
		copies := filesIn(t, filepath.Join(sent, "cur"))
		if len(copies) != 1 {
			t.Fatalf("%s: mutt has kept %d mails, want 1", m.name, len(copies))
		}
		m.content = crlf(bcc.ReplaceAllLiteralString(copies[0], ""))
		// It makes the date for each anew.
		raw := s.raw(t, s.one(t, "rcpt:="+m.to[0]).ID)
		m.content = date.ReplaceAllLiteralString(m.content, date.FindString(raw))
		return m
	}
	plain := "set ssl_starttls=no smtp_url=smtp://" + s.ports["smtp"] + "\n"
	for _, m := range mails("mutt.test") {
		settings := plain
		if m.name == "8bit" {
			settings += "set charset=iso-8859-1 send_charset=iso-8859-1\n"
		}
		s.wantArrived(t, send(t, m, settings))
	}
	for name, settings := range map[string]string{
		"starttls": "set ssl_starttls=yes ssl_force_tls=yes smtp_url=smtp://user@" + s.ports["smtp"],
		"smtps":    "set smtp_url=smtps://user@" + s.ports["smtps"],
	} {
		m := send(t, mailOf("mutt.test", name, "", "Secret.\r\n"), settings+"\nset certificate_file="+s.ca+"\n")
		s.wantSecret(t, m, "user")
	}
}

// mutt shows a maildrop in a terminal. Where it copies mail to it adds two
// fields to the header.
func TestMuttFetches(t *testing.T) {
	t.Parallel()
	tools.Need(t, "mutt", "python3")
	s := newTLSSite(t)
	owed := s.fill(t, "user@fetch.test")
	added := regexp.MustCompile(`(?m)^(Content-Length|Lines): \d+\n`)
	fetch := func(settings, url, command string) {
		home, inbox := t.TempDir(), filepath.Join(t.TempDir(), "inbox")
		rc := filepath.Join(home, "muttrc")
		writeFile(t, rc, muttSettings+settings+"\nset folder="+home+" certificate_file="+s.ca+"\n"+
			"push '<tag-pattern>~A<enter><tag-prefix><"+command+">"+inbox+"<enter><quit>'\n")
		said := done(t, tool(t, home, "python3", "-I", "-c", inTerminal, "mutt", "-n", "-F", rc, "-f", url))
		got := each(filesIn(t, filepath.Join(inbox, "new")), func(text string) string {
			header, body, _ := strings.Cut(text, "\n\n")
			return crlf(added.ReplaceAllLiteralString(header+"\n", "") + "\n" + body)
		})
		wantMails(t, got, owed)
		if t.Failed() {
			t.Logf("mutt showed %q", said)
		}
	}
	fetch("set ssl_starttls=yes ssl_force_tls=yes", "pop://user@fetch.test@"+s.ports["pop3"]+"/", "copy-message")
	fetch("", "pops://user@fetch.test@"+s.ports["pop3s"]+"/", "copy-message")
	fetch("set ssl_starttls=no", "pop://user@fetch.test@"+s.ports["pop3"]+"/", "save-message")
	if left := s.maildrop(t, "user@fetch.test"); len(left) != 0 {
		t.Errorf("after all were moved there are %d", len(left))
	}
}
