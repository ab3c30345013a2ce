package restantetest

import (
	"context"
	"sync"
	"time"

	"restante"
	"restante/client"
)

// TB is what the package needs of a *testing.T; every testing.TB is one. Where it
// has a Deadline, as *testing.T does, waits end before it.
type TB interface {
	Helper()
	Fatalf(format string, args ...any) // does not return
	Logf(format string, args ...any)
	Failed() bool
	Cleanup(func())
	Context() context.Context
}

// Server is a Restante for tests. Any number of tests may share one.
type Server struct {
	client *client.Client
	info   *client.Info

	mu      sync.Mutex
	reports map[TB]*report // of the tests that use it
}

// Start starts a server inside the test process, on free ports of the loopback
// interface and with an empty store of its own. It ends with the test. Options
// may change its configuration before.
func Start(t TB, opts ...func(*restante.Config)) *Server {
	t.Helper()
	var cfg restante.Config
	for _, o := range opts {
		o(&cfg)
	}
	srv, err := restante.Start(cfg)
	if err != nil {
		t.Fatalf("start restante: %v", err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Logf("close restante: %v", err)
		}
	})
	c, err := client.New(srv.URL())
	if err != nil {
		t.Fatalf("start restante: the tests need HTTP: %v", err)
	}
	return use(t, c)
}

// Connect uses the server that runs at RESTANTE_URL, or at http://127.0.0.1:8025.
// Its mail stays, but for that of the inboxes that are made here.
func Connect(t TB) *Server {
	t.Helper()
	c, err := client.FromEnv()
	if err != nil {
		t.Fatalf("connect to restante: %v", err)
	}
	return use(t, c)
}

func use(t TB, c *client.Client) *Server {
	t.Helper()
	t.Cleanup(c.CloseIdleConnections)
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	info, err := c.Info(ctx)
	if err != nil {
		t.Fatalf("connect to restante: %v", err)
	}
	s := &Server{client: c, info: info, reports: make(map[TB]*report)}
	s.report(t, info.Counts.Newest)
	return s
}

// answerTime is how long a call may take that waits for nothing.
const answerTime = 10 * time.Second

// SMTPAddr is where to send mail to, "127.0.0.1:41025".
func (s *Server) SMTPAddr() string { return s.info.SMTP }

// POP3Addr is where to fetch it from.
func (s *Server) POP3Addr() string { return s.info.POP3 }

// URL is where the page and the API are, "http://127.0.0.1:48025".
func (s *Server) URL() string { return s.client.URL() }

// Client is for all else that the server can do.
func (s *Server) Client() *client.Client { return s.client }
