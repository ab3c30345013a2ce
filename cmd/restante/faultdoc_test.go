package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restante/internal/tools"
)

// TestTourOfFaults types the commands of docs/faults.md at a new server, in their
// order.
func TestTourOfFaults(t *testing.T) {
	t.Parallel()
	tools.Need(t, "sh", "curl", "grep")
	wantInOrder(t, typeCommands(t, serve(t, "--ephemeral"), "../../docs/faults.md"),
		"RCPT failed: 451", "refused",
		"refused",
		"Subject: Hello",
		`"id":"f1"`,
		"RCPT failed: 450", "refused", "RCPT failed: 450", "refused",
		`"matched":3,"hits":2`,
		`{"deleted":1}`,
		"fault: address, RETR, truncate half", "fault: address, RCPT, 451",
		`restante_faults_total{action="reply",point="rcpt",protocol="smtp"} 3`, `restante_faults_total{action="truncate",point="retr",protocol="pop3"} 1`,
		"try again later", `"mailboxes":["dave@app.test"]`,
		"gone for good", `"hits":1`,
		"did it arrive", `"subject":"Order 17"`, `"subject":"Order 17"`,
		"Action: failed", "Status: 5.1.1",
		"Subject: Hello", "Subject: Hello",
	)
}

// TestFaultRulesOfTheSettingsFile starts a server with the settings that
// docs/faults.md shows, and with some that are wrong.
func TestFaultRulesOfTheSettingsFile(t *testing.T) {
	t.Parallel()
	_, after, _ := strings.Cut(readFile(t, "../../docs/faults.md"), "```yaml\n")
	settings, _, ok := strings.Cut(after, "```")
	if !ok {
		t.Fatal("docs/faults.md shows no settings file")
	}
	file := filepath.Join(t.TempDir(), "restante.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(settings)
	p := serve(t, "--ephemeral", "--config", file)
	var list struct {
		Rules []struct {
			Name string
			TTL  string
			For  struct{ Recipient string }
		}
	}
	resp, err := http.Get(p.ports["http"] + "/v1/faults")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	if len(list.Rules) != 1 || list.Rules[0].Name != "the first attempt fails" || list.Rules[0].TTL != "never" || list.Rules[0].For.Recipient != "retry*@app.test" {
		t.Errorf("the server has %+v", list)
	}
	for settings, want := range map[string]string{
		strings.Replace(settings, "451", "999", 1):         "restante.yaml:6: faults[0].do.reply.code: want a reply code from 200 to 599",
		strings.Replace(settings, "often:", "ofen:", 1):    "restante.yaml:7: faults[0].ofen: there is no such field; there are name, owner",
		strings.Replace(settings, "    at: rcpt\n", "", 1): "restante.yaml:2: faults[0].at: where?",
	} {
		write(settings)
		code, _, said := run(t, command(t, "serve", "--ephemeral", "--config", file))
		if code == exitOK || !strings.Contains(said, want) {
			t.Errorf("exit code %d: %s; want %s", code, said, want)
		}
	}
}
