package message

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// endless is n octets of a repeated line, made while they are read.
type endless struct {
	line string
	left int
	at   int
}

func (e *endless) Read(p []byte) (n int, err error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	for n < len(p) && e.left > 0 {
		c := copy(p[n:min(len(p), n+e.left)], e.line[e.at:])
		n += c
		e.left -= c
		e.at = (e.at + c) % len(e.line)
	}
	return n, nil
}

// TestLargeAttachment holds that an attachment is not held in memory.
func TestLargeAttachment(t *testing.T) { // not parallel: it measures the heap
	const size = 64 << 20 / 78 * 78
	message := func() io.Reader {
		return io.MultiReader(strings.NewReader(good("Content-Type: multipart/mixed; boundary=b")+
			lines("--b", "", "text", "--b", "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", "")),
			&endless{line: strings.Repeat("QUJD", 19) + "\r\n", left: size}, strings.NewReader("--b--\r\n"))
	}
	const most = 8 << 20
	if grown := allocated(func() { Index(message()) }); grown > most {
		t.Errorf("Index allocates %d octets, want less than %d", grown, most)
	}
	var m *Message
	if grown := allocated(func() { m = Parse(message()) }); grown > most {
		t.Errorf("Parse allocates %d octets, want less than %d", grown, most)
	}
	if p := m.Root.Parts[1]; p.Octets != size-2 || p.Size < size/78*57 || p.SHA256 == "" {
		t.Errorf("the attachment has %d octets, size %d", p.Octets, p.Size)
	}
	var n int64
	grown := allocated(func() {
		_, r, err := OpenPart(message(), "2")
		if err != nil {
			t.Error(err)
			return
		}
		n, _ = io.Copy(io.Discard, r)
	})
	if grown > most || n != m.Root.Parts[1].Size {
		t.Errorf("OpenPart allocates %d octets, want less than %d; reads %d, want %d", grown, most, n, m.Root.Parts[1].Size)
	}
}

// allocated is what f allocates, all together: a bound for what it ever holds.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHostile reads what would take minutes if the time were quadratic.
func TestHostile(t *testing.T) {
	t.Parallel()
	const n = 256 << 10
	rep := func(s string) string { return strings.Repeat(s, n/len(s)) }
	mixed := good("Content-Type: multipart/mixed; boundary=b")
	html := good("Content-Type: text/html")
	var nested strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n", i, i)
	}
	var messages strings.Builder
	for range 2000 {
		messages.WriteString("Content-Type: message/rfc822\r\n\r\n")
	}
	for name, in := range map[string]string{
		"nested multiparts":        nested.String() + rep("\r\n--x"),
		"nested messages":          messages.String() + rep("x\r\n"),
		"delimiters that are none": mixed + rep("\r\n--"),
		"delimiters almost":        mixed + rep("\r\n--bb"),
		"many delimiters":          mixed + rep("--b\r\n"),
		"long delimiter":           mixed + "--b" + rep(" "),
		"dashes":                   mixed + rep("-"),
		"CRs":                      mixed + rep("\r"),
		"LFs":                      mixed + "--b\r\n" + rep("\n"),
		"spaces in a header":       "Subject: " + rep(" ") + "\r\n\r\n",
		"folds":                    "Subject: x" + rep("\r\n x") + "\r\n\r\n",
		"CRs in a header":          "Subject: " + rep("\r") + "\r\n\r\n",
		"lines without colon":      "Subject: x\r\n" + rep("x\r\n y\r\n") + "A: b\r\n\r\n",
		"encoded words":            "Subject: " + rep("=?utf-8?q?a?= ") + "\r\n\r\n",
		"encoded words, charsets":  "Subject: " + rep("=?gbk?q?a?= =?big5?q?b?= ") + "\r\n\r\n",
		"beginnings of words":      "Subject: " + rep("=?utf-8?q?") + "\r\n\r\n",
		"question marks":           "Subject: " + rep("=?") + "\r\n\r\n",
		"atoms":                    "To: " + rep("a ") + "\r\n\r\n",
		"dots":                     "To: " + rep("a.") + "\r\n\r\n",
		"at signs":                 "To: " + rep("a@") + "\r\n\r\n",
		"commas":                   "To: " + rep("a,") + "\r\n\r\n",
		"colons":                   "To: " + rep("a:") + "\r\n\r\n",
		"angles":                   "To: " + rep("<") + "\r\n\r\n",
		"angles and addresses":     "To: " + rep("<a@b>") + "\r\n\r\n",
		"comments":                 "To: " + rep("(a)") + "\r\n\r\n",
		"open comments":            "To: " + rep("(") + "\r\n\r\n",
		"quotes":                   "To: " + rep(`"`) + "\r\n\r\n",
		"brackets":                 "To: " + rep("[ ") + "\r\n\r\n",
		"words in an address":      "To: " + rep("=? ") + "\r\n\r\n",
		"fields of addresses":      rep("To: a@b.test\r\n") + "\r\n",
		"parameters":               "Content-Type: text/plain" + rep(";a=b") + "\r\n\r\n",
		"sections":                 "Content-Type: text/plain" + rep(";a*1=b") + "\r\n\r\n",
		"semicolons":               "Content-Type: text/plain" + rep(";") + "\r\n\r\n",
		"quotes in a parameter":    `Content-Type: text/plain; a=` + rep(`"`) + "\r\n\r\n",
		"date":                     "Date: " + rep("1 ") + "\r\n\r\n",
		"part headers":             mixed + rep("--b\r\n"+rep("X: y\r\n")[:60000]+"\r\n"),
		"no boundary":              good("Content-Type: multipart/mixed") + rep("--boundary\r\nx\r\n"),
		"tags":                     html + rep("<a"),
		"tags and quotes":          html + rep(`<a b="`),
		"tags, two quotes":         html + rep(`<a b="c' d='`),
		"comments in HTML":         html + rep("<!--"),
		"scripts":                  html + rep("<script>"),
		"scripts that end":         html + rep("<script></scrip>"),
		"entities":                 html + rep("&"),
		"entities, long":           html + rep("&aaaaaaa"),
		"soft breaks":              good("Content-Transfer-Encoding: quoted-printable") + rep("= "),
		"spaces, quoted":           good("Content-Transfer-Encoding: quoted-printable") + rep(" "),
		"padding":                  good("Content-Transfer-Encoding: base64") + rep("="),
		"utf-7":                    good("Content-Type: text/plain; charset=utf-7") + rep("+"),
		"invalid UTF-8":            good("Content-Type: text/plain; charset=utf-8") + rep("\xff"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			s := Index(strings.NewReader(in))
			m := Parse(strings.NewReader(in))
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%d octets take %v", len(in), d)
			}
			checkSummary(t, s)
			checkMessage(t, m)
			if _, r, err := OpenPart(strings.NewReader(in), "1"); err == nil {
				if _, err := io.Copy(io.Discard, r); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestTruncated holds that text is cut at its limit, between characters, and says so.
func TestTruncated(t *testing.T) {
	t.Parallel()
	for _, size := range []int{MaxText, MaxText + 1, 2*MaxText + 3} {
		in := good("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit") + strings.Repeat("ä", size/2) + strings.Repeat("x", size%2)
		m := Parse(strings.NewReader(in))
		if len(m.Text) > MaxText || len(m.Text) < min(size, MaxText-1) || !utf8.ValidString(m.Text) {
			t.Errorf("%d octets of text for %d", len(m.Text), size)
		}
		if m.TextTruncated != (size > MaxText) {
			t.Errorf("%d octets: truncated is %v", size, m.TextTruncated)
		}
		s := Index(strings.NewReader(in))
		if len(s.Text) > MaxIndexText || len(s.Text) < MaxIndexText-1 || !utf8.ValidString(s.Text) || !s.TextTruncated {
			t.Errorf("Index: %d octets of text for %d, truncated is %v", len(s.Text), size, s.TextTruncated)
		}
		for _, d := range m.Defects {
			if d.Code == BadCharset {
				t.Errorf("%d octets: the cut is taken for a defect of the message", size)
			}
		}
	}
}

// TestDepth reads what is nested deeper than MaxDepth: the rest is one part, whose octets can be had.
func TestDepth(t *testing.T) {
	t.Parallel()
	in := strings.Repeat("Content-Type: message/rfc822\r\n\r\n", MaxDepth+10) + "Subject: inmost\r\n\r\ntext\r\n"
	m := Parse(strings.NewReader(in))
	depth := 0
	p := m.Root
	for len(p.Parts) > 0 {
		p = p.Parts[0]
		depth++
	}
	if depth != MaxDepth || p.Type != "message/rfc822" || !p.Attachment {
		t.Errorf("depth %d, innermost %q; want %d and the rest as an attached message", depth, p.Type, MaxDepth)
	}
	_, r, err := OpenPart(strings.NewReader(in), p.Path)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(r); !bytes.HasSuffix(b, []byte("text\r\n")) || int64(len(b)) != p.Size {
		t.Errorf("the rest is %q", b)
	}
}
