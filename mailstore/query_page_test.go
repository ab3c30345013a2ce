package mailstore

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"restante/internal/tools"
)

// pageTerm is a term as the page's parser has it.
type pageTerm struct {
	Neg, Exact         bool
	Field, Name, Value string
}

// pageQuery is what the page says of a query. Offset is in octets, -1 where
// the query is right.
type pageQuery struct {
	Offset int
	Terms  []pageTerm
	// Again are the terms of the query that the page writes from Terms.
	Again []pageTerm
}

// TestPageReadsQueriesAlike: webui/assets/js/query.js is a second parser of
// queries. It says the same of each.
func TestPageReadsQueriesAlike(t *testing.T) {
	t.Parallel()
	tools.Need(t, "node")
	texts := generatedQueries()
	for i, said := range askPage(t, texts) {
		q, err := ParseQuery(texts[i])
		if err != nil {
			e, _ := errors.AsType[*QueryError](err)
			if said.Offset != e.Offset {
				t.Errorf("query %q: the page's mistake is at %d, want %d: %s", texts[i], said.Offset, e.Offset, e.Reason)
			}
			continue
		}
		if said.Offset >= 0 {
			t.Errorf("query %q: the page finds a mistake at %d, the server does not", texts[i], said.Offset)
		}
		for _, terms := range [][]pageTerm{said.Terms, said.Again} {
			same := len(terms) == len(q.terms)
			for j := 0; same && j < len(terms); j++ {
				want := q.terms[j]
				got := terms[j]
				if got.Field == "is" {
					got.Value = strings.ToLower(got.Value)
				}
				same = got == pageTerm{want.neg, want.exact, want.field, want.name, want.value}
			}
			if !same {
				t.Errorf("query %q: the page's terms are %+v, want %+v", texts[i], terms, q.terms)
			}
		}
	}
}

// askPage runs the page's parser over all texts.
func askPage(t *testing.T, texts []string) []pageQuery {
	t.Helper()
	source, err := os.ReadFile("../webui/assets/js/query.js")
	if err != nil {
		t.Fatal(err)
	}
	asked := filepath.Join(t.TempDir(), "queries.json")
	encoded, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(asked, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "--input-type=module", "-", asked)
	cmd.Stdin = strings.NewReader(string(source) + `
import { readFileSync } from "node:fs";
const all = JSON.parse(readFileSync(process.argv[2], "utf8")).map((text) => {
	const { terms, mistake } = parse(text);
	const again = mistake ? [] : parse(terms.map(write).join(" ")).terms;
	return { offset: mistake ? Buffer.byteLength(text.slice(0, mistake.at)) : -1, terms, again };
});
console.log(JSON.stringify(all));
`)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var all []pageQuery
	if err := json.Unmarshal(out, &all); err != nil || len(all) != len(texts) {
		t.Fatalf("%d answers to %d queries: %v", len(all), len(texts), err)
	}
	return all
}

// generatedQueries are a table, and random strings of what means something.
func generatedQueries() []string {
	texts := []string{
		``, ` `, `word`, `"two words"`, `from:bob -subject:"x y" header:X-Id=4 larger:2k`, `"\"\\"`, `"\x"`, `"a\"`, `a"b c"`,
		`from:=`, `FROM:Bob`, `http://x.test/1`, `12:30`, `a-b:c`, `före:é`, `--a`, `-`, `- a`, `-"a b"`, `-"-a"`, `"from:x"`, `:x`, `x:`, `from::x`,
		`header:X`, `header:X=`, `header:X="a b"`, `header:X"a"`, `header:=X=`, `header:=X=y=z`, `header:=X`, "header:X=\u3000", `header:`, `-header:X`,
		`larger:1.5MB`, `larger:.5k`, `larger:5.`, `larger:1e3`, `larger:10ki`, `larger:10kib`, `larger:+5`, `larger:-0`, `larger:1e99`, `larger:b`, `larger:k`,
		`after:2026-02-29`, `after:2024-02-29`, `after:2026-11-21T10:00:00Z`, `after:2026-11-21t10:00:00z`, `after:2026-11-21T10:00`, `after:2026-11-21T9:00`,
		`after:2026-11-21T10:00:00.5+02:00`, `after:2026-11-21T24:00`, `after:2026-13-01`, `after:10m`, `after:1h30m`, `after:1.5h`, `after:3D`, `after:0d`,
		`after:70000d`, `after:0s`, `after:-5m`, `after:1w`, `after:.5h`, `after:.h`, `after:9999999h`, `after:10µs`, `is:SEEN`, `has:Attachments`,
		"a\u3000b", "a\ufeffb", "a\u0085b", `日本 subject:語`, `x 語:y`, `😀 from: x`, `"a"b`, `"a" b`, `tag:"a"b`, `tag:""`, `tag:" "`, `subject:=" "`,
	}
	pieces := []string{" ", " ", " ", "-", ":", "=", `"`, `\`, "a", "é", "語", "😀", "\u3000", "from:", "Subject:", "header:", "X-Id", "is:", "seen", "has:attachment",
		"larger:", "10k", "after:", "3d", "2026-11-21", "//", "12:30", "nope:", "tag:", "@", "+", "."}
	rng := rand.New(rand.NewPCG(11, 21))
	for range 5000 {
		var b strings.Builder
		for range rng.IntN(9) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		texts = append(texts, b.String())
	}
	return texts
}
