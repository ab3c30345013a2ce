package mailstore

import (
	"strings"
	"testing"
)

// A message that is not delivered yet matches as it will when it is.
func TestIncomingMatches(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	env := Envelope{ReversePath: "app@x.test", ForwardPaths: []ForwardPath{{Address: "alice@x.test"}}}
	for _, size := range []int{10, 3 * blockSize} {
		content := "From: app@x.test\r\nSubject: Your order\r\nX-Kind: receipt\r\n\r\nneedle\r\n" + strings.Repeat("padding\r\n", size/9)
		in := s.NewIncoming()
		if _, err := in.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
		want := content[:min(len(content), maxHead)]
		if got := in.Head(1 << 30); string(got) != want {
			t.Errorf("%d octets: the head has %d octets, want %d", size, len(got), len(want))
		}
		if got := in.Head(5); string(got) != "From:" {
			t.Errorf("the head is %q", got)
		}
		for query, want := range map[string]bool{
			"subject:order": true, "subject:other": false, "from:app@x.test rcpt:alice@x.test": true, "rcpt:bob@x.test": false,
			"header:x-kind=receipt": true, "header:x-kind=bill": false, "mailbox:alice@x.test": true, "mailbox:bob@x.test": false, "order": true, "missing": false, "": true,
			"NEEDLE": true, "body:needle": true, "body:order": false, "body:missing": false, "-body:needle": false,
		} {
			q, err := ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			if got := in.Matches(q, env); got != want {
				t.Errorf("%d octets: %q matches: %v, want %v", size, query, got, want)
			}
		}
		r, err := in.Deliver(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := s.MessageBySeq(r.Seq); err != nil || m.Subject != "Your order" || m.Size != int64(len(content)) {
			t.Errorf("%d octets: stored %+v, %v", size, m, err)
		}
		if len(in.Head(9)) != 0 {
			t.Error("there is a head after delivery")
		}
	}
}
