package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestCorpus takes real-world messages through the command, each with DATA and
// with BDAT: every octet comes out as it went in, bare LFs and all.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../shared/corpus/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the corpus (../shared/corpus beside the repository) is not there")
	}
	s := newSite(t)
	c := dialSMTP(t, s.ports["smtp"])
	const user = "corpus@app.test"
	owed := map[string]string{} // by POP3, by ID
	bare := 0
	for _, file := range files {
		content := readFile(t, file)
		if content == "" {
			t.Errorf("%s is empty", file)
			continue
		}
		if strings.Contains(strings.ReplaceAll(content, "\r\n", ""), "\n") {
			bare++
		}
		// The end of DATA needs a CRLF before it, which is then content.
		line := content
		if !strings.HasSuffix(line, "\r\n") {
			line += "\r\n"
		}
		for _, way := range []struct {
			name, content string
			send          func(from, to, content string) (string, error)
		}{{"DATA", line, c.transmit}, {"BDAT", content, c.chunk}} {
			id, err := way.send("app@app.test", user, way.content)
			if err != nil {
				t.Fatalf("%s by %s: %v", file, way.name, err)
			}
			if raw := s.raw(t, id); raw != way.content {
				t.Errorf("%s by %s: /raw has %s", file, way.name, difference(raw, way.content))
			}
			var shown struct {
				ID    string
				Size  int64
				Parts []json.RawMessage
			}
			if err := json.Unmarshal(s.get(t, "/v1/messages/"+id), &shown); err != nil {
				t.Errorf("%s by %s: %v", file, way.name, err)
			}
			if shown.ID != id || shown.Size != int64(len(way.content)) || len(shown.Parts) == 0 {
				t.Errorf("%s by %s: the API shows ID %s, %d octets, %d parts, want %s, %d, some", file, way.name, shown.ID, shown.Size, len(shown.Parts), id, len(way.content))
			}
			owed[id] = s.owed(t, id)
		}
	}
	if bare == 0 {
		t.Error("no message of the corpus has a bare LF: what happens to them is not shown")
	}
	got := s.maildrop(t, user) // holds LIST against RETR
	for id, want := range owed {
		if got[id] != want {
			t.Errorf("%s by POP3: %s", id, difference(got[id], want))
		}
	}
	if len(got) != len(owed) {
		t.Errorf("POP3 has %d messages, want %d", len(got), len(owed))
	}
	var page struct{ Total int }
	if err := json.Unmarshal(s.get(t, "/v1/messages?limit=1000"), &page); err != nil || page.Total != len(owed) {
		t.Errorf("the list has %d messages, %v, want %d", page.Total, err, len(owed))
	}
	t.Log(fmt.Sprint(len(files), " messages, ", bare, " with bare LFs"))
}
