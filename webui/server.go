package webui

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"restante/faults"
	"restante/mailstore"
)

// Config of a server. The zero value works.
type Config struct {
	Version string // shown by /v1/info and in the OpenAPI document

	// Addresses as clients reach them ("127.0.0.1:1025"), shown by /v1/info
	// and on the empty page; "" is off.
	SMTP, POP3, HTTP    string
	SMTPS, POP3S, HTTPS string

	// Wide names the listeners that listen on every interface: "smtp".
	Wide []string

	// Busy counts the SMTP sessions that are at work, or were since a time; nil
	// is none. Open counts the sessions there are; nil is not known.
	Busy func(since time.Time) int
	Open func() (smtp, pop3 int)

	// SMTPCounters and POP3Counters are for /metrics; nil is not known.
	SMTPCounters func() SMTPCounters
	POP3Counters func() POP3Counters

	Settings Settings

	Faults *faults.Set // rules that servers ask; nil: a set that none asks

	// Hosts are names under which the server may be asked beside those that
	// need no permission, see [Server.Handler]: "mail.example.test",
	// "*.example.test" for all names below, "*" for any name. "*" gives up
	// the protection against DNS rebinding.
	Hosts []string

	// Root is the path under which a proxy shows the server, "/mail"; "" is
	// none. Requests are answered with and without it.
	Root string

	// Auth lets in who gives a user name and password that it knows, by HTTP
	// Basic. Tokens let in who gives one of them as a bearer, or as the password
	// of any user. With neither everybody is let in. /livez and /readyz are open.
	Auth   func(user, password string) bool
	Tokens []string

	// Origins are those of pages elsewhere that may use the API:
	// "https://app.test:3000". "*" is any page, and gives up the protection of
	// mail against every page that somebody visits.
	Origins []string

	// TLS is for ServeTLS only.
	TLS *tls.Config
}

const (
	readHeaderTimeout = 10 * time.Second
	keepAliveTimeout  = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	heartbeat         = 15 * time.Second // below the usual 30 s and 60 s of proxies
)

// Server serves the API and the page. Its life cycle is that of [http.Server].
type Server struct {
	cfg       Config
	store     *mailstore.Store
	log       *slog.Logger
	heartbeat time.Duration
	handler   http.Handler
	http      *http.Server

	ending  context.Context // ended by Shutdown: event streams and waits end
	end     context.CancelFunc
	serving sync.WaitGroup // one for each Serve

	mu    sync.Mutex
	shut  bool                  // no Serve begins any more
	conns int                   // connections whose goroutine runs
	fresh map[net.Conn]struct{} // of those, the ones that have sent nothing yet
	gone  sync.Cond             // conns has become 0
}

// New returns a server for a store. A nil log discards.
func New(cfg Config, store *mailstore.Store, log *slog.Logger) *Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if cfg.Faults == nil {
		cfg.Faults = faults.New(faults.Options{})
	}
	s := &Server{
		cfg:       cfg,
		store:     store,
		log:       log.With("server", "http"),
		heartbeat: heartbeat,
		fresh:     make(map[net.Conn]struct{}),
	}
	s.gone.L = &s.mu
	s.ending, s.end = context.WithCancel(context.Background())
	s.handler = s.routes()
	s.http = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       keepAliveTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ConnState:         s.connState,
		Protocols:         new(http.Protocols),
	}
	// HTTP/1 only: a connection's goroutine is then its handler's too, and
	// Shutdown can wait for both.
	s.http.Protocols.SetHTTP1(true)
	if cfg.TLS != nil {
		s.http.TLSConfig = cfg.TLS.Clone()
	}
	return s
}

// Handler answers every request of the server. It refuses Host names that
// could be a rebound one: accepted are IP addresses, localhost and names below
// it, names without a dot, names below .internal and .test, and Config.Hosts.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers requests on l until Shutdown, then returns nil. Several may
// run at the same time.
func (s *Server) Serve(l net.Listener) error {
	return s.serve(func() error { return s.http.Serve(l) }, l)
}

// ServeTLS is Serve with Config.TLS.
func (s *Server) ServeTLS(l net.Listener) error {
	if s.cfg.TLS == nil {
		return errors.New("serve HTTPS: Config.TLS is not set")
	}
	return s.serve(func() error { return s.http.ServeTLS(l, "", "") }, l)
}

func (s *Server) serve(run func() error, l net.Listener) error {
	s.mu.Lock()
	if s.shut {
		s.mu.Unlock()
		return l.Close()
	}
	s.serving.Add(1)
	s.mu.Unlock()
	defer s.serving.Done()
	if err := run(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown ends event streams at once, lets other requests finish, and closes
// their connections when ctx ends first; then the error is the context's.
// Nothing of the server runs when it returns.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.shut = true
	for c := range s.fresh {
		// Browsers connect ahead of need. net/http would wait 5 s for them.
		_ = c.Close()
	}
	s.mu.Unlock()
	s.end()

	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	s.serving.Wait() // from here on no connection is added
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.conns > 0 {
		s.gone.Wait()
	}
	return err
}

// connState counts connections. net/http reports StateClosed as the last thing
// that a connection's goroutine does.
func (s *Server) connState(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.fresh, c)
	switch state {
	case http.StateNew:
		s.conns++
		s.fresh[c] = struct{}{}
		if s.shut {
			_ = c.Close()
		}
	case http.StateClosed, http.StateHijacked:
		if s.conns--; s.conns == 0 {
			s.gone.Broadcast()
		}
	}
}
