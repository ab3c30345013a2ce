package pop3d

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every content comes back octet for octet behind its trace fields, with bare
// LF as CRLF and CRLF at its end; LIST, STAT and RETR announce what is sent.
func TestOctetIdentity(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	var contents []string
	contents = append(contents, shapes...)
	for _, size := range []int{1 << 10, 1<<16 - 1, 1 << 16, 1<<16 + 1, 300_000} {
		contents = append(contents, random(size), bulky(size)+"\r", strings.Repeat(".\n", size/2), strings.Repeat("\r\n.", size/3))
	}
	contents = append(contents, random(3<<20), bulky(3<<20))
	files, err := filepath.Glob("../../shared/corpus/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, string(b))
	}
	traces := make([]string, len(contents))
	for i, content := range contents {
		receipt := r.deliver(content, alice)
		m, err := r.store.Message(receipt.ID)
		if err != nil {
			t.Fatal(err)
		}
		traces[i] = m.Trace
	}

	c := r.login(alice)
	var total int
	for i, content := range contents {
		want := append([]byte(traces[i]), normalised([]byte(content))...)
		got := c.retr(i + 1)
		if !bytes.Equal(got, want) {
			t.Errorf("content %d, %.60q…: %d octets come back, want %d; they differ at %d", i+1, content, len(got), len(want), differ(got, want))
		}
		c.do(fmt.Sprintf("LIST %d", i+1), fmt.Sprintf("+OK %d %d", i+1, len(want)))
		total += len(want)
		for _, lines := range []int{0, 1, 3} {
			c.do(fmt.Sprintf("TOP %d %d", i+1, lines), "+OK")
			if got, want := unstuffed(t, c.body()), head(want, lines); !bytes.Equal(got, want) {
				t.Errorf("TOP %d of content %d, %.60q…: %.80q, want %.80q", lines, i+1, content, got, want)
			}
		}
	}
	c.do("STAT", fmt.Sprintf("+OK %d %d", len(contents), total))
}

// differ is the place of the first difference.
func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
