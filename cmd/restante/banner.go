package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"

	"restante"
	"restante/configs"
)

// banner is what serve prints when it has started.
type banner struct {
	srv      *restante.Server
	cfg      *configs.Config
	store    string // path, "" when ephemeral
	messages int64
	pid      int
}

func (b banner) print(w io.Writer) error {
	var t strings.Builder
	fmt.Fprintf(&t, "Restante %s is running (pid %d). Ctrl-C stops it.\n\n", restante.Version(), b.pid)
	for _, line := range []struct{ name, at, with string }{
		{"SMTP", b.srv.SMTPAddr(), b.srv.SMTPSAddr()},
		{"POP3", b.srv.POP3Addr(), b.srv.POP3SAddr()},
		{"Page", b.srv.URL(), b.srv.HTTPSURL()},
	} {
		at := line.at
		if at == "" {
			at = "off"
		}
		if line.with != "" && line.name != "Page" {
			at += ", with TLS " + line.with
		} else if line.with != "" {
			at += ", " + line.with
		}
		fmt.Fprintf(&t, "  %-6s %s\n", line.name, at)
	}
	fmt.Fprintf(&t, "  %-6s %s\n", "Store", b.keeps())
	if open := b.open(); len(open) > 0 {
		fmt.Fprintf(&t, "  %-6s to the whole network: %s\n", "Open", strings.Join(open, ", "))
	}
	b.login(&t)
	b.first(&t)
	_, err := io.WriteString(w, t.String())
	return err
}

func (b banner) keeps() string {
	if b.store == "" {
		return "ephemeral: gone when this ends"
	}
	noun := "messages"
	if b.messages == 1 {
		noun = "message"
	}
	return fmt.Sprintf("%s (%d %s)", b.store, b.messages, noun)
}

// open names the listeners that are on every interface: the addresses above are
// only those for this machine.
func (b banner) open() (names []string) {
	for _, l := range []struct{ name, address string }{
		{"smtp", b.cfg.SMTP}, {"pop3", b.cfg.POP3}, {"http", b.cfg.HTTP},
		{"smtps", b.cfg.SMTPS}, {"pop3s", b.cfg.POP3S}, {"https", b.cfg.HTTPS},
	} {
		host, _, err := net.SplitHostPort(l.address)
		if err != nil {
			continue // off, or a socket
		}
		if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
			names = append(names, l.name)
		}
	}
	return names
}

// login says who may fetch mail.
func (b banner) login(t *strings.Builder) {
	if b.srv.POP3Addr() == "" && b.srv.POP3SAddr() == "" {
		return
	}
	if b.cfg.UsersFile != "" {
		fmt.Fprintf(t, "  %-6s only the users in %s\n", "Login", b.cfg.UsersFile)
		return
	}
	fmt.Fprintf(t, "  %-6s an address as the user name (* for all mail), any password\n", "Login")
}

// first says how to send a first mail, as a line for the shell.
func (b banner) first(t *strings.Builder) {
	at := b.srv.SMTPAddr()
	if at == "" {
		return
	}
	server := "smtp://" + at
	if path, ok := configs.Socket(at); ok {
		server = "--unix-socket " + quote(path) + " smtp://localhost"
	}
	if b.cfg.SMTPAuth == "required" {
		server += " -u NAME:PASSWORD"
	}
	fmt.Fprintf(t, `
Send a first mail:
  printf 'Subject: Hello\r\n\r\nIt works.\r\n' |
    curl -sS %s --mail-from app@app.test --mail-rcpt you@app.test -T -
`, server)
	if url := cmp.Or(b.srv.URL(), b.srv.HTTPSURL()); strings.HasPrefix(url, "http") {
		fmt.Fprintf(t, "and look at it: %s\n", url)
	}
}

// quote makes one word for a POSIX shell.
func quote(s string) string {
	if !strings.ContainsAny(s, " \t'\"\\$`&;|<>()*?[]{}~#!") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// printPorts prints the addresses for scripts; a listener that is off is
// missing.
func printPorts(w io.Writer, srv *restante.Server) error {
	line, err := json.Marshal(struct {
		SMTP  string `json:"smtp,omitempty"`
		POP3  string `json:"pop3,omitempty"`
		HTTP  string `json:"http,omitempty"`
		SMTPS string `json:"smtps,omitempty"`
		POP3S string `json:"pop3s,omitempty"`
		HTTPS string `json:"https,omitempty"`
	}{srv.SMTPAddr(), srv.POP3Addr(), srv.URL(), srv.SMTPSAddr(), srv.POP3SAddr(), srv.HTTPSURL()})
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
