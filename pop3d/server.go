package pop3d

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"restante/faults"
	"restante/mailstore"
)

// Config of a server. The zero value of each field is its default.
type Config struct {
	Hostname       string        // in the greeting; "" is "localhost"
	MaxConnections int           // over all listeners; 0 is no limit
	IdleTimeout    time.Duration // without a command; 0 is 10 minutes, the least that RFC 1939 §3 allows
	WriteTimeout   time.Duration // of a client that does not read; 0 is IdleTimeout, and a minute at least. TLS handshakes have a minute of it

	// Exclusive lets a maildrop be open in one session at a time, as RFC 1939 §4
	// has it; others get [IN-USE]. Otherwise sessions share it, each with its
	// own snapshot: two that delete the same message both succeed. The lock is
	// on the maildrop's name: "*" does not lock out "alice@app.test".
	Exclusive bool

	// Expire is the age at which the store removes messages, for the EXPIRE
	// capability; 0 is never.
	Expire time.Duration

	// Users says whether a password is right; nil accepts any credentials. It
	// is called from many goroutines.
	Users func(user, password string) bool

	TLS *tls.Config // nil: no STLS and no ServeTLS

	Faults *faults.Set // what goes wrong on purpose; nil: nothing
}

// Server is a POP3 server. Its methods may be called from many goroutines.
type Server struct {
	cfg   Config
	store *mailstore.Store
	log   *slog.Logger
	pool  *sync.Pool // of blocks, see output
	meter meter

	ctx    context.Context // ends when sessions are to end at once
	cancel context.CancelFunc
	done   chan struct{}  // closed when Shutdown begins
	wg     sync.WaitGroup // sessions and accept loops

	mu        sync.Mutex
	closing   bool
	listeners map[net.Listener]struct{}
	sessions  map[*session]struct{}
	seats     int                 // of MaxConnections that are taken
	locked    map[string]struct{} // maildrops in use, when Exclusive
}

// New makes a server for the maildrops of a store. A nil log discards.
func New(cfg Config, store *mailstore.Store, log *slog.Logger) *Server {
	if cfg.Hostname == "" {
		cfg.Hostname = "localhost"
	}
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = 10 * time.Minute
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = max(cfg.IdleTimeout, time.Minute)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		cfg:       cfg,
		store:     store,
		log:       log.With("server", "pop3"),
		pool:      newPool(),
		done:      make(chan struct{}),
		listeners: map[net.Listener]struct{}{},
		sessions:  map[*session]struct{}{},
		locked:    map[string]struct{}{},
	}
	s.meter.init()
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Serve accepts connections until Shutdown, after which it returns nil, or
// until the listener fails. It closes the listener. With [Config.TLS] set,
// clients may upgrade by STLS.
func (s *Server) Serve(l net.Listener) error { return s.serve(l, false) }

// ServeTLS is Serve for connections that begin with a TLS handshake (RFC 8314).
func (s *Server) ServeTLS(l net.Listener) error {
	if s.cfg.TLS == nil {
		l.Close()
		return errors.New("serve POP3 over TLS: no certificate is configured")
	}
	return s.serve(l, true)
}

func (s *Server) serve(l net.Listener, implicitTLS bool) error {
	defer l.Close()
	if !s.track(l) {
		return nil
	}
	defer s.untrack(l)
	const shortest, longest = 5 * time.Millisecond, time.Second
	pause := shortest
	for {
		conn, err := l.Accept()
		if err == nil {
			pause = shortest
			s.start(conn, implicitTLS)
			continue
		}
		select {
		case <-s.done:
			return nil
		default:
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		// Out of file descriptors, or a client that went away: it passes.
		s.log.Error("accept failed", "err", err)
		select {
		case <-s.done:
			return nil
		case <-time.After(pause):
			pause = min(2*pause, longest)
		}
	}
}

func (s *Server) track(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.listeners[l] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *Server) untrack(l net.Listener) {
	s.mu.Lock()
	delete(s.listeners, l)
	s.mu.Unlock()
	s.wg.Done()
}

// start runs a session on its goroutine.
func (s *Server) start(conn net.Conn, implicitTLS bool) {
	c := newSession(s, conn)
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		conn.Close()
		return
	}
	crowded := s.cfg.MaxConnections > 0 && s.seats >= s.cfg.MaxConnections
	if c.seated = !crowded; c.seated {
		s.seats++
	}
	s.sessions[c] = struct{}{}
	s.meter.began()
	s.wg.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.wg.Done()
		c.serve(implicitTLS)
		s.mu.Lock()
		delete(s.sessions, c)
		s.mu.Unlock()
	}()
}

// Shutdown closes the listeners and ends the sessions: one that waits for its
// client at once, one that sends a response after it, both with a farewell and
// without removing marked messages. When ctx ends, what is left is cut off and
// ctx's error returned. When Shutdown returns, nothing of the server runs.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closing {
		s.closing = true
		close(s.done)
	}
	for l := range s.listeners {
		l.Close()
	}
	for c := range s.sessions {
		c.wire.socket.interrupt()
	}
	s.mu.Unlock()

	ended := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(ended)
	}()
	var err error
	select {
	case <-ended:
	case <-ctx.Done():
		err = ctx.Err()
		s.cutOff()
		<-ended
	}
	s.cancel()
	return err
}

// cutOff ends all sessions wherever they are.
func (s *Server) cutOff() {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sessions {
		c.wire.socket.Close()
	}
}

// leave frees the seat of a session.
func (s *Server) leave(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.seated {
		c.seated = false
		s.seats--
	}
}

// lock takes a maildrop for one session; false when another has it.
func (s *Server) lock(maildrop string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.locked[maildrop]; taken {
		return false
	}
	s.locked[maildrop] = struct{}{}
	return true
}

func (s *Server) unlock(maildrop string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.locked, maildrop)
}
