package message

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

// ordinary is a message of about 2 KB, as an application sends it.
func ordinary() []byte {
	text := strings.Repeat("Hello Ann, your order 1234 has left our house and will be with you on Friday.\r\n", 6)
	html := "<!DOCTYPE html>\r\n<html><head><title>Your order</title><style>p { margin: 0 }</style></head>\r\n<body>\r\n" +
		strings.Repeat("<p style=\"color: #333\">Hello <b>Ann</b>, your order&nbsp;1234 has left.</p>\r\n", 8) + "</body></html>\r\n"
	return []byte("Received: from app.test (localhost [127.0.0.1])\r\n\tby mail.test with ESMTP id 1234;\r\n\tMon, 6 Oct 2025 10:00:00 +0200\r\n" +
		"Message-ID: <20251006100000.1234@app.test>\r\nDate: Mon, 06 Oct 2025 10:00:00 +0200\r\n" +
		"From: The Shop <shop@app.test>\r\nTo: Ann Example <ann@example.test>\r\nSubject: Your order 1234\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"outer-5f3a\"\r\n\r\n" +
		"--outer-5f3a\r\nContent-Type: multipart/alternative; boundary=\"inner-5f3a\"\r\n\r\n" +
		"--inner-5f3a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + text +
		"\r\n--inner-5f3a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + html +
		"\r\n--inner-5f3a--\r\n\r\n--outer-5f3a--\r\n")
}

// large is a message with an attachment of size octets in base64.
func large(size int) []byte {
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0, 100, 200}, 19)) + "\r\n"
	var b bytes.Buffer
	b.WriteString("Date: Mon, 06 Oct 2025 10:00:00 +0200\r\nMessage-ID: <1@app.test>\r\nFrom: a@app.test\r\nSubject: large\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n\r\nsee attachment\r\n--b1\r\n" +
		"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=large.bin\r\n\r\n")
	for n := 0; n < size; n += 57 {
		b.WriteString(line)
	}
	b.WriteString("--b1--\r\n")
	return b.Bytes()
}

func BenchmarkIndex2KB(b *testing.B) {
	msg := ordinary()
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		Index(bytes.NewReader(msg))
	}
}

func BenchmarkParse2KB(b *testing.B) {
	msg := ordinary()
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(bytes.NewReader(msg))
	}
}

func BenchmarkIndex10MB(b *testing.B) {
	msg := large(10 << 20)
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		Index(bytes.NewReader(msg))
	}
}

func BenchmarkParse10MB(b *testing.B) {
	msg := large(10 << 20)
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(bytes.NewReader(msg))
	}
}

// BenchmarkIndexEncoded is a message in which everything has to be decoded.
func BenchmarkIndexEncoded(b *testing.B) {
	msg := []byte("Date: Mon, 06 Oct 2025 10:00:00 +0200\r\nMessage-ID: <1@app.test>\r\nFrom: =?gb2312?B?1tDOxA==?= <a@app.test>\r\n" +
		"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus?= =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		strings.Repeat("=D6=D0=CE=C4=D6=D0=CE=C4 and some more=20=\r\n", 40))
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		Index(bytes.NewReader(msg))
	}
}
