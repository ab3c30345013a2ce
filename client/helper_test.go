package client_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"restante"
	"restante/client"
)

// start starts a server and returns it with a client for it.
func start(t testing.TB, opts ...client.Option) (*restante.Server, *client.Client) {
	t.Helper()
	return startWith(t, restante.Config{}, opts...)
}

func startWith(t testing.TB, cfg restante.Config, opts ...client.Option) (*restante.Server, *client.Client) {
	t.Helper()
	srv, err := restante.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv, connect(t, srv.URL(), opts...)
}

func connect(t testing.TB, url string, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// limited is a context with a deadline that no test should meet.
func limited(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// mail sends a message by SMTP, as the program under test would.
func mail(t testing.TB, srv *restante.Server, to, subject, text string) {
	t.Helper()
	octets(t, srv, to, fmt.Sprintf("From: Shop <shop@app.test>\r\nTo: %s\r\nSubject: %s\r\n\r\n%s\r\n", to, subject, text))
}

func octets(t testing.TB, srv *restante.Server, to, message string) {
	t.Helper()
	if err := smtp.SendMail(srv.SMTPAddr(), nil, "shop@app.test", []string{to}, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

// rich is a message with everything.
const rich = "From: Shop <shop@app.test>\r\n" +
	"To: Alice <alice@app.test>\r\n" +
	"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" +
	"Message-ID: <1@app.test>\r\n" +
	"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n" +
	"List-Unsubscribe: <https://app.test/bye>\r\n" +
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n" +
	"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour verification code is 471199.\r\nhttps://app.test/verify?t=1\r\n" +
	"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Your code</p> <a href=\"https://app.test/verify?t=1\">Verify</a>\r\n" +
	"--a--\r\n" +
	"--b\r\nContent-Type: application/pdf; name=bill.pdf\r\nContent-Disposition: attachment; filename=bill.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n" +
	"--b--\r\n"

func read(t testing.TB, r io.ReadCloser, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// must takes the error off a call that has to succeed.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func collect[T any](t testing.TB, seq iter.Seq2[T, error]) (all []T) {
	t.Helper()
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

func subjects(list []client.Summary) string {
	var all []string
	for _, m := range list {
		all = append(all, m.Subject)
	}
	return strings.Join(all, " ")
}
