package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

// lines is a connection of SMTP or POP3, octet by octet: no library stands
// between the test and the wire.
type lines struct {
	net.Conn
	r *bufio.Reader
}

// unanswered is how long a test waits for an answer.
const unanswered = time.Minute

func dialLines(t *testing.T, addr string) *lines {
	t.Helper()
	c, err := tryLines(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func tryLines(addr string) (*lines, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(unanswered)); err != nil {
		return nil, err
	}
	return &lines{conn, bufio.NewReader(conn)}, nil
}

// dialSMTP is past EHLO.
func dialSMTP(t *testing.T, addr string) *lines {
	t.Helper()
	c := dialLines(t, addr)
	if err := c.hello(); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *lines) hello() error {
	_, err := c.reply("220")
	if err == nil {
		_, err = c.command("250", "EHLO client.test")
	}
	return err
}

// command says a line and reads the reply.
func (c *lines) command(code, line string) (string, error) {
	if _, err := io.WriteString(c, line+"\r\n"); err != nil {
		return "", err
	}
	return c.reply(code)
}

// errReply is a reply that was not wanted.
var errReply = errors.New("unwanted reply")

// reply reads a reply of SMTP and returns its last line.
func (c *lines) reply(code string) (string, error) {
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if len(line) > 3 && line[3] == '-' {
			continue
		}
		line = strings.TrimRight(line, "\r\n")
		if !strings.HasPrefix(line, code+" ") {
			return line, fmt.Errorf("%w %q, want %s", errReply, line, code)
		}
		return line, nil
	}
}

var acceptedAs = regexp.MustCompile(`^250 2\.0\.0 OK id=(\S+) seq=\d+$`)

// transmit sends a message with DATA and returns its ID. Content that does not
// end in CRLF gets one, which is then part of it.
func (c *lines) transmit(from, to, content string) (string, error) {
	if _, err := c.command("250", "MAIL FROM:<"+from+">"); err != nil {
		return "", err
	}
	if _, err := c.command("250", "RCPT TO:<"+to+">"); err != nil {
		return "", err
	}
	if _, err := c.command("354", "DATA"); err != nil {
		return "", err
	}
	if _, err := io.WriteString(c, stuffed(content)+".\r\n"); err != nil {
		return "", err
	}
	return c.accepted()
}

// chunk sends a message with BDAT, which takes any octets (RFC 3030).
func (c *lines) chunk(from, to, content string) (string, error) {
	if _, err := c.command("250", "MAIL FROM:<"+from+"> BODY=BINARYMIME"); err != nil {
		return "", err
	}
	if _, err := c.command("250", "RCPT TO:<"+to+">"); err != nil {
		return "", err
	}
	if _, err := io.WriteString(c, fmt.Sprintf("BDAT %d LAST\r\n", len(content))+content); err != nil {
		return "", err
	}
	return c.accepted()
}

func (c *lines) accepted() (string, error) {
	line, err := c.reply("250")
	if err != nil {
		return "", err
	}
	id := acceptedAs.FindStringSubmatch(line)
	if id == nil {
		return "", fmt.Errorf("%w %q, want one with an ID", errReply, line)
	}
	return id[1], nil
}

// stuffed is content as it goes behind DATA (RFC 5321 §4.5.2): only CRLF ends a
// line, and so only a dot behind it needs another one.
func stuffed(content string) string {
	if !strings.HasSuffix(content, "\r\n") {
		content += "\r\n"
	}
	content = strings.ReplaceAll(content, "\r\n.", "\r\n..")
	if content[0] == '.' {
		content = "." + content
	}
	return content
}

// transmit is a whole session for one message.
func (s *site) transmit(t *testing.T, from, to, content string) (id string) {
	t.Helper()
	c := dialSMTP(t, s.ports["smtp"])
	id, err := c.transmit(from, to, content)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.command("221", "QUIT"); err != nil {
		t.Fatal(err)
	}
	c.Close()
	return id
}

// ok says a command of POP3, or nothing, and reads the first line of the
// response.
func (c *lines) ok(t *testing.T, line string) string {
	t.Helper()
	got, err := c.tryOK(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return got
}

func (c *lines) tryOK(line string) (string, error) {
	if line != "" {
		if _, err := io.WriteString(c, line+"\r\n"); err != nil {
			return "", err
		}
	}
	got, err := c.r.ReadString('\n')
	if err == nil && !strings.HasPrefix(got, "+OK") {
		err = fmt.Errorf("%w %q, want +OK", errReply, got)
	}
	return got, err
}

// octets reads the rest of a multi-line response, without the dots that were
// added.
func (c *lines) octets(t *testing.T) string {
	t.Helper()
	text, err := c.tryOctets()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (c *lines) tryOctets() (string, error) {
	var b strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		switch {
		case err != nil:
			return "", err
		case !strings.HasSuffix(line, "\r\n"):
			return "", fmt.Errorf("%w: a line ends in %q, want CRLF", errReply, line[max(len(line)-10, 0):])
		case line == ".\r\n":
			return b.String(), nil
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

// listing is LIST or UIDL, by message number.
func (c *lines) listing(t *testing.T, command string) map[string]string {
	t.Helper()
	c.ok(t, command)
	list := map[string]string{}
	for line := range strings.Lines(c.octets(t)) {
		number, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		list[number] = value
	}
	return list
}
