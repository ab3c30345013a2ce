package smtpd

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"restante/internal/script"
)

// Scripts that need another server than that of the zero Config.
var scriptConfigs = map[string]func() Config{
	"trap-03-size":          func() Config { return Config{MaxMessageBytes: 100} },
	"trap-09-auth-required": func() Config { return Config{AuthRequired: true} },
	"trap-10-starttls":      func() Config { return Config{TLS: testTLS()} },
	"trap-10-line-ends":     func() Config { return Config{TLS: testTLS()} },
	"limits":                func() Config { return Config{MaxRecipients: 2} },
	"auth-users": func() Config {
		return Config{Users: func(user, password string) bool { return user == "alice" && password == "secret" }}
	},
}

func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txt")
	files = slices.DeleteFunc(files, func(file string) bool { // TestFaultScripts plays those
		return strings.HasPrefix(filepath.Base(file), "fault-") || strings.HasPrefix(filepath.Base(file), "persona-")
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cfg Config
			if f := scriptConfigs[name]; f != nil {
				cfg = f()
			}
			r := newRig(t, cfg)
			script.Run(t, file, script.Addrs{"smtp": r.addr, "smtps": r.tls})
		})
	}
}
