package smtpd

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// unstuff is the simple version of unstuffer: octet by octet over the whole.
func unstuff(s string) (content string, rest string, end bool) {
	var out strings.Builder
	start := true
	for i := 0; i < len(s); i++ {
		if start && s[i] == '.' {
			if strings.HasPrefix(s[i:], ".\r\n") {
				return out.String(), s[i+3:], true
			}
			start = false
			continue
		}
		start = s[i] == '\n' && i > 0 && s[i-1] == '\r'
		out.WriteByte(s[i])
	}
	return out.String(), "", false
}

// inBlocks gives s to an unstuffer in blocks that end at the given places.
func inBlocks(s string, ends ...int) (content string, rest string, end bool) {
	var u unstuffer
	var out bytes.Buffer
	from := 0
	for _, to := range append(ends, len(s)) {
		for block := s[from:to]; len(block) > 0; {
			keep, n, end := u.next([]byte(block))
			out.Write(keep)
			block = block[n:]
			if end {
				return out.String(), block + s[to:], true
			}
		}
		from = to
	}
	return out.String(), "", false
}

var contents = []string{
	"",
	".\r\n",
	"..\r\n.\r\n",
	".\rX\r\n.\r\n",
	".\r\r\n.\r\n",
	".\n.\r\n",
	"a\n.\nb\r\n.\r\nrest",
	"a\r.\rb\r\n.\r\nrest",
	"a\n.\r\nb\r\n.\r\nrest",
	"a\r\n.\nb\r\n.\r\nrest",
	"a\r\n.\rb\r\n.\r\n",
	"a\r\r\n.\r\nrest",
	"a\r\n\r\n.\r\n\r\n",
	"a\r\n..\r\n...\r\n....\r\n. .\r\n.\r\n",
	"\r\n.\r\n.\r\n",
	"\r\n\r\n\r\n..\r\n.\r\n",
	"a\r\n.\r\r\n.\r.\r\n.\r\n",
	"a\x00\r\n.\x00\r\n.\r\n",
	"no end\r\n.\r",
	"no end\r\n",
}

// Every block border gives the same as the simple version.
func TestUnstuffer(t *testing.T) {
	t.Parallel()
	for _, s := range contents {
		want, wantRest, wantEnd := unstuff(s)
		check := func(ends ...int) {
			got, rest, end := inBlocks(s, ends...)
			if end != wantEnd || end && (got != want || rest != wantRest) {
				t.Errorf("%q in blocks that end at %v:\ngot  %q, rest %q, end %v\nwant %q, rest %q, end %v",
					s, ends, got, rest, end, want, wantRest, wantEnd)
			}
		}
		check()
		for i := range len(s) + 1 {
			for j := i; j <= len(s); j++ {
				check(i, j)
			}
		}
	}
}

func FuzzUnstuff(f *testing.F) {
	for _, s := range contents {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, s string, seed uint64) {
		want, wantRest, wantEnd := unstuff(s)
		if !wantEnd {
			s, wantEnd = s+"\r\n.\r\n", true
			want, wantRest, _ = unstuff(s)
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		var ends []int
		for at := 0; at < len(s); at += rng.IntN(4) + rng.IntN(2)*rng.IntN(20) {
			ends = append(ends, at)
		}
		if got, rest, end := inBlocks(s, ends...); end != wantEnd || got != want || rest != wantRest {
			t.Errorf("%q in blocks that end at %v:\ngot  %q, rest %q, end %v\nwant %q, rest %q, end %v",
				s, ends, got, rest, end, want, wantRest, wantEnd)
		}
	})
}

func BenchmarkUnstuff(b *testing.B) {
	for _, bench := range []struct{ name, line string }{
		{"base64", strings.Repeat("QUJD", 19) + "\r\n"},
		{"short", "short\r\n"},
		{"dots", "..dots\r\n"},
		{"long", strings.Repeat("x", 100_000) + "\r\n"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			block := bytes.Repeat([]byte(bench.line), largeBuffer/len(bench.line)+1)[:largeBuffer]
			dst := make([]byte, 0, len(block)+1)
			b.SetBytes(int64(len(block)))
			var u unstuffer
			for b.Loop() {
				dst = dst[:0]
				for p := block; len(p) > 0; {
					keep, n, _ := u.next(p)
					dst = append(dst, keep...)
					p = p[n:]
				}
			}
		})
	}
}
