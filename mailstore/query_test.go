package mailstore

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"restante/mailstore/message"
)

func TestParseQueryErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text   string
		offset int
		reason string // part of it
	}{
		{`subject:`, 8, "needs a value"},
		{`from:a subject: b`, 15, "needs a value"},
		{`sender:bob`, 0, `"sender:" is not a field`},
		{`x -sender:bob`, 3, `"sender:" is not a field`},
		{`"never closed`, 0, "not closed"},
		{`subject:"open`, 8, "not closed"},
		{`""`, 0, "text between the quotes is missing"},
		{`-`, 0, "a word is missing"},
		{`has:wings`, 4, "has:attachment"},
		{`is:read`, 3, "is:seen or is:unseen"},
		{`larger:big`, 7, "not a size"},
		{`larger:-1`, 7, "not a size"},
		{`larger:=5`, 7, "can not be asked for with ="},
		{`before:yesterday`, 7, "not a time"},
		{`header:`, 7, "needs a field's name"},
		{`header:X-Id=`, 12, "needs a value"},
		{`header:=X-Id`, 12, "needs = and a value"},
		{`a header:X-Id:=42`, 13, "header:X-Id=value, or header:=X-Id=value"},
		{`header:X-Id: 42`, 11, "has no colon"},
		{`header::X-Id=42`, 7, "needs a field's name"},
		{`"a"b`, 3, "a space is missing"},
	} {
		_, err := ParseQuery(tt.text)
		e, ok := errors.AsType[*QueryError](err)
		if !ok {
			t.Errorf("ParseQuery(%q): %v, want a *QueryError", tt.text, err)
			continue
		}
		if e.Offset != tt.offset || !strings.Contains(e.Reason, tt.reason) {
			t.Errorf("ParseQuery(%q): at %d: %s; want at %d: …%s…", tt.text, e.Offset, e.Reason, tt.offset, tt.reason)
		}
	}
}

// TestQueries runs each query over the same few messages.
func TestQueries(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	clock := now.Add(-3 * time.Hour)
	s := openTest(t, Options{Now: func() time.Time { return clock }})
	at := func(ago time.Duration) { clock = now.Add(-ago) }

	at(3 * time.Hour) // message 1
	deliver(t, s, "From: Ann Lee <ann@example.org>\r\nTo: Bob <bob@x.test>\r\nCc: Carol <carol@y.test>\r\n"+
		"Subject: =?utf-8?B?U3RyYcOfZSB1bmQgw5xiZXJncsO2w59l?=\r\nX-Order: 42/A\r\nReceived: by relay.test\r\n\r\nPlease confirm   your\r\norder.\r\n", "bob@x.test", "carol@y.test", "hidden@z.test")
	at(time.Hour) // message 2
	deliver(t, s, "From: shop@example.com\r\nTo: bob+news@x.test\r\nSubject: Order 7 shipped\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<p>Caf\xe9 <b>&amp;</b> bar</p>\r\n"+
		"--b\r\nContent-Type: application/pdf; name=\"Invoice-2026.pdf\"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n", "bob+news@x.test")
	at(time.Minute) // message 3
	env := Envelope{ReversePath: "", Helo: "printer.test", User: "scan", ForwardPaths: []ForwardPath{{Address: "postmaster"}}}
	in := s.NewIncoming()
	io.WriteString(in, strings.Repeat("big ", 50_000))
	if _, err := in.Deliver(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	at(0)
	ctx := t.Context()
	if err := s.SetSeen(ctx, true, 2); err != nil {
		t.Fatal(err)
	}
	if err := s.SetTags(ctx, 2, []string{"Paid", " paid-late ", "", "Paid"}); err != nil {
		t.Fatal(err)
	}

	for _, tt := range []struct{ query, want string }{
		{"", "[3 2 1]"},
		{"order", "[2 1]"},
		{"ORDER", "[2 1]"},
		{"-order", "[3]"},
		{`"confirm your order"`, "[1]"},
		{`"your confirm"`, "[]"},
		{"confirm shipped", "[]"},
		{"subject:order", "[2]"},
		{"subject:strasse", "[1]"}, // ß folds to ss
		{"subject:ÜBERGRÖSSE", "[1]"},
		{`subject:="order 7 SHIPPED"`, "[2]"},
		{`subject:="order 7"`, "[]"},
		{"body:café", "[2]"},
		{`body:"café & bar"`, "[2]"},
		{"body:shipped", "[]"},
		{"invoice-2026", "[2]"}, // an attachment's name
		{"from:ann", "[1]"},
		{`from:"ann lee"`, "[1]"},
		{"from:=ann@example.org", "[1]"},
		{"from:=ann", "[]"},
		{"from:sender@example.org", "[2 1]"}, // reverse-path
		{"to:bob", "[2 1]"},
		{"to:bob+news@x.test", "[2]"},
		{"cc:carol", "[1]"},
		{"to:carol", "[]"},
		{"rcpt:hidden", "[1]"},
		{"rcpt:=bob@x.test", "[1]"},
		{"hidden@z.test", "[1]"},
		{"mailbox:bob@x.test", "[2 1]"},
		{"mailbox:Bob+any@x.test", "[2 1]"},
		{"mailbox:*@x.test", "[2 1]"},
		{"-mailbox:bob@x.test", "[3]"},
		{"user:scan", "[3]"},
		{"helo:printer", "[3]"},
		{"id:" + s.ID(2), "[2]"},
		{"id:" + strings.ToUpper(s.ID(2)), "[2]"},
		{"id:" + s.ID(2)[:5], "[]"},
		{"has:attachment", "[2]"},
		{"-has:attachment", "[3 1]"},
		{"is:seen", "[2]"},
		{"is:unseen", "[3 1]"},
		{"tag:paid", "[2]"},
		{"tag:pai", "[]"},
		{"tag:paid-late", "[2]"},
		{"before:2h", "[1]"},
		{"after:2h", "[3 2]"},
		{"after:2026-11-21T11:30:00Z", "[3]"},
		{"before:2026-11-21T11:30:00z", "[2 1]"},
		{"larger:100k", "[3]"},
		{"smaller:100KiB", "[2 1]"},
		{"header:X-Order=42", "[1]"},
		{"header:X-ORDER", "[1]"},
		{"-header:x-order", "[3 2]"},
		{"header:=X-Order=42/a", "[1]"},
		{"header:=X-Order=42", "[]"},
		{"header:received=relay", "[1]"},
		{"header:Received=nowhere", "[]"},
		{"big", "[3]"},
		{"http://x.test/1", "[]"},
		{"12:30", "[]"},
	} {
		q, err := ParseQuery(tt.query)
		if err != nil {
			t.Errorf("ParseQuery(%q): %v", tt.query, err)
			continue
		}
		if got := seqs(t, s, ListOptions{Query: q}); got != tt.want {
			t.Errorf("query %q lists %s, want %s", tt.query, got, tt.want)
		}
	}
}

func seqs(t testing.TB, s *Store, o ListOptions) string {
	t.Helper()
	page, err := s.List(t.Context(), o)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	list := []uint64{}
	for _, m := range page.Messages {
		list = append(list, m.Seq)
	}
	return fmt.Sprint(list)
}

// TestListPages goes through a list in pages, both ways, in each kind of scope,
// with and without a query, and finds each message once.
func TestListPages(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	const n = 200
	var gone []uint64
	for i := range n {
		word := "even"
		if i%2 == 1 {
			word = "odd"
		}
		r := deliver(t, s, mail(fmt.Sprint(word, " ", i), "text of "+word), fmt.Sprintf("u%d@d%d.test", i%3, i%5))
		if i%10 == 0 {
			gone = append(gone, r.Seq)
		}
	}
	if _, err := s.Delete(t.Context(), gone...); err != nil {
		t.Fatal(err)
	}
	for _, o := range []ListOptions{{}, {Mailbox: "u1@d1.test"}, {Mailbox: "*@d2.test"}, {Mailbox: "*"}, {After: 50, Before: 151}} {
		for _, text := range []string{"", "subject:odd", "body:odd", "is:unseen", "-odd"} {
			for _, oldest := range []bool{false, true} {
				q, _ := ParseQuery(text)
				o.Query, o.Oldest, o.Limit = q, oldest, 7
				want := wantSeqs(n, o, text)
				if got := pages(t, s, o); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%+v %q: got %v, want %v", o, text, got, want)
				}
			}
		}
	}
}

// wantSeqs says what TestListPages stored, in the order of the list.
func wantSeqs(n int, o ListOptions, text string) []uint64 {
	list := []uint64{}
	for i := range n {
		seq := uint64(i + 1)
		odd := i%2 == 1
		switch {
		case i%10 == 0, seq <= o.After, o.Before > 0 && seq >= o.Before,
			o.Mailbox == "u1@d1.test" && (i%3 != 1 || i%5 != 1),
			o.Mailbox == "*@d2.test" && i%5 != 2,
			strings.HasSuffix(text, ":odd") && !odd, text == "-odd" && odd:
			continue
		}
		if o.Oldest {
			list = append(list, seq)
		} else {
			list = append([]uint64{seq}, list...)
		}
	}
	return list
}

func pages(t *testing.T, s *Store, o ListOptions) []uint64 {
	t.Helper()
	list := []uint64{}
	for {
		page, err := s.List(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			list = append(list, m.Seq)
		}
		switch {
		case page.Next == 0:
			return list
		case len(page.Messages) != o.Limit:
			t.Fatalf("a page of %d with more to come", len(page.Messages))
		case o.Oldest:
			o.After = page.Next
		default:
			o.Before = page.Next
		}
	}
}

// TestSignatureIsSound: a signature never denies what is in the text.
func TestSignatureIsSound(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	alphabet := []rune("abcdefghij  \t\näÖß中文字かな0123.@-")
	for range 200 {
		var b strings.Builder
		for range rng.IntN(400) {
			b.WriteRune(alphabet[rng.IntN(len(alphabet))])
		}
		text := b.String()
		sig := signatureOf(&Message{}, &message.Summary{Text: text})
		folded := string(appendFold(nil, []byte(text)))
		for i := range len(folded) {
			j := min(len(folded), i+1+rng.IntN(12))
			if word := folded[i:j]; !newGramTest([]byte(word)).maybe(sig) {
				t.Fatalf("the signature of %q denies %q", text, word)
			}
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"", "a", `from:bob -subject:"x y" header:X-Id=4 larger:2k`, `"\"\\"`, "subject:=", "-", "före:é", "header:=a=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text)
		if err != nil {
			e, ok := errors.AsType[*QueryError](err)
			if !ok || e.Offset < 0 || e.Offset > len(text) || e.Error() == "" {
				t.Fatalf("ParseQuery(%q): %#v", text, err)
			}
			return
		}
		if again, err := ParseQuery(q.String()); err != nil || len(again.terms) != len(q.terms) {
			t.Fatalf("ParseQuery(%q) is not stable: %v", text, err)
		}
		c := candidate{s: &Store{opts: Options{Separator: "+"}}, rec: new(record), sum: new(message.Summary)}
		q.explain(&c, time.Time{})
	})
}

func FuzzDecodeRecord(f *testing.F) {
	auth := "x"
	rec := &record{Message: Message{Subject: "s", From: []Address{{"n", "a@b"}}, Tags: []string{"t"}, Trace: "T: 1\r\n",
		Envelope: Envelope{ReversePath: "r", Auth: &auth, ForwardPaths: []ForwardPath{{Address: "a", Mailbox: "b", Notify: []string{"NEVER"}}}}}}
	f.Add(rec.encode())
	f.Add(encodeSession(&Session{Protocol: "smtp", Messages: []string{"x"}, Faults: []string{"rule f1"}, Attempts: []Attempt{{Octets: 1, Content: []byte("x")}}, Transcript: []Line{{From: Client, Text: "QUIT"}}}))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := decodeRecord(1, "id", b); err == nil {
			again, err := decodeRecord(1, "id", r.encode())
			if err != nil {
				t.Fatalf("what was encoded does not decode: %v", err)
			}
			if x, y := fmt.Sprintf("%+v", again.ForwardPathsText()), fmt.Sprintf("%+v", r.ForwardPathsText()); x != y {
				t.Fatalf("%s became %s", y, x)
			}
		}
		decodeSession("s1", b)
		decodeBox(b)
		decodeEntries(nil, b)
		new(state).decode(b)
	})
}

// ForwardPathsText renders what must survive encoding.
func (r *record) ForwardPathsText() string {
	e := r.Envelope
	e.Auth = nil
	return fmt.Sprintf("%q %q %q %+v %v %v", r.Subject, r.From, r.Tags, e, r.Size, r.content)
}
