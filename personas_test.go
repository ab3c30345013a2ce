package restante

import (
	"bufio"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"restante/configs"
)

func TestPersonas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, own, err := readPersonas(&Config{Persona: "postfix"})
	if err != nil || own == nil || own.Size != 10240000 || !all["strict"].Strict || len(all) < 6 {
		t.Errorf("postfix is %+v of %d, %v", own, len(all), err)
	}
	for name, p := range all {
		if p.Name != name || !strings.HasPrefix(p.From, "https://") {
			t.Errorf("%s is %+v", name, p)
		}
	}
	write("postfix.yaml", "size: 5k\n")
	if _, own, err = readPersonas(&Config{Persona: "postfix", Personas: dir}); err != nil || own.Size != 5<<10 || own.Recipients != 0 {
		t.Errorf("one's own is %+v, %v", own, err)
	}
	wrong := func(cfg Config, setting, want string) {
		t.Helper()
		_, _, err := readPersonas(&cfg)
		s, ok := errors.AsType[*configs.SettingError](err)
		if !ok || s.Setting != setting || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s and %q", cfg.Persona, err, setting, want)
		}
	}
	wrong(Config{Persona: "sendmail"}, "persona", "there are exchange, gmail, postfix")
	wrong(Config{Personas: filepath.Join(dir, "nowhere")}, "personas", "nowhere")
	write("bad.yaml", "greeting: ok\n\nreplies:\n  data: 250 no\n")
	wrong(Config{Personas: dir}, "personas", "bad.yaml:4: replies.data: want a reply that begins with 354")
}

// A server behaves as the persona of its settings.
func TestPersonaServer(t *testing.T) {
	t.Parallel()
	srv, err := Start(Config{Persona: "postfix", Hostname: "mx.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Shutdown(t.Context()) })
	if got := greetingOf(t, srv.SMTPAddr()); got != "220 mx.test ESMTP Postfix\r\n" {
		t.Errorf("it greets with %q", got)
	}
	if _, err := Start(Config{Persona: "nobody"}); err == nil {
		t.Error("a persona that there is not was taken")
	}
}

func greetingOf(t *testing.T, addr string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}
