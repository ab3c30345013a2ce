package pop3d

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// shapes are contents that byte-stuffing and line endings could get wrong.
var shapes = []string{
	"", ".", "..", "\n", "\r", "\r\n", "\r\r\n", "\r\n.", "\n.", "\r.", ".\r\n", ".\n.\n.", "...\r\n",
	"a", "a\n", "a\r", "a\r\n", "a\r\n.\r\nb", "a\n.b\n..c\n", "a\r.b", "\x00", "a\x00b\r\n.\x00",
	"\r\n\r\n", "\n\n", "Subject: x\r\n\r\nbody\r\n", "Subject: x\n\nbody", "no header at all", "\r\nbody only\r\n",
	"Subject: x\r\n", ".\r\n.\r\n.\r\n", "\xff\xfe.\n\x80", "a\r\r\r\n\r", ".\r.\n\r.\r\n",
	strings.Repeat("x", 100_000) + "\r\n." + strings.Repeat(".", 3000),
}

// normalised is what RETR is to send, computed octet by octet: bare LF as
// CRLF, and CRLF at the end of whatever does not end in it.
func normalised(content []byte) []byte {
	var out []byte
	for i, c := range content {
		if c == '\n' && (i == 0 || content[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	if len(out) > 0 && !bytes.HasSuffix(out, []byte("\r\n")) {
		out = append(out, '\r', '\n')
	}
	return out
}

// unstuffed takes the body of a multi-line response back, line by line.
func unstuffed(t testing.TB, body []byte) []byte {
	t.Helper()
	var out []byte
	for len(body) > 0 {
		line, rest, ok := bytes.Cut(body, []byte("\r\n"))
		if !ok {
			t.Fatalf("the last line %q does not end in CRLF", line)
		}
		if string(line) == "." {
			t.Fatalf("a line that ends the response within it, before %q", rest)
		}
		if len(line) > 0 && line[0] == '.' {
			line = line[1:]
		}
		out = append(append(out, line...), "\r\n"...)
		body = rest
	}
	return out
}

// stuff sends a content in pieces that end at the cuts.
func stuff(t testing.TB, content []byte, cuts ...int) ([]byte, int64) {
	t.Helper()
	var wire bytes.Buffer
	out := &output{w: &wire, pool: newPool()}
	s := newStuffer(out)
	for from, i := 0, 0; from < len(content) || i == 0; i++ {
		to := len(content)
		if i < len(cuts) {
			to = min(max(cuts[i], from), to)
		}
		n, err := s.Write(content[from:to])
		if n != to-from || err != nil {
			t.Fatalf("Write of %d octets: %d, %v", to-from, n, err)
		}
		from = to
		if i >= len(cuts) {
			break
		}
	}
	s.finish()
	if err := out.flush(); err != nil {
		t.Fatal(err)
	}
	return wire.Bytes(), s.octets
}

func checkStuffing(t testing.TB, content []byte, cuts ...int) {
	t.Helper()
	body, octets := stuff(t, content, cuts...)
	want := normalised(content)
	if got := unstuffed(t, body); !bytes.Equal(got, want) {
		t.Errorf("content %.80q cut at %v: sent %.80q, which is %.80q, want %.80q", content, cuts, body, got, want)
	}
	if octets != int64(len(want)) {
		t.Errorf("content %.80q cut at %v: counted %d octets, want %d", content, cuts, octets, len(want))
	}
}

func TestStuffing(t *testing.T) {
	t.Parallel()
	for _, content := range shapes {
		checkStuffing(t, []byte(content))
		if len(content) > 1000 {
			checkStuffing(t, []byte(content), 100_001, 100_002)
			checkStuffing(t, []byte(content), 100_003, 100_004)
			continue
		}
		for i := range len(content) + 1 {
			for j := i; j <= len(content); j++ {
				checkStuffing(t, []byte(content), i, j)
			}
		}
	}
}

// Every content of up to six octets out of the four that matter, in one piece
// and octet by octet.
func TestStuffingExhaustive(t *testing.T) {
	t.Parallel()
	var grow func(content []byte)
	grow = func(content []byte) {
		checkStuffing(t, content)
		checkStuffing(t, content, 1, 2, 3, 4, 5, 6)
		if len(content) < 6 && !t.Failed() {
			for _, c := range []byte("\r\n.a") {
				grow(append(content[:len(content):len(content)], c))
			}
		}
	}
	grow(nil)
}

// The exact octets for the cases that are easy to get wrong.
func TestStuffingExact(t *testing.T) {
	t.Parallel()
	tests := []struct{ content, want string }{
		{"", ""},
		{".", "..\r\n"},
		{"a\r", "a\r\r\n"},
		{"a\n.\n", "a\r\n..\r\n"},
		{"a\r.b\r\n", "a\r.b\r\n"},
		{"\n", "\r\n"},
		{"\r\r\n", "\r\r\n"},
	}
	for _, test := range tests {
		if got, _ := stuff(t, []byte(test.content)); string(got) != test.want {
			t.Errorf("content %q is sent as %q, want %q", test.content, got, test.want)
		}
	}
}

func FuzzStuffing(f *testing.F) {
	for i, content := range shapes {
		f.Add([]byte(content), uint16(i), uint16(2*i))
	}
	f.Fuzz(func(t *testing.T, content []byte, a, b uint16) {
		checkStuffing(t, content, int(a), int(b))
		whole, _ := stuff(t, content)
		single := make([]int, min(len(content), 300))
		for i := range single {
			single[i] = i + 1
		}
		if parts, _ := stuff(t, content, single...); !bytes.Equal(parts, whole) {
			t.Errorf("content %q: octet by octet %q, in one piece %q", content, parts, whole)
		}
	})
}

// head is what TOP is to send, computed on whole lines.
func head(content []byte, lines int) []byte {
	rest := normalised(content)
	var out []byte
	body := false
	for len(rest) > 0 {
		line, tail, _ := bytes.Cut(rest, []byte("\r\n"))
		if body && lines == 0 {
			break
		}
		if body {
			lines--
		}
		body = body || len(line) == 0
		out = append(append(out, line...), "\r\n"...)
		rest = tail
	}
	return out
}

func TestTop(t *testing.T) {
	t.Parallel()
	contents := append([]string{
		"A: 1\r\nB: 2\r\n\r\n1\r\n2\r\n3\r\n", "A: 1\n\n1\n\n.3\n4", "A: 1\r\n\r\n", "A: 1\r\n\r\r\nnot blank\r\n\r\nx\r\ny\r\n",
	}, shapes...)
	for _, content := range contents {
		for lines := range 6 {
			if len(content) > 1000 {
				checkTop(t, []byte(content), lines, 100_001, 1<<20)
				continue
			}
			for cut := range len(content) + 1 {
				for _, step := range []int{1, 2, 1 << 20} {
					checkTop(t, []byte(content), lines, cut, step)
				}
			}
		}
	}
}

// checkTop sends the content up to the cut at once and the rest in steps.
func checkTop(t testing.TB, content []byte, lines, cut, step int) {
	t.Helper()
	var wire bytes.Buffer
	out := &output{w: &wire, pool: newPool()}
	s := newStuffer(out)
	top := &topper{dst: s, lines: lines}
	_, err := top.Write(content[:cut])
	for rest := content[cut:]; err == nil && len(rest) > 0; {
		n := min(step, len(rest))
		_, err = top.Write(rest[:n])
		rest = rest[n:]
	}
	if err != nil && !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	s.finish()
	out.flush()
	if got, want := unstuffed(t, wire.Bytes()), head(content, lines); !bytes.Equal(got, want) {
		t.Errorf("TOP %d of %.80q cut at %d: %.80q, want %.80q", lines, content, cut, got, want)
	}
}

func FuzzTop(f *testing.F) {
	for i, content := range shapes {
		f.Add([]byte(content), uint8(i%4), uint16(i), uint16(i))
	}
	f.Fuzz(func(t *testing.T, content []byte, lines uint8, cut, step uint16) {
		checkTop(t, content, int(lines), min(int(cut), len(content)), int(step)+1)
	})
}

// A block is taken back as long as nothing of it was written.
func TestOutputRewind(t *testing.T) {
	t.Parallel()
	var wire bytes.Buffer
	out := &output{w: &wire, pool: newPool()}
	out.putString("kept")
	mark := out.mark()
	out.putString("gone")
	if !out.rewind(mark) {
		t.Error("rewind before the first write: false")
	}
	out.put(make([]byte, 2*blockSize))
	if out.rewind(mark) {
		t.Error("rewind after a write: true")
	}
	out.flush()
	if got := wire.String(); !strings.HasPrefix(got, "kept\x00") || len(got) != 4+2*blockSize {
		t.Errorf("written: %d octets, %.20q", len(got), got)
	}
}

var errBroken = errors.New("broken")

type broken struct{ writes int }

func (b *broken) Write(p []byte) (int, error) {
	b.writes++
	return 0, errBroken
}

// After a failed write nothing is written, and stuffing says so.
func TestOutputError(t *testing.T) {
	t.Parallel()
	w := &broken{}
	out := &output{w: w, pool: newPool()}
	s := newStuffer(out)
	_, err := s.Write(make([]byte, 3*blockSize))
	if !errors.Is(err, errBroken) {
		t.Errorf("Write: %v, want %v", err, errBroken)
	}
	s.Write(make([]byte, 3*blockSize))
	if err := out.flush(); !errors.Is(err, errBroken) || w.writes != 1 {
		t.Errorf("flush: %v after %d writes, want %v after 1", err, w.writes, errBroken)
	}
}

func BenchmarkStuffing(b *testing.B) {
	html := []byte("X: 1\r\n\r\n" + strings.Repeat(strings.Repeat("x", 9_998)+"\r\n", 100))
	text := []byte("X: 1\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 14_000))
	unix := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	random := make([]byte, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	for _, c := range []struct {
		name    string
		content []byte
	}{{"lines of 70", text}, {"lines of 10000", html}, {"bare LF", unix}, {"random", random}} {
		b.Run(c.name, func(b *testing.B) {
			out := &output{w: io.Discard, pool: newPool()}
			b.SetBytes(int64(len(c.content)))
			b.ReportAllocs()
			for b.Loop() {
				s := newStuffer(out)
				for chunk := c.content; len(chunk) > 0; {
					n := min(len(chunk), 16<<10)
					s.Write(chunk[:n])
					chunk = chunk[n:]
				}
				s.finish()
				out.flush()
			}
		})
	}
}
