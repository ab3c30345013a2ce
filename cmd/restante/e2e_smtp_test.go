package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/smtp"
	"path/filepath"
	"strings"
	"testing"

	"restante/internal/tools"
)

// Go's own client sends what it is given.
func TestNetSMTP(t *testing.T) {
	t.Parallel()
	s := newTLSSite(t)
	send := func(t *testing.T, c *smtp.Client, m mail) {
		t.Helper()
		defer c.Close()
		if err := c.Mail(m.from); err != nil {
			t.Fatal(err)
		}
		for _, to := range m.to {
			if err := c.Rcpt(to); err != nil {
				t.Fatal(err)
			}
		}
		w, err := c.Data()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(w, m.content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := c.Quit(); err != nil {
			t.Fatal(err)
		}
	}
	s.testSending(t, "go.test", func(t *testing.T, m mail) {
		t.Helper()
		c, err := smtp.Dial(s.ports["smtp"])
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, m)
	})

	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(readFile(t, s.ca))) {
		t.Fatal("the authority is no certificate")
	}
	auth := smtp.PlainAuth("", "user", "secret", "127.0.0.1")
	for name, dial := range map[string]func() (*smtp.Client, error){
		"starttls": func() (*smtp.Client, error) {
			c, err := smtp.Dial(s.ports["smtp"])
			if err != nil {
				return nil, err
			}
			return c, c.StartTLS(&tls.Config{RootCAs: roots, ServerName: "localhost"})
		},
		"smtps": func() (*smtp.Client, error) {
			conn, err := tls.Dial("tcp", s.ports["smtps"], &tls.Config{RootCAs: roots})
			if err != nil {
				return nil, err
			}
			return smtp.NewClient(conn, "127.0.0.1")
		},
	} {
		c, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Auth(auth); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		m := mailOf("go.test", name, "", "Secret.\r\n")
		send(t, c, m)
		s.wantSecret(t, m, "user")
	}
}

// swaks takes a dot at the end away, writes \n and %…% out, and leaves the rest.
func TestSwaks(t *testing.T) {
	t.Parallel()
	tools.Need(t, "swaks")
	s := newTLSSite(t)
	home := t.TempDir()
	swaks := func(t *testing.T, listener string, m mail, args ...string) string {
		t.Helper()
		return done(t, tool(t, home, "swaks", append([]string{"--helo", "client.test", "--server", s.host(listener), "--port", s.port(listener),
			"--from", m.from, "--to", strings.Join(m.to, ",")}, args...)...))
	}
	file := filepath.Join(home, "mail")
	send := func(t *testing.T, listener string, m mail, args ...string) {
		t.Helper()
		writeFile(t, file, m.content+".\r\n")
		swaks(t, listener, m, append(args, "--data", "@"+file, "--suppress-data")...)
	}
	s.testSending(t, "swaks.test", func(t *testing.T, m mail) {
		t.Helper()
		send(t, "smtp", m)
	})
	auth := []string{"--auth-user", "user", "--auth-password", "secret"}
	for name, args := range map[string][]string{"smtp": {"--tls"}, "smtps": {"--tls-on-connect"}} {
		m := mailOf("swaks.test", "tls-"+name, "", "Secret.\r\n")
		send(t, name, m, append(append(args, auth...), "--tls-verify", "--tls-ca-path", s.ca)...)
		s.wantSecret(t, m, "user")
	}
	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
		m := mailOf("swaks.test", "auth-"+mechanism, "", "Known.\r\n")
		send(t, "smtp", m, append(auth, "--auth", mechanism)...)
		if got := s.wantArrived(t, m); got.Envelope.User != "user" {
			t.Errorf("%s: from user %q", mechanism, got.Envelope.User)
		}
	}

	// What it composes itself it shows.
	writeFile(t, file, string(attached()))
	m := mail{name: "attachment", from: "app@swaks.test", to: []string{"composed@swaks.test"}}
	said := swaks(t, "smtp", m, "--body", ".dot\n.\nend", "--attach-type", "application/octet-stream", "--attach-name", "every octet.bin", "--attach", "@"+file)
	_, data, _ := strings.Cut(said, "<-  354 ")
	for line := range strings.Lines(data) {
		line, sent := strings.CutPrefix(strings.TrimRight(line, "\r\n"), " -> ")
		if line == "." {
			break
		}
		if sent {
			m.content += strings.TrimPrefix(line, ".") + "\r\n"
		}
	}
	s.wantArrived(t, m)
}

// msmtp sends what has From, Date and Message-ID as it is; it takes Bcc out, and
// puts in what is missing.
func TestMsmtp(t *testing.T) {
	t.Parallel()
	tools.Need(t, "msmtp")
	s := newTLSSite(t)
	home := t.TempDir()
	msmtp := func(t *testing.T, listener, content string, args ...string) {
		t.Helper()
		done(t, stdin(tool(t, home, "msmtp", append([]string{"--host=" + s.host(listener), "--port=" + s.port(listener), "--domain=client.test"}, args...)...), content))
	}
	send := func(t *testing.T, listener string, m mail, args ...string) {
		t.Helper()
		msmtp(t, listener, lf(m.content), append(append(args, "--from="+m.from, "--"), m.to...)...)
	}
	s.testSending(t, "msmtp.test", func(t *testing.T, m mail) {
		t.Helper()
		send(t, "smtp", m)
	})
	writeFile(t, filepath.Join(home, "secret"), "secret")
	for name, args := range map[string][]string{"smtp": {"--tls-starttls=on"}, "smtps": {"--tls-starttls=off"}} {
		m := mailOf("msmtp.test", "tls-"+name, "", "Secret.\r\n")
		send(t, name, m, append(args, "--tls=on", "--tls-trust-file="+s.ca, "--auth=on", "--user=user", "--passwordeval=cat "+filepath.Join(home, "secret"))...)
		s.wantSecret(t, m, "user")
	}

	m := mailOf("msmtp.test", "blind", "", "For several.\r\n", "copy", "hidden-1", "hidden-2")
	with := strings.Replace(lf(m.content), "Subject:", "Bcc: "+m.to[2]+",\n "+m.to[3]+"\nSubject:", 1)
	msmtp(t, "smtp", with, "--from="+m.from, "--read-recipients")
	s.wantArrived(t, m)

	msmtp(t, "smtp", "Subject: bare\n\n.\nText\n", "--from=app@msmtp.test", "--", "bare@msmtp.test")
	got := s.one(t, "rcpt:=bare@msmtp.test")
	raw := s.raw(t, got.ID)
	added, ok := strings.CutSuffix(raw, "Subject: bare\r\n\r\n.\r\nText\r\n")
	if fields := strings.Split(added, "\r\n"); !ok || len(fields) != 4 || fields[0] != "From: app@msmtp.test" ||
		!strings.HasPrefix(fields[1], "Date: ") || !strings.HasPrefix(fields[2], "Message-ID: ") {
		t.Errorf("got %q, want From, Date and Message-ID before what was sent", raw)
	}
}

// TestMailWithoutEnd sends messages that a client breaks off.
func TestMailWithoutEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, how := range []string{"DATA\r\nSubject: cut\r\n\r\nText\r\n.\n", "BDAT 100 LAST\r\nSubject: cut\r\n"} {
		c := dialSMTP(t, s.ports["smtp"])
		if _, err := c.command("250", "MAIL FROM:<a@app.test>"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.command("250", "RCPT TO:<b@app.test>"); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(c, how); err != nil {
			t.Fatal(err)
		}
		if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := c.r.ReadString('\n'); err != nil {
				break
			}
		}
	}
	if got := s.all(t, ""); len(got) != 0 {
		t.Errorf("there are %d messages, want none of those that were broken off", len(got))
	}
}
