package faults

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePersona(t *testing.T) {
	t.Parallel()
	p, err := ParsePersona("own", "own.yaml", []byte(`# comment
from: https://example.test
greeting: "{host} here"
capabilities: [PIPELINING, "SIZE {size}", AUTH LOGIN PLAIN]
size: 10k
rate: 2
rate-window: 1m
require-tls: true
replies:
  accepted: 250 got {id}
`))
	if err != nil || p.Name != "own" || p.Size != 10<<10 || p.Rate != 2 || p.RateWindow.String() != "1m" || !p.RequireTLS || p.Replies["accepted"] != "250 got {id}" {
		t.Fatalf("got %+v, %v", p, err)
	}
	for keyword, want := range map[string]bool{"pipelining": true, "SIZE": true, "AUTH": true, "CHUNKING": false, "SIZ": false} {
		if got := p.Capability(keyword); got != want {
			t.Errorf("capability %s: %v, want %v", keyword, got, want)
		}
	}
	if !p.Mechanism("plain") || p.Mechanism("CRAM-MD5") || p.Mechanism("AUTH") {
		t.Error("mechanisms are others than LOGIN and PLAIN")
	}
	var none *Persona
	if !none.Capability("X") || !none.Mechanism("X") || !new(Persona).Capability("X") || !new(Persona).Mechanism("X") {
		t.Error("who says nothing of capabilities has all")
	}
	if p, err := ParsePersona("empty", "empty.yaml", nil); err != nil || p.Name != "empty" {
		t.Errorf("an empty file: %+v, %v", p, err)
	}
}

func TestPersonaErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\n\nsize: many\n":                          "p.yaml:3: ",
		"size: 1\ngreting: x\n":                     `p.yaml:2: unknown field "greting"`,
		"- a\n- b\n":                                "p.yaml:1: ",
		"greeting: [\n":                             "p.yaml:1: ",
		"recipients: 1\nrecipients: 2\n":            "p.yaml:2: ",
		"a: &x 1\nreplies: {}\nrecipients: -4\n":    "p.yaml:",
		"recipients: 3\nrate: -1\n":                 "p.yaml:2: rate: it cannot be negative",
		"greeting: \"a\\nb\"\n":                     "p.yaml:1: greeting: want one line of ASCII",
		"hello: h\u00e9\n":                          "p.yaml:1: hello: want one line of ASCII",
		"hello: \"{hots}\"\n":                       "p.yaml:1: hello: there is no {hots}; there are {host}, ",
		"capabilities:\n  - SIZE\n  - \"-X\"\n":     "p.yaml:3: capabilities[1]: want a keyword",
		"capabilities:\n  - \"A B\\x06\"\n":         "p.yaml:2: capabilities[0]: want a keyword",
		"replies:\n  mail: 250 ok\n  sent: 250 x\n": "p.yaml:3: replies.sent: there is no such reply; there are mail, rcpt, ",
		"replies:\n  data: 250 ok\n":                "p.yaml:2: replies.data: want a reply that begins with 354",
		"replies:\n  too-large: 250 ok\n":           "p.yaml:2: replies.too-large: want a refusal",
		"replies:\n  mail: ok\n":                    "p.yaml:2: replies.mail: want a code and a text",
		"greeting: " + strings.Repeat("x", 401):     "p.yaml:1: greeting: it has more than 400 characters",
	} {
		_, err := ParsePersona("p", "p.yaml", []byte(text))
		if e, ok := errors.AsType[*PersonaError](err); !ok || !strings.HasPrefix(e.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Whatever stands in a file, it is read or refused with its line, and what was
// read can be said: one line of ASCII each.
func FuzzParsePersona(f *testing.F) {
	for _, text := range []string{
		"greeting: x\n", "capabilities: [A, B C]\nreplies: {mail: 250 ok}\n", "replies:\n  data: 354 {host}\n", "size: 1k\nrate-window: never\n",
		"a: *b\n", "? x\n", "capabilities: {a: b}\n", "replies: !!binary aGk=\n", "--- x\n--- y\n", "<<: *a\n", "capabilities: !0 #0",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParsePersona("p", "p.yaml", text)
		if err != nil {
			if e, ok := errors.AsType[*PersonaError](err); !ok || e.Line < 1 || e.Reason == "" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		lines := append([]string{p.Greeting, p.Hello}, p.Capabilities...)
		for _, reply := range p.Replies {
			lines = append(lines, reply)
		}
		for _, line := range lines {
			if len(line) > maxPersonaText || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("cannot be said: %q", line)
			}
		}
	})
}
