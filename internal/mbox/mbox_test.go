package mbox

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// A message over the limit is passed over in constant memory; those around it
// are read.
func TestReaderLimit(t *testing.T) {
	t.Parallel()
	exact, long := strings.Repeat("x", 99)+"\n", strings.Repeat("y", 100_000)+"\n\n>From here\n"
	var file bytes.Buffer
	w := NewWriter(&file)
	for _, content := range []string{exact, long, "From inside\n", strings.Repeat("z", 100) + "\n", "last\n"} {
		if err := w.Add("a@app.test", time.Unix(0, 0), []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	r := NewReader(&file, 100)
	for i, want := range []string{exact, "", "From inside\n", "", "last\n"} {
		_, got, err := r.Next()
		if string(got) != want || (want == "") != errors.Is(err, ErrTooLong) {
			t.Errorf("message %d: got %q, %v; want %q", i+1, got, err, want)
		}
	}
	if _, _, err := r.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

// A separator of any length is no message.
func TestReaderLongSeparator(t *testing.T) {
	t.Parallel()
	r := NewReader(strings.NewReader("From a@app.test "+strings.Repeat("x", 20_000)+"\nhello\n"), 10)
	sender, got, err := r.Next()
	if sender != "a@app.test" || string(got) != "hello\n" || err != nil {
		t.Errorf("got %q from %q, %v", got, sender, err)
	}
}
