package compat

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"restante/mailstore"
)

func TestSend(t *testing.T) {
	t.Parallel()
	f := start(t)
	body := `{
		"From": {"Email": "john@example.test", "Name": "Jöhn Doe"},
		"To": [{"Email": "jane@app.test", "Name": "Jane"}, {"Email": "x@app.test"}],
		"Cc": [{"Email": "cc@app.test"}],
		"Bcc": ["hidden@app.test"],
		"ReplyTo": [{"Email": "reply@example.test"}],
		"Subject": "Grüße, and a line that is long enough to be folded somewhere on its way",
		"Text": "Line one\nZeile zwei: ü",
		"HTML": "<p>Hi <img src=\"cid:logo\"></p>",
		"Headers": {"X-IP": "1.2.3.4"},
		"Tags": ["Tag 1", "b"],
		"Unknown": true,
		"Attachments": [
			{"Content": "data:image/png;base64,` + base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\nxx")) + `", "ContentID": "logo", "Filename": "logo.png"},
			{"Content": "aGVsbG8=", "FileName": "grüße.txt", "ContentType": "text/plain"}
		]
	}`
	var sent struct{ ID string }
	if err := json.Unmarshal([]byte(f.want(200, "POST", "/api/v1/send", body, asJSON, "Authorization: Basic dXNlcjpwYXNz")), &sent); err != nil {
		t.Fatal(err)
	}
	got := into[detail](f, "/api/v1/message/"+sent.ID)
	for name, c := range map[string]struct{ got, want any }{
		"From":    {got.From, address{"Jöhn Doe", "john@example.test"}},
		"To":      {fmt.Sprint(got.To), "[{Jane jane@app.test} { x@app.test}]"},
		"Cc":      {fmt.Sprint(got.Cc), "[{ cc@app.test}]"},
		"Bcc":     {fmt.Sprint(got.Bcc), "[{ hidden@app.test}]"},
		"ReplyTo": {fmt.Sprint(got.ReplyTo), "[{ reply@example.test}]"},
		"Subject": {got.Subject, "Grüße, and a line that is long enough to be folded somewhere on its way"},
		"Text":    {strings.TrimSpace(got.Text), "Line one\nZeile zwei: ü"},
		"HTML":    {strings.TrimSpace(got.HTML), `<p>Hi <img src="cid:logo"></p>`},
		"Tags":    {fmt.Sprint(got.Tags), "[Tag 1 b]"},
		"Return":  {got.ReturnPath, "john@example.test"},
		"User":    {got.Username, "user"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", name, c.got, c.want)
		}
	}
	if len(got.Inline) != 1 || got.Inline[0].ContentType != "image/png" || got.Inline[0].Size != 10 {
		t.Errorf("inline: %+v", got.Inline)
	}
	if len(got.Attachments) != 1 || got.Attachments[0].FileName != "grüße.txt" || got.Attachments[0].Size != 5 {
		t.Errorf("attachments: %+v", got.Attachments)
	}
	h := into[map[string][]string](f, "/api/v1/message/"+sent.ID+"/headers")
	if fmt.Sprint(h["X-Ip"]) != "[1.2.3.4]" || len(h["Date"]) != 1 || !strings.HasSuffix(h["Message-Id"][0], "@example.test>") || h["Bcc"] != nil {
		t.Errorf("headers: %v", h)
	}
	m, err := f.store.Message(sent.ID)
	if err != nil || len(m.Defects) > 0 {
		t.Errorf("defects %v (%v), want none", m.Defects, err)
	}
	if box, err := f.store.Mailbox("hidden@app.test"); err != nil || box.Messages != 1 {
		t.Errorf("the hidden recipient's mailbox has %d (%v), want 1", box.Messages, err)
	}
}

func TestSendPlain(t *testing.T) {
	t.Parallel()
	f := start(t)
	for body, want := range map[string]string{
		`{"From":{"Email":"a@b.test"},"To":[{"Email":"c@d.test"}],"Text":"t"}`:                                      "text/plain",
		`{"From":{"Email":"a@b.test"},"To":[{"Email":"c@d.test"}],"HTML":"<p>"}`:                                    "text/html",
		`{"From":{"Email":"a@b.test"},"Bcc":["c@d.test"]}`:                                                          "text/plain",
		`{"From":{"Email":"a@b.test"},"Bcc":["c@d.test"],"HTML":"h","Attachments":[{"Content":"","Filename":"e"}]}`: "multipart/mixed",
	} {
		f.want(200, "POST", "/api/v1/send", body, asJSON)
		h := into[map[string][]string](f, "/api/v1/message/latest/headers")
		if !strings.HasPrefix(h["Content-Type"][0], want) {
			t.Errorf("%s: Content-Type is %v, want %s", body, h["Content-Type"], want)
		}
	}
}

func TestSendRefused(t *testing.T) {
	t.Parallel()
	f := startWith(t, mailstore.Options{Ephemeral: true}, Info{MaxMessageBytes: 2000})
	const good = `"From":{"Email":"a@b.test"},"To":[{"Email":"c@d.test"}]`
	for body, status := range map[string]int{
		"":                              400,
		"[]":                            400,
		"null":                          400,
		`{"To":[{"Email":"c@d.test"}]}`: 400,
		`{"From":{"Email":"a@b.test"}}`: 400,
		`{"From":{"Email":"A <a@b.test>"},"To":[{"Email":"c@d.test"}]}`:                400,
		`{"From":{"Email":"a@b.test"},"To":[{"Email":"c"}]}`:                           400,
		`{"From":{"Email":"a@b.test"},"Cc":[{"Email":"c@d.test\r\nX: y"}]}`:            400,
		`{` + good + `,"Bcc":["no address"]}`:                                          400,
		`{` + good + `,"ReplyTo":[{"Email":"no"}]}`:                                    400,
		`{` + good + `,"Headers":{"Subject":"x"}}`:                                     400,
		`{` + good + `,"Headers":{"X-A":"b\r\nBcc: z@z.test"}}`:                        400,
		`{` + good + `,"Headers":{"X A":"b"}}`:                                         400,
		`{` + good + `,"Attachments":[{"Content":"***"}]}`:                             400,
		`{` + good + `,"Attachments":[{"Content":"","ContentType":"no"}]}`:             400,
		`{` + good + `,"Attachments":[{"Content":"","ContentID":"a>b"}]}`:              400,
		`{` + good + `,"Text":"` + strings.Repeat("long ", 500) + `"}`:                 413,
		`{` + good + `,"Text":"` + strings.Repeat("x", 2*2000+maxJSON) + `"}`:          413,
		`{` + good + `,"Subject":"a\r\nBcc: z@z.test","Text":"x","Tags":["a\nb"]}`:     200, // folded into one line
		`{"From":{"Email":"a@b.test","Name":"a\r\nB: c"},"To":[{"Email":"c@d.test"}]}`: 200,
	} {
		a := f.do("POST", "/api/v1/send", body, asJSON)
		if a.StatusCode != status {
			t.Errorf("%.80s: got %d, want %d: %s", body, a.StatusCode, status, a.body)
			continue
		}
		var e struct{ Error, ID string }
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || (e.Error == "") != (status == 200) || (e.ID == "") == (status == 200) {
			t.Errorf("%.80s: the answer is %s (%v)", body, a.body, err)
		}
	}
	if n := f.count(); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
	h := into[map[string][]string](f, "/api/v1/message/latest/headers")
	if h["Bcc"] != nil || h["B"] != nil {
		t.Errorf("fields were smuggled in: %v", h)
	}
}
