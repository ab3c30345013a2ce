package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"

	"restante"
	"restante/configs"
)

// runCmd runs a command beside a server of its own.
type runCmd struct {
	KeepGoing bool     `name:"keep-going" help:"When the command has failed, keep the server until Ctrl-C, to look at the mail."`
	JSON      bool     `name:"json" help:"Print the unread mail as JSON."`
	Command   []string `arg:"" optional:"" passthrough:"" name:"COMMAND" help:"The command and its arguments."`
}

// Help is what run --help says behind its flags.
func (*runCmd) Help() string {
	return `
The server has an ephemeral store and free ports on the loopback interface. The
command finds it in these variables:
  RESTANTE_URL                         the page and the API, for restante wait too
  RESTANTE_SMTP, RESTANTE_POP3         host:port
  SMTP_HOST, SMTP_PORT                 also as SMTP_SERVER and SMTP_ADDRESS
  POP3_HOST, POP3_PORT
  SMTP_URL, MAIL_URL, EMAIL_URL        smtp://host:port, also as MAILER_DSN
  MAIL_HOST, MAIL_PORT, MAIL_MAILER    Laravel, with MAIL_ENCRYPTION, MAIL_SCHEME
  EMAIL_HOST, EMAIL_PORT               Django, by way of its settings
  SPRING_MAIL_HOST, SPRING_MAIL_PORT   Spring Boot
Listeners with TLS are RESTANTE_SMTPS, RESTANTE_POP3S, RESTANTE_HTTPS, and the
authority's certificate is the file RESTANTE_CA.

All settings of serve are flags here. --data keeps the mail in a file. Addresses,
the store and a login for the page count when a flag says so, not otherwise.

When the command fails, the mail that nobody has read is printed on standard
error. Read is what is marked as seen, was fetched by POP3, or was asked for or
waited for at RESTANTE_URL; a list is not reading.

Exit codes: the command's own, 128 and the signal's number when a signal ended
it, 125 when the server does not start, 126 when the command cannot be run, 127
when there is none of that name.

Examples:
  restante run -- npm test
  restante run -- sh -c 'echo Hello | restante send you@app.test'`
}

// Exit codes of run beside the command's own, as env and timeout have them.
const (
	exitNotStarted  = 125
	exitNotRunnable = 126
	exitNotFound    = 127
	exitSignal      = 128 // and the signal's number
)

func (c *runCmd) do(a *app) int {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if len(c.Command) == 0 {
		return a.fail(usagef(`run what? Name a command, as in "restante run -- npm test"`))
	}
	srv, err := restante.Start(a.runConfig())
	if err != nil {
		a.fail(err)
		return exitNotStarted
	}
	watch, err := watchReading(srv.URL())
	if err != nil {
		a.fail(errors.Join(err, srv.Close()))
		return exitNotStarted
	}
	code := c.command(a, srv, watch)
	if code != exitOK && code != exitNotFound && code != exitNotRunnable {
		if err := c.unread(a, srv, watch); err != nil {
			a.fail(err)
		}
		if c.KeepGoing {
			fmt.Fprintf(a.stderr, "restante: the page is at %s until Ctrl-C\n", srv.URL())
			<-a.signals
		}
	}
	watch.close()
	if err := srv.Close(); err != nil {
		a.fail(err)
	}
	return code
}

// runConfig is the settings with addresses and a store that are nobody else's,
// unless a flag names them.
func (a *app) runConfig() restante.Config {
	cfg := a.Config
	given := func(name string) bool { return a.loader.Origin(name) == "--"+name }
	for name, address := range map[string]*string{"smtp": &cfg.SMTP, "pop3": &cfg.POP3, "http": &cfg.HTTP} {
		if !given(name) || name == "http" && *address == configs.Off { // what nobody read is asked for there
			*address = "127.0.0.1:0"
		}
	}
	for name, address := range map[string]*string{"smtps": &cfg.SMTPS, "pop3s": &cfg.POP3S, "https": &cfg.HTTPS} {
		if !given(name) {
			*address = configs.Off
			if given("tls") && cfg.TLS != "off" {
				*address = "127.0.0.1:0"
			}
		}
	}
	for name, file := range map[string]*string{"web-auth": &cfg.WebAuth, "web-tokens": &cfg.WebTokens} {
		if !given(name) {
			*file = "" // RESTANTE_URL has no login
		}
	}
	cfg.Ephemeral = cfg.Ephemeral && given("ephemeral") || !given("data")
	if a.loader.Origin("log-level") == "default" {
		cfg.LogLevel = "warn" // the terminal is the command's
	}
	return cfg
}

// command runs the command to its end and returns its exit code.
func (c *runCmd) command(a *app, srv *restante.Server, watch *reading) int {
	env, remove, err := environment(srv, watch)
	if err != nil {
		a.fail(err)
		return exitNotStarted
	}
	defer remove()
	cmd := exec.Command(c.Command[0], c.Command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	cmd.Env = append(os.Environ(), env...)

	signal.Notify(a.signals, forwarded()...)
	if err := cmd.Start(); err != nil {
		a.fail(err)
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return exitNotFound
		}
		return exitNotRunnable
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-a.signals:
			if !hasTerminalSignal(s) {
				_ = cmd.Process.Signal(s) // it may have ended
			}
		case err := <-ended:
			if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
				return a.fail(err)
			}
			return processCode(cmd.ProcessState)
		}
	}
}

// environment is what the command finds the server by. remove removes what it
// refers to.
func environment(srv *restante.Server, watch *reading) (env []string, remove func(), err error) {
	set := func(value string, names ...string) {
		for _, name := range names {
			env = append(env, name+"="+value)
		}
	}
	remove = func() {}
	set(watch.url, "RESTANTE_URL")
	set(srv.SMTPAddr(), "RESTANTE_SMTP")
	set(srv.POP3Addr(), "RESTANTE_POP3")
	if host, port, err := net.SplitHostPort(srv.SMTPAddr()); err == nil {
		set(host, "SMTP_HOST", "SMTP_SERVER", "SMTP_ADDRESS", "MAIL_HOST", "EMAIL_HOST", "SPRING_MAIL_HOST")
		set(port, "SMTP_PORT", "MAIL_PORT", "EMAIL_PORT", "SPRING_MAIL_PORT")
		set("smtp://"+srv.SMTPAddr(), "SMTP_URL", "MAIL_URL", "EMAIL_URL", "MAILER_DSN")
		set("smtp", "MAIL_MAILER")
		set("null", "MAIL_ENCRYPTION", "MAIL_SCHEME") // as Laravel writes that there is none
	}
	if host, port, err := net.SplitHostPort(srv.POP3Addr()); err == nil {
		set(host, "POP3_HOST")
		set(port, "POP3_PORT")
	}
	for name, at := range map[string]string{"RESTANTE_SMTPS": srv.SMTPSAddr(), "RESTANTE_POP3S": srv.POP3SAddr(), "RESTANTE_HTTPS": srv.HTTPSURL()} {
		if at != "" {
			set(at, name)
		}
	}
	if pem := srv.CA(); pem != nil {
		file, err := os.CreateTemp("", "restante-*.pem")
		if err != nil {
			return nil, remove, err
		}
		remove = func() { _ = os.Remove(file.Name()) } // what is left is a certificate in a directory of temporary files
		_, err = file.Write(pem)
		if err = errors.Join(err, file.Close()); err != nil {
			remove()
			return nil, func() {}, err
		}
		set(file.Name(), "RESTANTE_CA")
	}
	return slices.DeleteFunc(env, func(v string) bool { return strings.HasSuffix(v, "=") }), remove, nil
}
