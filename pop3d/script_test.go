package pop3d

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"restante/internal/script"
)

// TestScripts plays testdata/script. Comments of a script say what it needs:
//
//	# server: exclusive users tls
//	# fault: {"protocol": "pop3", "at": ["retr"], "do": {"close": true}}
//	# mail: alice@app.test,bob@app.test "Subject: x\r\n\r\nbody\r\n"
//
// With users, alice@app.test has the password "open sesame" and nobody else any.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("scripts: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			r := rigFor(t, file)
			script.Run(t, file, script.Addrs{"pop3": r.addr, "pop3s": r.tls})
		})
	}
}

func rigFor(t *testing.T, file string) *rig {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Hostname: "dbc.mtview.ca.us", Faults: newFaults()}
	var mail []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if options, ok := strings.CutPrefix(line, "# server:"); ok {
			for _, option := range strings.Fields(options) {
				switch option {
				case "exclusive":
					cfg.Exclusive = true
				case "tls":
					cfg.TLS = testTLS(t)
				case "users":
					cfg.Users = func(user, password string) bool {
						return user == "alice@app.test" && password == "open sesame"
					}
				default:
					t.Fatalf("%s: no such option: %q", file, option)
				}
			}
		}
		if rule, ok := strings.CutPrefix(line, "# fault: "); ok {
			addFault(t, cfg.Faults, rule)
		}
		if rest, ok := strings.CutPrefix(line, "# mail: "); ok {
			mail = append(mail, rest)
		}
	}
	r := newRig(t, cfg)
	for _, m := range mail {
		to, quoted, _ := strings.Cut(m, " ")
		content, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %s: %v", file, m, err)
		}
		r.deliver(content, strings.Split(to, ",")...)
	}
	return r
}
