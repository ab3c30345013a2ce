package script

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// player is the state of a script that runs.
type player struct {
	addrs   Addrs
	timeout time.Duration
	conns   map[string]*conn
	vars    map[string]string
	last    string   // received last, what let looks at
	log     []string // the conversation
}

// step plays one line.
func (p *player) step(line string) error {
	name, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimLeft(rest, " ")
	if name == "let" {
		return p.let(rest)
	}
	verb, arg, _ := strings.Cut(rest, " ")
	arg = p.expand(arg)
	switch verb {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return p.http(name, verb, arg)
	}
	c, err := p.conn(name)
	if err != nil {
		return err
	}
	switch verb {
	case "S:":
		return p.wantLine(c, name, arg)
	case "S|":
		return p.wantOctets(c, name, arg)
	case "S...:":
		return p.wantReply(c, name, arg)
	case "S+:":
		return p.wantResponse(c, name, arg)
	case "has:", "lacks:":
		return c.has(arg, verb == "has:")
	case "C:":
		p.note(name, "C:", arg)
		return c.send(arg + "\r\n")
	case "C|":
		octets, err := unescape(arg)
		if err != nil {
			return err
		}
		p.note(name, "C|", arg)
		return c.send(octets)
	case "C<":
		content, err := os.ReadFile(arg)
		if err != nil {
			return err
		}
		p.note(name, "C<", fmt.Sprintf("%s (%d octets)", arg, len(content)))
		return c.send(string(content))
	case "starttls", "tls":
		p.note(name, "--", "TLS handshake")
		return c.handshake()
	case "close":
		p.note(name, "--", "close")
		delete(p.conns, name)
		return c.net.Close()
	}
	return fmt.Errorf("no such verb: %q", verb)
}

// conn gives the named connection, which it opens if need be.
func (p *player) conn(name string) (*conn, error) {
	if c := p.conns[name]; c != nil {
		return c, nil
	}
	key, _, _ := strings.Cut(name, "#")
	addr, ok := p.addrs[key]
	if !ok {
		return nil, fmt.Errorf("no address for %q", key)
	}
	c, err := dial(addr, p.timeout)
	if err != nil {
		return nil, err
	}
	p.conns[name] = c
	return c, nil
}

func (p *player) close() {
	for _, c := range p.conns {
		c.net.Close()
	}
}

func (p *player) let(rest string) error {
	name, expr, ok := strings.Cut(rest, "=")
	name = strings.TrimSpace(name)
	if !ok || variable.FindString("$"+name) != "$"+name {
		return errors.New("want let NAME = REGEXP, the name in capitals")
	}
	re, err := regexp.Compile(p.expand(strings.TrimSpace(expr)))
	if err != nil {
		return err
	}
	m := re.FindStringSubmatch(p.last)
	if m == nil {
		return fmt.Errorf("want a match of %s\ngot  %q", re, p.last)
	}
	p.vars[name] = m[len(m)-1]
	return nil
}

func (p *player) wantLine(c *conn, name, pattern string) error {
	if pattern == "<closed>" {
		if err := c.closed(); err != nil {
			return fmt.Errorf("want the end of the connection\n%w", err)
		}
		p.note(name, "S:", pattern)
		return nil
	}
	_, err := p.read(c, name, pattern)
	return err
}

// read reads one line that matches.
func (p *player) read(c *conn, name, pattern string) (string, error) {
	s, err := c.line()
	if err != nil {
		return "", fmt.Errorf("want %q\n%w", pattern, err)
	}
	p.last = s
	p.note(name, "S:", s)
	if !match(pattern, s) {
		return "", fmt.Errorf("want %q\ngot  %q", pattern, s)
	}
	return s, nil
}

func (p *player) wantOctets(c *conn, name, arg string) error {
	want, err := unescape(arg)
	if err != nil {
		return err
	}
	got, err := c.octets(len(want))
	if err != nil {
		return fmt.Errorf("want %q\n%w", want, err)
	}
	p.last = got
	p.note(name, "S|", strconv.Quote(got))
	if got != want {
		return fmt.Errorf("want %q\ngot  %q", want, got)
	}
	return nil
}

// wantReply reads a whole SMTP reply (RFC 5321 §4.2.1): all lines carry the
// code, all but the last have a hyphen behind it.
func (p *player) wantReply(c *conn, name, arg string) error {
	code, pattern, _ := strings.Cut(arg, " ")
	c.reply = nil
	for last := false; !last; {
		s, err := p.read(c, name, code+"*")
		if err != nil {
			return err
		}
		text := strings.TrimPrefix(s, code)
		last = text == "" || text[0] == ' '
		if !last && text[0] != '-' {
			return fmt.Errorf("want a space or a hyphen after the code\ngot  %q", s)
		}
		if text != "" {
			text = text[1:]
		}
		c.reply = append(c.reply, text)
	}
	p.last = strings.Join(c.reply, "\n")
	if pattern == "" {
		return nil
	}
	return c.has(pattern, true)
}

// wantResponse reads a multi-line POP3 response (RFC 1939 §3) and takes the
// byte-stuffing off.
func (p *player) wantResponse(c *conn, name, pattern string) error {
	first, err := p.read(c, name, pattern)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(first, "+OK") {
		return fmt.Errorf("want a multi-line response\ngot  %q", first)
	}
	c.reply = nil
	for {
		s, err := p.read(c, name, "*")
		if err != nil {
			return err
		}
		if s == "." {
			break
		}
		c.reply = append(c.reply, strings.TrimPrefix(s, "."))
	}
	p.last = strings.Join(c.reply, "\n")
	return nil
}

// has says whether a line of the last multi-line reply matches.
func (c *conn) has(pattern string, want bool) error {
	for _, s := range c.reply {
		if match(pattern, s) == want && want {
			return nil
		} else if match(pattern, s) {
			return fmt.Errorf("want no line %q\ngot  %q", pattern, s)
		}
	}
	if want {
		return fmt.Errorf("want a line %q\ngot  %q", pattern, c.reply)
	}
	return nil
}

// http sends one request; arg is PATH [`BODY`] STATUS [PATTERN].
func (p *player) http(name, method, arg string) error {
	key, _, _ := strings.Cut(name, "#")
	url, ok := p.addrs[key]
	if !ok {
		return fmt.Errorf("no address for %q", key)
	}
	if !strings.Contains(url, "://") {
		url = "http://" + url
	}
	path, rest, _ := strings.Cut(arg, " ")
	body := ""
	if strings.HasPrefix(rest, "`") {
		body, rest, ok = strings.Cut(rest[1:], "` ")
		if !ok {
			return errors.New("the body does not end")
		}
	}
	status, pattern, _ := strings.Cut(rest, " ")
	req, err := http.NewRequest(method, strings.TrimSuffix(url, "/")+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	p.note(name, method, path)
	client := http.Client{Timeout: p.timeout, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	p.last = strings.TrimRight(string(got), "\r\n")
	p.note(name, "S:", res.Status+" "+p.last)
	if strconv.Itoa(res.StatusCode) != status {
		return fmt.Errorf("want status %s\ngot  %s %s", status, res.Status, p.last)
	}
	if pattern != "" && !match(pattern, p.last) {
		return fmt.Errorf("want %q\ngot  %q", pattern, p.last)
	}
	return nil
}

func unescape(s string) (string, error) {
	octets, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
	if err != nil {
		return "", fmt.Errorf("octets %s: %w", s, err)
	}
	return octets, nil
}

// note adds a line to the conversation.
func (p *player) note(name, verb, text string) {
	const most = 300
	if len(text) > most {
		text = fmt.Sprintf("%s… (%d octets)", text[:most], len(text))
	}
	p.log = append(p.log, name+" "+verb+" "+text)
}

// conversation is the end of what was said, for an error.
func (p *player) conversation() string {
	const most = 40
	if len(p.log) == 0 {
		return ""
	}
	lines := p.log
	if len(lines) > most {
		lines = append([]string{"…"}, lines[len(lines)-most:]...)
	}
	return "\n\nso far:\n\t" + strings.Join(lines, "\n\t")
}
