package restante

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"restante/configs"
)

// listeners are those that are bound, by the name of their setting.
type listeners map[string]net.Listener

// BindError is an address that could not be bound.
type BindError struct {
	Setting string // smtp, pop3, http, smtps, pop3s, https
	Address string // as it is set
	Owner   string // who has it, "restante (pid 1234)"; "" when that is not known
	Err     error
}

func (e *BindError) Unwrap() error { return e.Err }

func (e *BindError) Error() string {
	at := e.Setting + ": " + e.Address
	other := fmt.Sprintf("set another address: --%s 127.0.0.1:0 takes any free port", e.Setting)
	if _, ok := configs.Socket(e.Address); ok {
		other = fmt.Sprintf("set another path with --%s", e.Setting)
	}
	switch {
	case inUse(e.Err) && e.Owner != "":
		return fmt.Sprintf("%s is in use by %s; stop that one, or %s", at, e.Owner, other)
	case inUse(e.Err):
		return fmt.Sprintf("%s is in use by another program; stop that one, or %s", at, other)
	case errors.Is(e.Err, fs.ErrPermission):
		return fmt.Sprintf("%s may not be bound by this user; %s", at, other)
	}
	return fmt.Sprintf("%s cannot be bound (%v); %s", at, e.Err, other)
}

func inUse(err error) bool {
	const windowsInUse = syscall.Errno(10048) // WSAEADDRINUSE
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windowsInUse)
}

// listen binds all addresses of a configuration, or none.
func listen(cfg *Config) (listeners, error) {
	bound := listeners{}
	for _, want := range []struct{ setting, address string }{
		{"smtp", cfg.SMTP}, {"pop3", cfg.POP3}, {"http", cfg.HTTP},
		{"smtps", cfg.SMTPS}, {"pop3s", cfg.POP3S}, {"https", cfg.HTTPS},
	} {
		if want.address == configs.Off {
			continue
		}
		l, err := bind(want.address)
		if err != nil {
			err = bound.claim(want.address, err)
			bound.close()
			return nil, &BindError{want.setting, want.address, owner(want.address, err), err}
		}
		bound[want.setting] = l
	}
	if len(bound) == 0 {
		return nil, &configs.SettingError{Setting: "smtp, pop3, http", Err: errors.New("all are off: there is nothing to serve")}
	}
	return bound, nil
}

// claim is why an address could not be bound: err, or that one of these
// listeners has it.
func (ls listeners) claim(address string, err error) error {
	if !inUse(err) {
		return err
	}
	_, port, _ := net.SplitHostPort(address)
	path, _ := configs.Socket(address)
	for name, l := range ls {
		switch at := l.Addr().(type) {
		case *net.UnixAddr:
			if at.Name == path {
				return fmt.Errorf("%s listens there", name)
			}
		case *net.TCPAddr:
			if strconv.Itoa(at.Port) == port {
				return fmt.Errorf("%s listens there", name)
			}
		}
	}
	return err
}

func bind(address string) (net.Listener, error) {
	path, ok := configs.Socket(address)
	if !ok {
		return net.Listen("tcp", address)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path) // Close removes the file
	if errors.Is(err, syscall.EINVAL) && len(path) > maxSocketPath {
		err = fmt.Errorf("the path has %d octets, a socket's has %d at most", len(path), maxSocketPath)
	}
	return l, err
}

// maxSocketPath is what fits into the address of a unix socket on every system.
const maxSocketPath = 103

var errNoSocket = errors.New("something is there that is no socket")

// removeStale removes a socket that nobody listens on any more, as a killed
// server leaves it. It removes nothing else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return nil // let Listen say what is wrong
	}
	switch info.Mode().Type() {
	case fs.ModeSocket:
	case fs.ModeDir, 0:
		return errNoSocket
	default:
		return nil
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		return errors.Join(syscall.EADDRINUSE, conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return nil // somebody may listen: leave it, Listen will fail
	}
	return os.Remove(path)
}

// owner names the process that has an address, as far as it can be known.
func owner(address string, err error) string {
	if !inUse(err) {
		return ""
	}
	if path, ok := configs.Socket(address); ok {
		return socketOwner(path)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return ""
	}
	return portOwner(uint16(n))
}

func (ls listeners) close() {
	for _, l := range ls {
		_ = l.Close() // it was never used
	}
}

// dial is the address at which clients reach a listener; "" when it is off.
func (ls listeners) dial(name string) string {
	l, ok := ls[name]
	if !ok {
		return ""
	}
	switch addr := l.Addr().(type) {
	case *net.UnixAddr:
		return "unix:" + addr.Name
	case *net.TCPAddr:
		if addr.IP.IsUnspecified() {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(addr.Port))
		}
	}
	return l.Addr().String()
}

// everywhere names the listeners on every interface.
func (ls listeners) everywhere() (names []string) {
	for name, l := range ls {
		if addr, ok := l.Addr().(*net.TCPAddr); ok && addr.IP.IsUnspecified() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (ls listeners) url(scheme string) string {
	addr := ls.dial(scheme)
	if _, ok := configs.Socket(addr); ok || addr == "" {
		return addr
	}
	return scheme + "://" + addr
}
