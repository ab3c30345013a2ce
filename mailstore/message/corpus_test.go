package message

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const corpusDir = "../../../shared/corpus"

// corpus returns real-world messages by file name; the test is skipped where they are not at hand.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpusDir, "*.eml"))
	if len(files) == 0 {
		t.Skip("no corpus beside the repository")
	}
	all := make(map[string][]byte)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = b
	}
	return all
}

// TestCorpusAgrees reads every message both ways.
func TestCorpusAgrees(t *testing.T) {
	t.Parallel()
	for name, b := range corpus(t) {
		s := Index(bytes.NewReader(b))
		m := Parse(bytes.NewReader(b))
		if s.Subject != m.Subject {
			t.Errorf("%s: Index has subject %q, Parse %q", name, s.Subject, m.Subject)
		}
		if n := len(m.Attachments()); n != s.Attachments {
			t.Errorf("%s: Index has %d attachments, Parse %d", name, s.Attachments, n)
		}
	}
}
