package message

import (
	"reflect"
	"testing"
	"unicode/utf8"
)

func checkSummary(t *testing.T, s *Summary) {
	t.Helper()
	valid(t, s.Subject, s.MessageID, s.Preview, s.Text, s.HeaderText)
	valid(t, s.AttachmentNames...)
	for _, list := range [][]Address{s.From, s.To, s.Cc, s.Bcc} {
		validAddresses(t, list)
	}
	if len(s.Preview) > MaxPreview || len(s.Text) > MaxIndexText || len(s.HeaderText) > MaxHeaderText {
		t.Errorf("preview %d, text %d, header %d octets", len(s.Preview), len(s.Text), len(s.HeaderText))
	}
	seen := make(map[string]bool)
	for _, code := range s.Defects {
		if sentences[code] == "" || seen[code] {
			t.Errorf("defect %q is unknown or twice", code)
		}
		seen[code] = true
	}
}

func checkMessage(t *testing.T, m *Message) {
	t.Helper()
	valid(t, m.Subject, m.MessageID, m.Text, m.HTML)
	for _, list := range [][]Address{m.From, m.Sender, m.ReplyTo, m.To, m.Cc, m.Bcc} {
		validAddresses(t, list)
	}
	if len(m.Text) > MaxText || len(m.HTML) > MaxText {
		t.Errorf("text %d, HTML %d octets", len(m.Text), len(m.HTML))
	}
	var walk func(p *Part)
	walk = func(p *Part) {
		valid(t, p.Path, p.Type, p.Charset, p.Encoding, p.Disposition, p.Name, p.ContentID, p.Description, p.SHA256)
		for k, v := range p.Params {
			valid(t, k, v)
		}
		for _, f := range append(p.Header, p.Embedded...) {
			valid(t, f.Name, f.Value)
		}
		for _, kid := range p.Parts {
			walk(kid)
		}
	}
	walk(m.Root)
	for _, d := range m.Defects {
		valid(t, d.Part, d.Detail)
		if d.Sentence == "" {
			t.Errorf("defect %q has no sentence", d.Code)
		}
	}
}

func valid(t *testing.T, list ...string) {
	t.Helper()
	for _, s := range list {
		if !utf8.ValidString(s) {
			t.Errorf("%q is not UTF-8", s)
		}
	}
}

func validAddresses(t *testing.T, list []Address) {
	t.Helper()
	for _, a := range list {
		valid(t, a.Name, a.Address)
	}
}

// same checks that two summaries are equal.
func same(t *testing.T, got, want *Summary) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
