package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPersonaFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"own.yaml", "postfix.yaml", "notes.txt", ".yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("size: 1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	for directory, want := range map[string]string{
		"":  "exchange gmail postfix sendgrid ses strict",
		dir: "exchange gmail postfix sendgrid ses strict +own +postfix",
	} {
		files, err := PersonaFiles(directory)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			if f.Built {
				names = append(names, f.Name)
			} else if f.Path == filepath.Join(dir, f.Name+".yaml") && string(f.Text) == "size: 1\n" {
				names = append(names, "+"+f.Name)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: %s, want %s", directory, got, want)
		}
	}
	if _, err := PersonaFiles(filepath.Join(dir, "nowhere")); err == nil || !strings.HasPrefix(err.Error(), dir) {
		t.Errorf("no directory: %v", err)
	}
}
