package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"restante/internal/tools"
)

// sendmail is the command under that name, as a program finds it.
func (s *site) sendmail(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege on Windows")
	}
	cmd := s.command(t, args...)
	link := filepath.Join(t.TempDir(), "sendmail")
	if err := os.Symlink(cmd.Path, link); err != nil {
		t.Fatal(err)
	}
	cmd.Path, cmd.Args[0] = link, link
	return cmd
}

// without takes fields out of a message that a client adds with values of its
// own, and checks that they were there.
func without(t *testing.T, text string, names ...string) string {
	t.Helper()
	for _, name := range names {
		begin := strings.Index("\r\n"+text, "\r\n"+name+": ")
		if begin < 0 {
			t.Errorf("there is no %s in %q", name, text)
			continue
		}
		end := begin + strings.Index(text[begin:], "\r\n") + 2
		text = text[:begin] + text[end:]
	}
	return text
}

func TestSendmail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		args    []string
		stdin   string
		sender  string
		to      []string
		content string // but for the fields that are added
		added   []string
	}{
		{
			"PHP", []string{"-t", "-i"}, "To: a@app.test\nSubject: PHP\nX-PHP: 1\nFrom: app@app.test\n\nOne\n.\ntwo\n",
			"app@app.test", []string{"a@app.test"},
			"To: a@app.test\r\nSubject: PHP\r\nX-PHP: 1\r\nFrom: app@app.test\r\n\r\nOne\r\n.\r\ntwo\r\n", []string{"Date", "Message-ID"},
		},
		{
			"PHP with a sender", []string{"-t", "-i", "-fbounce@app.test"}, "To: A <a@app.test>, b@app.test\r\nSubject: PHP\r\nFrom: app@app.test\r\n\r\nx",
			"bounce@app.test", []string{"a@app.test", "b@app.test"},
			"To: A <a@app.test>, b@app.test\r\nSubject: PHP\r\nFrom: app@app.test\r\n\r\nx\r\n", []string{"Date", "Message-ID"},
		},
		{
			"mutt", []string{"-oem", "-oi", "-f", "me@app.test", "--", "a@app.test", "b@app.test"},
			"Date: Tue, 06 Jan 2026 10:11:12 +0000\nFrom: me@app.test\nTo: a@app.test\nBcc: b@app.test\nMessage-ID: <1@app.test>\n\n.\n",
			"me@app.test", []string{"a@app.test", "b@app.test"},
			"Date: Tue, 06 Jan 2026 10:11:12 +0000\r\nFrom: me@app.test\r\nTo: a@app.test\r\nBcc: b@app.test\r\nMessage-ID: <1@app.test>\r\n\r\n.\r\n", nil,
		},
		{
			"cron", []string{"-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"}, "From: root (Cron Daemon)\nTo: root\nSubject: Cron\n\nGrüße\n",
			"root@localhost", []string{"root@localhost"},
			"From: root (Cron Daemon)\r\nTo: root\r\nSubject: Cron\r\n\r\nGrüße\r\n", []string{"Date", "Message-ID"},
		},
		{
			"a dot ends it", []string{"-f", "app@app.test", "-t"}, "To: a@app.test\nFrom: app@app.test\n\nOne\n..\n.\nnever sent\n",
			"app@app.test", []string{"a@app.test"},
			"To: a@app.test\r\nFrom: app@app.test\r\n\r\nOne\r\n..\r\n", []string{"Date", "Message-ID"},
		},
		{
			"hidden recipients", []string{"-ti", "-f", "<>"}, "From: app@app.test\nTo: a@app.test\nBcc: \"B, b\" <b@app.test>,\n c@app.test\nCc: team: d@app.test, a@app.test;\nSubject: s\n\n",
			"", []string{"a@app.test", "b@app.test", "c@app.test", "d@app.test"},
			"From: app@app.test\r\nTo: a@app.test\r\nCc: team: d@app.test, a@app.test;\r\nSubject: s\r\n\r\n", []string{"Date", "Message-ID"},
		},
		{
			"sent again", []string{"-t"}, "From: app@app.test\nTo: a@app.test\nResent-To: b@app.test\nResent-Bcc: c@app.test\n\n",
			"app@app.test", []string{"b@app.test", "c@app.test"},
			"From: app@app.test\r\nTo: a@app.test\r\nResent-To: b@app.test\r\n\r\n", []string{"Date", "Message-ID"},
		},
		{
			"options of all kinds", []string{"-bm", "-O", "IgnoreDots=true", "-odq", "-o", "eq", "-oA/etc/aliases", "-X", "/dev/null", "-h", "3", "-Ac", "-v", "-U", "-Lapp", "-F", "The App", "-r", "app@app.test", "a@app.test"},
			"Subject: s\n\n.\n", "app@app.test", []string{"a@app.test"},
			"Subject: s\r\n\r\n.\r\n", []string{"From", "Date", "Message-ID"},
		},
		{
			"no header", []string{"-f", "app@app.test", "a@app.test, B <b@app.test>"}, "just text: x y\nmore\n",
			"app@app.test", []string{"a@app.test", "b@app.test"},
			"\r\njust text: x y\r\nmore\r\n", []string{"From", "Date", "Message-ID"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			code, stdout, stderr := run(t, stdin(s.sendmail(t, tt.args...), tt.stdin))
			if code != exitOK || stdout != "" || stderr != "" && !slices.Contains(tt.args, "-v") {
				t.Fatalf("exit code %d, printed %q, said %q", code, stdout, stderr)
			}
			m := s.one(t, "")
			if m.Sender != tt.sender || !slices.Equal(m.Recipients, tt.to) {
				t.Errorf("from %q to %q, want %q and %q", m.Sender, m.Recipients, tt.sender, tt.to)
			}
			if content := without(t, s.raw(t, m.ID), tt.added...); content != tt.content {
				t.Errorf("%s", difference(content, tt.content))
			}
		})
	}
}

// What is wrong is said with an exit code of sendmail.
func TestSendmailRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--max-message-size=1KB", "--smtp-auth=required")
	for _, tt := range []struct {
		args  []string
		stdin string
		code  int
		says  string
	}{
		{[]string{"-t"}, "Subject: s\n\n", sysexitData, "names no recipient"},
		{[]string{"-t"}, "To: <>, not an address\n\n", sysexitData, "to: "},
		{nil, "Subject: s\n\n", sysexitUsage, "Name a recipient"},
		{[]string{"-bd"}, "", sysexitUsage, "-bd"},
		{[]string{"-Z", "a@app.test"}, "", sysexitUsage, "-Z"},
		{[]string{"-f"}, "", sysexitUsage, "-f needs a value"},
		{[]string{"a@app.test"}, "Subject: s\n\n", sysexitUnavailable, "530"},
		{[]string{"--user", "a:b", "a@app.test"}, "Subject: s\n\n" + strings.Repeat("x", 1000), sysexitUnavailable, "552"},
	} {
		fails(t, stdin(s.sendmail(t, tt.args...), tt.stdin), tt.code, tt.says)
	}
	nobody := s.sendmail(t, "a@app.test")
	nobody.Env = append(nobody.Env, "RESTANTE_SMTP="+unused(t))
	fails(t, stdin(nobody, "x"), sysexitUnavailable, "no Restante at 127.0.0.1:")
	if code, out, _ := run(t, s.sendmail(t, "-bp")); code != 0 || out != "Mail queue is empty\n" {
		t.Errorf("-bp: exit code %d, printed %q", code, out)
	}
	if out := succeeds(t, s.sendmail(t, "-q15m")); out != "" {
		t.Errorf("-q printed %q", out)
	}
	if found := s.all(t, ""); len(found) != 0 {
		t.Errorf("%d messages were stored", len(found))
	}
}

// -bs is SMTP by way of standard input and output.
func TestSendmailSpeaksSMTP(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	out := succeeds(t, stdin(s.sendmail(t, "-bs", "-i"),
		"EHLO client.test\r\nMAIL FROM:<app@app.test>\r\nRCPT TO:<a@app.test>\r\nDATA\r\nSubject: s\r\n\r\n..\r\n.\r\nQUIT\r\n"))
	if !strings.HasPrefix(out, "220 ") || !strings.Contains(out, "\r\n354 ") || !strings.HasSuffix(out, "Bye\r\n") {
		t.Errorf("printed %q, want the replies", out)
	}
	if got := s.raw(t, s.one(t, "").ID); got != "Subject: s\r\n\r\n.\r\n" {
		t.Errorf("content is %q", got)
	}
	// A client that just goes away ends it too.
	if out := succeeds(t, stdin(s.sendmail(t, "-bs"), "NOOP\r\n")); !strings.Contains(out, "250 ") {
		t.Errorf("printed %q, want a reply to NOOP", out)
	}
}

// Programs that call sendmail themselves.
func TestSendmailOfPrograms(t *testing.T) {
	t.Parallel()
	t.Run("Python", func(t *testing.T) {
		t.Parallel()
		tools.Need(t, "python3")
		s := newSite(t)
		sendmail := s.sendmail(t)
		cmd := tool(t, t.TempDir(), "python3", "-c", `
import subprocess, sys
from email.mime.text import MIMEText
m = MIMEText("Grüße\n.\nend", _charset="utf-8")
m["From"], m["To"], m["Bcc"], m["Subject"] = "app@app.test", "a@app.test", "b@app.test", "From Python"
p = subprocess.run([sys.argv[1], "-t", "-oi"], input=m.as_bytes())
sys.exit(p.returncode)`, sendmail.Path)
		cmd.Env = append(cmd.Env, sendmail.Env...)
		done(t, cmd)
		m := s.one(t, `subject:="From Python"`)
		if !slices.Equal(m.Recipients, []string{"a@app.test", "b@app.test"}) || strings.Contains(s.raw(t, m.ID), "Bcc") {
			t.Errorf("to %q, content %q, want both, and no Bcc", m.Recipients, s.raw(t, m.ID))
		}
	})
	t.Run("mutt", func(t *testing.T) {
		t.Parallel()
		tools.Need(t, "mutt")
		s := newSite(t)
		sendmail := s.sendmail(t)
		home := t.TempDir()
		rc := filepath.Join(home, "muttrc")
		writeFile(t, rc, "set sendmail=\""+sendmail.Path+" -oem -oi\"\nset from=app@app.test\nset use_envelope_from=yes\nset copy=no\nset sendmail_wait=0\n")
		cmd := tool(t, home, "mutt", "-n", "-F", rc, "-s", "From mutt", "-b", "b@app.test", "--", "a@app.test")
		cmd.Env = append(cmd.Env, sendmail.Env...)
		done(t, stdin(cmd, "Hello\n.\nworld\n"))
		m := s.one(t, `subject:="From mutt"`)
		if m.Sender != "app@app.test" || len(m.Recipients) != 2 || !strings.Contains(s.raw(t, m.ID), "Hello\r\n.\r\nworld\r\n") {
			t.Errorf("from %q to %q, content %q", m.Sender, m.Recipients, s.raw(t, m.ID))
		}
	})
}

func TestSend(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "bill Nr. 1.pdf")
	writeFile(t, file, "%PDF-1.4\x00\xff")

	id := strings.TrimSpace(s.does(t, "send", "--from", "Die App <app@app.test>", "--to", "Älice <a@app.test>, b@app.test", "--cc", "c@app.test", "--bcc", "d@app.test",
		"--subject", "Grüße, 你好", "--text", "Köln\n.\n", "--html", "<p>Köln</p>", "--attach", file, "--header", "X-Id: 42"))
	m := s.message(t, id)
	if m.Sender != "app@app.test" || !slices.Equal(m.Recipients, []string{"a@app.test", "b@app.test", "c@app.test", "d@app.test"}) || !slices.Equal(m.Hidden, []string{"d@app.test"}) {
		t.Errorf("from %q to %q with %q hidden", m.Sender, m.Recipients, m.Hidden)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "bill Nr. 1.pdf" {
		t.Errorf("attachments are %+v", m.Attachments)
	}
	whole := decoded[struct {
		Subject, Text, HTML string
		DefectCodes         []string
		From                []struct{ Name, Address string }
		Headers             []struct{ Name, Value string }
	}](t, string(s.get(t, "/v1/messages/"+id)))
	if whole.Subject != "Grüße, 你好" || strings.TrimSpace(lf(whole.Text)) != "Köln\n." || strings.TrimSpace(whole.HTML) != "<p>Köln</p>" || whole.From[0].Name != "Die App" {
		t.Errorf("it is %+v", whole)
	}
	if len(whole.DefectCodes) > 0 || !slices.ContainsFunc(whole.Headers, func(f struct{ Name, Value string }) bool { return f.Name == "X-Id" && f.Value == "42" }) {
		t.Errorf("defects %q, header %v", whole.DefectCodes, whole.Headers)
	}
	if got := s.get(t, "/v1/messages/"+id+"/parts/2"); string(got) != "%PDF-1.4\x00\xff" {
		t.Errorf("the attachment has %q", got)
	}

	// The text may come from standard input, and the answer may be JSON.
	got := decoded[struct {
		ID  string
		Seq uint64
	}](t, succeeds(t, stdin(s.command(t, "send", "--json", "--subject", "s", "e@app.test"), "From a pipe\n")))
	if m := s.message(t, got.ID); m.Seq != got.Seq || !slices.Equal(m.Recipients, []string{"e@app.test"}) || !strings.Contains(s.raw(t, got.ID), "To: <e@app.test>") {
		t.Errorf("it is %+v", m)
	}
	// A message may come as it is.
	id = strings.TrimSpace(succeeds(t, stdin(s.command(t, "send", "-f", "x@app.test", "f@app.test"), "From: y@app.test\nDate: Tue, 06 Jan 2026 10:11:12 +0000\nMessage-ID: <1@app.test>\n\nx\n")))
	if want := "From: y@app.test\r\nDate: Tue, 06 Jan 2026 10:11:12 +0000\r\nMessage-ID: <1@app.test>\r\n\r\nx\r\n"; s.raw(t, id) != want || s.message(t, id).Sender != "x@app.test" {
		t.Errorf("content %q from %q", s.raw(t, id), s.message(t, id).Sender)
	}
	_, _, said := run(t, stdin(s.command(t, "send", "--verbose", "--subject", "s", "--to", "a@app.test"), ""))
	if !strings.Contains(said, "RCPT TO:<a@app.test>") {
		t.Errorf("--verbose said %q", said)
	}
	fails(t, s.command(t, "send", "--to", "a@app.test", "--text", "x", "--attach", file+".none"), exitUsage, "there is no file")
	fails(t, s.command(t, "send", "--subject", "x", "--text", "x"), exitUsage, "whom is it for")
	fails(t, s.command(t, "send", "--to", "a@app.test", "--text", "x", "--header", "no colon"), exitUsage, "NAME:VALUE")
	fails(t, s.command(t, "send", "--to", "a@app.test", "--text", "x", "--header", "no name: x"), exitUsage, "no name")
	fails(t, s.command(t, "send", "--to", "a@app.test", "--text", "x", "--from", "nobody:;"), exitUsage, "not one address")
	fails(t, stdin(s.command(t, "send", "-f", "a@app.test, b@app.test", "a@app.test"), "x"), exitUsage, "not one address")
	fails(t, s.command(t, "send", "--to", "a b", "--text", "x"), exitUsage, "not an address")
	nobody := s.command(t, "send", "--to", "a@app.test", "--text", "x")
	nobody.Env = append(nobody.Env, "RESTANTE_SMTP="+unused(t))
	fails(t, nobody, exitNobody, "start one with")
}
