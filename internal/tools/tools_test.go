package tools

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestNeed runs this test binary as a test that needs a program.
func TestNeed(t *testing.T) {
	t.Parallel()
	if program := os.Getenv("TEST_NEEDS"); program != "" {
		Need(t, program)
		t.Log("it is there")
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		program, required, want string
	}{
		{self, "", "it is there"},
		{self, "1", "it is there"},
		{"no-such-program", "", "--- SKIP"},
		{"no-such-program", "0", "--- SKIP"},
		{"no-such-program", "1", "--- FAIL"},
	} {
		t.Run(c.want+c.required, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestNeed$", "-test.v")
			cmd.Env = append(os.Environ(), "TEST_NEEDS="+c.program, "RESTANTE_REQUIRE_TOOLS="+c.required)
			out, err := cmd.CombinedOutput()
			if failed := err != nil; !strings.Contains(string(out), c.want) || failed != (c.want == "--- FAIL") {
				t.Errorf("%s, with RESTANTE_REQUIRE_TOOLS=%s: %v, want %s:\n%s", c.program, c.required, err, c.want, out)
			}
		})
	}
}
