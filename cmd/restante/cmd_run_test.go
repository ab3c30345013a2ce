package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"restante/internal/tools"
)

// shell is the command run with a line for the shell. $restante in it is this
// command.
func shell(t *testing.T, line string, flags ...string) (code int, stdout, stderr string) {
	t.Helper()
	tools.Need(t, "sh")
	cmd := command(t, append(append([]string{"run"}, flags...), "--", "sh", "-c", line)...)
	cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"), "restante="+cmd.Path)
	return run(t, cmd)
}

func TestRun(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line   string
		code   int
		stdout string
	}{
		{"exit 0", 0, ""},
		{"exit 7", 7, ""},
		{"kill -TERM $$", 128 + 15, ""},
		{"cat; echo out", 0, "out\n"},
		{`echo "$SMTP_HOST:$SMTP_PORT=$RESTANTE_SMTP $POP3_HOST:$POP3_PORT=$RESTANTE_POP3" | sed 's/^\(.*\)=\1 \(.*\)=\2$/same/'`, 0, "same\n"},
		{`test "$MAIL_HOST:$MAIL_PORT" = "$EMAIL_HOST:$EMAIL_PORT" && test "$SMTP_URL" = "smtp://$RESTANTE_SMTP" && test "$MAILER_DSN" = "$SMTP_URL" && echo "$MAIL_MAILER"`, 0, "smtp\n"},
		{`test -z "$RESTANTE_CA$RESTANTE_SMTPS" && echo none`, 0, "none\n"},
		{`"$restante" send --to a@app.test --subject Hello --text x >/dev/null && "$restante" list --json | sed 's/.*"subject":"\([^"]*\)".*/\1/'`, 0, "Hello\n"},
		{`"$restante" run -- "$restante" list --json | sed 's/,.*//'`, 0, "{\"messages\":[]\n"},
	} {
		code, stdout, stderr := shell(t, tt.line)
		if code != tt.code || stdout != tt.stdout || stderr != "" && tt.code == 0 && stderr != "no mail\n" {
			t.Errorf("%s: exit code %d, printed %q, said %q, want %d and %q", tt.line, code, stdout, stderr, tt.code, tt.stdout)
		}
	}
}

// What run cannot do has exit codes of its own.
func TestRunFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, "not a program")
	s := newSite(t)
	fails(t, command(t, "run"), exitUsage, "run what?")
	fails(t, command(t, "run", "--", "no-such-command"), exitNotFound, "no-such-command")
	fails(t, command(t, "run", "--", file), exitNotRunnable, file)
	own := command(t, "run", "--", "sh", "-c", "exit 8")
	own.Env = append(own.Env, "PATH="+os.Getenv("PATH"), "RESTANTE_SMTP="+s.ports["smtp"], "RESTANTE_HTTP=off", "RESTANTE_HTTPS=127.0.0.1:1", "RESTANTE_DATA="+s.data, "RESTANTE_WEB_TOKENS="+file)
	fails(t, own, 8, "") // what the settings say is for the server that stays
	fails(t, command(t, "run", "--smtp", s.ports["smtp"], "--", "sh"), exitNotStarted, "smtp: ")
	fails(t, command(t, "run", "--data", s.data, "--", "sh"), exitNotStarted, "is in use")
}

func TestRunWithTLSAndData(t *testing.T) {
	t.Parallel()
	tools.Need(t, "curl")
	data := filepath.Join(t.TempDir(), "store.db")
	code, stdout, stderr := shell(t, `printf 'Subject: s\r\n\r\n' | curl -sS --cacert "$RESTANTE_CA" --mail-from a@app.test --mail-rcpt b@app.test -T - "smtps://$RESTANTE_SMTPS" && echo "$RESTANTE_CA"`,
		"--tls", "self-signed", "--data", data)
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d, said %q", code, stderr)
	}
	if _, err := os.Stat(strings.TrimSpace(stdout)); err == nil {
		t.Errorf("%s is still there", stdout)
	}
	if found := siteAt(t, data).all(t, ""); len(found) != 1 {
		t.Errorf("the file has %d messages, want the one that was sent", len(found))
	}
}

// The mail that nobody read is shown when the command fails.
func TestRunShowsUnreadMail(t *testing.T) {
	t.Parallel()
	tools.Need(t, "curl")
	const script = `
for name in unread seen detail raw latest waited fetched listed; do
  "$restante" send --to $name@app.test --subject "Mail $name" --text "The text of $name." >/dev/null || exit 99
done
id() { "$restante" list --to $1@app.test --json | sed 's/.*"id":"\([^"]*\)".*/\1/'; }
curl -sS -o /dev/null -X PATCH -H 'Content-Type: application/json' -d '{"seen":true}' "$RESTANTE_URL/v1/messages/$(id seen)"
curl -sS -o /dev/null "$RESTANTE_URL/v1/messages/$(id detail)"
curl -sS -o /dev/null "$RESTANTE_URL/v1/messages/$(id raw)/raw"
curl -sS -o /dev/null "$RESTANTE_URL/v1/messages/latest?q=rcpt:latest@app.test"
curl -sS -o /dev/null "$RESTANTE_URL/v1/wait?q=rcpt:waited@app.test"
curl -sS -o /dev/null -u fetched@app.test:any "pop3://$RESTANTE_POP3/1"
`
	code, stdout, stderr := shell(t, script+"exit 3")
	if code != 3 || stdout != "" {
		t.Errorf("exit code %d, printed %q", code, stdout)
	}
	if !strings.HasPrefix(stderr, "\nrestante: 2 messages arrived that nobody has read:\n") ||
		strings.Count(stderr, "\nSubject:  Mail ") != 2 || !strings.Contains(stderr, "Mail unread\n") || !strings.Contains(stderr, "Mail listed\n") || !strings.Contains(stderr, "\nThe text of unread.\n") {
		t.Errorf("said\n%s\nwant the mail to unread and listed", stderr)
	}
	if code, stdout, stderr := shell(t, script+"exit 0"); code != 0 || stdout+stderr != "" {
		t.Errorf("exit code %d, printed %q, said %q, want nothing", code, stdout, stderr)
	}
	_, _, stderr = shell(t, script+"exit 1", "--json")
	unread := decoded[struct{ Unread []arrived }](t, stderr).Unread
	if len(unread) != 2 || unread[0].Recipients[0] != "unread@app.test" {
		t.Errorf("as JSON it is %+v", unread)
	}
	if _, _, stderr := shell(t, "exit 1"); stderr != "" {
		t.Errorf("without mail it said %q", stderr)
	}
}

// Signals go to the command, and run ends when that does.
func TestRunForwardsSignals(t *testing.T) {
	t.Parallel()
	needSignals(t)
	for _, tt := range []struct {
		signal os.Signal
		script string
		code   int
	}{
		{os.Interrupt, `trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done`, 9},
		{syscall.SIGTERM, `trap 'echo caught; exit 0' TERM; echo ready; while :; do sleep 0.05; done`, 0},
		{syscall.SIGHUP, `trap 'echo caught; exit 4' HUP; echo ready; while :; do sleep 0.05; done`, 4},
		{syscall.SIGTERM, `echo ready; exec sleep 60`, 128 + 15},
	} {
		cmd := command(t, "run", "--", "sh", "-c", tt.script)
		cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"))
		cmd.SysProcAttr = ownSession() // no terminal, whose signals the command gets by itself
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		if line, err := lines.ReadString('\n'); line != "ready\n" {
			t.Fatalf("it printed %q, %v", line, err)
		}
		if err := cmd.Process.Signal(tt.signal); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(lines)
		if err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // the exit code is looked at
		if got := cmd.ProcessState.ExitCode(); got != tt.code || strings.Contains(tt.script, "caught") && string(rest) != "caught\n" {
			t.Errorf("%v, %s: exit code %d, printed %q, want %d", tt.signal, tt.script, got, rest, tt.code)
		}
	}
}

// --keep-going keeps the page for who wants to look.
func TestRunKeepsGoing(t *testing.T) {
	t.Parallel()
	needSignals(t)
	cmd := command(t, "run", "--keep-going", "--", "sh", "-c", "exit 6")
	cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"))
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	var url string
	if _, scan := fmt.Sscanf(line, "restante: the page is at %s until", &url); scan != nil {
		t.Fatalf("it said %q, %v", line, err)
	}
	if code, out, said := run(t, command(t, "list", "--url", url)); code != exitOK || out != "" || said != "no mail\n" {
		t.Errorf("its list: exit code %d, printed %q, said %q", code, out, said)
	}
	began := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code is looked at
	if code := cmd.ProcessState.ExitCode(); code != 6 || time.Since(began) > 10*time.Second {
		t.Errorf("exit code %d after %v, want 6", code, time.Since(began))
	}
}

// What counts as reading, by the answers of a server below a path.
func TestReading(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "missing"):
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/mail/v1/messages/latest" && r.URL.RawQuery == "q=x":
			fmt.Fprint(w, `{"id":"newest","parts":[{"contentId":"no"}]}`)
		case r.URL.Path == "/mail/v1/wait", r.URL.Path == "/mail/api/v2/messages":
			fmt.Fprint(w, `{"messages":[{"id":"one"},{"ID": "two"}]}`)
		case r.URL.Path == "/mail/v1/messages", r.URL.Path == "/mail/api/v1/messages":
			fmt.Fprint(w, `{"messages":[{"id":"listed"}]}`)
		}
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("%s: the server was asked for an encoding", r.URL)
		}
	}))
	defer server.Close()
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/v1/messages/a1", "a1"},
		{"GET", "/v1/messages/a1/raw", "a1"},
		{"GET", "/v1/messages/a1/parts/1?download=true", "a1"},
		{"GET", "/v1/messages/latest?q=x", "newest"},
		{"GET", "/v1/messages/latest/text?q=x", "newest"},
		{"GET", "/v1/messages/missing", ""},
		{"DELETE", "/v1/messages/a1", ""},
		{"PATCH", "/v1/messages/a1", ""},
		{"GET", "/v1/messages", ""},
		{"GET", "/v1/wait", "one two"},
		{"GET", "/api/v1/messages", ""},
		{"GET", "/api/v1/message/b2", "b2"},
		{"GET", "/api/v1/messages/b2", "b2"},
		{"GET", "/api/v2/messages", "one two"},
		{"GET", "/", ""},
	} {
		w, err := watchReading(server.URL + "/mail")
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), tt.method, w.url+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Error(err)
		}
		resp.Body.Close()
		w.close()
		if got := strings.Join(slices.Sorted(maps.Keys(w.ids)), " "); got != tt.want {
			t.Errorf("%s %s: read %q, want %q", tt.method, tt.path, got, tt.want)
		}
	}
}
