package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"restante"
	"restante/client"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	ctx := limited(t)
	r := must(c.Deliver(ctx, "", []string{"alice@app.test", "Bob+x@app.test"}, strings.NewReader(rich)))(t)
	if r.ID == "" || r.Seq != 1 || fmt.Sprint(r.Mailboxes) != "[alice@app.test bob@app.test]" {
		t.Errorf("the receipt is %+v", r)
	}
	m := must(c.Get(ctx, r.ID))(t)
	if m.Sender != "" || fmt.Sprint(m.Recipients) != "[alice@app.test Bob+x@app.test]" {
		t.Errorf("the envelope is %q %q", m.Sender, m.Recipients)
	}
	raw, err := c.Raw(ctx, r.ID)
	if got := read(t, raw, err); got != rich {
		t.Errorf("raw is %q", got)
	}
	if _, err := c.Deliver(ctx, "a@app.test", nil, strings.NewReader(rich)); err == nil {
		t.Error("no recipients are no error")
	}
}

func TestDeliverTooMuch(t *testing.T) {
	t.Parallel()
	_, c := startWith(t, restante.Config{MaxMessageSize: 1000})
	_, err := c.Deliver(limited(t), "", []string{"a@app.test"}, strings.NewReader(strings.Repeat("x", 2000)))
	if err == nil || !strings.Contains(err.Error(), "413") {
		t.Errorf("the error is %v", err)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	ctx := limited(t)
	r := must(c.Send(ctx, client.Mail{
		From:    "Shöp <shop@app.test>",
		To:      []string{"Alice <alice@app.test>", "bob@app.test"},
		Cc:      []string{"carol@app.test"},
		Bcc:     []string{"dave@app.test"},
		ReplyTo: []string{"help@app.test"},
		Subject: "Grüße",
		Text:    "code 471199",
		HTML:    `<img src="cid:logo"> code <b>471199</b>`,
		Headers: map[string]string{"X-Order": "42"},
		Attachments: []client.File{
			{Name: "bill.txt", Type: "text/plain", Content: []byte("1 €")},
			{Name: "logo.png", Type: "image/png", Content: []byte("\x89PNG"), ContentID: "logo"},
		},
		Date: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
	}))(t)
	m := must(c.Get(ctx, r.ID))(t)
	for _, tt := range []struct{ what, got, want string }{
		{"from", fmt.Sprint(m.From), `[=?utf-8?q?Sh=C3=B6p?= <shop@app.test>]`},
		{"to", fmt.Sprint(m.To), `["Alice" <alice@app.test> <bob@app.test>]`},
		{"cc", fmt.Sprint(m.Cc), "[<carol@app.test>]"},
		{"hidden", fmt.Sprint(m.Hidden), "[dave@app.test]"},
		{"bcc", m.Header("Bcc"), ""},
		{"reply to", m.Header("Reply-To"), "<help@app.test>"},
		{"sender", m.Sender, "shop@app.test"},
		{"recipients", fmt.Sprint(m.Recipients), "[alice@app.test bob@app.test carol@app.test dave@app.test]"},
		{"subject", m.Subject, "Grüße"},
		{"text", strings.TrimSpace(m.Text), "code 471199"},
		{"HTML", strings.TrimSpace(m.HTML), `<img src="cid:logo"> code <b>471199</b>`},
		{"header", m.Header("X-Order"), "42"},
		{"date", m.Date.UTC().Format(time.RFC3339), "2026-11-21T10:00:00Z"},
		{"defects", fmt.Sprint(m.DefectCodes), "[]"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "bill.txt" {
		t.Fatalf("attachments are %+v", m.Attachments)
	}
	bill, err := c.Part(ctx, m.ID, m.Attachments[0].Path)
	if got := read(t, bill, err); got != "1 €" {
		t.Errorf("the bill is %q", got)
	}
	// What the HTML refers to is a part of it.
	logo, err := c.Part(ctx, m.ID, pathOf(m.Parts, "logo"))
	if got := read(t, logo, err); got != "\x89PNG" {
		t.Errorf("the logo is %q", got)
	}
}

// pathOf is the path of the part with a Content-ID; "" when there is none.
func pathOf(parts []client.Part, contentID string) string {
	for _, p := range parts {
		if p.ContentID == contentID {
			return p.Path
		}
		if path := pathOf(p.Parts, contentID); path != "" {
			return path
		}
	}
	return ""
}

func TestSendUnderAnotherEnvelope(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	ctx := limited(t)
	r := must(c.Send(ctx, client.Mail{
		From: "shop@app.test", To: []string{"list@app.test"}, Text: "hi",
		Sender: "bounce@app.test", Recipients: []string{"alice@app.test"},
	}))(t)
	m := must(c.Get(ctx, r.ID))(t)
	if m.Sender != "bounce@app.test" || fmt.Sprint(m.Recipients) != "[alice@app.test]" || m.To[0].Address != "list@app.test" {
		t.Errorf("envelope %s %s, to %s", m.Sender, m.Recipients, m.To)
	}
	if _, err := c.Send(ctx, client.Mail{From: "shop@app.test", Cc: []string{"no address"}}); err == nil || !strings.Contains(err.Error(), `cc: "no address"`) {
		t.Errorf("the error is %v", err)
	}
	if _, err := c.Send(ctx, client.Mail{From: "shop@app.test", Text: "hi"}); err == nil {
		t.Error("no recipients are no error")
	}
}
