package restante

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"os"
	"sync"

	"restante/configs"
	"restante/faults"
	"restante/mailstore"
	"restante/pop3d"
	"restante/smtpd"
	"restante/webui"
)

// Config is every setting of a server. What a zero field means is said at
// [configs.Config.Complete].
type Config = configs.Config

// Server is a running server.
type Server struct {
	cfg    Config
	log    *slog.Logger
	store  *mailstore.Store
	faults *faults.Set

	personas map[string]*faults.Persona // by name
	persona  *faults.Persona            // that the server behaves as; nil is itself
	bound    listeners
	servers  [3]protocol
	ca       []byte

	serving   sync.WaitGroup // one for each listener
	failed    chan error     // a listener's, for Wait
	stopped   chan struct{}  // closed by the Shutdown that closed the store
	closeOnce sync.Once
	closeErr  error
}

// protocol is what the servers of all protocols have in common.
type protocol interface {
	Serve(net.Listener) error
	ServeTLS(net.Listener) error
	Shutdown(context.Context) error
}

// Start starts a server. When it returns without an error, every address is
// bound, and a client that connects is served. When it returns an error, nothing
// was started and nothing is left behind: a [*configs.ValueError] or a
// [*configs.SettingError] for a setting, a [*BindError] for an address, a
// [*StoreError] for the store.
func Start(cfg Config) (*Server, error) {
	cfg, err := cfg.Complete()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: logger(&cfg), failed: make(chan error, 1), stopped: make(chan struct{})}
	users, err := readUsers("users-file", cfg.UsersFile)
	if err != nil {
		return nil, err
	}
	door, err := readDoor(&cfg)
	if err != nil {
		return nil, err
	}
	if s.personas, s.persona, err = readPersonas(&cfg); err != nil {
		return nil, err
	}
	if s.faults, err = s.newFaults(); err != nil {
		return nil, err
	}
	if s.bound, err = listen(&cfg); err != nil {
		return nil, err
	}
	if s.store, err = openStore(&cfg, s.log); err != nil {
		s.bound.close()
		return nil, err
	}
	cert, ca, err := certificate(&cfg, s.log)
	if err != nil {
		s.bound.close()
		return nil, errors.Join(err, s.store.Close())
	}
	s.ca = ca
	s.serve(users, door, cert)
	return s, nil
}

// serve starts the servers on their listeners. It cannot fail.
func (s *Server) serve(users func(string, string) bool, door door, cert *tls.Config) {
	cfg := &s.cfg
	if named := users; named != nil {
		users = func(user, password string) bool {
			return named(user, password) || s.store.CheckInbox(user, password)
		}
	}
	smtp := smtpd.New(smtpd.Config{
		Hostname:        cfg.Hostname,
		MaxMessageBytes: int64(cfg.MaxMessageSize),
		MaxRecipients:   cfg.MaxRecipients,
		MaxConnections:  cfg.MaxConnections,
		MaxCommandLine:  cfg.MaxCommandLine,
		IdleTimeout:     cfg.SMTPIdleTimeout,
		AuthRequired:    cfg.SMTPAuth == "required",
		Users:           users,
		TLS:             cert,
		Faults:          s.faults,
		Persona:         s.persona,
		Personas:        s.personas,
	}, s.store, s.log)
	pop3 := pop3d.New(pop3d.Config{
		Hostname:       cfg.Hostname,
		MaxConnections: cfg.MaxConnections,
		IdleTimeout:    cfg.POP3IdleTimeout,
		Exclusive:      cfg.POP3Lock == "exclusive",
		Expire:         cfg.MaxAge,
		Users:          users,
		TLS:            cert,
		Faults:         s.faults,
	}, s.store, s.log)
	web := webui.New(webui.Config{
		Version:  Version(),
		SMTP:     s.SMTPAddr(),
		POP3:     s.POP3Addr(),
		HTTP:     s.bound.dial("http"),
		SMTPS:    s.SMTPSAddr(),
		POP3S:    s.POP3SAddr(),
		HTTPS:    s.bound.dial("https"),
		Wide:     s.bound.everywhere(),
		Hosts:    cfg.Hosts(),
		Root:     cfg.Root(),
		Auth:     door.users,
		Tokens:   door.tokens,
		Origins:  cfg.Origins(),
		TLS:      cert,
		Busy:     smtp.Busy,
		Open:     func() (int, int) { return smtp.Open(), pop3.Open() },
		Settings: apiSettings(cfg, s.personaNames()),
		Faults:   s.faults,

		SMTPCounters: smtpCounters(smtp),
		POP3Counters: pop3Counters(pop3),
	}, s.store, s.log)
	s.servers = [...]protocol{smtp, pop3, web}

	for name, l := range s.bound {
		switch name {
		case "smtp":
			s.run(smtp.Serve, l)
		case "smtps":
			s.run(smtp.ServeTLS, l)
		case "pop3":
			s.run(pop3.Serve, l)
		case "pop3s":
			s.run(pop3.ServeTLS, l)
		case "http":
			s.run(web.Serve, l)
		case "https":
			s.run(web.ServeTLS, l)
		}
	}
}

func (s *Server) run(serve func(net.Listener) error, l net.Listener) {
	s.serving.Go(func() {
		if err := serve(l); err != nil {
			s.log.Error("a listener failed", "err", err)
			select {
			case s.failed <- err:
			default: // one is enough
			}
		}
	})
}

// Store is the server's store, to wait for mail and to read it. It closes with
// the server.
func (s *Server) Store() *mailstore.Store { return s.store }

// SMTPAddr is the address to send mail to, "127.0.0.1:41025", or "unix:/path";
// "" when SMTP is off. Where all interfaces were asked for, it is the loopback
// one.
func (s *Server) SMTPAddr() string { return s.bound.dial("smtp") }

// POP3Addr is the address to fetch mail from; see [Server.SMTPAddr].
func (s *Server) POP3Addr() string { return s.bound.dial("pop3") }

// SMTPSAddr is that of SMTP with TLS from the first octet; see [Server.SMTPAddr].
func (s *Server) SMTPSAddr() string { return s.bound.dial("smtps") }

// POP3SAddr is that of POP3 with TLS from the first octet; see [Server.SMTPAddr].
func (s *Server) POP3SAddr() string { return s.bound.dial("pop3s") }

// URL is where the page and the API are, "http://127.0.0.1:8025" without a slash
// at its end; "unix:/path" on a socket, "" when HTTP is off.
func (s *Server) URL() string { return s.bound.url("http") }

// HTTPSURL is URL for the listener with TLS.
func (s *Server) HTTPSURL() string { return s.bound.url("https") }

// CA is the local authority's certificate in PEM, for clients that check a
// self-signed server; nil with any other setting of TLS.
func (s *Server) CA() []byte { return s.ca }

// Wait blocks until [Server.Shutdown] or [Server.Close] has ended everything,
// and returns nil, or until a listener fails for good. The rest still runs in
// that case.
func (s *Server) Wait() error {
	select {
	case <-s.stopped:
		return nil
	case err := <-s.failed:
		return err
	}
}

// Shutdown ends the server: listeners close, idle clients are told so, a message
// on its way is taken to its end and answered, and then the store is closed. The
// protocols end side by side. When ctx ends first, what is still open is cut off
// and the error is ctx's. When Shutdown returns, nothing of the server runs.
func (s *Server) Shutdown(ctx context.Context) error {
	var errs [len(s.servers)]error
	var ending sync.WaitGroup
	for i, p := range s.servers {
		ending.Go(func() { errs[i] = p.Shutdown(ctx) })
	}
	ending.Wait()
	s.serving.Wait()
	s.closeOnce.Do(func() {
		s.closeErr = s.store.Close()
		close(s.stopped)
	})
	return cmp.Or(s.closeErr, errs[0], errs[1], errs[2])
}

// Close ends the server at once: clients are cut off, and a message that was not
// answered yet may be lost. It is right at the end of a test.
func (s *Server) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Shutdown(ctx) // the cut is what was asked for
	return s.closeErr
}

// logger is where the server logs to: cfg.Log, else standard error.
func logger(cfg *Config) *slog.Logger {
	if cfg.Log != nil {
		return cfg.Log
	}
	if cfg.LogLevel == "off" {
		return slog.New(slog.DiscardHandler)
	}
	var o slog.HandlerOptions
	level := new(slog.LevelVar)
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // Complete has checked it
	o.Level = level
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, &o))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &o))
}
