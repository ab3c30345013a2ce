package mailstore

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestMailboxFor(t *testing.T) {
	t.Parallel()
	full := openTest(t, Options{})
	local := openTest(t, Options{Naming: Local})
	domain := openTest(t, Options{Naming: Domain})
	dash := openTest(t, Options{Separator: "--"})
	none := openTest(t, Options{Separator: "none"})
	for _, tt := range []struct {
		s             *Store
		address, want string
	}{
		{full, "Alice@App.Test", "alice@app.test"},
		{full, "<alice@app.test>", "alice@app.test"},
		{full, "alice+tag+more@app.test", "alice@app.test"},
		{full, "+tag@app.test", "+tag@app.test"},
		{full, `"alice"@app.test`, "alice@app.test"},
		{full, `"a b+c"@app.test`, `"a b+c"@app.test`},
		{full, "alice@app.test.", "alice@app.test"},
		{full, "Postmaster", "postmaster"},
		{full, "ÉVA@bücher.test", "éva@bücher.test"},
		{full, "a@[IPv6:::1]", "a@[ipv6:::1]"},
		{full, "*@app.test", `"*"@app.test`},
		{full, `"*"@app.test`, `"*"@app.test`},
		{full, "*+x@app.test", `"*"@app.test`},
		{local, "*@app.test", `"*"`},
		{local, "alice+x@app.test", "alice"},
		{domain, "alice+x@app.test", "app.test"},
		{domain, "postmaster", "postmaster"},
		{dash, "alice--x@app.test", "alice@app.test"},
		{dash, "alice+x@app.test", "alice+x@app.test"},
		{none, "alice+x@app.test", "alice+x@app.test"},
	} {
		if got := tt.s.MailboxFor(tt.address); got != tt.want {
			t.Errorf("MailboxFor(%q) = %q with naming %s, separator %q; want %q", tt.address, got, tt.s.opts.Naming, tt.s.opts.Separator, tt.want)
		}
	}
}

// TestMailboxOfAStar: mail to *@app.test has a mailbox of its own, and removing
// that removes nothing else.
func TestMailboxOfAStar(t *testing.T) {
	t.Parallel()
	for _, naming := range []Naming{Full, Local} {
		s := openTest(t, Options{Naming: naming})
		deliver(t, s, "1", "*@app.test")
		deliver(t, s, "2", "bob@app.test")
		boxes, err := s.Mailboxes("", 0)
		if err != nil || len(boxes) != 2 {
			t.Fatalf("mailboxes %v, %v, want two", boxes, err)
		}
		star := s.MailboxFor("*@app.test")
		if drop, err := s.Maildrop(star); err != nil || len(drop.Entries) != 1 {
			t.Errorf("the maildrop %s is %+v, %v, want its one message", star, drop, err)
		}
		if n, err := s.DeleteMailbox(t.Context(), star); err != nil || n != 1 {
			t.Errorf("DeleteMailbox(%q) = %d, %v, want 1", star, n, err)
		}
		if left, err := s.Mailboxes("", 0); err != nil || len(left) != 1 || left[0].Name != s.MailboxFor("bob@app.test") {
			t.Errorf("left are %v, %v, want bob's", left, err)
		}
	}
}

func TestMaildrop(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	deliver(t, s, "1", "alice@x.test")
	deliver(t, s, "22", "bob@x.test", "alice@y.test")
	deliver(t, s, "333", "alice+shop@x.test", "bob@x.test")
	deliver(t, s, "4", "postmaster")
	for _, tt := range []struct{ user, name, seqs, hint string }{
		{"alice@x.test", "alice@x.test", "[1 3]", ""},
		{"ALICE+any@X.test", "alice@x.test", "[1 3]", ""},
		{"bob", "bob@x.test", "[2 3]", ""},
		{"postmaster", "postmaster", "[4]", ""},
		{"*@x.test", "*@x.test", "[1 2 3]", ""},
		{"*@Y.test", "*@y.test", "[2]", ""},
		{"*", "*", "[1 2 3 4]", ""},
		{"nobody@x.test", "nobody@x.test", "[]", ""},
		{"bob@z.test", "bob@z.test", "[]", "bob@x.test has 2"},
		{"alcie@x.test", "alcie@x.test", "[]", "alice@x.test has 2"},
		{"bobb", "bobb", "[]", "bob@x.test has 2"},
	} {
		d, err := s.Maildrop(tt.user)
		if err != nil {
			t.Errorf("Maildrop(%q): %v", tt.user, err)
			continue
		}
		seqs := []uint64{}
		var octets int64
		for _, e := range d.Entries {
			m, err := s.MessageBySeq(e.Seq)
			if err != nil || m.Octets != e.Octets {
				t.Errorf("entry %+v of %q: %v, %v", e, tt.user, m, err)
			}
			octets += e.Octets
			seqs = append(seqs, e.Seq)
		}
		if d.Name != tt.name || fmt.Sprint(seqs) != tt.seqs || d.Hint != tt.hint || d.Octets != octets {
			t.Errorf("Maildrop(%q) is %+v, want %s with %s and hint %q", tt.user, d, tt.name, tt.seqs, tt.hint)
		}
	}
	deliver(t, s, "5", "postmaster@x.test")
	if d, err := s.Maildrop("postmaster"); err != nil || d.Name != "postmaster" || len(d.Entries) != 1 {
		t.Errorf("a bare name that is a mailbox: %+v, %v", d, err)
	}
	_, err := s.Maildrop("alice")
	if !errors.Is(err, ErrAmbiguous) || !strings.Contains(err.Error(), "alice@x.test, alice@y.test") {
		t.Errorf("Maildrop of an ambiguous name: %v", err)
	}
	// A maildrop of a domain deletes only from the domain's mailboxes.
	if err := s.DeleteFrom(t.Context(), "*@x.test", []uint64{2}); err != nil {
		t.Fatal(err)
	}
	if m, err := s.MessageBySeq(2); err != nil || fmt.Sprint(m.Mailboxes()) != "[alice@y.test]" {
		t.Errorf("after deleting from *@x.test: %v, %v", m, err)
	}
}

func TestMailboxCounters(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	ctx := t.Context()
	deliver(t, s, "1", "a@x.test", "b@x.test")
	r := deliver(t, s, "22", "a@x.test")
	if err := s.SetSeen(ctx, true, r.Seq); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSeen(ctx, true, 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("SetSeen of nothing: %v", err)
	}
	m, _ := s.MessageBySeq(1)
	m2, _ := s.MessageBySeq(2)
	list, err := s.Mailboxes("", 0)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	a := list[0]
	if a.Name != "a@x.test" || a.Messages != 2 || a.Unseen != 1 || a.Octets != m.Octets+m2.Octets || a.Newest != 2 || !a.Received.Equal(m2.Received) {
		t.Errorf("mailbox is %+v", a)
	}
	if rest, _ := s.Mailboxes("a@x.test", 5); len(rest) != 1 || rest[0].Name != "b@x.test" {
		t.Errorf("mailboxes after a: %v", rest)
	}
	if n, err := s.DeleteMailbox(ctx, "a@x.test"); n != 2 || err != nil {
		t.Errorf("DeleteMailbox: %d, %v", n, err)
	}
	if _, err := s.DeleteMailbox(ctx, "a@x.test"); !errors.Is(err, ErrNoMailbox) {
		t.Errorf("DeleteMailbox again: %v", err)
	}
	if totals, _ := s.Totals(); totals.Messages != 1 || totals.Unseen != 1 {
		t.Errorf("totals are %+v", totals)
	}
}

func TestTraceFields(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Hostname: "mx.test"})
	m, err := s.Message(deliver(t, s, "x", "a@x.test").ID)
	if err != nil {
		t.Fatal(err)
	}
	want := "Return-Path: <sender@example.org>\r\nReceived: from client.test ([127.0.0.1])\r\n\tby mx.test with ESMTP id " + m.ID +
		"\r\n\tfor <a@x.test>; " + m.Received.Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\r\n"
	if m.Trace != want {
		t.Errorf("trace fields are\n%q, want\n%q", m.Trace, want)
	}
	two, _ := s.Message(deliver(t, s, "x", "a@x.test", "b@x.test").ID)
	if strings.Contains(two.Trace, "for <") {
		t.Errorf("one recipient would learn of the other: %q", two.Trace)
	}
	for _, tt := range []struct {
		e    Envelope
		want string
	}{
		{Envelope{}, "from unknown\r\n\tby mx.test with SMTP id "},
		{Envelope{Extended: true, TLS: "TLS 1.3", User: "u", Helo: "a b(c)\r\nX: y"}, "from abcX:y\r\n\tby mx.test with ESMTPSA id "},
		{Envelope{Extended: true, SMTPUTF8: true, Remote: "[::1]:99", Helo: "[IPv6:::1]"}, "from [IPv6:::1] ([IPv6:::1])\r\n\tby mx.test with UTF8SMTP id "},
	} {
		if got := traceFields(&Message{Envelope: tt.e}, "mx.test"); !strings.Contains(got, tt.want) {
			t.Errorf("trace fields of %+v are %q, want %q in them", tt.e, got, tt.want)
		}
	}
	// Nothing of an envelope breaks a line.
	in := s.NewIncoming()
	r, err := in.Deliver(t.Context(), Envelope{ReversePath: "a\r\nX: 1@x", ForwardPaths: []ForwardPath{{Address: "b\n@x.test"}}})
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := s.Message(r.ID); strings.Count(m.Trace, "\n") != 4 {
		t.Errorf("trace fields of a hostile envelope: %q", m.Trace)
	}
}
