package mailstore

import (
	"fmt"
	"slices"
	"testing"
)

// TestWaitersAreLookedUp: of many who wait, a message is offered to few, and to
// all whose it is.
func TestWaitersAreLookedUp(t *testing.T) {
	t.Parallel()
	const many = 1000
	for _, tt := range []struct {
		name string
		wait func(n int) WaitOptions
		most int // waiters that are asked for a message to one address
	}{
		{"mailbox", func(n int) WaitOptions { return WaitOptions{Mailbox: fmt.Sprintf("User%d+tag@x.test", n)} }, 1},
		{"mailbox term", func(n int) WaitOptions {
			return WaitOptions{Query: query(t, fmt.Sprintf("subject:s mailbox:user%d@x.test", n))}
		}, 1},
		{"rcpt", func(n int) WaitOptions { return WaitOptions{Query: query(t, fmt.Sprintf("rcpt:user%d@x.test", n))} }, 1},
		{"exact rcpt", func(n int) WaitOptions { return WaitOptions{Query: query(t, fmt.Sprintf("rcpt:=USER%d@x.test", n))} }, 1},
		{"rcpt in part", func(n int) WaitOptions { return WaitOptions{Query: query(t, fmt.Sprintf("-subject:x rcpt:ser%d@", n))} }, 1},
		{"rcpt without its domain", func(n int) WaitOptions { return WaitOptions{Query: query(t, fmt.Sprintf("rcpt:user%d", n))} }, 200},
		{"short rcpt", func(n int) WaitOptions { return WaitOptions{Query: query(t, "rcpt:us")} }, 0},
		{"domain", func(n int) WaitOptions { return WaitOptions{Mailbox: "*@x.test"} }, 0},
		{"not", func(n int) WaitOptions { return WaitOptions{Query: query(t, fmt.Sprintf("-rcpt:user%d@x.test", n))} }, 0},
		{"anything", func(int) WaitOptions { return WaitOptions{} }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := openTest(t, Options{Ephemeral: true})
			var all []*waiter
			for n := range many {
				all = append(all, s.waits.add(s, tt.wait(n)))
			}
			const of = 123
			r := deliver(t, s, mail("s", "text"), fmt.Sprintf("user%d@x.test", of), "another@y.test")
			m, err := s.MessageBySeq(r.Seq)
			if err != nil {
				t.Fatal(err)
			}
			s.waits.mu.Lock()
			asked := s.waits.candidates(&Event{Seq: m.Seq + 1, Mailboxes: m.Mailboxes(), Message: m})
			anyone := len(s.waits.by[waitKey{}])
			s.waits.mu.Unlock()
			if len(asked) > tt.most {
				t.Errorf("%d waiters are asked, want %d at most", len(asked), tt.most)
			}
			if tt.most > 0 && (anyone != 0 || !slices.Contains(asked, all[of])) {
				t.Errorf("%d wait for anything, the one whose it is is found: %v", anyone, slices.Contains(asked, all[of]))
			}
			if tt.most == 0 && anyone != many {
				t.Errorf("%d wait for anything, want %d", anyone, many)
			}
			if tt.name != "not" {
				<-all[of].ready
			}
			for _, w := range all {
				s.waits.remove(w)
			}
			if n := s.waits.count + s.waits.byPath + len(s.waits.by); n != 0 {
				t.Errorf("%d waiters are left", n)
			}
		})
	}
}

// BenchmarkDeliverWhileWaiting is a delivery to one address with 1,000 waits for
// others.
func BenchmarkDeliverWhileWaiting(b *testing.B) {
	for _, bench := range []struct {
		name string
		wait func(n int) WaitOptions
	}{
		{"none", nil},
		{"mailbox", func(n int) WaitOptions { return WaitOptions{Mailbox: fmt.Sprintf("wanted%d@x.test", n)} }},
		{"rcpt", func(n int) WaitOptions {
			return WaitOptions{Query: query(b, fmt.Sprintf("rcpt:wanted%d@x.test subject:verify", n))}
		}},
		{"subject", func(n int) WaitOptions { return WaitOptions{Query: query(b, fmt.Sprintf("subject:verify%d", n))} }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := openTest(b, Options{Ephemeral: true})
			for n := 0; n < 1000 && bench.wait != nil; n++ {
				s.waits.add(s, bench.wait(n))
			}
			content := benchMail(2 << 10)
			b.ReportAllocs()
			for b.Loop() {
				deliver(b, s, content, "user@x.test")
			}
		})
	}
}
