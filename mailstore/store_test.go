package mailstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// openTest opens a store for a test; it is closed at its end.
func openTest(t testing.TB, o Options) *Store {
	t.Helper()
	if o.Path == "" {
		o.Ephemeral = true
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// deliver stores content for some forward-paths.
func deliver(t testing.TB, s *Store, content string, rcpts ...string) Receipt {
	t.Helper()
	r, err := tryDeliver(s, content, rcpts...)
	if err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	return r
}

func tryDeliver(s *Store, content string, rcpts ...string) (Receipt, error) {
	env := Envelope{ReversePath: "sender@example.org", Helo: "client.test", Extended: true, Remote: "127.0.0.1:4025"}
	for _, r := range rcpts {
		env.ForwardPaths = append(env.ForwardPaths, ForwardPath{Address: r})
	}
	in := s.NewIncoming()
	defer in.Abort()
	if _, err := io.Copy(in, strings.NewReader(content)); err != nil {
		return Receipt{}, err
	}
	return in.Deliver(context.Background(), env)
}

func contentOf(t testing.TB, s *Store, seq uint64) string {
	t.Helper()
	c, err := s.Content(seq)
	if err != nil {
		t.Fatalf("Content(%d): %v", seq, err)
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("reading content %d: %v", seq, err)
	}
	return string(b)
}

func mail(subject, body string) string {
	return "From: Ann <ann@example.org>\r\nTo: bob@example.com\r\nSubject: " + subject + "\r\n\r\n" + body + "\r\n"
}

// TestContentIdentity: what was written comes back octet for octet, whatever its
// size, and also after the file was closed and opened.
func TestContentIdentity(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restante.db")
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return string(b)
	}
	contents := []string{
		"", "x", "\r\n", "a\nb\r", mail("s", "b"), random(chunkSize - 100), random(chunkSize), random(chunkSize + 1),
		random(blockSize - 1), random(blockSize), random(blockSize + 1), random(3*blockSize + 77),
		strings.Repeat("\x00", 4<<20), random(3 << 20), "\xff\xfe\x00\r\n.\r\n",
	}
	s := openTest(t, Options{Path: path})
	var receipts []Receipt
	for _, c := range contents {
		receipts = append(receipts, deliver(t, s, c, "a@x.test"))
	}
	check := func(s *Store) {
		t.Helper()
		for i, want := range contents {
			if got := contentOf(t, s, receipts[i].Seq); got != want {
				t.Errorf("content %d of %d octets came back as %d octets, the same: %v", i, len(want), len(got), got == want)
			}
			c, err := s.Content(receipts[i].Seq)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if n, err := c.WriteTo(&b); err != nil || n != int64(len(want)) || b.String() != want {
				t.Errorf("content %d: WriteTo wrote %d octets, %v; want %d", i, n, err, len(want))
			}
			c.Close()
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(openTest(t, Options{Path: path}))
}

// TestOctets: the octets announced are those of the trace fields and the content
// with every line end as CRLF.
func TestOctets(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	for _, content := range []string{
		"", "a", "a\n", "a\r", "a\r\n", "\n", "\n\n", "\r\n\n\r\n", "a\nb\r\nc", "a\r\r\nb",
		strings.Repeat("x\n", blockSize), strings.Repeat("x\r\n", blockSize), strings.Repeat("y", blockSize-1) + "\r\nz",
	} {
		want := strings.ReplaceAll(strings.ReplaceAll(content, "\r\n", "\n"), "\n", "\r\n")
		if content != "" && !strings.HasSuffix(want, "\n") {
			want += "\r\n"
		}
		r := deliver(t, s, content, "a@x.test")
		m, err := s.MessageBySeq(r.Seq)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Octets - int64(len(m.Trace)); got != int64(len(want)) || m.Size != int64(len(content)) {
			t.Errorf("content %.20q of %d octets: Octets %d, Size %d; want %d, %d", content, len(content), got, m.Size, len(want), len(content))
		}
		// Split anywhere, it is the same.
		var l lineCount
		for p := []byte(content); len(p) > 0; {
			n := min(len(p), 1+len(p)%3)
			l.add(p[:n])
			p = p[n:]
		}
		if l.octets() != int64(len(want)) {
			t.Errorf("content %.20q in pieces: %d octets, want %d", content, l.octets(), len(want))
		}
	}
}

func TestDeliverAndDelete(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	ctx := t.Context()
	r := deliver(t, s, mail("hello", "text"), "Alice+tag@X.test", "bob@x.test", "alice@x.test")
	m, err := s.Message(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(m.Mailboxes()); got != "[alice@x.test bob@x.test]" {
		t.Errorf("mailboxes are %s", got)
	}
	if m.Subject != "hello" || m.Envelope.ForwardPaths[0].Address != "Alice+tag@X.test" {
		t.Errorf("message is %+v", m)
	}
	if err := s.DeleteFrom(ctx, "alice@x.test", []uint64{r.Seq, 999}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mailbox("alice@x.test"); !errors.Is(err, ErrNoMailbox) {
		t.Errorf("the emptied mailbox: %v", err)
	}
	if m, err = s.Message(r.ID); err != nil || fmt.Sprint(m.Mailboxes()) != "[bob@x.test]" {
		t.Errorf("after deleting from one mailbox: %v, %v", m.Mailboxes(), err)
	}
	if err := s.DeleteFrom(ctx, "bob@x.test", []uint64{r.Seq}); err != nil {
		t.Fatal(err)
	}
	if _, err = s.Message(r.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("after deleting the last delivery: %v, want ErrNotFound", err)
	}
	if _, err := s.Content(r.Seq); !errors.Is(err, ErrNotFound) {
		t.Errorf("its content: %v, want ErrNotFound", err)
	}
	next := deliver(t, s, "again", "alice@x.test")
	if next.Seq <= r.Seq {
		t.Errorf("seq %d follows %d", next.Seq, r.Seq)
	}
	totals, _ := s.Totals()
	if totals.Messages != 1 || totals.Bytes != 5 || totals.Unseen != 1 || totals.Newest != next.Seq {
		t.Errorf("totals are %+v", totals)
	}
	if n, err := s.DeleteAll(ctx); n != 1 || err != nil {
		t.Errorf("DeleteAll: %d, %v", n, err)
	}
	if boxes, _ := s.Mailboxes("", 0); len(boxes) != 0 {
		t.Errorf("mailboxes after DeleteAll: %v", boxes)
	}
}

// BenchmarkDeliver is 8 senders per processor; the file has no fsync.
func BenchmarkDeliver(b *testing.B) {
	for _, size := range []int{2 << 10, 100 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := openTest(b, Options{Ephemeral: true})
			content := []byte(benchMail(size))
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					in := s.NewIncoming()
					in.Write(content)
					if _, err := in.Deliver(context.Background(), Envelope{ReversePath: "a@x.test", Helo: "client", Extended: true,
						ForwardPaths: []ForwardPath{{Address: fmt.Sprintf("user%d@x.test", rand.IntN(100))}}}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func benchMail(size int) string {
	const words = "account address amount available because before between billing cancel change click confirm "
	body := strings.Repeat(words+"\r\n", size/len(words)/2+1)[:size/2-300]
	return "From: \"Sender 7\" <sender7@example.org>\r\nTo: \"User\" <user1@example.com>\r\nSubject: Order 00000042 confirmed\r\n" +
		"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <42@example.org>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/alternative; boundary=\"bb\"\r\n\r\n--bb\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
		body + "\r\n--bb\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>" + body + "</p></body></html>\r\n--bb--\r\n"
}
