package main

import (
	"strconv"
	"testing"

	"restante/internal/tools"
)

// sendMail takes a mail from standard input. Its arguments are a mode, host,
// port, authority, sender, and recipients.
const sendMail = `
import smtplib, ssl, sys
mode, host, port, ca, sender, *to = sys.argv[1:]
if mode == "smtps":
    c = smtplib.SMTP_SSL(host, int(port), local_hostname="client.test", context=ssl.create_default_context(cafile=ca))
else:
    c = smtplib.SMTP(host, int(port), local_hostname="client.test")
if mode == "starttls":
    c.starttls(context=ssl.create_default_context(cafile=ca))
if mode != "plain":
    c.login("user", "secret")
assert c.sendmail(sender, to, sys.stdin.buffer.read()) == {}
c.quit()
`

// composeMail has Python's email package make a mail, sends it with
// send_message, and prints what it is on the wire.
const composeMail = `
import email.message, email.policy, smtplib, sys
host, port = sys.argv[1:]
m = email.message.EmailMessage(policy=email.policy.SMTP)
m["From"], m["To"], m["Cc"], m["Bcc"] = "app@python.test", "composed@python.test", "copy@python.test", "blind@python.test"
m["Subject"] = "Grüße, 你好"
m.set_content(".\n..dots\nKöln\n")
m.add_alternative("<p>Köln" + "x" * 100000 + "</p>\n", subtype="html")
m.add_attachment(bytes(range(256)) * 100, maintype="application", subtype="octet-stream", filename="Köln.bin")
for n, part in enumerate(m.walk()):
    if part.is_multipart():
        part.set_boundary("part-%d" % n)
c = smtplib.SMTP(host, int(port), local_hostname="client.test")
c.send_message(m)
c.quit()
del m["Bcc"]
sys.stdout.buffer.write(m.as_bytes())
`

// fetchMail writes every message of a maildrop into a directory, first of all
// those that TOP has in full. poplib limits lines to 2,048 octets unless it is
// told otherwise.
const fetchMail = `
import poplib, ssl, sys
mode, host, port, ca, login, keep, inbox = sys.argv[1:]
poplib._MAXLINE = 1 << 20
if mode == "pop3s":
    c = poplib.POP3_SSL(host, int(port), context=ssl.create_default_context(cafile=ca))
else:
    c = poplib.POP3(host, int(port))
if mode == "stls":
    c.stls(context=ssl.create_default_context(cafile=ca))
caps = c.capa()
assert "TOP" in caps and "UIDL" in caps, caps
if login == "utf8":
    c.utf8()
if login == "apop":
    c.apop("user@fetch.test", "any")
else:
    c.user("user@fetch.test")
    c.pass_("any")
count, octets = c.stat()
sizes = [int(line.split()[1]) for line in c.list()[1]]
assert len(sizes) == count == len(c.uidl()[1]) and sum(sizes) == octets, (count, octets, sizes)
for n in range(1, count + 1):
    lines = c.retr(n)[1]
    text = b"".join(line + b"\r\n" for line in lines)
    assert len(text) == sizes[n - 1], (len(text), sizes[n - 1])
    assert c.top(n, 1 << 30)[1] == lines, n
    assert c.top(n, 0)[1] == lines[:lines.index(b"") + 1], n
    open("%s/%03d" % (inbox, n), "wb").write(text)
    if keep == "false":
        c.dele(n)
c.quit()
`

func TestPython(t *testing.T) {
	t.Parallel()
	tools.Need(t, "python3")
	s := newTLSSite(t)
	home := t.TempDir()
	python := func(t *testing.T, program, input string, args ...string) string {
		t.Helper()
		return done(t, stdin(tool(t, home, "python3", append([]string{"-I", "-c", program}, args...)...), input))
	}
	send := func(t *testing.T, mode, listener string, m mail) {
		t.Helper()
		python(t, sendMail, m.content, append([]string{mode, "127.0.0.1", s.port(listener), s.ca, m.from}, m.to...)...)
	}
	s.testSending(t, "python.test", func(t *testing.T, m mail) {
		t.Helper()
		send(t, "plain", "smtp", m)
	})
	for mode, listener := range map[string]string{"starttls": "smtp", "smtps": "smtps"} {
		m := mailOf("python.test", mode, "", "Secret.\r\n")
		send(t, mode, listener, m)
		s.wantSecret(t, m, "user")
	}
	s.wantArrived(t, mail{
		name: "composed", from: "app@python.test", to: []string{"composed@python.test", "blind@python.test", "copy@python.test"},
		hidden: []string{"blind@python.test"}, content: python(t, composeMail, "", "127.0.0.1", s.port("smtp")),
	})

	owed := s.fill(t, "user@fetch.test")
	fetch := func(mode, listener, login string, keep bool) {
		inbox := t.TempDir()
		python(t, fetchMail, "", mode, "127.0.0.1", s.port(listener), s.ca, login, strconv.FormatBool(keep), inbox)
		wantMails(t, filesIn(t, inbox), owed)
	}
	fetch("stls", "pop3", "utf8", true)
	fetch("pop3s", "pop3s", "user", true)
	fetch("plain", "pop3", "apop", false)
	if left := s.maildrop(t, "user@fetch.test"); len(left) != 0 {
		t.Errorf("after all were deleted there are %d", len(left))
	}
}
