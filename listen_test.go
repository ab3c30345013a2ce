package restante

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// listener takes a port until the test ends.
func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// freePort is an address that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l := listener(t)
	defer l.Close()
	return l.Addr().String()
}

// socketPath is short: a socket's path has 108 octets at most.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	taken := listener(t).Addr().String()
	for setting, cfg := range map[string]Config{
		"smtp":  {SMTP: taken},
		"pop3":  {POP3: taken},
		"http":  {HTTP: taken},
		"smtps": {SMTPS: taken, TLS: "self-signed"},
		"pop3s": {POP3S: taken, TLS: "self-signed"},
		"https": {HTTPS: taken, TLS: "self-signed"},
	} {
		_, err := Start(cfg)
		wrong, ok := errors.AsType[*BindError](err)
		if !ok || wrong.Setting != setting || wrong.Address != taken {
			t.Errorf("%s: got %v, want a BindError of %s at %s", setting, err, setting, taken)
			continue
		}
		want := fmt.Sprintf("%s: %s is in use by another program; stop that one, or set another address: --%s 127.0.0.1:0 takes any free port", setting, taken, setting)
		if runtime.GOOS == "linux" {
			want = strings.Replace(want, "another program", fmt.Sprintf("this very process (pid %d)", os.Getpid()), 1)
		}
		if err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
	}
}

func TestBindErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  BindError
		want string
	}{
		{BindError{"smtp", "127.0.0.1:25", "exim4 (pid 7)", syscall.EADDRINUSE}, "smtp: 127.0.0.1:25 is in use by exim4 (pid 7); stop that one, or set another address: --smtp 127.0.0.1:0 takes any free port"},
		{BindError{"smtp", "127.0.0.1:25", "", syscall.EACCES}, "smtp: 127.0.0.1:25 may not be bound by this user; set another address"},
		{BindError{"http", "unix:/x", "", syscall.EADDRINUSE}, "http: unix:/x is in use by another program; stop that one, or set another path with --http"},
		{BindError{"pop3", "192.0.2.1:110", "", syscall.EADDRNOTAVAIL}, "pop3: 192.0.2.1:110 cannot be bound ("},
	} {
		if got := tt.err.Error(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("got  %s\nwant %s…", got, tt.want)
		}
	}
	if _, err := Start(Config{SMTP: "no-such-host.invalid:0"}); err == nil || !strings.HasPrefix(err.Error(), "smtp: no-such-host.invalid:0 cannot be bound (") {
		t.Errorf("a host that is not there: %v", err)
	}
}

func TestUnixSockets(t *testing.T) {
	t.Parallel()
	mail, web := socketPath(t), socketPath(t)
	srv := start(t, Config{SMTP: "unix:" + mail, HTTP: "unix:" + web})
	if srv.SMTPAddr() != "unix:"+mail || srv.URL() != "unix:"+web {
		t.Errorf("at %s and %s, want unix:%s and unix:%s", srv.SMTPAddr(), srv.URL(), mail, web)
	}
	conn, err := net.Dial("unix", mail)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	greeting := make([]byte, 3)
	if _, err := conn.Read(greeting); err != nil || string(greeting) != "220" {
		t.Errorf("SMTP on a socket: %q, %v, want 220", greeting, err)
	}
	over := client(t, &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", web)
	}})
	if body := get(t, over, "http://localhost/livez"); !strings.Contains(body, "ok") {
		t.Errorf("HTTP on a socket: %q", body)
	}

	_, err = Start(Config{SMTP: "unix:" + mail})
	if _, ok := errors.AsType[*BindError](err); !ok || !strings.Contains(err.Error(), "is in use by") || !strings.Contains(err.Error(), "--smtp") {
		t.Errorf("a socket that is in use: %v, want a BindError that says so", err)
	}
	if runtime.GOOS == "linux" && !strings.Contains(err.Error(), fmt.Sprintf("(pid %d)", os.Getpid())) {
		t.Errorf("%q does not say who has it", err)
	}
	if conn, err := net.Dial("unix", mail); err != nil {
		t.Errorf("the live socket is gone: %v", err)
	} else {
		conn.Close()
	}

	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	for _, path := range []string{mail, web} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left behind", path)
		}
	}
}

// TestOneAddressTwice: the other program is the server itself.
func TestOneAddressTwice(t *testing.T) {
	t.Parallel()
	port, socket := freePort(t), "unix:"+socketPath(t)
	for want, cfg := range map[string]Config{
		"pop3: " + port + " cannot be bound (smtp listens there); set another address": {SMTP: port, POP3: port},
		"http: " + socket + " cannot be bound (smtp listens there); set another path":  {SMTP: socket, HTTP: socket},
	} {
		if _, err := Start(cfg); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s…", err, want)
		}
	}
	long := "/tmp/" + strings.Repeat("x", 120)
	if _, err := Start(Config{SMTP: "unix:" + long}); err == nil || !strings.Contains(err.Error(), "the path has 125 octets, a socket's has 103 at most") {
		t.Errorf("a path too long for a socket: %v", err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	t.Parallel()
	path := socketPath(t)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false) // as if the process had been killed
	l.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
	start(t, Config{SMTP: "unix:" + path})
	if conn, err := net.Dial("unix", path); err != nil {
		t.Error(err)
	} else {
		conn.Close()
	}
}

func TestFileInTheWayOfASocketIsKept(t *testing.T) {
	t.Parallel()
	path := write(t, "s", "dear")
	if _, err := Start(Config{SMTP: "unix:" + path}); err == nil || !strings.Contains(err.Error(), "cannot be bound (something is there that is no socket); set another path with --smtp") {
		t.Errorf("over a file: %v, want an error that says what is there", err)
	}
	if octets, err := os.ReadFile(path); err != nil || string(octets) != "dear" {
		t.Errorf("the file is %q, %v, want it untouched", octets, err)
	}
}
