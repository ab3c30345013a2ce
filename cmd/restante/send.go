package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os/user"
	"regexp"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"restante/internal/parties"
)

// sendCmd sends one message by SMTP. It has two faces: flags that make a
// message, and the options of sendmail, which take a message as it is.
type sendCmd struct {
	From       string   `name:"from" placeholder:"ADDR" help:"The sender, such as 'App <app@app.test>'. Without it: you."`
	To         []string `name:"to" sep:"none" placeholder:"ADDR" help:"A recipient, or several with commas. Repeat it at will."`
	Cc         []string `name:"cc" sep:"none" placeholder:"ADDR" help:"The same, in Cc."`
	Bcc        []string `name:"bcc" sep:"none" placeholder:"ADDR" help:"The same, in no field."`
	Subject    string   `name:"subject" placeholder:"TEXT" help:"The subject."`
	Text       *string  `name:"text" placeholder:"TEXT" help:"The text. Without it and --html it is read from standard input."`
	HTML       string   `name:"html" placeholder:"HTML" help:"The HTML."`
	Attach     []string `name:"attach" sep:"none" placeholder:"FILE" help:"Attach a file. Repeat it at will."`
	Header     []string `name:"header" sep:"none" placeholder:"NAME:VALUE" help:"A further header field. Repeat it at will."`
	User       string   `name:"user" placeholder:"NAME:PASSWORD" help:"Log in."`
	Verbose    bool     `name:"verbose" help:"Show the conversation on standard error."`
	JSON       bool     `name:"json" help:"Print the message's ID and seq as JSON."`
	Sendmail   []string `name:"sendmail" hidden:"" sep:"none"`
	Recipients []string `arg:"" optional:"" name:"ADDR" help:"Recipients of the message on standard input; with flags that make one, they are in To."`

	// What the options of sendmail say.
	mode    string  // -b: m, s, p, i; q of -q
	sender  *string // -f
	name    string  // -F
	extract bool    // -t
	dots    bool    // -i: a line with only a dot is one
	notify  string  // -N
	ret     string  // -R
	envid   string  // -V
}

// Help is what send --help says behind its flags.
func (*sendCmd) Help() string {
	return `
With --to, --cc, --bcc, --subject, --text, --html, --attach or --header the flags
make a message. Without them the message on standard input is sent.

As sendmail, also under that name (ln -s restante sendmail):
  -t                         Recipients are those in To, Cc and Bcc; Bcc goes
  -i, -oi                    A line that is just a dot does not end the message
  -f ADDR, -r ADDR           Envelope sender. Without it: the address in From
  -F NAME                    Name of the sender where there is no From
  -N, -R, -V VALUE           NOTIFY, RET and ENVID of the envelope
  -bs                        SMTP on standard input and output
  -v                         Show the conversation
Other options of sendmail are accepted and do nothing. From, Date and Message-ID
are added where they are missing. An address without a domain is at localhost.

The ID is printed, but under the name sendmail, where the exit codes are those of
sendmail: 64 wrong option, 65 wrong message, 69 not sent, 75 refused for now.

Examples:
  restante send --to alice@app.test --subject Hello --text 'It works.'
  restante send --from app@app.test --to alice@app.test --attach bill.pdf < text
  restante send -t -i < message.eml`
}

func (c *sendCmd) do(a *app) int {
	for _, option := range c.Sendmail {
		c.apply(option)
	}
	if err := c.send(a); err != nil {
		code := a.fail(err)
		if a.sendmail {
			return sysexit(err)
		}
		return code
	}
	return exitOK
}

func (c *sendCmd) send(a *app) error {
	switch c.mode {
	case "s":
		return c.relay(a)
	case "p":
		_, err := fmt.Fprintln(a.stdout, "Mail queue is empty")
		return err
	case "i", "q":
		return nil // no aliases to build, no queue to run
	}
	env, content, err := c.message(a)
	if err != nil {
		return err
	}
	reply, err := c.transmit(a, env, content)
	if err != nil || a.sendmail {
		return err
	}
	got := accepted.FindStringSubmatch(reply)
	if got == nil {
		_, err = fmt.Fprintln(a.stdout, reply)
		return err
	}
	if c.JSON {
		_, err = fmt.Fprintf(a.stdout, "{\"id\":%q,\"seq\":%s}\n", got[1], got[2])
		return err
	}
	_, err = fmt.Fprintln(a.stdout, got[1])
	return err
}

// accepted is Restante's reply to the end of a message.
var accepted = regexp.MustCompile(`id=(\S+) seq=(\d+)`)

// envelope is whom a message is from and for.
type envelope struct {
	from string
	to   []string
}

// message makes or reads the message.
func (c *sendCmd) message(a *app) (env envelope, content []byte, err error) {
	if c.composes() {
		return c.compose(a.stdin)
	}
	text, err := readMessage(a.stdin, c.dots)
	if err != nil {
		return env, nil, fmt.Errorf("standard input: %w", err)
	}
	m := draft{parties.Parse(text)}
	for _, list := range c.Recipients {
		if env.to, err = appendAddresses(env.to, list); err != nil {
			return env, nil, err
		}
	}
	if c.extract {
		if env.to, err = m.takeRecipients(env.to); err != nil {
			return env, nil, err
		}
	}
	if len(env.to) == 0 {
		if c.extract {
			return env, nil, &usageError{"the message names no recipient in To, Cc or Bcc", true}
		}
		return env, nil, usagef("whom is it for? Name a recipient, or take those in the message with -t")
	}
	from := c.sender
	if c.From != "" {
		from = &c.From
	}
	if env.from, err = m.complete(from, c.name); err != nil {
		return env, nil, err
	}
	return env, m.octets(), nil
}

// me is the user's address.
func me() string {
	name := "nobody"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username[strings.LastIndexByte(u.Username, '\\')+1:] // Windows has DOMAIN\name
	}
	return strings.ReplaceAll(name, " ", ".") + "@localhost"
}

// transmit sends a message and returns the server's reply.
func (c *sendCmd) transmit(a *app, env envelope, content []byte) (string, error) {
	conn, at, err := a.dialSMTP()
	if err != nil {
		return "", err
	}
	client := smtp.NewClient(conn)
	defer client.Close()
	if c.Verbose {
		client.DebugWriter = a.stderr
	}
	refused := func(err error) error {
		if reply, ok := errors.AsType[*smtp.SMTPError](err); ok {
			return fmt.Errorf("%s refused it: %d %w", at, reply.Code, err)
		}
		return fmt.Errorf("%s: %w", at, err)
	}
	if c.User != "" {
		name, password, ok := strings.Cut(c.User, ":")
		if !ok {
			return "", usagef("--user wants NAME:PASSWORD")
		}
		if err := client.Auth(sasl.NewPlainClient("", name, password)); err != nil {
			return "", refused(err)
		}
	}
	foreign := !isASCII(env.from)
	for _, to := range env.to {
		foreign = foreign || !isASCII(to)
	}
	o := smtp.MailOptions{UTF8: foreign, Return: smtp.DSNReturn(c.ret), EnvelopeID: c.envid}
	if err := client.Mail(env.from, &o); err != nil {
		return "", refused(err)
	}
	var r smtp.RcptOptions
	for _, notify := range strings.FieldsFunc(c.notify, func(r rune) bool { return r == ',' || r == ' ' }) {
		r.Notify = append(r.Notify, smtp.DSNNotify(notify))
	}
	for _, to := range env.to {
		if err := client.Rcpt(to, &r); err != nil {
			return "", refused(err)
		}
	}
	w, err := client.Data()
	if err != nil {
		return "", refused(err)
	}
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		return "", refused(err)
	}
	reply, err := w.CloseWithResponse()
	if err != nil {
		return "", refused(err)
	}
	_ = client.Quit() // it has the message
	return reply.StatusText, nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 })
}

// relay connects standard input and output to the server.
func (c *sendCmd) relay(a *app) error {
	conn, _, err := a.dialSMTP()
	if err != nil {
		return err
	}
	defer conn.Close()
	go func() {
		// It ends with the process at the latest: a read of standard input
		// cannot be interrupted.
		_, _ = io.Copy(conn, a.stdin)
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}()
	_, err = io.Copy(a.stdout, conn)
	return err
}

// dialSMTP connects to the server that the settings are those of.
func (a *app) dialSMTP() (net.Conn, string, error) {
	network, address := dialable(a.SMTP, defaultSMTP)
	conn, err := net.Dial(network, address)
	if err != nil {
		return nil, "", &noServerError{address, "--smtp or RESTANTE_SMTP", err}
	}
	return conn, address, nil
}
