package restante

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restante/configs"
	"restante/internal/script"
)

// TestScripts plays conversations that several protocols take part in. A script
// may begin with "# settings: " and flags.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			srv := start(t, settings(t, file))
			script.Run(t, file, script.Addrs{
				"smtp": srv.SMTPAddr(), "smtps": srv.SMTPSAddr(),
				"pop3": srv.POP3Addr(), "pop3s": srv.POP3SAddr(),
				"http": srv.URL(),
			})
		})
	}
}

// settings reads a script's flags. Without any they are the command's defaults,
// but for free ports and an ephemeral store.
func settings(t *testing.T, file string) Config {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--ephemeral", "--smtp=127.0.0.1:0", "--pop3=127.0.0.1:0", "--http=127.0.0.1:0", "--log-level=off"}
	first, _, _ := strings.Cut(string(text), "\n")
	if flags, ok := strings.CutPrefix(first, "# settings: "); ok {
		args = append(args, strings.Fields(flags)...)
	}
	loader := configs.Loader{LookupEnv: func(string) (string, bool) { return "", false }}
	var grammar struct {
		configs.Config `embed:""`
	}
	if _, err := loader.Parse(&grammar, args); err != nil {
		t.Fatal(err)
	}
	return grammar.Config
}
