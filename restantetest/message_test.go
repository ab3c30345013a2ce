package restantetest_test

import (
	"testing"

	"restante/restantetest"
)

const rich = "From: Shop <shop@app.test>\r\n" +
	"Subject: Verify\r\n" +
	"List-Unsubscribe: <https://app.test/verify-bye>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n" +
	"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour verification code is 471199.\r\nhttps://app.test/verify?t=1\r\n" +
	"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Your code</p> <a href=\"https://app.test/verify?t=1\">Confirm</a> <a href=\"https://app.test/\">Shop</a>\r\n" +
	"--a--\r\n" +
	"--b\r\nContent-Type: application/pdf; name=bill.pdf\r\nContent-Disposition: attachment; filename=bill.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n" +
	"--b--\r\n"

func TestMessage(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)
	sendRaw(t, srv, inbox.Address, rich)
	m := inbox.Wait(t)
	for _, tt := range []struct{ what, got, want string }{
		{"link by text", m.Link("confirm"), "https://app.test/verify?t=1"},
		{"link by address", m.Link("/verify"), "https://app.test/verify?t=1"},
		{"link by both", m.Link("SHOP", "https"), "https://app.test/"},
		{"code", m.Code(), "471199"},
		{"text", m.Text(), m.Message.Text},
		{"HTML", m.HTML(), m.Message.HTML},
		{"raw", string(m.Raw()), rich},
		{"attachment", string(m.Attachment("bill.pdf")), "%PDF"},
		{"subject", m.Subject, "Verify"},
		{"header", m.Header("from"), "Shop <shop@app.test>"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	wants(t, m.Text(), "471199")
	wants(t, m.HTML(), "Confirm</a>")
}

func TestMessageHasNotWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	for name, tt := range map[string]struct {
		message string
		ask     func(*restantetest.Message)
		delete  bool
		want    []string
	}{
		"no such link":  {rich, func(m *restantetest.Message) { m.Link("reset") }, false, []string{`"Verify" has 0 links with ["reset"]; its links:`, `https://app.test/verify?t=1 "Confirm"`, `https://app.test/ "Shop"`}},
		"two links":     {rich, func(m *restantetest.Message) { m.Link() }, false, []string{"has 2 links; its links:"}},
		"no links":      {"Subject: x\r\n\r\nhi\r\n", func(m *restantetest.Message) { m.Link() }, false, []string{"has 0 links; its links: none"}},
		"no code":       {"Subject: x\r\n\r\nhello\r\n", func(m *restantetest.Message) { m.Code() }, false, []string{"has no one-time code; its text:\nhello"}},
		"no text":       {"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>hi</p>\r\n", func(m *restantetest.Message) { m.Text() }, false, []string{"has no text"}},
		"no HTML":       {"Subject: x\r\n\r\nhi\r\n", func(m *restantetest.Message) { m.HTML() }, false, []string{"has no HTML"}},
		"no attachment": {rich, func(m *restantetest.Message) { m.Attachment("bil.pdf") }, false, []string{`has no attachment "bil.pdf"`, `"bill.pdf" application/pdf`}},
		"deleted":       {rich, func(m *restantetest.Message) { m.Raw() }, true, []string{"raw: GET ", "404"}},
	} {
		inbox := srv.Inbox(t)
		sendRaw(t, srv, inbox.Address, tt.message)
		tr := try(t, 0, func(t restantetest.TB) {
			m := inbox.Wait(t)
			if tt.delete {
				if _, err := srv.Client().Delete(t.Context(), m.ID); err != nil {
					t.Fatalf("%v", err)
				}
			}
			tt.ask(m)
		})
		if tr.fatal == "" {
			t.Errorf("%s: it does not fail", name)
		}
		wants(t, tr.fatal, tt.want...)
	}
}
