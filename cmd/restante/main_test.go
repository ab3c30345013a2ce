package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"restante/configs"
	"restante/internal/tools"
)

// TestMain lets the test binary be the command, in processes that the tests
// start: exit codes, signals and locks are then real ones.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_BE_THE_COMMAND") != "" {
		main()
		return
	}
	if url := os.Getenv("TEST_BE_A_SUITE"); url != "" {
		if err := beASuite(url, os.Getenv("TEST_SMTP"), 100); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	chromium.close()
	npmPackages.close()
	os.Exit(code)
}

// command is the command as a process that sees neither the user's settings nor
// the user's store.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home, temp := t.TempDir(), t.TempDir()
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = []string{"TEST_BE_THE_COMMAND=1", "GORACE=atexit_sleep_ms=0", "HOME=" + home, "LocalAppData=" + home, "AppData=" + home,
		"TMPDIR=" + temp, "TMP=" + temp, "SystemRoot=" + os.Getenv("SystemRoot"), "GOCOVERDIR=" + t.TempDir()}
	return cmd
}

// run runs the command to its end.
func run(t *testing.T, cmd *exec.Cmd) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// process is a running server.
type process struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr *os.File // the process writes it itself: what it said before its ports is there
	ports  map[string]string
}

// said is what the process has written to standard error.
func (p *process) said(t *testing.T) string {
	t.Helper()
	octets, err := os.ReadFile(p.stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(octets)
}

// serve starts a server on free ports, with --print-ports, and waits for its
// line.
func serve(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: command(t, append([]string{"--print-ports", "--smtp=127.0.0.1:0", "--pop3=127.0.0.1:0", "--http=127.0.0.1:0"}, args...)...)}
	p.cmd.Cancel = func() error { return os.ErrProcessDone } // the end of the test is before its cleanup, and pages look on until then
	var err error
	if p.stderr, err = os.Create(filepath.Join(t.TempDir(), "stderr")); err != nil {
		t.Fatal(err)
	}
	defer p.stderr.Close()
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		_ = p.cmd.Wait()
	})
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		_ = p.cmd.Wait()
		t.Fatalf("no line of ports: %v; it said:\n%s", err, p.said(t))
	}
	if err := json.Unmarshal([]byte(line), &p.ports); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return p
}

// end sends a signal and waits for the exit code.
func (p *process) end(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	return p.ended(t)
}

// ended waits for the exit code.
func (p *process) ended(t *testing.T) int {
	t.Helper()
	rest, err := io.ReadAll(p.stdout)
	if err != nil || len(rest) > 0 {
		t.Errorf("after the ports it wrote %q, %v to standard output, want nothing", rest, err)
	}
	if err := p.cmd.Wait(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return p.cmd.ProcessState.ExitCode()
}

func send(t *testing.T, addr string) {
	t.Helper()
	c, err := smtp.Dial(addr) // SendMail would use STARTTLS where it is offered
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := errors.Join(c.Mail("app@app.test"), c.Rcpt("you@app.test")); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "Subject: Hello\r\n\r\nIt works.\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), c.Quit()); err != nil {
		t.Fatal(err)
	}
}

func needSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send signals on Windows")
	}
}

func TestPrintPortsAndSignals(t *testing.T) {
	t.Parallel()
	needSignals(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		data := filepath.Join(t.TempDir(), "store.db")
		p := serve(t, "--data", data)
		if len(p.ports) != 3 {
			t.Errorf("ports are %v, want smtp, pop3 and http", p.ports)
		}
		send(t, p.ports["smtp"])
		resp, err := http.Get(p.ports["http"] + "/livez")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		pop3, err := net.Dial("tcp", p.ports["pop3"])
		if err != nil {
			t.Fatal(err)
		}
		defer pop3.Close()
		began := time.Now()
		if code := p.end(t, signal); code != exitOK {
			t.Errorf("%v: exit code %d, want 0; it said:\n%s", signal, code, p.said(t))
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%v: took %v to end when idle", signal, took)
		}
		for _, want := range []string{"is running (pid " + fmt.Sprint(p.cmd.Process.Pid) + ")", p.ports["smtp"], p.ports["pop3"], p.ports["http"], data + " (0 messages)", "curl -sS smtp://" + p.ports["smtp"]} {
			if !strings.Contains(p.said(t), want) {
				t.Errorf("%v: standard error does not say %q:\n%s", signal, want, p.said(t))
			}
		}
		if again := serve(t, "--data", data); !strings.Contains(again.said(t), "(1 message)") {
			t.Errorf("after a restart it does not say that there is 1 message:\n%s", again.said(t))
		}
	}
}

// TestOpenToTheNetwork: what is printed is the address for this machine, so the
// rest is said.
func TestOpenToTheNetwork(t *testing.T) {
	t.Parallel()
	p := serve(t, "--ephemeral", "--smtp=:0", "--http=0.0.0.0:0")
	if said := p.said(t); !strings.Contains(said, "to the whole network: smtp, http\n") || !strings.HasPrefix(p.ports["smtp"], "127.0.0.1:") {
		t.Errorf("SMTP at %s; it said:\n%s", p.ports["smtp"], said)
	}
	if said := serve(t, "--ephemeral").said(t); strings.Contains(said, "network") {
		t.Errorf("on the loopback interface it said:\n%s", said)
	}
}

func TestPrintPortsWithTLS(t *testing.T) {
	t.Parallel()
	p := serve(t, "--ephemeral", "--tls=self-signed", "--smtps=127.0.0.1:0", "--pop3s=127.0.0.1:0", "--https=127.0.0.1:0")
	for _, name := range []string{"smtp", "pop3", "http", "smtps", "pop3s", "https"} {
		if p.ports[name] == "" {
			t.Errorf("ports are %v, want %s among them", p.ports, name)
		}
	}
	if !strings.HasPrefix(p.ports["https"], "https://127.0.0.1:") {
		t.Errorf("https is %q, want a URL", p.ports["https"])
	}
}

// serveStalled starts a server with a client that begins a message, and then is silent.
func serveStalled(t *testing.T) *process {
	t.Helper()
	needSignals(t)
	p := serve(t, "--ephemeral")
	c, err := smtp.Dial(p.ports["smtp"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := errors.Join(c.Mail("app@app.test"), c.Rcpt("you@app.test")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Data(); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEndWithinTenSeconds: docker stop kills after that.
func TestEndWithinTenSeconds(t *testing.T) {
	t.Parallel()
	p := serveStalled(t)
	began := time.Now()
	if code := p.end(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d, want 0", code)
	}
	if took := time.Since(began); took >= 10*time.Second {
		t.Errorf("with a client that is silent in DATA the end took %v, want less than 10s", took)
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := serveStalled(t)
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for conn, err := net.Dial("tcp", p.ports["pop3"]); err == nil; conn, err = net.Dial("tcp", p.ports["pop3"]) {
		conn.Close() // until the first signal has been taken
	}
	if code := p.end(t, syscall.SIGTERM); code != exitForced {
		t.Errorf("exit code %d, want %d", code, exitForced)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("took %v, want no waiting", took)
	}
}

func TestEphemeralLeavesNothing(t *testing.T) {
	t.Parallel()
	needSignals(t)
	p := serve(t, "--ephemeral", "--tls=self-signed")
	send(t, p.ports["smtp"])
	if !strings.Contains(p.said(t), "ephemeral: gone when this ends") {
		t.Errorf("it does not say that the store is ephemeral:\n%s", p.said(t))
	}
	if code := p.end(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d, want 0", code)
	}
	for _, variable := range p.cmd.Env {
		name, dir, _ := strings.Cut(variable, "=")
		if name != "HOME" && name != "TMPDIR" {
			continue
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
			t.Errorf("left in $%s: %v, %v", name, files, err)
		}
	}
}

func TestSecondProcess(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "store.db")
	p := serve(t, "--data", data)
	who := "another "
	if runtime.GOOS == "linux" {
		who = fmt.Sprintf("(pid %d); stop that one", p.cmd.Process.Pid)
	}
	for _, tt := range []struct {
		code int
		want string
		args []string
	}{
		{exitStore, "restante: data: " + data + " is in use by ", []string{"--data", data, "--smtp=127.0.0.1:0", "--pop3=off", "--http=off"}},
		{exitAddress, "restante: smtp: " + p.ports["smtp"] + " is in use by ", []string{"--data", data, "--smtp", p.ports["smtp"]}},
		{exitStore, "restante: data: " + data + " is in use by ", []string{"compact", "--data", data}},
	} {
		code, stdout, stderr := run(t, command(t, tt.args...))
		if code != tt.code || stdout != "" || !strings.HasPrefix(stderr, tt.want) || !strings.Contains(stderr, who) {
			t.Errorf("%q: exit code %d, said %q, printed %q, want %d and %q … %q", tt.args, code, stderr, stdout, tt.code, tt.want, who)
		}
		if strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: said %q, want one line", tt.args, stderr)
		}
	}
}

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want string
		args []string
	}{
		{`restante: --durability: "fast" is not allowed; it takes commit or none`, []string{"--durability", "fast"}},
		{"restante: unknown flag --smpt", []string{"--smpt", "x"}},
		{"restante: unexpected argument sevre", []string{"sevre"}},
		{"restante: --smtp means nothing to cert", []string{"cert", "--smtp", "off"}},
		{"restante: smtps: 127.0.0.1:0 needs a certificate", []string{"--smtps", "127.0.0.1:0"}},
		{"restante: settings file: open ", []string{"--config", "/no/such/file.yaml"}},
		{"restante: ephemeral: such a store has no file to compact", []string{"compact", "--data=x.db"}},
	} {
		cmd := command(t, tt.args...)
		if tt.args[0] == "compact" {
			cmd.Env = append(cmd.Env, "RESTANTE_EPHEMERAL=true")
		}
		code, stdout, stderr := run(t, cmd)
		if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, tt.want) {
			t.Errorf("%q: exit code %d, said %q, printed %q, want %d and %q", tt.args, code, stderr, stdout, exitUsage, tt.want)
		}
	}
}

func TestSettingsFileIsFound(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the place is another one here")
	}
	cmd := command(t, "config")
	dir := t.TempDir()
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+dir, "RESTANTE_POP3=off")
	file := filepath.Join(dir, "restante", "restante.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("# mine\nhostname: mail.app.test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := run(t, cmd)
	for _, want := range []string{"# Settings file: " + file + " (read)", "hostname: mail.app.test", "# " + file + ":2: hostname", "# RESTANTE_POP3\n", "# default\n"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("config does not say %q:\n%s", want, stdout)
		}
	}
	if code != exitOK || stderr != "" {
		t.Errorf("exit code %d, said %q", code, stderr)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	code, help, stderr := run(t, command(t, "--help"))
	lines := strings.Split(strings.TrimRight(help, "\n"), "\n")
	if code != exitOK || stderr != "" || len(lines) < 24 || len(lines) > 40 {
		t.Errorf("exit code %d, said %q, %d lines of help, want 24 to 40 to fit a screen", code, stderr, len(lines))
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "  restante ") {
		t.Errorf("the help ends with %q, want an example", last)
	}
	for _, command := range []string{"serve", "compact", "cert", "config", "version"} {
		if !strings.Contains(help, "\n  "+command+" ") {
			t.Errorf("the help does not have %s", command)
		}
	}
	_, all, _ := run(t, command(t, "serve", "--help"))
	for _, s := range configs.Settings() {
		if !strings.Contains(all, "\n  --"+s.Name) {
			t.Errorf("serve --help does not have --%s", s.Name)
		}
	}
	for _, line := range append(lines, strings.Split(all, "\n")...) {
		if len(line) > 80 {
			t.Errorf("line of %d characters: %q", len(line), line)
		}
	}
	_, compact, _ := run(t, command(t, "compact", "--help"))
	if !strings.Contains(compact, "--data=FILE") || strings.Contains(compact, "--smtp") {
		t.Errorf("compact --help does not have just what compact takes:\n%s", compact)
	}
}

// TestExampleOfTheHelp runs the last line of the help as it stands.
func TestExampleOfTheHelp(t *testing.T) {
	t.Parallel()
	needSignals(t)
	_, help, _ := run(t, command(t, "--help"))
	lines := strings.Fields(help[strings.LastIndex(strings.TrimRight(help, "\n"), "\n"):])
	cmd := command(t, lines[1:]...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, `{"smtp":"127.0.0.1:`) {
		t.Errorf("printed %q, %v, want the ports", line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v, want 0", err)
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--version"}} {
		code, stdout, stderr := run(t, command(t, args...))
		if code != exitOK || stderr != "" || !strings.HasPrefix(stdout, "restante ") || !strings.Contains(stdout, runtime.Version()) {
			t.Errorf("%q: exit code %d, %q, %q", args, code, stdout, stderr)
		}
	}
	if code, stdout, _ := run(t, command(t, "config", "--sample")); code != exitOK || stdout != configs.Sample() {
		t.Errorf("config --sample: exit code %d, %d octets, want the sample", code, len(stdout))
	}
}

func TestCert(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "store.db")
	code, first, hint := run(t, command(t, "cert", "--data", data))
	if code != exitOK || !strings.HasPrefix(first, "-----BEGIN CERTIFICATE-----\n") || !strings.Contains(hint, "--cacert "+data+".tls/ca.pem") {
		t.Fatalf("exit code %d, printed %q, said %q, want a certificate and how to trust it", code, first, hint)
	}
	serve(t, "--data", data, "--tls=self-signed")
	if _, second, _ := run(t, command(t, "cert", "--data", data)); second != first {
		t.Error("the authority changed when the server started")
	}
	octets, err := os.ReadFile(data + ".tls/ca.pem")
	if err != nil || string(octets) != first {
		t.Errorf("the file that the hint names has %q, %v, want what was printed", octets, err)
	}
}

func TestCompact(t *testing.T) {
	t.Parallel()
	needSignals(t)
	data := filepath.Join(t.TempDir(), "store.db")
	p := serve(t, "--data", data)
	send(t, p.ports["smtp"])
	if code := p.end(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	code, stdout, stderr := run(t, command(t, "compact", "--data", data))
	if code != exitOK || !strings.HasPrefix(stdout, data+": ") || !strings.Contains(stdout, " octets, now ") {
		t.Errorf("exit code %d, printed %q, said %q", code, stdout, stderr)
	}
	if again := serve(t, "--data", data); !strings.Contains(again.said(t), "(1 message)") {
		t.Errorf("after compaction:\n%s", again.said(t))
	}
	code, _, stderr = run(t, command(t, "compact", "--data", data+".none"))
	if code != exitStore || !strings.Contains(stderr, data+".none") {
		t.Errorf("a store that is not there: exit code %d, said %q", code, stderr)
	}
}

// TestFirstMail types the banner's command as it stands.
func TestFirstMail(t *testing.T) {
	t.Parallel()
	tools.Need(t, "sh", "curl")
	dir, err := os.MkdirTemp("", "r") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, smtp := range []string{"127.0.0.1:0", "unix:" + dir + "/my socket"} {
		p := serve(t, "--ephemeral", "--smtp", smtp)
		_, rest, ok := strings.Cut(p.said(t), "Send a first mail:\n")
		script, _, end := strings.Cut(rest, "and look at it")
		if !ok || !end {
			t.Fatalf("no first mail in\n%s", p.said(t))
		}
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", script, err, out)
		}
		resp, err := http.Get(p.ports["http"] + "/v1/messages")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), `"Hello"`) {
			t.Errorf("%s: the list has %s, %v, want the mail", smtp, body, err)
		}
	}
}
