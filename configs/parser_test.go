package configs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// grammar is a command line with all settings.
type grammar struct {
	Config `embed:""`
	File   string `name:"config" env:"RESTANTE_CONFIG" default:""`
}

// load reads a command line with a settings file (none when "") and variables.
func load(t *testing.T, file string, env map[string]string, args ...string) (*Config, *Loader, error) {
	t.Helper()
	l := &Loader{LookupEnv: func(name string) (string, bool) {
		text, ok := env[name]
		return text, ok
	}}
	if file != "" {
		l.File = filepath.Join(t.TempDir(), "restante.yaml")
		if err := os.WriteFile(l.File, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var g grammar
	_, err := l.Parse(&g, args)
	return &g.Config, l, err
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, l, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Settings() {
		if got := s.Text(c); got != s.Default {
			t.Errorf("%s = %q, want its default %q", s.Name, got, s.Default)
		}
		if got := l.Origin(s.Name); got != "default" {
			t.Errorf("%s comes from %q, want default", s.Name, got)
		}
	}
	if c.SMTP != "127.0.0.1:1025" || c.POP3 != "127.0.0.1:1110" || c.HTTP != "127.0.0.1:8025" {
		t.Errorf("addresses are %s, %s, %s", c.SMTP, c.POP3, c.HTTP)
	}
	if _, err := c.Complete(); err != nil {
		t.Errorf("the defaults do not agree: %v", err)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := "smtp: 127.0.0.1:3\nmax-age: 3d\nephemeral: true\n"
	env := map[string]string{"RESTANTE_SMTP": "127.0.0.1:2", "RESTANTE_MAX_AGE": "2d"}
	for _, tt := range []struct {
		what   string
		file   string
		env    map[string]string
		args   []string
		smtp   string
		age    time.Duration
		origin string
	}{
		{"the file over the default", file, nil, nil, "127.0.0.1:3", 3 * day, "restante.yaml:1: smtp"},
		{"the variable over the file", file, env, nil, "127.0.0.1:2", 2 * day, "RESTANTE_SMTP"},
		{"the flag over the variable", file, env, []string{"--smtp", "127.0.0.1:1", "--max-age=1d"}, "127.0.0.1:1", day, "--smtp"},
		{"an empty variable is not set", file, map[string]string{"RESTANTE_SMTP": ""}, nil, "127.0.0.1:3", 3 * day, "restante.yaml:1: smtp"},
		{"a flag that says the default", file, env, []string{"--smtp", "127.0.0.1:1025", "--max-age=0"}, "127.0.0.1:1025", 0, "--smtp"},
		{"the variable without a file", "", env, nil, "127.0.0.1:2", 2 * day, "RESTANTE_SMTP"},
	} {
		c, l, err := load(t, tt.file, tt.env, tt.args...)
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if c.SMTP != tt.smtp || c.MaxAge != tt.age {
			t.Errorf("%s: smtp %s, max-age %v, want %s, %v", tt.what, c.SMTP, c.MaxAge, tt.smtp, tt.age)
		}
		if c.Ephemeral != (tt.file != "") {
			t.Errorf("%s: ephemeral is %t", tt.what, c.Ephemeral)
		}
		if got := l.Origin("smtp"); !strings.HasSuffix(got, tt.origin) {
			t.Errorf("%s: comes from %q, want %q", tt.what, got, tt.origin)
		}
	}
}

func TestEverySourceReachesEverySetting(t *testing.T) {
	t.Parallel()
	other := map[string]string{
		"auto": "other.db", "true": "false", "false": "true", "": "some.file", "/": "/mail", "+": "-", "localhost": "mail.app.test",
		"off": "127.0.0.1:7", "fault.": "broken-", "2GiB": "3GiB", "50MiB": "1MiB", "5m": "7m", "10m": "11m",
	}
	for _, s := range Settings() {
		want := "127.0.0.1:9"
		if s.OneOf != nil {
			want = s.OneOf[len(s.OneOf)-1]
			if want == s.Default {
				want = s.OneOf[0]
			}
		} else if s.Form == "origins" {
			want = "http://localhost:3000"
		} else if text, ok := other[s.Default]; ok {
			want = text
		} else if strings.Contains(s.Allowed(), "number") {
			want = "777"
		} else if strings.Contains(s.Allowed(), "time") {
			want = "36h"
		} else if strings.Contains(s.Allowed(), "size") {
			want = "1KiB"
		}
		for source, run := range map[string]func() (*Config, *Loader, error){
			"flag":     func() (*Config, *Loader, error) { return load(t, "", nil, "--"+s.Name+"="+want) },
			"variable": func() (*Config, *Loader, error) { return load(t, "", map[string]string{s.Env: want}) },
			"file":     func() (*Config, *Loader, error) { return load(t, s.Key+": \""+want+"\"\n", nil) },
		} {
			c, _, err := run()
			if err != nil {
				t.Errorf("%s from the %s: %v", s.Name, source, err)
			} else if got := s.Text(c); got != want {
				t.Errorf("%s from the %s = %q, want %q", s.Name, source, got, want)
			}
		}
	}
}

func TestWrongValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file string
		env  map[string]string
		args []string
		want string
	}{
		{args: []string{"--durability", "fast"}, want: `--durability: "fast" is not allowed; it takes commit or none`},
		{env: map[string]string{"RESTANTE_TLS": "yes"}, want: `RESTANTE_TLS: "yes" is not allowed; it takes off, self-signed or files`},
		{file: "\n\nsmtp: 1025\n", want: `restante.yaml:3: smtp: "1025" is not allowed; it takes host:port, unix:/path or off`},
		{args: []string{"--pop3=unix:/tmp/x"}, want: `--pop3: "unix:/tmp/x" is not allowed; it takes host:port or off`},
		{args: []string{"--max-bytes", "lots"}, want: `--max-bytes: "lots" is not allowed; it takes a size such as 500KB, 50MiB or 2GiB, or 0 for no limit`},
		{env: map[string]string{"RESTANTE_MAX_AGE": "5"}, want: `RESTANTE_MAX_AGE: "5" is not allowed; it takes a time such as 90s, 10m, 12h or 30d, or 0 for no limit`},
		{file: "max-recipients: many", want: `restante.yaml:1: max-recipients: "many" is not allowed; it takes a whole number, from 1 to 1000000`},
		{args: []string{"--max-recipients=0"}, want: `--max-recipients: "0" is not allowed; it takes a whole number, from 1 to 1000000`},
		{args: []string{"--max-messages=-1"}, want: `--max-messages: "-1" is not allowed`},
		{args: []string{"--max-messages", "-1"}, want: `--max-messages: "-1" is not allowed`},
		{args: []string{"--max-age", "-5d"}, want: `--max-age: "-5d" is not allowed; it takes a time such as`},
		{env: map[string]string{"RESTANTE_EPHEMERAL": "perhaps"}, want: `RESTANTE_EPHEMERAL: "perhaps" is not allowed; it takes true or false`},
		{file: "ephemeral: 2", want: `restante.yaml:1: ephemeral: "2" is not allowed; it takes true or false`},
		{file: "smtp-idle-timeout: 0s", want: `restante.yaml:1: smtp-idle-timeout: "0s" is not allowed; it takes a time such as 90s, 10m, 12h or 30d, 1s at least`},
		{args: []string{"--hostname", "a b"}, want: `--hostname: "a b" is not allowed; it takes a host name or an IP address`},
		{args: []string{"--data="}, want: `--data: "" is not allowed; it takes the name of a file`},
		{args: []string{"--smtp"}, want: `--smtp: needs a value; it takes host:port, unix:/path or off`},
		// A wrong value in the file is an error although the flag overrides it.
		{file: "tls: maybe", args: []string{"--tls=off"}, want: `restante.yaml:1: tls: "maybe" is not allowed`},
	} {
		_, _, err := load(t, tt.file, tt.env, tt.args...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("file %q, env %v, args %q:\n got %v\nwant %s", tt.file, tt.env, tt.args, err, tt.want)
			continue
		}
		if i := strings.Index(err.Error(), tt.want); i > 0 && tt.file == "" {
			t.Errorf("args %q, env %v: %q has something before the setting", tt.args, tt.env, err)
		}
	}
}

func TestValueErrorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, "", map[string]string{"RESTANTE_NAMING": "first"})
	wrong, ok := errors.AsType[*ValueError](err)
	if !ok || wrong.Setting != "naming" || wrong.Source != "RESTANTE_NAMING" || wrong.Value != "first" || wrong.Allowed != "full, local or domain" {
		t.Errorf("error is %#v, want a ValueError with every field", err)
	}
}

func TestSettingsFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ what, file, want string }{
		{"unknown key", "smtp: off\nsmpt: off\n", `restante.yaml:2: there is no setting "smpt"; did you mean smtp?`},
		{"key with underscores", "max_bytes: 1GiB\n", `restante.yaml:1: there is no setting "max_bytes"; did you mean max-bytes?`},
		{"far from anything", "colour: red\n", `restante.yaml:1: there is no setting "colour"`},
		{"config is no setting of the file", "config: other.yaml\n", `restante.yaml:1: there is no setting "config"`},
		{"twice", "smtp: off\nsmtp: off\n", `restante.yaml:2: `},
		{"no value", "smtp:\n", `restante.yaml:1: smtp: want one plain value, host:port, unix:/path or off`},
		{"list", "smtp: [a, b]\n", `restante.yaml:1: smtp: want one plain value`},
		{"section", "smtp:\n  port: 25\n", `restante.yaml:1: smtp: want one plain value`},
		{"list at the top", "- smtp\n", `restante.yaml:1: want lines such as`},
		{"text at the top", "smtp\n", `restante.yaml:1: want lines such as`},
		{"broken", "smtp: \"off\n", `restante.yaml:1: `},
	} {
		_, _, err := load(t, tt.file, nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %q: got %v, want %s", tt.what, tt.file, err, tt.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines: %q", tt.what, err)
		}
	}
	for _, file := range []string{"# nothing\n", "\n", "---\n", "smtp: off # not now\n", "\"smtp\": 'off'\n", "smtp: off\r\npop3: off\r\n", "\ufeffsmtp: off\r\n"} {
		if _, _, err := load(t, file, nil); err != nil {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func TestSettingsFileNamed(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.yaml")
	if _, _, err := load(t, "", nil, "--config", missing); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("a named file that is missing: %v, want an error that names it", err)
	}
	named := filepath.Join(t.TempDir(), "named.yaml")
	if err := os.WriteFile(named, []byte("hostname: from.named\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, l, err := load(t, "hostname: from.default\n", nil, "--config", named)
	if err != nil || c.Hostname != "from.named" || l.Path() != named {
		t.Errorf("--config: hostname %q from %q, %v, want only the named file to be read", c.Hostname, l.Path(), err)
	}
	c, _, err = load(t, "hostname: from.default\n", map[string]string{"RESTANTE_CONFIG": named})
	if err != nil || c.Hostname != "from.named" {
		t.Errorf("RESTANTE_CONFIG: hostname %q, %v, want from.named", c.Hostname, err)
	}
	l = &Loader{File: missing, LookupEnv: func(string) (string, bool) { return "", false }}
	if _, err := l.Parse(&grammar{}, nil); err != nil || l.Path() != "" {
		t.Errorf("the file that is always looked for is missing: %v, read %q, want neither", err, l.Path())
	}
}

// TestHomeDirectory: a settings file, a variable and --data=~/x are not seen by
// a shell.
func TestHomeDirectory(t *testing.T) {
	t.Parallel()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip(err)
	}
	c, _, err := load(t, "data: ~/mail/x.db\nhttp: unix:~/h.sock\npersonas: ~/p\nusers-file: ~alice/x\n", map[string]string{"RESTANTE_TLS_KEY": "~/key.pem"}, "--smtp=unix:~/s.sock")
	if err != nil {
		t.Fatal(err)
	}
	for what, at := range map[string][2]string{
		"data": {c.Data, home + "/mail/x.db"}, "http": {c.HTTP, "unix:" + home + "/h.sock"}, "personas": {c.Personas, home + "/p"},
		"users-file": {c.UsersFile, "~alice/x"}, "tls-key": {c.TLSKey, home + "/key.pem"}, "smtp": {c.SMTP, "unix:" + home + "/s.sock"},
	} {
		if at[0] != at[1] {
			t.Errorf("%s = %q, want %q", what, at[0], at[1])
		}
	}
	if _, _, err := load(t, "", nil, "--config=~/no/such/settings.yaml"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), home) {
		t.Errorf("--config=~/…: %v, want an error that names a file in %s", err, home)
	}
}

func TestUnknownFlag(t *testing.T) {
	t.Parallel()
	if _, _, err := load(t, "", nil, "--smpt", "off"); err == nil || !strings.Contains(err.Error(), "--smpt") || !strings.Contains(err.Error(), "--smtp") {
		t.Errorf("--smpt: %v, want an error that offers --smtp", err)
	}
}

func TestEffectiveReadsBack(t *testing.T) {
	t.Parallel()
	c, l, err := load(t, "", map[string]string{"RESTANTE_TLS": "self-signed"}, "--smtp=unix:/tmp/a socket #1", "--max-age=36h")
	if err != nil {
		t.Fatal(err)
	}
	text := l.Effective(c)
	if !strings.Contains(text, "# RESTANTE_TLS\n") || !strings.Contains(text, "# --smtp\n") || !strings.Contains(text, "# default\n") {
		t.Errorf("effective settings do not say where they come from:\n%s", text)
	}
	again, _, err := load(t, text, nil)
	if err != nil {
		t.Fatalf("%v, of\n%s", err, text)
	}
	if !reflect.DeepEqual(again, c) {
		t.Errorf("read back as\n%+v, want\n%+v", *again, *c)
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	c, err := Config{}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		SMTP: "127.0.0.1:0", POP3: "127.0.0.1:0", HTTP: "127.0.0.1:0", SMTPS: "off", POP3S: "off", HTTPS: "off",
		Data: "auto", Ephemeral: true, Durability: "commit", Naming: "full", Separator: "+", Sessions: 1000,
		TLS: "off", Hostname: "localhost", SMTPAuth: "any", WebRoot: "/", POP3Lock: "shared",
		MaxRecipients: 1000, MaxCommandLine: 2048, SMTPIdleTimeout: 5 * time.Minute, POP3IdleTimeout: 10 * time.Minute,
		FaultAddresses: "on", FaultPrefix: "fault.", LogLevel: "off", LogFormat: "text",
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("the zero Config is\n%+v, want\n%+v", c, want)
	}
	if c, err := (Config{Data: "x.db"}).Complete(); err != nil || c.Ephemeral {
		t.Errorf("with Data: ephemeral %t, %v, want a store that stays", c.Ephemeral, err)
	}
}

func TestCompleteRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		c    Config
		want string
	}{
		{Config{SMTP: "1025"}, `smtp: "1025" is not allowed; it takes host:port, unix:/path or off`},
		{Config{Durability: "fast"}, `durability: "fast" is not allowed; it takes commit or none`},
		{Config{MaxRecipients: -1}, `max-recipients: "-1" is not allowed`},
		{Config{MaxBytes: -5}, `max-bytes: "-5" is not allowed`},
		{Config{SMTPIdleTimeout: time.Millisecond}, `smtp-idle-timeout: "1ms" is not allowed`},
		{Config{TLS: "files", TLSCert: "a.pem"}, "tls: files needs both tls-cert and tls-key"},
		{Config{TLSCert: "a.pem"}, "tls: tls-cert and tls-key are used only with files, and it is off"},
		{Config{SMTPS: "127.0.0.1:0"}, `smtps: 127.0.0.1:0 needs a certificate: set tls to self-signed or files`},
		{Config{HTTPS: ":0"}, `https: :0 needs a certificate`},
		{Config{POP3S: ":0"}, `pop3s: :0 needs a certificate`},
	} {
		if _, err := tt.c.Complete(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %s", tt.c, err, tt.want)
		}
	}
}

func FuzzSettingsFile(f *testing.F) {
	for _, seed := range []string{Sample(), "smtp: off", "a: [b", "- x", "smtp: &a off\npop3: *a\n", "? a\n: b", "smtp: !!str off", "---\n...\n---\nsmtp: off"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		entries, err := parseFile("f", octets)
		if err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%q: error %q does not name the file", octets, err)
		}
		for name, e := range entries {
			if _, ok := Lookup(name); !ok || !strings.HasPrefix(e.source, "f:") {
				t.Errorf("%q: entry %q from %q", octets, name, e.source)
			}
		}
	})
}
