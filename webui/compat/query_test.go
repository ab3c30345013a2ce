package compat

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

// searchFixture has messages that each operator can tell apart, with a clock
// of its own: a at 10:00, b at 11:00, c at 12:00 UTC on 2026-11-20.
func searchFixture(t *testing.T) *fixture {
	t.Helper()
	clock := make(chan time.Time, 100)
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	hours := now
	f := startWith(t, mailstore.Options{Ephemeral: true, Now: func() time.Time {
		select {
		case hours = <-clock:
		default:
		}
		return hours
	}}, Info{})
	a := f.put(`From: "Ana Lima" <ana@example.test>
To: bob@app.test
Cc: copy@app.test
Reply-To: help@desk.test
Subject: a invoice "42" ready
Message-ID: <one@ids.test>

The quick brown fox
`, "bounce@mx.test", "bob@app.test", "copy@app.test", "secret@hidden.test")
	clock <- now.Add(time.Hour)
	b := f.put(`From: carl@example.test
To: dora@app.test
Subject: b
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x

foo:bar brown quick
--x
Content-Type: application/pdf; name=report.pdf
Content-Disposition: attachment; filename=report.pdf

pdf
--x--
`, "carl@example.test", "dora@app.test")
	clock <- now.Add(2 * time.Hour)
	f.put(strings.Replace(rich, "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "c "+strings.Repeat("long ", 10), 1)+strings.Repeat("x\n", 1500),
		"carl@example.test", "bob@app.test", "carl@app.test", "dora@app.test")
	if err := f.store.SetSeen(t.Context(), true, a.Seq); err != nil {
		t.Fatal(err)
	}
	if err := f.store.SetTags(t.Context(), b.Seq, []string{"Big News"}); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSearchOperators(t *testing.T) {
	t.Parallel()
	f := searchFixture(t)
	for _, c := range []struct{ query, want string }{
		{"quick", "b a"},
		{"quick brown", "b a"},
		{`"quick brown"`, "a"},
		{`-"quick brown"`, "c b"},
		{"!quick", "c"},
		{"QUICK", "b a"},
		{"from:ana", "c a"},
		{`from:"ana lima"`, "c a"},
		{"FROM:carl@example.test", "c b"}, // in Restante the reverse-path counts too
		{"-from:ana", "b"},
		{"to:bob", "c a"},
		{"!to:bob", "b"},
		{"cc:copy@", "a"},
		{"bcc:secret@hidden.test", "a"},
		{"bcc:HIDDEN", "a"},
		{"bcc:bob", ""},
		{"-bcc:hidden", "c b"},
		{"reply-to:help", "c a"},
		{"reply-to:desk.test", "a"},
		{"-reply-to:desk.test", "c b"},
		{"addressed:desk.test", "a"},
		{"addressed:hidden", "a"},
		{"addressed:dora", "c b"},
		{"addressed:ana addressed:bob", "c a"},
		{"-addressed:desk.test", "c b"},
		{"-addressed:app.test", ""},
		{"subject:invoice", "a"},
		{`subject:"a invoice"`, "a"},
		{`subject:"invoice ready"`, ""},
		{"-subject:invoice", "c b"},
		{"message-id:one@ids.test", "a"},
		{"message-id:example.test", "c"},
		{`tag:"big news"`, "b"},
		{"tag:Big", ""},
		{`-tag:"Big News"`, "c a"},
		{"is:read", "a"},
		{"is:unread", "c b"},
		{"-is:read", "c b"},
		{"!is:unread", "a"},
		{"is:tagged", "b"},
		{"-is:tagged", "c a"},
		{"has:attachment", "c b"},
		{"has:attachments", "c b"},
		{"-has:attachment", "a"},
		{"has:inline", "c"},
		{"-has:inlines", "b a"},
		{"before:2026-11-20T10:30:00Z", "a"},
		{"after:2026-11-20T10:30:00Z", "c b"},
		{"-after:2026-11-20T10:30:00Z", "a"},
		{`after:"2026-11-20 10:30" before:2026-11-20T11:30:00Z`, "b"},
		{"after:2026/11/20", "c b a"},
		{"after:2026-11-21", ""},
		{"larger:3000", "c"},
		{"larger:2.5k", "c"},
		{"larger:1mb", ""},
		{"smaller:3KB", "b a"},
		{"-larger:3000", "b a"},
		{"foo:bar", "b"},          // an unknown prefix is text
		{"larger:enormous", ""},   // and so is a size that is none
		{"is:strange", ""},        //
		{"to: quick", "b a"},      // a prefix without a value says nothing
		{"before:never", "c b a"}, // nor does a time that is none
		{"*** quick", "b a"},      // nor what has no letter or digit
		{`subj"ect:inv"oice`, "a"},
		{`"unclosed`, ""},
		{"report.pdf", "b"},
		{`from:ana to:bob subject:invoice is:read -is:tagged`, "a"},
	} {
		got := into[pitList](f, "/api/v1/search?tz=UTC&query="+url.QueryEscape(c.query))
		var letters []string
		for _, m := range got.Messages {
			letters = append(letters, m.Subject[:1])
		}
		if s := strings.Join(letters, " "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.query, s, c.want)
		}
		if int(got.MessagesCount) != len(letters) || got.Count != len(letters) || got.Total != 3 {
			t.Errorf("%s: counts %d, %d of %d, want %d of 3", c.query, got.MessagesCount, got.Count, got.Total, len(letters))
		}
		if n := strings.Count(c.want, "b") + strings.Count(c.want, "c"); int(got.MessagesUnread) != n {
			t.Errorf("%s: %d unread, want %d", c.query, got.MessagesUnread, n)
		}
	}
}

// TestSearchZone: the zone that the client names says when a day begins.
func TestSearchZone(t *testing.T) {
	t.Parallel()
	f := searchFixture(t)
	q := url.QueryEscape(`before:"2026-11-20 23:30" after:2026-11-20`)
	for zone, want := range map[string]int64{
		"UTC":                 3,
		"America/Los_Angeles": 3, // 02:00 to 04:00 there
		"Pacific/Auckland":    1, // 23:00 to 01:00 of the next day there
	} {
		got := into[pitList](f, "/api/v1/search?tz="+url.QueryEscape(zone)+"&query="+q).MessagesCount
		if got != want {
			t.Errorf("%s: got %d, want %d", zone, got, want)
		}
	}
}

func TestSearchNeedsQuery(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, path := range []string{"/api/v1/search", "/api/v1/search?query=%20"} {
		f.want(400, "GET", path, "")
		f.want(400, "DELETE", path, "")
	}
	f.want(400, "GET", "/api/v1/search?query="+url.QueryEscape("addressed:a addressed:b addressed:c"), "")
}

func TestSplitArgs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		`a b`:                   {"a", "b"},
		`  a	b `:                {"a", "b"},
		`"a b" c`:               {"a b", "c"},
		`subject:"a b" -"c d"`:  {"subject:a b", "-c d"},
		`"" x`:                  {"", "x"},
		`"open to the end`:      {"open to the end"},
		`back\slash "quo\"te" `: {`back\slash`, `quo\te `},
	} {
		if got := splitArgs(in); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzParseSearch: whatever a client asks for, it becomes a query or a refusal.
func FuzzParseSearch(f *testing.F) {
	for _, seed := range []string{`from:a "b c" -to:x`, `before:yesterday larger:9mb`, `"`, `-`, `tag:"\"`, `addressed:\`, "subject:\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseSearch(text, time.UTC)
		if err == nil && q == nil {
			t.Errorf("%q became nothing", text)
		}
		if _, ok := err.(*refusal); err != nil && !ok {
			t.Errorf("%q: %v", text, err)
		}
	})
}
