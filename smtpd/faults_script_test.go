package smtpd

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"restante/faults"
	"restante/internal/script"
	"restante/mailstore"
)

// faultConfig reads what the comments of a script ask for:
//
//	#rule {"at": ["rcpt"], …}   a rule, f1 and so on in their order
//	#persona NAME               one of configs/personas
//	#tls                        a server with TLS
//	#limit OCTETS               of a message
//	#outcome TEXT               how one of the sessions ends; * is any text
func faultConfig(t testing.TB, file string) (cfg Config, outcomes []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg = Config{MaxMessageBytes: 50 << 20, Faults: newFaults(), Personas: map[string]*faults.Persona{"postfix": readPersona(t, "postfix")}}
	for line := range strings.Lines(string(text)) {
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb {
		case "#rule":
			addRule(t, cfg.Faults, arg)
		case "#persona":
			cfg.Persona = readPersona(t, arg)
		case "#tls":
			cfg.TLS = testTLS()
		case "#limit":
			if cfg.MaxMessageBytes, err = strconv.ParseInt(arg, 10, 64); err != nil {
				t.Fatal(err)
			}
		case "#outcome":
			outcomes = append(outcomes, arg)
		}
	}
	return cfg, outcomes
}

func newFaults() *faults.Set { return faults.New(faults.Options{Addresses: true, Separator: "+"}) }

// addRule adds a rule for SMTP.
func addRule(t testing.TB, set *faults.Set, text string) faults.Rule {
	t.Helper()
	r, err := faults.DecodeRule([]byte(text))
	if err == nil {
		r.Protocol = faults.SMTP
		r, err = set.Add(r)
	}
	if err != nil {
		t.Fatalf("rule %s: %v", text, err)
	}
	return r
}

func readPersona(t testing.TB, name string) *faults.Persona {
	t.Helper()
	file := filepath.Join("..", "configs", "personas", name+".yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := faults.ParsePersona(name, file, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFaultScripts(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"fault-*.txt", "persona-*.txt"} {
		found, err := filepath.Glob(filepath.Join("testdata", "script", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d scripts, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			cfg, outcomes := faultConfig(t, file)
			r := newRig(t, cfg)
			script.Run(t, file, script.Addrs{"smtp": r.addr, "smtps": r.tls})
			for _, outcome := range outcomes {
				r.wantOutcome(outcome)
			}
		})
	}
}

// wantOutcome waits for a session that ends like this.
func (r *rig) wantOutcome(pattern string) *mailstore.Session {
	r.t.Helper()
	re := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
	sessions, err := r.store.Sessions("", 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range sessions {
		if re.MatchString(s.Outcome) {
			if s, err = r.store.Session(s.ID); err != nil {
				r.t.Fatal(err)
			}
			return s
		}
	}
	for {
		if s := r.session(); re.MatchString(s.Outcome) {
			return s
		} else {
			r.t.Logf("another session: %s", s.Outcome)
		}
	}
}
