package smtpd

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stuff is what an SMTP client does with content (RFC 5321 §4.5.2).
func stuff(content string) string {
	if strings.HasPrefix(content, ".") {
		content = "." + content
	}
	content = strings.ReplaceAll(content, "\r\n.", "\r\n..")
	if content != "" && !strings.HasSuffix(content, "\r\n") {
		content += "\r\n"
	}
	return content + ".\r\n"
}

// randomContent has what is hard: dots, line endings of all kinds, long lines.
func randomContent(rng *rand.Rand, size int) string {
	pieces := []string{".", "..", "\r\n", "\r", "\n", "\r\n.", "\n.", "\r.", "\x00", "\xff", "x", "text ", ".\r", "\r\n.\r"}
	var b strings.Builder
	for b.Len() < size {
		if rng.IntN(50) == 0 {
			b.WriteString(strings.Repeat("long", rng.IntN(1000)))
		}
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.String()
}

// What arrives is what was sent, however the network cuts it. A CRLF is added
// where content for DATA did not end in one.
func TestContentIsIdentical(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	c := r.ready()
	rng := rand.New(rand.NewPCG(1, 2))
	contents := []string{"", ".\r\n", "..\r\n", ".\rX\r\n", ".\r\rX\r\n", "a\n.\nb\r\n", "a\r.\rb\r\n", "\r\n", "\r\n\r\n", "no line ending"}
	for i := range 60 {
		contents = append(contents, randomContent(rng, 1<<(i%18)))
	}
	for i, content := range contents {
		c.begin()
		c.ask("DATA", "354 ")
		wire := stuff(content)
		for len(wire) > 0 { // in pieces, the last ones octet by octet
			n := 1 + rng.IntN(len(wire))
			if len(wire) < 6 {
				n = 1
			}
			c.send(wire[:n])
			wire = wire[n:]
		}
		c.want("250 2.0.0 OK")
		if content != "" && !strings.HasSuffix(content, "\r\n") {
			content += "\r\n"
		}
		if _, got := r.message(uint64(i + 1)); got != content {
			t.Fatalf("message %d: got %q, want %q", i, short(got), short(content))
		}
	}
	// With BDAT nothing is added.
	for i, content := range contents {
		c.begin()
		for rest := content; ; {
			n := rng.IntN(len(rest) + 1)
			if i%3 == 0 || n == len(rest) {
				c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(rest), rest))
				break
			}
			c.send(fmt.Sprintf("BDAT %d\r\n%s", n, rest[:n]))
			c.want("250 2.0.0 " + octets(int64(n)))
			rest = rest[n:]
		}
		c.want("250 2.0.0 OK")
		if _, got := r.message(uint64(len(contents) + i + 1)); got != content {
			t.Fatalf("BDAT message %d: got %q, want %q", i, short(got), short(content))
		}
	}
}

func short(s string) string {
	if len(s) > 200 {
		return s[:100] + "…" + s[len(s)-100:]
	}
	return s
}

// A session cut in two at any place gives the same messages and replies.
func TestEverySplit(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	const session = "EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n..a\r\n.\rb\r\n.\r\n" +
		"MAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 7\r\n.\r\nQUITBDAT 2 LAST\r\n\r\nNOOP\r\nQUIT\r\n"
	seq := uint64(0)
	for i := 1; i < len(session); i++ {
		c := r.dial()
		c.send(session[:i])
		c.send(session[i:])
		c.want("250 ")             // EHLO
		c.want("250 2.1.0")        // MAIL
		c.want("250 2.1.5")        // RCPT
		c.want("354 ")             // DATA
		c.want("250 2.0.0 OK id=") // DATA
		c.want("250 2.1.0")        // MAIL
		c.want("250 2.1.5")        // RCPT
		c.want("250 2.0.0 7 oct")  // BDAT
		c.want("250 2.0.0 OK id=") // BDAT
		c.want("250 2.0.0 OK")     // NOOP
		c.want("221 ")
		c.wantClosed()
		for _, want := range []string{".a\r\n\rb\r\n", ".\r\nQUIT\r\n"} {
			seq++
			if _, got := r.message(seq); got != want {
				t.Fatalf("split at %d: message %d is %q, want %q", i, seq, got, want)
			}
		}
	}
}

// Lines of content have no limit, and neither has a lone line of a message.
func TestLongLines(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	c := r.addressed()
	c.ask("DATA", "354 ")
	line := strings.Repeat("<td>", 1<<20)
	c.send(line + "\r\n.\r\n")
	c.want("250 2.0.0 OK")
	if _, got := r.message(1); got != line+"\r\n" {
		t.Errorf("%d octets arrived, want %d", len(got), len(line)+2)
	}
}

// Command lines have one: 500, and the session goes on (RFC 5321 §4.5.3.1.9).
func TestLongCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{MaxCommandLine: 600})
	c := r.ready()
	fits := "NOOP " + strings.Repeat("x", 600-len("NOOP \r\n"))
	c.ask(fits, "250 2.0.0")
	for _, more := range []int{1, 2, 100, 5000, 100_000} {
		c.ask(fits+strings.Repeat("y", more), "500 5.5.2 Line too long: a command has at most 600 octets")
		c.ask("NOOP", "250 2.0.0")
	}
	// What comes behind it is not lost, and a bare LF inside is not its end.
	c.send(strings.Repeat("z", 9000) + "\nRSET\r\nNOOP\r\n")
	c.want("500 5.5.2")
	c.want("250 2.0.0 OK")
	// AUTH may be longer (RFC 4954 §4).
	c.ask("AUTH PLAIN "+strings.Repeat("A", 12_000), "501 5.5.2")
	c.ask("AUTH PLAIN "+strings.Repeat("A", 13_000), "500 5.5.6")
	c.ask("AUTH PLAIN", "334 ")
	c.ask(strings.Repeat("A", 12_000), "501 5.5.2")
	c.ask("AUTH PLAIN", "334 ")
	c.ask(strings.Repeat("A", 13_000), "500 5.5.6")
	c.ask("NOOP", "250 2.0.0 OK")
}

// Variants that other servers have taken for the end of content.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for i, end := range []string{"\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\n.\r\r\n", "\r\n\x00.\r\n", "\r\n.\x00\r\n", "\n.\r", "\r\r\n.\n"} {
		c := r.addressed()
		c.ask("DATA", "354 ")
		content := "one" + end + "MAIL FROM:<evil@a.test>\r\nRCPT TO:<evil@a.test>\r\nDATA\r\nsmuggled\r\n"
		c.send(content + ".\r\n")
		c.want("250 2.0.0 OK")
		c.ask("NOOP", "250 2.0.0 OK")
		// a dot that a line begins with was the client's to double
		want := strings.ReplaceAll(content, "\r\n.", "\r\n")
		if _, got := r.message(uint64(i + 1)); got != want {
			t.Errorf("after %q: got %q, want %q", end, got, want)
		}
		c.Close()
	}
}

// Large content costs what it must and no more.
func TestLargeMessage(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	content := bytes.Repeat([]byte(strings.Repeat("QUJD", 19)+"\r\n"), 10<<20/78)
	c := r.addressed()
	c.ask("DATA", "354 ")
	c.send(string(content) + ".\r\n")
	c.want("250 2.0.0 OK")
	if _, got := r.message(1); got != string(content) {
		t.Errorf("%d octets arrived, want %d", len(got), len(content))
	}
}

// Messages of the real world arrive as they are, by DATA and by BDAT.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../shared/corpus/*.eml")
	if len(files) == 0 {
		t.Skip("no corpus")
	}
	r := newRig(t, Config{})
	c := r.ready()
	for i, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content := string(b)
		c.begin()
		c.ask("DATA", "354 ")
		c.send(stuff(content))
		c.want("250 2.0.0 OK")
		want := content
		if !strings.HasSuffix(content, "\r\n") {
			want += "\r\n"
		}
		if _, got := r.message(uint64(2*i + 1)); got != want {
			t.Errorf("%s is not the same after DATA", file)
		}
		c.begin()
		c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(content), content))
		c.want("250 2.0.0 OK")
		if _, got := r.message(uint64(2*i + 2)); got != content {
			t.Errorf("%s is not the same after BDAT", file)
		}
	}
}
