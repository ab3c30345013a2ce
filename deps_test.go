package restante

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which packages of this module each may import: the picture of the
// architecture. A package that is missing here fails the test.
var arrows = map[string][]string{
	"restante":                      {"restante/configs", "restante/faults", "restante/mailstore", "restante/pop3d", "restante/smtpd", "restante/webui"},
	"restante/cmd/restante":         {"restante", "restante/client", "restante/configs", "restante/internal/compose", "restante/internal/mbox", "restante/internal/parties"},
	"restante/configs":              {"restante/internal/typo"},
	"restante/faults":               {"restante/internal/repeats", "restante/mailstore"},
	"restante/smtpd":                {"restante/faults", "restante/internal/bounce", "restante/mailstore", "restante/mailstore/message"},
	"restante/pop3d":                {"restante/faults", "restante/mailstore", "restante/mailstore/message"},
	"restante/webui":                {"restante/faults", "restante/internal/compose", "restante/internal/mbox", "restante/internal/parties", "restante/internal/repeats", "restante/mailstore", "restante/mailstore/message", "restante/webui/compat"},
	"restante/webui/compat":         {"restante/internal/compose", "restante/mailstore", "restante/mailstore/message"},
	"restante/mailstore":            {"restante/internal/typo", "restante/mailstore/message"},
	"restante/mailstore/message":    {},
	"restante/client":               {},
	"restante/restantetest":         {"restante", "restante/client"},
	"restante/internal/bounce":      {"restante/mailstore", "restante/mailstore/message"},
	"restante/internal/chrome":      {}, // support of tests and pictures
	"restante/internal/compose":     {},
	"restante/internal/mbox":        {},
	"restante/internal/parties":     {},
	"restante/internal/sample":      {}, // test support
	"restante/internal/screenshots": {"restante", "restante/internal/chrome", "restante/internal/sample"},
	"restante/internal/script":      {}, // test support
	"restante/internal/tools":       {}, // test support
	"restante/internal/repeats":     {},
	"restante/internal/typo":        {},
}

func TestArrowsGoOneWay(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		pkg = strings.TrimSuffix(pkg, ":")
		allowed, known := arrows[pkg]
		if !known {
			t.Errorf("%s is not in the picture", pkg)
		}
		for imported := range strings.FieldsSeq(imports) {
			ours := imported == "restante" || strings.HasPrefix(imported, "restante/")
			if ours && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s", pkg, imported)
			}
		}
	}
}

func TestPackagesStandAlone(t *testing.T) {
	t.Parallel()
	for pkg, forbidden := range map[string][]string{
		"restante/configs":           {"go.etcd.io/bbolt", "github.com/emersion/go-smtp", "net/http"},
		"restante/mailstore":         {"github.com/emersion/go-smtp", "net/http", "github.com/alecthomas/kong"},
		"restante/mailstore/message": {"go.etcd.io/bbolt", "net/http"},
		"restante/pop3d":             {"github.com/emersion/go-smtp", "net/http", "github.com/alecthomas/kong"},
		"restante/smtpd":             {"net/http", "github.com/alecthomas/kong"},
	} {
		out, err := exec.Command("go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		deps := strings.Fields(string(out))
		for _, f := range forbidden {
			if slices.Contains(deps, f) {
				t.Errorf("%s depends on %s", pkg, f)
			}
		}
	}
}
