package message

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// tree writes the parts of a message, one a line: path, type, flags, name and, of a leaf, size.
func tree(p *Part) string {
	var b strings.Builder
	var walk func(p *Part)
	walk = func(p *Part) {
		fmt.Fprintf(&b, "%s %s", p.Path, p.Type)
		if p.Attachment {
			b.WriteString(" attachment")
		}
		if p.Inline {
			b.WriteString(" inline")
		}
		if p.Name != "" {
			fmt.Fprintf(&b, " %q", p.Name)
		}
		if p.ContentID != "" {
			fmt.Fprintf(&b, " <%s>", p.ContentID)
		}
		if len(p.Parts) == 0 {
			fmt.Fprintf(&b, " %d", p.Size)
		}
		b.WriteByte('\n')
		for _, kid := range p.Parts {
			walk(kid)
		}
	}
	walk(p)
	return b.String()
}

type structureCase struct {
	name, in   string
	tree       string
	text, html string
}

func structureCases() []structureCase {
	mixed := good("Content-Type: multipart/mixed; boundary=m")
	return []structureCase{
		{"no multipart", good() + "text\r\n", " text/plain inline 6\n", "text\n", ""},
		{"html alone", good("Content-Type: text/html; charset=utf-8") + "<p>text</p>\r\n", " text/html inline 13\n", "", "<p>text</p>\n"},
		{"attachment alone", good("Content-Type: application/pdf; name=a.pdf") + "x\r\n", " application/pdf attachment \"a.pdf\" 3\n", "", ""},
		{"text file alone", good("Content-Type: text/plain", "Content-Disposition: attachment; filename=a.txt") + "x\r\n", " text/plain attachment \"a.txt\" 3\n", "", ""},
		{"alternative, related, mixed",
			mixed + lines("preamble", "--m", "Content-Type: multipart/alternative; boundary=a", "",
				"--a", "Content-Type: text/plain", "", "plain", "--a", "Content-Type: multipart/related; boundary=r", "",
				"--r", "Content-Type: text/html", "", "<img src=cid:i@x>", "--r", "Content-Type: image/png; name=i.png", "Content-ID: <i@x>", "Content-Transfer-Encoding: base64", "", "AAAA", "--r--",
				"--a--", "--m", "Content-Type: application/pdf", "Content-Disposition: attachment; filename=a.pdf", "", "pdf", "--m--", "epilogue"),
			" multipart/mixed\n1 multipart/alternative\n1.1 text/plain inline 5\n1.2 multipart/related\n1.2.1 text/html inline 17\n" +
				"1.2.2 image/png inline \"i.png\" <i@x> 3\n2 application/pdf attachment \"a.pdf\" 3\n",
			"plain", "<img src=cid:i@x>"},
		{"several texts", mixed + lines("--m", "", "one", "--m", "Content-Type: text/html", "", "<b>two</b>", "--m", "Content-Type: text/plain", "", "three", "--m--"),
			" multipart/mixed\n1 text/plain inline 3\n2 text/html inline 10\n3 text/plain inline 5\n", "one\nthree", "<b>two</b>"},
		{"text with a name", mixed + lines("--m", "Content-Type: text/plain; name=a.txt", "", "file", "--m",
			"Content-Disposition: inline; filename=b.txt", "", "shown", "--m--"),
			" multipart/mixed\n1 text/plain attachment \"a.txt\" 4\n2 text/plain inline \"b.txt\" 5\n", "shown", ""},
		{"calendar as an alternative", good("Content-Type: multipart/alternative; boundary=m") + lines("--m", "", "come", "--m", "Content-Type: text/calendar; method=REQUEST; charset=utf-8", "", "BEGIN:VCALENDAR", "--m--"),
			" multipart/alternative\n1 text/plain inline 4\n2 text/calendar 15\n", "come", ""},
		{"calendar as a file", mixed + lines("--m", "Content-Type: text/calendar; name=invite.ics", "", "BEGIN:VCALENDAR", "--m--"),
			" multipart/mixed\n1 text/calendar attachment \"invite.ics\" 15\n", "", ""},
		{"inline image that nothing refers to", mixed + lines("--m", "Content-Type: image/png", "Content-Disposition: inline; filename=a.png", "", "png", "--m--"),
			" multipart/mixed\n1 image/png attachment \"a.png\" 3\n", "", ""},
		{"attached although it has a Content-ID", good("Content-Type: multipart/related; boundary=m") + lines("--m", "Content-Type: image/png", "Content-Disposition: attachment; filename=a.png", "Content-ID: <i@x>", "", "png", "--m--"),
			" multipart/related\n1 image/png attachment \"a.png\" <i@x> 3\n", "", ""},
		{"attached message", mixed + lines("--m", "", "see below", "--m", "Content-Type: message/rfc822", "", "Subject: inner", "", "inner text", "--m", "", "and above", "--m--"),
			" multipart/mixed\n1 text/plain inline 9\n2 message/rfc822 attachment\n2.1 text/plain inline 10\n3 text/plain inline 9\n", "see below\nand above", ""},
		{"attached multipart", mixed + lines("--m", "Content-Type: message/rfc822", "", "Subject: inner", "Content-Type: multipart/mixed; boundary=i", "", "--i", "", "one", "--i", "Content-Type: image/png", "Content-Disposition: attachment", "", "two", "--i--", "--m", "", "x", "--m--"),
			" multipart/mixed\n1 message/rfc822 attachment\n1.1 text/plain inline 3\n1.2 image/png attachment 3\n2 text/plain inline 1\n", "x", ""},
		{"message in a message in a message", mixed + lines("--m", "Content-Type: message/rfc822", "", "Content-Type: message/rfc822", "", "Subject: inmost", "", "text", "--m--"),
			" multipart/mixed\n1 message/rfc822 attachment\n1.1 message/rfc822 attachment\n1.1.1 text/plain inline 4\n", "", ""},
		{"digest", good("Content-Type: multipart/digest; boundary=m") + lines("--m", "", "Subject: one", "", "1", "--m", "Content-Type: text/plain", "", "no message", "--m--"),
			" multipart/digest\n1 message/rfc822 attachment\n1.1 text/plain inline 1\n2 text/plain inline 10\n", "no message", ""},
		{"the whole is a message", good("Content-Type: message/rfc822") + "Subject: inner\r\n\r\ntext\r\n", " message/rfc822 attachment\n1 text/plain inline 6\n", "", ""},
		{"delivery report", good("Content-Type: multipart/report; report-type=delivery-status; boundary=m") + lines("--m", "", "failed", "--m", "Content-Type: message/delivery-status", "", "Status: 5.1.1", "--m", "Content-Type: text/rfc822-headers", "", "Subject: x", "--m--"),
			" multipart/report\n1 text/plain inline 6\n2 message/delivery-status 13\n3 text/rfc822-headers 10\n", "failed", ""},
		{"delivery report in UTF-8", good("Content-Type: multipart/report; report-type=delivery-status; boundary=m") + lines("--m", "", "failed", "--m", "Content-Type: message/delivery-status", "", "Status: 5.1.1", "--m", "Content-Type: message/global-headers", "", "Subject: x", "--m--"),
			" multipart/report\n1 text/plain inline 6\n2 message/delivery-status 13\n3 message/global-headers 10\n", "failed", ""},
		{"signed", good("Content-Type: multipart/signed; boundary=m") + lines("--m", "", "text", "--m", "Content-Type: application/pgp-signature; name=signature.asc", "", "sig", "--m--"),
			" multipart/signed\n1 text/plain inline 4\n2 application/pgp-signature attachment \"signature.asc\" 3\n", "text", ""},

		{"boundary with trailing space on its line", mixed + "--m  \r\n\r\none\r\n--m\t\r\n\r\ntwo\r\n--m-- \r\n", " multipart/mixed\n1 text/plain inline 3\n2 text/plain inline 3\n", "one\ntwo", ""},
		{"boundaries that begin alike", mixed + lines("--m", "Content-Type: multipart/alternative; boundary=m2", "", "--m2", "", "one", "--mx", "--m2--", "--m", "", "two", "--m--"),
			" multipart/mixed\n1 multipart/alternative\n1.1 text/plain inline 9\n2 text/plain inline 3\n", "one\n--mx\ntwo", ""},
		{"inner boundary like the outer", mixed + lines("--m", "Content-Type: multipart/alternative; boundary=m", "", "--m", "", "one", "--m--"),
			" multipart/mixed\n1 multipart/alternative inline 0\n2 text/plain inline 3\n", "one", ""},
		{"bare LF throughout", strings.ReplaceAll(mixed+lines("--m", "", "one", "--m", "", "two", "--m--"), "\r\n", "\n"), " multipart/mixed\n1 text/plain inline 3\n2 text/plain inline 3\n", "one\ntwo", ""},
		{"mixed line endings", mixed + "--m\n\r\none\r\n--m\r\n\ntwo\n--m--", " multipart/mixed\n1 text/plain inline 3\n2 text/plain inline 3\n", "one\ntwo", ""},
		{"unterminated", mixed + "--m\r\n\r\none\r\n--m\r\n\r\ntwo\r\n", " multipart/mixed\n1 text/plain inline 3\n2 text/plain inline 5\n", "one\ntwo\n", ""},
		{"cut off in a delimiter", mixed + "--m\r\n\r\none\r\n--", " multipart/mixed\n1 text/plain inline 7\n", "one\n--", ""},
		{"parts behind the closing delimiter", mixed + lines("--m", "", "one", "--m--", "--m", "", "two", "--m--"), " multipart/mixed\n1 text/plain inline 3\n", "one", ""},
		{"no parts", mixed + "--m--\r\n", " multipart/mixed 7\n", "", ""},
		{"empty parts", mixed + "--m\r\n--m\r\n\r\n--m\r\n\r\n\r\n--m--\r\n", " multipart/mixed\n1 text/plain inline 0\n2 text/plain inline 0\n3 text/plain inline 0\n", "", ""},
		{"boundary that does not occur", mixed + "--x\r\n\r\nall text\r\n", " multipart/mixed inline 17\n", "--x\n\nall text\n", ""},
		{"no boundary parameter", good("Content-Type: multipart/mixed") + lines("hello", "--guess-me", "Content-Type: text/html", "", "<i>x</i>", "--guess-me--"), " multipart/mixed\n1 text/html inline 8\n", "", "<i>x</i>"},
		{"no boundary parameter, nothing to guess", good("Content-Type: multipart/mixed") + "hello\r\n-- \r\nAnn\r\n", " multipart/mixed inline 17\n", "hello\n-- \nAnn\n", ""},
		{"boundary in RFC 2231 sections", good(`Content-Type: multipart/mixed; boundary*0="m"; boundary*1="n"`) + lines("--mn", "", "one", "--mn--"), " multipart/mixed\n1 text/plain inline 3\n", "one", ""},
		{"boundary of odd characters", good(`Content-Type: multipart/mixed; boundary="=_(x) y?z"`) + lines("--=_(x) y?z", "", "one", "--=_(x) y?z--"), " multipart/mixed\n1 text/plain inline 3\n", "one", ""},
		{"boundary of raw octets", good("Content-Type: multipart/mixed; boundary=\"\xff\xfe\"") + "--\xff\xfe\r\n\r\none\r\n--\xff\xfe--\r\n", " multipart/mixed\n1 text/plain inline 3\n", "one", ""},
	}
}

func TestStructure(t *testing.T) {
	t.Parallel()
	for _, tt := range structureCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := Parse(strings.NewReader(tt.in))
			if got := tree(m.Root); got != tt.tree {
				t.Errorf("parts:\n%swant:\n%s", got, tt.tree)
			}
			if m.Text != tt.text {
				t.Errorf("text %q, want %q", m.Text, tt.text)
			}
			if m.HTML != tt.html {
				t.Errorf("HTML %q, want %q", m.HTML, tt.html)
			}
			consistent(t, []byte(tt.in))
		})
	}
}

// consistent checks what holds of every message, whatever is in it.
func consistent(t *testing.T, in []byte) {
	t.Helper()
	m := Parse(strings.NewReader(string(in)))
	s := Index(strings.NewReader(string(in)))
	if s.Subject != m.Subject || !slices.Equal(s.From, m.From) || s.MessageID != m.MessageID || !s.Date.Equal(m.Date) {
		t.Errorf("Index has %q from %q at %v, Parse %q from %q at %v", s.Subject, s.From, s.Date, m.Subject, m.From, m.Date)
	}
	var names []string
	for _, a := range m.Attachments() {
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	if s.Attachments != len(m.Attachments()) || !slices.Equal(s.AttachmentNames, names) {
		t.Errorf("Index has %d attachments %q, Parse %d %q", s.Attachments, s.AttachmentNames, len(m.Attachments()), names)
	}
	for _, code := range s.Defects {
		if !slices.ContainsFunc(m.Defects, func(d Defect) bool { return d.Code == code }) {
			t.Errorf("Index has the defect %s, Parse only %v", code, m.Defects)
		}
	}
	checkSummary(t, s)
	checkMessage(t, m)
	seen := make(map[string]bool)
	var all func(p *Part)
	all = func(p *Part) {
		if seen[p.Path] {
			t.Errorf("two parts have the path %q", p.Path)
		}
		seen[p.Path] = true
		for _, kid := range p.Parts {
			all(kid)
		}
		if len(seen) > 50 {
			return // each is one more pass over the message
		}
		checkOpen(t, in, p)
	}
	all(m.Root)
}

func checkOpen(t *testing.T, in []byte, p *Part) {
	t.Helper()
	opened, r, err := OpenPart(strings.NewReader(string(in)), p.Path)
	if err != nil {
		t.Errorf("OpenPart(%q): %v", p.Path, err)
		return
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("reading part %q: %v", p.Path, err)
	}
	if int64(len(b)) != p.Size {
		t.Errorf("part %q has %d octets, its Size is %d", p.Path, len(b), p.Size)
	}
	if opened.Type != p.Type || opened.Name != p.Name {
		t.Errorf("OpenPart(%q) is %s %q, want %s %q", p.Path, opened.Type, opened.Name, p.Type, p.Name)
	}
	if sum := sha256.Sum256(b); p.SHA256 != "" && p.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("part %q: SHA256 is not that of its octets", p.Path)
	}
	if p.SHA256 == "" && len(p.Parts) == 0 && p.Type != "message/rfc822" && !strings.HasPrefix(p.Type, "multipart/") {
		t.Errorf("part %q has no SHA256", p.Path)
	}
	if p.Octets < 0 || p.Octets > int64(len(in)) || p.Size < 0 {
		t.Errorf("part %q: %d octets, size %d in a message of %d", p.Path, p.Octets, p.Size, len(in))
	}
}

func TestOpenPart(t *testing.T) {
	t.Parallel()
	in := good("Content-Type: multipart/mixed; boundary=m") + lines("--m", "Content-Transfer-Encoding: base64", "", "aGVsbG8=", "--m",
		"Content-Type: message/rfc822", "", "Subject: inner", "", "inner text", "--m", "Content-Transfer-Encoding: quoted-printable", "", "a=3Db", "--m--")
	for _, tt := range []struct{ in, path, want string }{
		{in, "1", "hello"},
		{in, "2", "Subject: inner\r\n\r\ninner text"},
		{in, "2.1", "inner text"},
		{in, "3", "a=b"},
		{in, "", in[strings.Index(in, "--m"):]},
		{good() + "text\r\n", "", "text\r\n"},
		{good() + "text\r\n", "1", "text\r\n"},
	} {
		_, r, err := OpenPart(strings.NewReader(tt.in), tt.path)
		if err != nil {
			t.Errorf("%q: %v", tt.path, err)
			continue
		}
		if b, err := io.ReadAll(r); string(b) != tt.want || err != nil {
			t.Errorf("%q: got %q, %v; want %q", tt.path, b, err, tt.want)
		}
	}
	for _, path := range []string{"4", "1.1", "2.2", "01", "x", "-1", "1."} {
		if _, _, err := OpenPart(strings.NewReader(in), path); !errors.Is(err, ErrNoPart) {
			t.Errorf("%q: got %v, want ErrNoPart", path, err)
		}
	}
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	in := good("Content-Type: multipart/mixed; boundary=m") + lines("--m", "Content-Type: message/rfc822", "Content-Description: the first one", "",
		"Subject: =?utf-8?q?inner?=", "Content-Type: multipart/alternative; boundary=i", "", "--i", "", "x", "--i--", "--m--")
	p := Parse(strings.NewReader(in)).Root.Parts[0]
	if p.Description != "the first one" {
		t.Errorf("description %q", p.Description)
	}
	if len(p.Embedded) != 2 || p.Embedded[0].Value != "inner" {
		t.Errorf("embedded header %q, want the subject and the type", p.Embedded)
	}
	if len(p.Header) != 2 {
		t.Errorf("header %q, want the two fields of the part", p.Header)
	}
}
