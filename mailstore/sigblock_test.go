package mailstore

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSignatureBlocks: words are found over many blocks, in both directions and
// within bounds; after deletions, after the file was closed and opened, after a
// crash, and where messages came back from a snapshot.
func TestSignatureBlocks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	s := openTest(t, Options{Path: path, Durability: None})
	ctx := t.Context()
	rng := rand.New(rand.NewPCG(9, 10))
	words := map[uint64]string{} // of the messages that are there
	fill := func(n int) {
		for range n {
			word := fmt.Sprintf("word%dx", rng.IntN(7))
			words[deliver(t, s, mail("s", "a text with "+word+" in it"), "a@x.test").Seq] = word
		}
	}
	check := func(when string) {
		t.Helper()
		newest := s.state.Load().seq
		for range 60 {
			o := ListOptions{Oldest: rng.IntN(2) == 0, Limit: maxLimit, After: rng.Uint64N(newest + 1)}
			if o.Before = rng.Uint64N(newest + 3); o.Before <= o.After {
				o.After, o.Before = 0, 0
			}
			if rng.IntN(3) == 0 {
				o.Mailbox = "a@x.test"
			}
			word := fmt.Sprintf("word%dx", rng.IntN(8))
			o.Query = query(t, "body:"+word)
			want := []uint64{}
			for seq := o.After + 1; seq <= newest && (o.Before == 0 || seq < o.Before); seq++ {
				if words[seq] != word {
					continue
				}
				if o.Oldest {
					want = append(want, seq)
				} else {
					want = append([]uint64{seq}, want...)
				}
			}
			if got := seqs(t, s, o); got != fmt.Sprint(want) {
				t.Fatalf("%s: %+v lists %s, want %v", when, o, got, want)
			}
		}
	}
	remove := func(share int) {
		for seq := range words {
			if rng.IntN(share) == 0 || seq < 140 && rng.IntN(20) > 0 {
				if _, err := s.Delete(ctx, seq); err != nil {
					t.Fatal(err)
				}
				delete(words, seq)
			}
		}
	}
	fill(10)
	check("in the first block")
	fill(290)
	check("filled")
	snap, err := s.NewSnapshot(ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	before := map[uint64]string{}
	for seq, word := range words {
		before[seq] = word
	}
	remove(3)
	check("after deletions")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, Options{Path: path, Durability: None})
	check("opened again")
	fill(30)
	check("grown")

	crashed := filepath.Join(t.TempDir(), "restante.db")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(crashed, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, Options{Path: crashed, Durability: None})
	check("after a crash")
	fill(100)
	check("after a crash and more")
	if _, err := s.DeleteAll(ctx); err != nil {
		t.Fatal(err)
	}
	clear(words)
	check("wiped")
	if _, _, err := s.Restore(ctx, snap.ID); err != nil {
		t.Fatal(err)
	}
	words = before
	check("restored")
	fill(70)
	check("restored and more")
}

// TestGramsOfText: a text has the grams of what it is folded to.
func TestGramsOfText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "ab", "abc", "  A  b\t\r\nC ", "Hello, World", " \x00 a\x00b", "Straße a\u0301 É", "plain then é", "a é"} {
		var direct, folded gramSet
		direct.addText(text)
		folded.add(appendFold(nil, text))
		if direct.words != folded.words {
			// What stands before a letter beyond ASCII may be there twice, with and without its mark.
			for i := range folded.words {
				if folded.words[i]&^direct.words[i] != 0 {
					t.Errorf("%q misses grams", text)
				}
			}
			if isASCII := strings.IndexFunc(text, func(r rune) bool { return r > 0x7f }) < 0; isASCII {
				t.Errorf("%q has grams that its folded form has not", text)
			}
		}
	}
}
