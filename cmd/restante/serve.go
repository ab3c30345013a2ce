package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"restante"
)

// patience is how long clients have to finish after the first signal. The whole
// end takes 10 seconds at most, after which docker stop and its like kill: the
// last of them is for closing the store.
const patience = 9 * time.Second

// serve runs a server until a signal or until it fails.
func (a *app) serve() int {
	srv, err := restante.Start(a.Config)
	if err != nil {
		return a.fail(err)
	}
	if err := a.announce(srv); err != nil {
		_ = srv.Close()
		return a.fail(err)
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Wait() }()
	code := exitOK
	select {
	case <-a.signals:
	case err := <-failed:
		code = a.fail(err)
	}
	return max(code, a.stop(srv))
}

// stop ends the server within the time that clients have, or with the next
// signal.
func (a *app) stop(srv *restante.Server) int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- srv.Shutdown(ctx) }()
	select {
	case err := <-ended:
		if err != nil && ctx.Err() == nil {
			return a.fail(fmt.Errorf("stop: %w", err))
		}
		return exitOK
	case <-a.signals:
		return exitForced
	}
}

// announce prints where everything is.
func (a *app) announce(srv *restante.Server) error {
	totals, err := srv.Store().Totals()
	if err != nil {
		return err
	}
	path := srv.Store().Path()
	if a.Ephemeral {
		path = ""
	}
	b := banner{srv: srv, cfg: &a.Config, store: path, messages: totals.Messages, pid: os.Getpid()}
	if !a.Serve.PrintPorts {
		return b.print(a.stdout)
	}
	if err := b.print(a.stderr); err != nil {
		return err
	}
	return printPorts(a.stdout, srv)
}
