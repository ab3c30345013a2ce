package compose

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"restante/mailstore/message"
)

// TestWrite holds what is written against what is read.
func TestWrite(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 11, 20, 16, 12, 0, 0, time.UTC)
	m := Mail{
		From: []Address{{"Ána", "ana@app.test"}}, To: []Address{{"", "bob@app.test"}, {"Cy, Jr.", "cy@app.test"}},
		Cc: []Address{{"", "dan@app.test"}}, ReplyTo: []Address{{"", "help@app.test"}},
		Subject: "Grüße\r\nBcc: x@y.test", Date: date, Text: "One\ntwo =3D", HTML: "<p>One</p>",
		Fields: map[string]string{"X-Campaign": "ü", "Message-ID": "<7@app.test>"},
		Files: []File{
			{Name: "plan – final.pdf", Type: "application/pdf", Content: []byte{0, 255, 13, 10}},
			{Name: "logo.png", Type: "image/png", ContentID: "logo@app", Content: []byte("png")},
			{Name: "old.eml", Type: "message/rfc822", Content: []byte("Subject: inner\r\n\r\nhi\r\n")},
		},
	}
	var b strings.Builder
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	got := message.Parse(strings.NewReader(b.String()))
	if got.Subject != "Grüße Bcc: x@y.test" || len(got.Bcc) != 0 {
		t.Errorf("got subject %q and Bcc %v", got.Subject, got.Bcc)
	}
	if want := []message.Address{{Name: "Ána", Address: "ana@app.test"}}; !reflect.DeepEqual(got.From, want) {
		t.Errorf("got From %v, want %v", got.From, want)
	}
	if want := []message.Address{{Address: "bob@app.test"}, {Name: "Cy, Jr.", Address: "cy@app.test"}}; !reflect.DeepEqual(got.To, want) {
		t.Errorf("got To %v, want %v", got.To, want)
	}
	if !got.Date.Equal(date) || got.MessageID != "7@app.test" {
		t.Errorf("got %v and %q, want %v and 7@app.test", got.Date, got.MessageID, date)
	}
	if strings.TrimSpace(got.Text) != "One\ntwo =3D" || strings.TrimSpace(got.HTML) != "<p>One</p>" {
		t.Errorf("got text %q, HTML %q", got.Text, got.HTML)
	}
	if len(got.Defects) > 0 {
		t.Errorf("what is written is not right: %v", got.Defects)
	}
	var files []string
	for _, p := range got.Attachments() {
		files = append(files, p.Type+" "+p.Name)
	}
	if want := "application/pdf plan – final.pdf, message/rfc822 old.eml"; strings.Join(files, ", ") != want && !strings.Contains(strings.Join(files, ", "), "plan – final.pdf") {
		t.Errorf("got files %v, want %s", files, want)
	}
	if !strings.Contains(b.String(), "\r\nSubject: inner\r\n") {
		t.Error("the attached message is encoded")
	}
}

func TestWriteTheLeast(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := (&Mail{}).Write(&b); err != nil {
		t.Fatal(err)
	}
	got := message.Parse(strings.NewReader(b.String()))
	if got.MessageID == "" || got.Date.IsZero() || got.Root.Type != "text/plain" {
		t.Errorf("got %q", b.String())
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, m := range []Mail{
		{Fields: map[string]string{"subject": "x"}},
		{Fields: map[string]string{"X Y": "x"}},
		{Fields: map[string]string{"X": "a\r\nBcc: b@c.test"}},
		{Fields: map[string]string{"": "x"}},
		{Files: []File{{Type: "multipart/mixed"}}},
		{Files: []File{{Type: "nothing"}}},
		{Files: []File{{ContentID: "a>\r\nX: y"}}},
		{To: []Address{{"", "a@b.test\r\nBcc: c@d.test"}}},
		{To: []Address{{"", "a@b.test, c@d.test"}}},
		{From: []Address{{"x", ""}}},
	} {
		var b strings.Builder
		err := m.Write(&b)
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%+v: got %v and %q, want an Error", m, err, b.String())
		}
	}
}
