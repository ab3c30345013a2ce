package smtpd

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"restante/faults"
	"restante/mailstore"
)

// Config of a server. The zero value of each field is its default.
type Config struct {
	Hostname        string        // in the greeting and other replies; "" is "localhost"
	MaxMessageBytes int64         // octets of content; 0 is no limit
	MaxRecipients   int           // per message; 0 is 1,000
	MaxConnections  int           // at a time, over all listeners; 0 is no limit
	MaxCommandLine  int           // octets with line ending, at least 512; 0 is 2,048
	IdleTimeout     time.Duration // without an octet from the client; 0 is 5 minutes
	AuthRequired    bool          // refuse MAIL before AUTH

	// Users checks a user name and password. nil accepts any. With Users set,
	// CRAM-MD5 is not offered, as it needs the password itself.
	Users func(user, password string) bool

	// TLS offers STARTTLS, and is needed by [Server.ServeTLS]. nil is no TLS.
	TLS *tls.Config

	// Faults says what goes wrong on purpose; nil is nothing. Persona is whom the
	// server behaves as; nil is itself. Personas are those that a fault may ask
	// for, by name.
	Faults   *faults.Set
	Persona  *faults.Persona
	Personas map[string]*faults.Persona
}

const (
	defaultRecipients  = 1000
	defaultCommandLine = 2048            // several extensions add to the 512 of RFC 5321 §4.5.3.1.4
	defaultIdle        = 5 * time.Minute // RFC 5321 §4.5.3.2.7
)

// Server receives mail on the listeners that it is given.
type Server struct {
	cfg    Config
	store  *mailstore.Store
	log    *slog.Logger
	engine *smtp.Server
	ehlo   [2]string // EHLO keywords, in plaintext and under TLS

	tooLong, tooLarge, shutdown string // replies

	meter   meter
	rates   rates
	buffers sync.Pool       // of *[largeBuffer]byte
	hard    context.Context // ends when connections are closed without ceremony
	cut     context.CancelFunc
	closing atomic.Bool
	stop    chan struct{}  // closed when closing is set
	done    chan struct{}  // closed when nothing runs any more
	serving sync.WaitGroup // calls of Serve and ServeTLS

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	wires     map[*wire]struct{}
	active    int // wires that count for MaxConnections
}

// New returns a server that delivers to store. A nil log discards.
func New(cfg Config, store *mailstore.Store, log *slog.Logger) *Server {
	cfg.Hostname = cmp.Or(cfg.Hostname, "localhost")
	cfg.MaxRecipients = cmp.Or(cfg.MaxRecipients, defaultRecipients)
	cfg.MaxCommandLine = max(cmp.Or(cfg.MaxCommandLine, defaultCommandLine), 512)
	cfg.IdleTimeout = cmp.Or(cfg.IdleTimeout, defaultIdle)
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		cfg:       cfg,
		store:     store,
		log:       log.With("server", "smtp"),
		stop:      make(chan struct{}),
		done:      make(chan struct{}),
		listeners: make(map[net.Listener]struct{}),
		wires:     make(map[*wire]struct{}),
	}
	s.meter.init()
	s.buffers.New = func() any { return new([largeBuffer]byte) }
	s.hard, s.cut = context.WithCancel(context.Background())
	s.ehlo = [2]string{keywords(&s.cfg, false), keywords(&s.cfg, true)}
	s.tooLong, s.tooLarge = replyLong(cfg.MaxCommandLine), replyLarge(cfg.MaxMessageBytes)
	s.shutdown = s.said(replyShutdown)
	if p := cfg.Persona; p != nil && p.RequireTLS && cfg.TLS == nil {
		s.log.Warn("the persona takes no mail without TLS, and TLS is off", "persona", p.Name)
	}

	// The engine's own limits are off: it would close the connection where a
	// reply is due.
	s.engine = smtp.NewServer(smtp.BackendFunc(newSession))
	s.engine.Domain = cfg.Hostname
	s.engine.MaxLineLength = 0
	s.engine.EnableSMTPUTF8 = true
	s.engine.EnableDSN = true
	s.engine.ErrorLog = engineLog{s.log}
	return s
}

// Serve accepts connections until [Server.Shutdown], then returns nil. It
// offers STARTTLS when the configuration has TLS. It closes l.
func (s *Server) Serve(l net.Listener) error { return s.serve(l, false) }

// ServeTLS is like [Server.Serve] for connections that begin with a TLS
// handshake (RFC 8314 §3.3). l is a plain listener.
func (s *Server) ServeTLS(l net.Listener) error {
	if s.cfg.TLS == nil {
		l.Close()
		return errors.New("serve SMTP over TLS: no TLS configuration")
	}
	return s.serve(l, true)
}

func (s *Server) serve(l net.Listener, implicitTLS bool) error {
	s.mu.Lock()
	if s.closing.Load() {
		s.mu.Unlock()
		l.Close()
		return nil
	}
	s.listeners[l] = struct{}{}
	s.serving.Add(1)
	s.mu.Unlock()
	defer s.serving.Done()

	err := s.engine.Serve(&listener{Listener: l, server: s, implicitTLS: implicitTLS})
	l.Close()
	s.mu.Lock()
	delete(s.listeners, l)
	s.mu.Unlock()
	if s.closing.Load() {
		return nil
	}
	return fmt.Errorf("accept SMTP connections on %s: %w", l.Addr(), err)
}

// Shutdown stops accepting. Clients that are not in the middle of a message are
// told 421 and closed; one that is sends it to its end and reads its reply first.
// When ctx ends, all connections are closed at once and Shutdown returns ctx's
// error. In either case nothing of the server runs when it returns.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closing.Swap(true) {
		close(s.stop)
		for l := range s.listeners {
			l.Close()
		}
		for w := range s.wires {
			w.wake()
		}
		go s.drain()
	}
	s.mu.Unlock()

	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	s.cut()
	s.mu.Lock()
	for w := range s.wires {
		w.raw.Close()
	}
	s.mu.Unlock()
	<-s.done
	return ctx.Err()
}

// drain closes done when the last connection has ended.
func (s *Server) drain() {
	s.serving.Wait() // no new connections from here on
	s.engine.Shutdown(context.Background())
	s.cut()
	close(s.done)
}

// listener makes a wire of each connection that it accepts.
type listener struct {
	net.Listener
	server      *Server
	implicitTLS bool
}

const maxAcceptPause = time.Second

// Accept goes on after temporary errors, such as too many open files.
func (l *listener) Accept() (net.Conn, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, maxAcceptPause) {
		conn, err := l.Listener.Accept()
		if err == nil {
			w := newWire(l.server, conn, l.implicitTLS)
			if l.server.register(w) {
				return w, nil
			}
			conn.Close()
			return nil, errClosing
		}
		var temporary interface{ Temporary() bool }
		if l.server.closing.Load() || !errors.As(err, &temporary) || !temporary.Temporary() {
			return nil, acceptError{err}
		}
		l.server.log.Warn("cannot accept a connection", "err", err)
		select {
		case <-l.server.stop:
			return nil, errClosing
		case <-time.After(pause):
		}
	}
}

var errClosing = errors.New("the server is shutting down")

// acceptError hides that an error is temporary, so that the engine does not
// wait and try by itself.
type acceptError struct{ err error }

func (e acceptError) Error() string { return e.err.Error() }
func (e acceptError) Unwrap() error { return e.err }

// register makes w known to Shutdown; false when that has begun.
func (s *Server) register(w *wire) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return false
	}
	s.wires[w] = struct{}{}
	s.meter.began()
	if s.cfg.MaxConnections > 0 && s.active >= s.cfg.MaxConnections {
		w.crowded = true
		s.meter.refused(crowdedReason)
	} else {
		s.active++
	}
	return true
}

// forget undoes register.
func (s *Server) forget(w *wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.wires, w)
	if !w.crowded {
		s.active--
	}
}

// engineLog takes the engine's messages: panics, and nothing else while the wire
// ends every connection with io.EOF.
type engineLog struct{ log *slog.Logger }

func (l engineLog) Printf(format string, v ...any) {
	l.log.Error("SMTP engine", "err", fmt.Sprintf(format, v...))
}

func (l engineLog) Println(v ...any) { l.log.Error("SMTP engine", "err", fmt.Sprint(v...)) }
