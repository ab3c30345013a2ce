package configs

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTagsAgree(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range Settings() {
		if s.Key != s.Name {
			t.Errorf("%s: the key in the file is %q, want the flag's name", s.Name, s.Key)
		}
		if want := "RESTANTE_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_")); s.Env != want {
			t.Errorf("%s: variable is %q, want %q", s.Name, s.Env, want)
		}
		if s.Group == "" || s.Help == "" || !strings.HasSuffix(s.Help, ".") {
			t.Errorf("%s: group %q, help %q: want a group and a sentence", s.Name, s.Group, s.Help)
		}
		if _, known := forms[s.Form]; !known {
			t.Errorf("%s: no form %q", s.Name, s.Form)
		}
		if s.typ.Kind() == reflect.Int64 && s.Min == "" {
			t.Errorf("%s: a number without a lower limit", s.Name)
		}
		for _, text := range []string{s.Default, s.Zero} {
			v := reflect.New(s.typ).Elem()
			if err := s.parse(text, "", v); err != nil {
				t.Errorf("%s: its own value: %v", s.Name, err)
			} else if got := format(v); got != text {
				t.Errorf("%s: %q reads back as %q", s.Name, text, got)
			}
		}
		if seen[s.Name] {
			t.Errorf("%s: twice", s.Name)
		}
		seen[s.Name] = true
	}
	if len(seen) < 30 {
		t.Errorf("%d settings, want them all", len(seen))
	}
}

func TestSampleFileIsTheDefaults(t *testing.T) {
	t.Parallel()
	octets, err := os.ReadFile("restante.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(octets) != Sample() {
		t.Error("restante.yaml is not what the settings say; run go generate ./configs")
	}
	entries, err := parseFile("restante.yaml", octets)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Settings() {
		e, ok := entries[s.Name]
		if !ok || e.text != s.Default {
			t.Errorf("restante.yaml: %s is %q (there: %t), want the default %q", s.Name, e.text, ok, s.Default)
		}
	}
	if len(entries) != len(Settings()) {
		t.Errorf("restante.yaml has %d settings, want %d", len(entries), len(Settings()))
	}
}

func TestReadmeHasTheSettings(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(readme, []byte(TableBegin+Table()+"\n"+TableEnd)) {
		t.Error("README.md: its settings are not what configs.Config says; run go generate ./configs")
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Size{
		"0": 0, "1": 1, "500": 500, "10KB": 10_000, "10kib": 10_240, "50MiB": 50 << 20,
		"10 MB": 10_000_000, "2GiB": 2 << 30, "1.5GiB": 3 << 29, "1TiB": 1 << 40, "3B": 3,
		"-1": -1, "9223372036854775807": 1<<63 - 1,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("parseSize(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "2XB", "1e3", "0x10", "Inf", "NaN", "9223372036854775808", "9000000TiB", "1.2.3MB", "-5MB"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("parseSize(%q) = %d, want an error", text, got)
		}
	}
	for n, want := range map[Size]string{0: "0", 1: "1", 1000: "1000", 1024: "1KiB", 50 << 20: "50MiB", 2 << 30: "2GiB", 1<<30 + 1: "1073741825"} {
		if got := n.String(); got != want {
			t.Errorf("Size(%d).String() = %q, want %q", int64(n), got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0": 0, "90s": 90 * time.Second, "5m": 5 * time.Minute, "30d": 720 * time.Hour, "1d12h": 36 * time.Hour, "1h30m": 90 * time.Minute,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("parseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "d", "-1d", "1d-1h", "200000d", "106751d24h", "1w", "soon"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("parseDuration(%q) = %v, want an error", text, got)
		}
	}
	for d, want := range map[time.Duration]string{0: "0", 5 * time.Minute: "5m", time.Hour: "1h", 90 * time.Minute: "1h30m", 48 * time.Hour: "2d", 1500 * time.Millisecond: "1.5s"} {
		if got := formatDuration(d); got != want {
			t.Errorf("formatDuration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		form, text string
		want       bool
	}{
		{"address", "127.0.0.1:1025", true},
		{"address", "localhost:0", true},
		{"address", ":1025", true},
		{"address", "[::1]:1025", true},
		{"address", "off", true},
		{"address", "1025", false},
		{"address", "127.0.0.1", false},
		{"address", "127.0.0.1:", false},
		{"address", "127.0.0.1:smtp", false},
		{"address", "127.0.0.1:65536", false},
		{"address", "127.0.0.1:-1", false},
		{"address", "two words:25", false},
		{"address", "", false},
		{"address", "unix:/tmp/x", false},
		{"address or socket", "unix:/tmp/x", true},
		{"address or socket", "unix:", false},
		{"hostname", "mail.app.test", true},
		{"hostname", "::1", true},
		{"hostname", "a_b", true},
		{"hostname", "", false},
		{"hostname", "a b", false},
		{"hostname", "a..b", false},
		{"hostname", "evil\r\n220", false},
		{"hostname", strings.Repeat("a", 64), false},
		{"hosts", "mail.example.com, *.example.org", true},
		{"hosts", "*", true},
		{"hosts", "a,,b", false},
		{"hosts", "http://a", false},
		{"origins", "http://localhost:3000, https://app.test", true},
		{"origins", "*", true},
		{"origins", "app://localhost", true},
		{"origins", "http://localhost:3000/", false},
		{"origins", "localhost:3000", false},
		{"origins", "http://App.test", false},
		{"origins", "http://a,", false},
		{"origins", "null", false},
		{"path", "/", true},
		{"path", "/mail", true},
		{"path", "/a/b-c_d.e", true},
		{"path", "mail", false},
		{"path", "/mail/", false},
		{"path", "//mail", false},
		{"path", "/a/../b", false},
		{"path", "/a?b", false},
		{"path", "/a b", false},
		{"separator", "+", true},
		{"separator", "--", true},
		{"separator", "none", true},
		{"separator", "@", false},
		{"separator", "", false},
		{"separator", "x", false},
		{"separator", "7", false},
	} {
		if got := forms[tt.form].check(tt.text); got != tt.want {
			t.Errorf("%s: %q allowed: %t, want %t", tt.form, tt.text, got, tt.want)
		}
	}
}

func TestStateDir(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		system string
		env    map[string]string
		want   string
	}{
		{"linux", map[string]string{"HOME": "/home/a"}, "/home/a/.local/state"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "/s"}, "/s"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "relative"}, "/home/a/.local/state"},
		{"freebsd", map[string]string{"HOME": "/home/a"}, "/home/a/.local/state"},
		{"darwin", map[string]string{"HOME": "/Users/a"}, "/Users/a/Library/Application Support"},
		{"windows", map[string]string{"LocalAppData": `C:\Users\a\AppData\Local`}, `C:\Users\a\AppData\Local`},
		{"linux", nil, ""},
		{"darwin", nil, ""},
		{"windows", nil, ""},
	} {
		got, err := stateDir(tt.system, func(name string) string { return tt.env[name] })
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("stateDir(%s, %v) = %q, %v, want %q", tt.system, tt.env, got, err, tt.want)
		}
	}
}

func TestDataFileNamed(t *testing.T) {
	t.Parallel()
	c := Config{Data: "some/file.db"}
	if got, err := c.DataFile(); got != "some/file.db" || err != nil {
		t.Errorf("DataFile = %q, %v, want the file as named", got, err)
	}
}
