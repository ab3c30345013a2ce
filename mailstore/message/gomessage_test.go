package message

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	gomessage "github.com/emersion/go-message"
)

// leaf is a part that has no parts to go-message.
type leaf struct {
	typ     string
	content string // of parts that are no text: of text go-message changes the charset
}

// goMessage reads a message with go-message; ok is false where it fails.
func goMessage(in []byte) (list []leaf, subject string, ok bool) {
	e, err := gomessage.Read(bytes.NewReader(in))
	if err != nil {
		return nil, "", false
	}
	subject, err = e.Header.Text("Subject")
	if err != nil {
		return nil, "", false
	}
	err = e.Walk(func(_ []int, e *gomessage.Entity, err error) error {
		if err != nil {
			return err
		}
		typ, _, err := e.Header.ContentType()
		if err != nil {
			return err
		}
		typ = strings.ToLower(typ)
		if strings.HasPrefix(typ, "multipart/") {
			return nil
		}
		b, err := io.ReadAll(e.Body)
		if err != nil {
			return err
		}
		l := leaf{typ: typ}
		if !strings.HasPrefix(typ, "text/") {
			l.content = string(b)
		}
		list = append(list, l)
		return nil
	})
	return list, subject, err == nil
}

func ours(t *testing.T, in []byte) (list []leaf) {
	t.Helper()
	var walk func(p *Part)
	walk = func(p *Part) {
		if strings.HasPrefix(p.Type, "multipart/") {
			for _, kid := range p.Parts {
				walk(kid)
			}
			return
		}
		l := leaf{typ: p.Type}
		if !strings.HasPrefix(p.Type, "text/") {
			_, r, err := OpenPart(bytes.NewReader(in), p.Path)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			l.content = string(b)
		}
		list = append(list, l)
	}
	walk(Parse(bytes.NewReader(in)).Root)
	return list
}

// TestAsGoMessage holds what go-message reads without an error equal to what this package makes of it.
func TestAsGoMessage(t *testing.T) {
	t.Parallel()
	messages := corpus(t)
	messages["ordinary"] = ordinary()
	messages["large"] = large(100 << 10)
	for _, tt := range structureCases() {
		messages[tt.name] = []byte(tt.in)
	}
	compared := 0
	for name, in := range messages {
		want, subject, ok := goMessage(in)
		if !ok {
			continue
		}
		m := Parse(bytes.NewReader(in))
		if slices.ContainsFunc(m.Defects, func(d Defect) bool { return d.Code != BareLF && d.Code != MissingID && d.Code != MissingDate }) {
			continue // what is malformed may well be read in two ways
		}
		if bytes.Contains(in, []byte("multipart/digest")) {
			continue // go-message does not know that their parts are messages
		}
		compared++
		if m.Subject != subject {
			t.Errorf("%s: subject %q, want %q", name, m.Subject, subject)
		}
		if got := ours(t, in); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %.300q\nwant %.300q", name, got, want)
		}
	}
	if compared < 20 {
		t.Errorf("only %d messages were compared", compared)
	}
}
