package restante

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"restante/configs"
	"restante/mailstore"
)

// start starts a server that ends with the test.
func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	srv, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return srv
}

const letter = "Subject: Hello\r\n\r\nIt works.\r\n"

// send sends one message and returns what the server made of it.
func send(t *testing.T, srv *Server, rcpt string) *mailstore.Message {
	t.Helper()
	if err := smtp.SendMail(srv.SMTPAddr(), nil, "app@app.test", []string{rcpt}, []byte(letter)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	found, err := srv.Store().Wait(ctx, mailstore.WaitOptions{Mailbox: rcpt})
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v: %s", url, resp.Status, err, body)
	}
	return string(body)
}

// client is an HTTP client without connections that outlive the test.
func client(t *testing.T, transport *http.Transport) *http.Client {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

func TestZeroConfigIsATestServer(t *testing.T) {
	t.Parallel()
	srv := start(t, Config{})
	for what, addr := range map[string]string{"SMTP": srv.SMTPAddr(), "POP3": srv.POP3Addr(), "HTTP": strings.TrimPrefix(srv.URL(), "http://")} {
		host, port, err := net.SplitHostPort(addr)
		if err != nil || host != "127.0.0.1" || port == "0" {
			t.Errorf("%s is at %q, want a port of 127.0.0.1", what, addr)
		}
	}
	if got := srv.SMTPSAddr() + srv.POP3SAddr() + srv.HTTPSURL(); got != "" || srv.CA() != nil {
		t.Errorf("TLS is at %q, want nowhere", got)
	}
	m := send(t, srv, "you@app.test")
	if m.Subject != "Hello" {
		t.Errorf("subject %q, want Hello", m.Subject)
	}
	raw := get(t, client(t, &http.Transport{}), srv.URL()+"/v1/messages/"+m.ID+"/raw")
	if raw != letter {
		t.Errorf("raw content %q, want %q", raw, letter)
	}
}

func TestTwoServersInOneProcess(t *testing.T) {
	t.Parallel()
	one, two := start(t, Config{}), start(t, Config{})
	send(t, one, "you@app.test")
	if totals, err := two.Store().Totals(); err != nil || totals.Messages != 0 {
		t.Errorf("the other server has %d messages, %v, want none", totals.Messages, err)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	send(t, two, "you@app.test")
}

func TestMailOutlivesTheServer(t *testing.T) {
	t.Parallel()
	cfg := Config{Data: filepath.Join(t.TempDir(), "new", "store.db")}
	srv := start(t, cfg)
	id := send(t, srv, "you@app.test").ID
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, err := start(t, cfg).Store().Message(id); err != nil || m.Subject != "Hello" {
		t.Errorf("after a restart: %+v, %v, want the message", m, err)
	}
}

func TestOffIsOff(t *testing.T) {
	t.Parallel()
	srv := start(t, Config{POP3: "off", HTTP: "off"})
	if srv.POP3Addr() != "" || srv.URL() != "" || srv.SMTPAddr() == "" {
		t.Errorf("at %q, %q, %q, want SMTP alone", srv.SMTPAddr(), srv.POP3Addr(), srv.URL())
	}
	if _, err := Start(Config{SMTP: "off", POP3: "off", HTTP: "off"}); err == nil || !strings.Contains(err.Error(), "nothing to serve") {
		t.Errorf("all off: %v, want an error", err)
	}
}

func TestAllInterfacesAreReachedByLoopback(t *testing.T) {
	t.Parallel()
	srv := start(t, Config{SMTP: ":0", HTTP: "0.0.0.0:0"})
	if !strings.HasPrefix(srv.SMTPAddr(), "127.0.0.1:") || !strings.HasPrefix(srv.URL(), "http://127.0.0.1:") {
		t.Errorf("at %s and %s, want addresses that can be dialled", srv.SMTPAddr(), srv.URL())
	}
	send(t, srv, "you@app.test")
}

func TestStartRefusesWrongSettings(t *testing.T) {
	t.Parallel()
	_, err := Start(Config{Durability: "fast"})
	if wrong, ok := errors.AsType[*configs.ValueError](err); !ok || wrong.Setting != "durability" {
		t.Errorf("got %v, want a ValueError of durability", err)
	}
	for _, cfg := range []Config{
		{TLS: "files", TLSCert: "none.pem", TLSKey: "none.pem"},
		{UsersFile: filepath.Join(t.TempDir(), "none")},
		{SMTPS: "127.0.0.1:0"},
	} {
		dir := t.TempDir()
		cfg.Data = filepath.Join(dir, "store.db")
		_, err := Start(cfg)
		if _, ok := errors.AsType[*configs.SettingError](err); !ok {
			t.Errorf("%+v: %v, want a SettingError", cfg, err)
		}
	}
}

func TestStoreInUse(t *testing.T) {
	t.Parallel()
	cfg := Config{Data: filepath.Join(t.TempDir(), "store.db")}
	start(t, cfg)
	_, err := Start(cfg)
	broken, ok := errors.AsType[*StoreError](err)
	if !ok || !errors.Is(err, mailstore.ErrInUse) || broken.Path != cfg.Data {
		t.Fatalf("got %v, want a StoreError of %s", err, cfg.Data)
	}
	for _, want := range []string{cfg.Data + " is in use by ", "stop that one", "--data", "--ephemeral"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestStoreErrorSaysWhatHelps(t *testing.T) {
	t.Parallel()
	full := &StoreError{Path: "x.db", Err: &os.PathError{Op: "write", Path: "x.db", Err: syscall.ENOSPC}}
	if text := full.Error(); !strings.Contains(text, "make room") {
		t.Errorf("on a full disk: %q, want: make room", text)
	}
	err := &StoreError{Err: errors.New("no room")}
	if text := err.Error(); !strings.Contains(text, "no room") || !strings.Contains(text, "TMPDIR") || strings.Contains(text, "--data") {
		t.Errorf("a throw-away store that cannot be made: %q, want what helps: TMPDIR, not --data", text)
	}
}

func TestStoreThatIsNone(t *testing.T) {
	t.Parallel()
	const text = "this is not a store, and it is dear to somebody"
	path := write(t, "notes.txt", text)
	_, err := Start(Config{Data: path, SMTP: "unix:" + filepath.Join(t.TempDir(), "smtp")})
	if _, ok := errors.AsType[*StoreError](err); !ok || !errors.Is(err, mailstore.ErrDamaged) || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("got %v, want a StoreError that says what to do", err)
	}
	if octets, err := os.ReadFile(path); err != nil || string(octets) != text {
		t.Errorf("the file is now %q, %v, want it untouched", octets, err)
	}
}

func TestFailedStartLeavesNothing(t *testing.T) {
	t.Parallel()
	taken := listener(t)
	dir := t.TempDir()
	socket := filepath.Join(dir, "smtp")
	free := freePort(t)
	_, err := Start(Config{SMTP: "unix:" + socket, POP3: free, HTTP: taken.Addr().String(), Data: filepath.Join(dir, "store.db"), TLS: "self-signed"})
	if _, ok := errors.AsType[*BindError](err); !ok {
		t.Fatalf("got %v, want a BindError", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
	l, err := net.Listen("tcp", free)
	if err != nil {
		t.Fatalf("the address that was bound first is still bound: %v", err)
	}
	l.Close()

	_, err = Start(Config{SMTP: "unix:" + socket, POP3: free, Data: dir})
	if _, ok := errors.AsType[*StoreError](err); !ok {
		t.Fatalf("a directory for a store: %v, want a StoreError", err)
	}
	if _, err := os.Lstat(socket); err == nil {
		t.Error("the socket is still there")
	}
}

func TestShutdownIsQuickWhenIdle(t *testing.T) {
	t.Parallel()
	srv := start(t, Config{})
	var clients []net.Conn
	for _, addr := range []string{srv.SMTPAddr(), srv.POP3Addr()} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 512)); err != nil {
			t.Fatal(err)
		}
		clients = append(clients, conn)
	}
	began := time.Now()
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("shutdown took %v with idle clients, want milliseconds", took)
	}
	if err := srv.Wait(); err != nil {
		t.Errorf("wait: %v", err)
	}
	for i, want := range []string{"421 ", "-ERR "} {
		farewell, err := io.ReadAll(clients[i])
		if err != nil || !strings.HasPrefix(string(farewell), want) {
			t.Errorf("an idle client got %q, %v, want %s…", farewell, err, want)
		}
	}
	for _, addr := range []string{srv.SMTPAddr(), srv.POP3Addr(), strings.TrimPrefix(srv.URL(), "http://")} {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			t.Errorf("%s still answers", addr)
		}
	}
	if err := srv.Store().Check(); !errors.Is(err, mailstore.ErrClosed) {
		t.Errorf("the store: %v, want it closed", err)
	}
	if err := errors.Join(srv.Shutdown(t.Context()), srv.Close()); err != nil {
		t.Errorf("once more: %v", err)
	}
}

func TestShutdownTakesAMessageToItsEnd(t *testing.T) {
	t.Parallel()
	cfg := Config{Data: filepath.Join(t.TempDir(), "store.db")}
	srv := start(t, cfg)
	c, err := textproto.Dial("tcp", srv.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	say := func(line string, code int) string {
		t.Helper()
		if line != "" {
			if err := c.PrintfLine("%s", line); err != nil {
				t.Fatal(err)
			}
		}
		_, text, err := c.ReadResponse(code)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		return text
	}
	say("", 220)
	say("EHLO client.test", 250)
	say("MAIL FROM:<>", 250)
	say("RCPT TO:<you@app.test>", 250)
	say("DATA", 354)
	ended := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() { ended <- srv.Shutdown(ctx) }()
	// The listeners are closed first: then the server is ending for certain.
	for conn, err := net.Dial("tcp", srv.POP3Addr()); err == nil; conn, err = net.Dial("tcp", srv.POP3Addr()) {
		conn.Close()
	}
	if text := say("Subject: last\r\n\r\nword\r\n.", 250); !strings.Contains(text, "id=") {
		t.Errorf("reply is %q, want one with the message's ID", text)
	}
	if err := <-ended; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if totals, err := start(t, cfg).Store().Totals(); err != nil || totals.Messages != 1 {
		t.Errorf("%d messages are kept, %v, want the one", totals.Messages, err)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	t.Parallel()
	srv := start(t, Config{})
	c, err := smtp.Dial(srv.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := errors.Join(c.Mail("app@app.test"), c.Rcpt("you@app.test")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Data(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown with a client that never ends: %v, want the context's error", err)
	}
	if err := srv.Wait(); err != nil {
		t.Errorf("wait: %v, want nil: everything has ended", err)
	}
}

func TestUsersFileIsAsked(t *testing.T) {
	t.Parallel()
	line, _ := hashed(t, "alice", "open sesame")
	srv := start(t, Config{UsersFile: write(t, "users", line+"\n"), SMTPAuth: "required"})
	if err := smtp.SendMail(srv.SMTPAddr(), nil, "a@app.test", []string{"b@app.test"}, []byte(letter)); err == nil || !strings.HasPrefix(err.Error(), "530") {
		t.Errorf("without a login: %v, want 530", err)
	}
	host := "127.0.0.1"
	if err := smtp.SendMail(srv.SMTPAddr(), smtp.PlainAuth("", "alice", "wrong", host), "a@app.test", []string{"b@app.test"}, []byte(letter)); err == nil || !strings.HasPrefix(err.Error(), "535") {
		t.Errorf("with a wrong password: %v, want 535", err)
	}
	if err := smtp.SendMail(srv.SMTPAddr(), smtp.PlainAuth("", "alice", "open sesame", host), "a@app.test", []string{"b@app.test"}, []byte(letter)); err != nil {
		t.Errorf("with the right one: %v", err)
	}
	for password, want := range map[string]string{"wrong": "-ERR", "open sesame": "+OK"} {
		c, err := textproto.Dial("tcp", srv.POP3Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var got string
		for _, line := range []string{"", "USER alice", "PASS " + password} {
			if line != "" {
				if err := c.PrintfLine("%s", line); err != nil {
					t.Fatal(err)
				}
			}
			if got, err = c.ReadLine(); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("POP3 with password %q: %q, want %s", password, got, want)
		}
	}
}

func TestTLSOnEveryProtocol(t *testing.T) {
	t.Parallel()
	srv := start(t, Config{TLS: "self-signed", Hostname: "mail.app.test", SMTPS: "127.0.0.1:0", POP3S: "127.0.0.1:0", HTTPS: "127.0.0.1:0"})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(srv.CA()) {
		t.Fatal("no authority")
	}
	trust := &tls.Config{RootCAs: roots, ServerName: "mail.app.test"}

	for what, addr := range map[string]string{"220 ": srv.SMTPSAddr(), "+OK": srv.POP3SAddr()} {
		conn, err := tls.Dial("tcp", addr, trust)
		if err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		defer conn.Close()
		greeting := make([]byte, len(what))
		if _, err := io.ReadFull(conn, greeting); err != nil || string(greeting) != what {
			t.Errorf("%s greets with %q, %v, want %q", addr, greeting, err, what)
		}
		if v := conn.ConnectionState().Version; v != tls.VersionTLS13 {
			t.Errorf("%s speaks TLS version %x, want 1.3", addr, v)
		}
	}
	if body := get(t, client(t, &http.Transport{TLSClientConfig: trust}), srv.HTTPSURL()+"/livez"); !strings.Contains(body, "ok") {
		t.Errorf("HTTPS: %q", body)
	}

	c, err := smtp.Dial(srv.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.StartTLS(trust); err != nil {
		t.Errorf("STARTTLS: %v", err)
	}
	pop3, err := net.Dial("tcp", srv.POP3Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer pop3.Close()
	plain := textproto.NewConn(pop3)
	for _, line := range []string{"", "STLS"} {
		if line != "" {
			if err := plain.PrintfLine("%s", line); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := plain.ReadLine(); err != nil || !strings.HasPrefix(got, "+OK") {
			t.Fatalf("%q: %q, %v", line, got, err)
		}
	}
	if err := tls.Client(pop3, trust).HandshakeContext(t.Context()); err != nil {
		t.Errorf("STLS: %v", err)
	}
	if conn, err := tls.Dial("tcp", srv.SMTPSAddr(), &tls.Config{RootCAs: roots, ServerName: "mail.app.test", MaxVersion: tls.VersionTLS11}); err == nil {
		conn.Close()
		t.Error("TLS 1.1 was accepted")
	}
}

func TestCompact(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := Config{Data: filepath.Join(dir, "store.db")}
	srv := start(t, cfg)
	for i := range 20 {
		send(t, srv, strconv.Itoa(i)+"@app.test")
	}
	if _, _, _, err := Compact(cfg); !errors.Is(err, mailstore.ErrInUse) {
		t.Errorf("while it is in use: %v, want ErrInUse", err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	path, before, after, err := Compact(cfg)
	if err != nil || path != cfg.Data || after <= 0 || after > before {
		t.Errorf("Compact = %s, %d, %d, %v, want a smaller file", path, before, after, err)
	}
	if totals, err := start(t, cfg).Store().Totals(); err != nil || totals.Messages != 20 {
		t.Errorf("%d messages are left, %v, want 20", totals.Messages, err)
	}
	if _, _, _, err := Compact(Config{Data: filepath.Join(dir, "none.db")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a store that is not there: %v, want ErrNotExist", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("it was made")
	}
	if _, _, _, err := Compact(Config{}); err == nil {
		t.Error("an ephemeral store was compacted")
	}
}
