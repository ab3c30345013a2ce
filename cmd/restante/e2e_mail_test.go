package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mail is one message, as a client is asked to send it.
type mail struct {
	name    string // of what is special about it
	from    string
	to      []string // of the envelope
	hidden  []string // of them, those that the header does not name
	content string   // header and body, with CRLF
}

// attached is what the attachment holds: every octet, many times.
func attached() (all []byte) {
	for i := range 16 << 10 {
		all = append(all, byte(i), byte(i>>8))
	}
	return all
}

// mails are messages of every kind that clients get wrong, to addresses of a
// domain.
func mails(domain string) []mail {
	text := func(charset string) string {
		return "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=" + charset + "\r\nContent-Transfer-Encoding: 8bit\r\n"
	}
	var octets strings.Builder
	for i := 0x80; i < 0x100; i++ {
		octets.WriteByte(byte(i))
		if i%16 == 15 {
			octets.WriteString("\r\n")
		}
	}
	var lines strings.Builder
	for rest := base64.StdEncoding.EncodeToString(attached()); rest != ""; {
		n := min(76, len(rest))
		lines.WriteString(rest[:n] + "\r\n")
		rest = rest[n:]
	}
	const multipart = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_part\"\r\n"
	return []mail{
		mailOf(domain, "plain", "", "Hello,\r\n\r\nthis is plain.\r\n-- \r\nApp\r\n"),
		mailOf(domain, "utf8", text("utf-8"), "Grüße aus Köln, 你好, Привет, 😀\r\nΚαλημέρα\r\n"),
		mailOf(domain, "attachment", multipart, "--=_part\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"+
			"--=_part\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"every octet.bin\"\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n"+lines.String()+"--=_part--\r\n"),
		mailOf(domain, "leading-dots", "", ".profile\r\n..\tindented\r\nno dot.\r\n...and more\r\n\r\n.last\r\n"),
		mailOf(domain, "lone-dots", "", ".\r\n..\r\n.\r\n\r\n.\r\n...\r\nafter the dots\r\n.\r\n"),
		mailOf(domain, "8bit", text("iso-8859-1"), "na\xefve caf\xe9\r\n"+octets.String()),
		mailOf(domain, "long-line", "", "<p>"+strings.Repeat("a line without an end ", 5000)+"</p>\r\nshort\r\n"),
		mailOf(domain, "empty", "", ""),
		mailOf(domain, "several", "", "To all of you.\r\n", "first", "second", "third"),
	}
}

// mailOf makes a message. Without other names its recipient has its name; of
// several the first is in To, the second in Cc, and the rest are hidden.
func mailOf(domain, name, fields, body string, to ...string) mail {
	m := mail{name: name, from: "app@" + domain}
	for _, local := range append([]string{name}, to...) {
		m.to = append(m.to, local+"@"+domain)
	}
	header := "From: App <" + m.from + ">\r\nTo: " + m.to[0] + "\r\n"
	if len(m.to) > 1 {
		header += "Cc: " + m.to[1] + "\r\n"
		m.hidden = m.to[2:]
	}
	header += "Subject: " + name + "\r\nDate: Tue, 06 Jan 2026 10:11:12 +0000\r\nMessage-ID: <" + name + "@" + domain + ">\r\n"
	m.content = header + fields + "\r\n" + body
	return m
}

// testSending has a client send every kind of mail and checks that it arrived as
// sent, for everyone, and comes out by POP3.
func (s *site) testSending(t *testing.T, domain string, send func(t *testing.T, m mail)) {
	t.Helper()
	for _, m := range mails(domain) {
		send(t, m)
		s.wantArrived(t, m)
	}
}

// wantArrived checks that a mail arrived once and as it was sent.
func (s *site) wantArrived(t *testing.T, m mail) arrived {
	t.Helper()
	got := s.one(t, "rcpt:="+m.to[0])
	if raw := s.raw(t, got.ID); raw != m.content {
		t.Errorf("%s: /raw has %s", m.name, difference(raw, m.content))
	}
	if got.Size != int64(len(m.content)) {
		t.Errorf("%s: size is %d, want %d", m.name, got.Size, len(m.content))
	}
	if got.Sender != m.from || !slices.Equal(got.Recipients, m.to) || !slices.Equal(got.Hidden, m.hidden) {
		t.Errorf("%s: from %q to %q with %q hidden, want %q, %q, %q", m.name, got.Sender, got.Recipients, got.Hidden, m.from, m.to, m.hidden)
	}
	if m.name == "attachment" {
		sum := sha256.Sum256(attached())
		if len(got.Attachments) != 1 || got.Attachments[0].Name != "every octet.bin" || got.Attachments[0].SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: the API shows %+v, want the file", m.name, got.Attachments)
		}
	}
	for _, address := range m.to {
		s.wantMaildrop(t, address, got.ID)
	}
	return got
}

// wantSecret checks that a mail arrived as sent, with TLS and from a user.
func (s *site) wantSecret(t *testing.T, m mail, user string) {
	t.Helper()
	got := s.wantArrived(t, m).Envelope
	if got.TLS == "" || got.User != user {
		t.Errorf("%s: arrived with TLS %q from user %q, want TLS and %q", m.name, got.TLS, got.User, user)
	}
}

// fill puts one mail of every kind into a maildrop and returns what POP3 owes
// for each, in order.
func (s *site) fill(t *testing.T, user string) []string {
	t.Helper()
	var owed []string
	for _, m := range mails("fill.test") {
		owed = append(owed, s.owed(t, s.transmit(t, m.from, user, m.content)))
	}
	return owed
}

// wantMails compares what a client has fetched, in any order, with what was
// there for it.
func wantMails(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if len(got) != len(want) {
		t.Errorf("fetched %d mails, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("a mail was fetched with %s", difference(got[i], want[i]))
		}
	}
}

// each applies f to every text.
func each(texts []string, f func(string) string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = f(text)
	}
	return out
}

// filesIn reads the files of a directory.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return each(names, func(name string) string { return readFile(t, name) })
}

// maildir makes an empty Maildir and returns where new mail will be.
func maildir(t *testing.T, dir string) string {
	t.Helper()
	for _, part := range []string{"cur", "tmp", "new"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "new")
}

// tool is a client program as a process that sees nothing of the user's: its
// home is a directory of the test.
func tool(t *testing.T, home, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "TMPDIR=" + home, "USER=user", "LOGNAME=user",
		"LC_ALL=C.UTF-8", "TZ=UTC", "TERM=xterm", "PYTHONDONTWRITEBYTECODE=1"}
	return cmd
}

// done runs a program to its good end and returns what it said.
func done(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// stdin gives a program its input.
func stdin(cmd *exec.Cmd, text string) *exec.Cmd {
	cmd.Stdin = strings.NewReader(text)
	return cmd
}

// numbered names the file of a message number.
func numbered(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("%03d.eml", n)) }
