package message

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestIndex(t *testing.T) {
	t.Parallel()
	in := lines("Received: from a.test\r\n\tby b.test; Mon, 6 Oct 2025 08:00:00 +0000",
		"Date: Mon, 06 Oct 2025 10:00:00 +0200", "From: =?utf-8?q?J=C3=B6rg?= <j@a.test>, second@a.test", "To: ann@b.test",
		"Cc: group: c@d.test;", "Bcc: hidden@d.test", "Message-ID: <42@a.test>", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=", "X-Empty:",
		"MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "",
		"--b", "Content-Type: multipart/alternative; boundary=a", "", "--a", "", "plain text", "--a", "Content-Type: text/html", "", "<p>html &amp; text</p>", "--a--",
		"--b", "Content-Type: application/pdf; name=a.pdf", "", "not searched", "--b", "Content-Disposition: attachment", "", "nor this",
		"--b", "Content-Type: message/rfc822", "", "Subject: nor", "", "this", "--b--")
	s := Index(strings.NewReader(in))
	want := Summary{
		Subject: "Grüße", From: []Address{{"Jörg", "j@a.test"}, {"", "second@a.test"}}, To: []Address{{"", "ann@b.test"}},
		Cc: []Address{{"", "c@d.test"}}, Bcc: []Address{{"", "hidden@d.test"}}, MessageID: "42@a.test",
		Date:    time.Date(2025, 10, 6, 8, 0, 0, 0, time.UTC),
		Preview: "plain text", Text: "plain text\nhtml & text\n", Attachments: 3, AttachmentNames: []string{"a.pdf"},
		Defects: []string{BccSent},
		HeaderText: "Received: from a.test by b.test; Mon, 6 Oct 2025 08:00:00 +0000\nDate: Mon, 06 Oct 2025 10:00:00 +0200\n" +
			"From: Jörg <j@a.test>, second@a.test\nTo: ann@b.test\nCc: group: c@d.test;\nBcc: hidden@d.test\nMessage-ID: <42@a.test>\n" +
			"Subject: Grüße\nX-Empty: \nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
	}
	if !s.Date.Equal(want.Date) {
		t.Errorf("date %v, want %v", s.Date, want.Date)
	}
	s.Date = want.Date
	same(t, s, &want)
}

func TestParseHeader(t *testing.T) {
	t.Parallel()
	m := Parse(strings.NewReader("Subject : =?utf-8?q?a?=\r\n =?utf-8?q?b?=\r\nx-odd:  1 \r\n 2\r\nno field\r\nReply-To: r@a.test\r\nSender: s@a.test\r\nMessage-ID:1@a.test\r\n\r\n"))
	want := []Field{
		{"Subject", "Subject : =?utf-8?q?a?=\r\n =?utf-8?q?b?=\r\n", "ab"},
		{"x-odd", "x-odd:  1 \r\n 2\r\n", "1 2"},
		{"", "no field\r\n", "no field"},
		{"Reply-To", "Reply-To: r@a.test\r\n", "r@a.test"},
		{"Sender", "Sender: s@a.test\r\n", "s@a.test"},
		{"Message-ID", "Message-ID:1@a.test\r\n", "1@a.test"},
	}
	if !slices.Equal(m.Header, want) {
		t.Errorf("got %q\nwant %q", m.Header, want)
	}
	if m.Subject != "ab" || m.MessageID != "1@a.test" || m.ReplyTo[0].Address != "r@a.test" || m.Sender[0].Address != "s@a.test" {
		t.Errorf("got subject %q, id %q, reply to %q, sender %q", m.Subject, m.MessageID, m.ReplyTo, m.Sender)
	}
}

// TestFirstOfTwo holds that of a field that occurs twice the first counts, and that no address is lost.
func TestFirstOfTwo(t *testing.T) {
	t.Parallel()
	s := Index(strings.NewReader(lines("Subject: one", "Subject: two", "Date: 6 Oct 2025 10:00:00 +0000", "Date: 7 Oct 2025 10:00:00 +0000",
		"Message-ID: <1@a.test>", "Message-ID: <2@a.test>", "From: a@a.test", "From: b@a.test", "To: c@a.test", "To: d@a.test", "")))
	if s.Subject != "one" || s.MessageID != "1@a.test" || s.Date.Day() != 6 {
		t.Errorf("got %q, %q, %v; want the first of each", s.Subject, s.MessageID, s.Date)
	}
	if len(s.From) != 2 || len(s.To) != 2 {
		t.Errorf("from %q to %q, want two of each", s.From, s.To)
	}
}

func TestNoHeader(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"just text\r\nhttp://app.test/a\r\n", "\r\njust text\r\nhttp://app.test/a\r\n"} {
		m := Parse(strings.NewReader(in))
		if want := "just text\nhttp://app.test/a\n"; m.Text != want || len(m.Header) != 0 {
			t.Errorf("%q: got text %q, header %q; want all of it as text", in, m.Text, m.Header)
		}
	}
}

// TestMissingBlank holds that no line of the body is lost.
func TestMissingBlank(t *testing.T) {
	t.Parallel()
	m := Parse(strings.NewReader("Subject: x\r\nHello Ann,\r\n\r\nhow are you?\r\n"))
	if want := "Hello Ann,\n\nhow are you?\n"; m.Text != want || m.Subject != "x" {
		t.Errorf("got text %q, subject %q; want %q, x", m.Text, m.Subject, want)
	}
}
