package client_test

import (
	"strings"
	"testing"

	"restante/client"
	"restante/mailstore"
)

func TestQueryText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		q    client.Query
		want string
	}{
		{client.Query{}, ""},
		{client.Query{Mailbox: "alice@app.test"}, ""},
		{client.Query{To: "alice@app.test"}, "rcpt:=alice@app.test"},
		{client.Query{To: "alice+news@app.test"}, "rcpt:=alice+news@app.test"},
		{client.Query{To: "@app.test"}, "rcpt:@app.test"},
		{client.Query{To: "alice"}, "rcpt:alice"},
		{client.Query{From: "o'neill@app.test"}, `from:="o'neill@app.test"`},
		{client.Query{From: "Ann Lee <ann@app.test>"}, `from:"Ann Lee <ann@app.test>"`},
		{client.Query{Subject: "Verify"}, "subject:Verify"},
		{client.Query{Subject: "your order"}, `subject:"your order"`},
		{client.Query{Subject: "=exact"}, `subject:"=exact"`},
		{client.Query{Subject: `say "hi" \`}, `subject:"say \"hi\" \\"`},
		{client.Query{Body: `x" tag:y`}, `body:"x\" tag:y"`},
		{client.Query{Subject: "a", Text: " has:attachment "}, "subject:a has:attachment"},
		{client.Query{Text: client.Quote("-not:a:field")}, `"-not:a:field"`},
	} {
		if got := tt.q.String(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.q, got, tt.want)
		}
		if _, err := mailstore.ParseQuery(tt.q.String()); err != nil {
			t.Errorf("%+v: %v", tt.q, err)
		}
	}
}

// What stands in quotes is found, whatever it is.
func TestQueryFindsAnyText(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	for _, subject := range []string{
		"plain", "two words", `in "quotes"`, `back\slash`, `ends with \`, "-minus", "=equals", "a:colon", "from:me", "grüße", "-", `"`, `\"`,
	} {
		mail(t, srv, "alice@app.test", subject, "text")
		q := client.Query{Subject: subject, To: "alice@app.test"}
		found := must(c.List(limited(t), q, client.ListOptions{Limit: 1}))(t)
		if got := subjects(found.Messages); got != subject {
			t.Errorf("%s: found %q", q, got)
		}
	}
}

// An address is not found in a longer one.
func TestQueryTakesAddressesWhole(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	mail(t, srv, "malice@app.test", "wrong", "text")
	for q, want := range map[client.Query]string{
		{To: "alice@app.test"}:  "",
		{To: "MALICE@app.test"}: "wrong",
		{To: "alice"}:           "wrong",
		{To: "@app.test"}:       "wrong",
		{From: "hop@app.test"}:  "",
		{From: "shop@app.test"}: "wrong",
		{From: "Shop"}:          "wrong",
	} {
		if got := subjects(must(c.List(limited(t), q, client.ListOptions{}))(t).Messages); got != want {
			t.Errorf("%s: found %q, want %q", q, got, want)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"a", "two words", `"`, `\`, `\"`, "-a", "=a", "a:b", "\x00", "\xff", "\u2028", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.TrimSpace(s) == "" {
			return // nothing to look for
		}
		for _, text := range []string{client.Quote(s), "subject:" + client.Quote(s), "rcpt:=" + client.Quote(s) + " is:seen"} {
			if _, err := mailstore.ParseQuery(text); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
