package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"

	"restante/client"
	"restante/configs"
)

// remote is what every command has that talks to a running Restante.
type remote struct {
	URL  string `name:"url" env:"RESTANTE_URL" default:"" placeholder:"URL" help:"Where Restante's page is. Without it: RESTANTE_URL, else where the settings have it (http://127.0.0.1:8025)."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// usageError is a command line that cannot be carried out.
type usageError struct {
	text      string
	inMessage bool // what is wrong is in the message, not in the arguments
}

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// noServerError is an address where nothing answers.
type noServerError struct {
	address string
	other   string // what names another address
	err     error
}

func (e *noServerError) Unwrap() error { return e.err }

func (e *noServerError) Error() string {
	why := e.err
	if dial, ok := errors.AsType[*net.OpError](why); ok {
		why = dial.Err // without the address, which is there already
	}
	return fmt.Sprintf(`no Restante at %s (%v): start one with "restante", or name another with %s`, e.address, why, e.other)
}

// Where a server is that has been told nothing else.
const (
	defaultSMTP = "127.0.0.1:1025"
	defaultHTTP = "127.0.0.1:8025"
)

// dialable is where to connect to a server that listens at an address. One that
// says nothing, because the listener is off or takes any port, is other.
func dialable(address, other string) (network, at string) {
	if path, ok := configs.Socket(address); ok {
		return "unix", path
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return "tcp", other
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip.Is6() && !ip.Is4In6() {
			host = "::1"
		}
	}
	return "tcp", net.JoinHostPort(host, port)
}

// url is where the page is: as the flag or RESTANTE_URL say, else where the
// settings say that it listens.
func (a *app) url(r *remote) string {
	if r.URL != "" {
		return r.URL
	}
	network, address := dialable(a.HTTP, defaultHTTP)
	if network == "unix" {
		return "unix:" + address
	}
	return "http://" + address
}

// client asks the server that a command is for.
func (a *app) client(r *remote) (*client.Client, error) {
	c, err := client.New(a.url(r))
	if err != nil {
		return nil, usagef("%v", err)
	}
	return c, nil
}

// context ends with the first signal.
func (a *app) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-a.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// ask runs what a command asks a server, and makes its errors the user's.
func (a *app) ask(r *remote, do func(ctx context.Context, c *client.Client) error) int {
	c, err := a.client(r)
	if err != nil {
		return a.fail(err)
	}
	ctx, cancel := a.context()
	defer cancel()
	err = do(ctx, c)
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil {
		return exitForced
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return a.fail(&noServerError{c.URL(), "--url or RESTANTE_URL", dial})
	}
	if wrong, ok := errors.AsType[*client.Error](err); ok && (wrong.Status == http.StatusBadRequest || wrong.Status == http.StatusUnprocessableEntity) {
		err = usagef("%s", wrong.Detail) // such as a query that cannot be read
	}
	return a.fail(err)
}
