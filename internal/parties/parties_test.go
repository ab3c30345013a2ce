package parties

import (
	"slices"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content, separator string
		from                     string
		to                       []string
	}{
		{"its author's", "From: App <app@app.test>\nTo: a@app.test, B <b@app.test>\nCc: c@app.test\nBcc: d@app.test\n\nTo: no@app.test\n", "",
			"app@app.test", []string{"a@app.test", "b@app.test", "c@app.test", "d@app.test"}},
		{"a delivery's", "Return-Path: <bounce@app.test>\nDelivered-To: a@app.test\nFrom: app@app.test\nTo: list@app.test\n\n", "",
			"bounce@app.test", []string{"a@app.test"}},
		{"a null reverse-path", "Return-Path: <>\nFrom: app@app.test\nTo: a@app.test\n\n", "", "", []string{"a@app.test"}},
		{"a mailbox file's", "From: app@app.test\nTo: a@app.test\n\n", "box@app.test", "box@app.test", []string{"a@app.test"}},
		{"nobody's", "Subject: x\n\nTo: a@app.test\n", "", "", nil},
		{"empty", "", "", "", nil},
	} {
		from, to := Of([]byte(tt.content), tt.separator)
		if from != tt.from || !slices.Equal(to, tt.to) {
			t.Errorf("%s: got %q to %q, want %q to %q", tt.name, from, to, tt.from, tt.to)
		}
	}
}

func TestAppendAddresses(t *testing.T) {
	t.Parallel()
	got, err := AppendAddresses([]string{"a@app.test"}, `A <a@app.test>, "b c"@app.test, root, group: d@app.test;`)
	if want := []string{"a@app.test", `"b c"@app.test`, "root@localhost", "d@app.test"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := AppendAddresses(nil, "not one"); err == nil || !strings.Contains(err.Error(), "not one") {
		t.Errorf("of no address: %v", err)
	}
}
