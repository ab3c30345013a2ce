package mailstore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"go.etcd.io/bbolt"
)

// TestRuns fills mailboxes over several runs, removes at random, and walks from
// everywhere in both directions.
func TestRuns(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	rng := rand.New(rand.NewPCG(5, 6))
	var want []uint64
	for i := range 5*runLength + 7 {
		name := "a@x.test"
		if i%5 == 4 {
			name = "a@x.testing" // sorts right behind
		}
		r := deliver(t, s, fmt.Sprint(i), name)
		if name == "a@x.test" {
			want = append(want, r.Seq)
		}
	}
	for round := range 4 {
		check := func() {
			t.Helper()
			d, err := s.Maildrop("a@x.test")
			if err != nil {
				t.Fatal(err)
			}
			var got []uint64
			for _, e := range d.Entries {
				got = append(got, e.Seq)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("round %d: the maildrop is %v, want %v", round, got, want)
			}
			s.view(func(tx *bbolt.Tx) error {
				for from := uint64(0); from <= want[len(want)-1]+3; from++ {
					for _, oldest := range []bool{true, false} {
						checkWalk(t, tx, want, from, oldest)
					}
				}
				return nil
			})
		}
		check()
		var gone []uint64
		want = slices.DeleteFunc(want, func(seq uint64) bool {
			out := rng.IntN(3) == 0 || round == 2 && seq < 150
			if out {
				gone = append(gone, seq)
			}
			return out
		})
		if err := s.DeleteFrom(t.Context(), "a@x.test", gone); err != nil {
			t.Fatal(err)
		}
		check()
		for range 20 {
			want = append(want, deliver(t, s, "more", "a@x.test").Seq)
		}
	}
	if b, _ := s.Mailbox("a@x.test"); b.Messages != int64(len(want)) {
		t.Errorf("the mailbox counts %d messages, want %d", b.Messages, len(want))
	}
}

func checkWalk(t *testing.T, tx *bbolt.Tx, all []uint64, from uint64, oldest bool) {
	t.Helper()
	var got, want []uint64
	w := newDeliveryWalker(tx, "a@x.test", from, oldest)
	for {
		seq, ok := w.next()
		if !ok {
			break
		}
		got = append(got, seq)
	}
	for _, seq := range all {
		if oldest && seq >= from || !oldest && seq <= from {
			want = append(want, seq)
		}
	}
	if !oldest {
		slices.Reverse(want)
	}
	if w.err != nil || !slices.Equal(got, want) {
		t.Fatalf("walk from %d, oldest first %v: %v, %v; want %v", from, oldest, got, w.err, want)
	}
}
