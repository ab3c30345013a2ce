// Package tools is test support: it looks for the programs that tests drive, such
// as mail clients and browsers. A test whose programs are missing is skipped; with
// RESTANTE_REQUIRE_TOOLS=1 in the environment, as in CI, it fails.
package tools

import (
	"os"
	"os/exec"
	"testing"
)

// Need ends a test unless all these programs are on PATH.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			Missing(t, err)
		}
	}
}

// Missing ends a test for want of something that err tells of.
func Missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("RESTANTE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%v, and RESTANTE_REQUIRE_TOOLS=1", err)
	}
	t.Skip(err)
}
