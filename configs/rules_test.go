package configs

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFaultRulesOfTheFile(t *testing.T) {
	t.Parallel()
	c, l, err := load(t, `smtp: off
faults:
  - name: once
    protocol: smtp
    at: [rcpt, data]
    for:
      recipient: "*@app.test"
    do: {reply: {code: 451, text: "off"}, delay: 3s, size: +7}
    often: {next: 1, probability: 0.5}
  - protocol: pop3 # the second
    do:
      close: true
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"name":"once","protocol":"smtp","at":["rcpt","data"],"for":{"recipient":"*@app.test"},"do":{"reply":{"code":451,"text":"off"},"delay":"3s","size":"+7"},"often":{"next":1,"probability":0.5}}`,
		`{"protocol":"pop3","do":{"close":true}}`,
	}
	if len(c.Faults) != len(want) {
		t.Fatalf("%d rules, want %d", len(c.Faults), len(want))
	}
	for i, r := range c.Faults {
		if string(r.JSON) != want[i] {
			t.Errorf("rule %d is\n%s, want\n%s", i, r.JSON, want[i])
		}
	}
	for field, want := range map[string]string{
		"for.recipient": ":7: faults[0].for.recipient", "do.reply.code": ":8: faults[0].do.reply.code",
		"at[1]": ":5: faults[0].at[1]", "": ":3: faults[0]", "do.missing": ":3: faults[0].do.missing",
	} {
		if got := c.Faults[0].Place(field); !strings.HasSuffix(got, "restante.yaml"+want) {
			t.Errorf("%q is at %q, want …%s", field, got, want)
		}
	}
	again, _, err := load(t, l.Effective(c), nil)
	if err != nil || len(again.Faults) != 2 || string(again.Faults[0].JSON) != want[0] {
		t.Errorf("the settings in force do not read back: %v, %d rules", err, len(again.Faults))
	}
}

func TestFaultRulesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"faults: yes\n":                           ":1: faults: want a list",
		"faults: {at: rcpt}\n":                    ":1: faults: want a list",
		"faults: []\nfaults: []\n":                "faults",
		"faults:\n- for:\n    sender: &x a@b.c\n": ":3: faults[0].for.sender: a value that begins with",
		"fautls: []\n":                            `there is no setting "fautls"; did you mean faults?`,
	} {
		if _, _, err := load(t, file, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
	if c, _, err := load(t, "faults:\n", nil); err != nil || c.Faults != nil {
		t.Errorf("an empty list: %v, %v", c.Faults, err)
	}
}

func FuzzFaultRules(f *testing.F) {
	f.Add("- name: once\n  at: [rcpt, data]\n  do: {reply: {code: 451}, size: +7, delay: 3s}\n- {}\n")
	f.Add("- for:\n    sender: \"*\"\n  often: {probability: .5, until: 2026-11-21T10:00:00Z, x: ~}\n")
	f.Add("- |\n  text\n- !!str 1\n- *a\n- [[1, {a: 0x1f}]]\n")
	f.Fuzz(func(t *testing.T, list string) {
		entries, err := parseFile("restante.yaml", []byte("faults:\n"+list))
		if err != nil {
			return
		}
		for _, r := range entries[rulesKey].rules {
			if !json.Valid(r.JSON) || !strings.HasPrefix(r.Place(""), "restante.yaml:") {
				t.Errorf("%q is read as %s at %s", list, r.JSON, r.Place(""))
			}
		}
	})
}
