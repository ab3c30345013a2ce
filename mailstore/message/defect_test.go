package message

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// lines joins lines with CRLF and ends the last one.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n" }

// good is a header with which nothing is wrong; the fields of extra and the blank line follow.
func good(extra ...string) string {
	return lines(append([]string{
		"Date: Mon, 06 Oct 2025 10:00:00 +0200", "From: Ann <ann@app.test>", "To: bob@app.test",
		"Message-ID: <1@app.test>", "Subject: hello", "MIME-Version: 1.0",
	}, append(extra, "")...)...)
}

type defectCase struct {
	name, in string
	want     []string // codes, sorted
	part     string   // of the first one
	parse    bool     // Index skips where it would be found
}

func defectCases() []defectCase {
	const mixed = "Content-Type: multipart/mixed; boundary=b"
	var deep strings.Builder
	deep.WriteString(good("Content-Type: multipart/mixed; boundary=b" + itoa(0)))
	for i := range MaxDepth + 5 {
		deep.WriteString(lines("--b"+itoa(i), "Content-Type: multipart/mixed; boundary=b"+itoa(i+1), ""))
	}
	for i := MaxDepth + 5; i >= 0; i-- {
		deep.WriteString("--b" + itoa(i) + "--\r\n")
	}
	return []defectCase{
		{name: "nothing wrong", in: good() + "text\r\n"},
		{name: "nothing wrong in a multipart", in: good(mixed) + lines("--b", "", "one", "--b", "Content-Type: text/html", "", "<p>two", "--b--")},
		{name: "no header", in: "just text here\r\nand more\r\n", want: []string{MissingDate, MissingFrom, MissingID, NoHeader}},
		{name: "empty", in: "", want: []string{MissingDate, MissingFrom, MissingID, NoHeader}},
		{name: "blank line first", in: "\r\ntext\r\n", want: []string{MissingDate, MissingFrom, MissingID, NoHeader}},
		{name: "no blank line", in: strings.TrimSuffix(good(), "\r\n") + "text begins\r\n\r\nhere\r\n", want: []string{MissingBlank}},
		{name: "no blank line in a part", in: good(mixed) + lines("--b", "text begins", "here", "--b--"), want: []string{MissingBlank}, part: "1"},
		{name: "line without colon", in: "this is no field\r\n" + good() + "text\r\n", want: []string{HeaderLine}},
		{name: "line without colon, folded", in: lines("Subject: x", "__", " folded") + good() + "text\r\n", want: []string{DuplicateField, HeaderLine}},
		{name: "continuation first", in: " continues nothing\r\n" + good() + "text\r\n", want: []string{HeaderLine}},
		{name: "mbox line", in: "From ann@app.test Mon Oct  6 10:00:00 2025\r\n" + good() + "text\r\n", want: []string{MboxLine}},
		{name: "quoted mbox line", in: ">From ann@app.test Mon Oct  6 10:00:00 2025\r\n" + good() + "text\r\n", want: []string{MboxLine}},
		{name: "header of 2 MiB", in: good("X-Long: " + strings.Repeat("a b ", 1<<19)), want: []string{HeaderTooLarge, LongLine}},
		{name: "header of 2 MiB, folded", in: good("X-Long: " + strings.Repeat("a b \r\n ", 1<<19)), want: []string{HeaderTooLarge}},
		{name: "too many fields", in: good(strings.TrimSuffix(strings.Repeat("X: y\r\n", MaxFields), "\r\n")), want: []string{HeaderTooLarge}},
		{name: "UTF-8 in the header", in: good("X-Name: Jörg"), want: []string{RawHeader}},
		{name: "windows-1252 in the header", in: good("X-Name: J\xf6rg"), want: []string{RawHeader}},
		{name: "encoded word with spaces", in: good("X-Name: =?utf-8?q?two words?="), want: []string{BadWord}},
		{name: "encoded word without end", in: good("X-Name: =?utf-8?q?never_ends"), want: []string{BadWord}},
		{name: "encoded word, not base64", in: good("X-Name: =?utf-8?b?a!b?="), want: []string{BadWord}},
		{name: "encoded word, wrong octets", in: good("X-Name: =?utf-8?q?=FF=FE?="), want: []string{BadWord}},
		{name: "encoded word, unknown charset", in: good("X-Name: =?x-klingon?q?nuqneH?="), want: []string{UnknownCharset}},
		{name: "no encoded word", in: good("X-URL: http://app.test/?a=?&b=?utf-8?="), want: nil},
		{name: "subject twice", in: good("Subject: again"), want: []string{DuplicateField}},
		{name: "from twice", in: good("From: eve@app.test"), want: []string{DuplicateField}},
		{name: "content type twice in a part", in: good(mixed) + lines("--b", "Content-Type: text/plain", "Content-Type: text/html", "", "x", "--b--"), want: []string{DuplicateField}, part: "1"},
		{name: "no date", in: lines("From: a@b.test", "Message-ID: <1@b.test>", ""), want: []string{MissingDate}},
		{name: "no from", in: lines("Date: 6 Oct 2025 10:00:00 +0200", "Message-ID: <1@b.test>", ""), want: []string{MissingFrom}},
		{name: "no message-id", in: lines("Date: 6 Oct 2025 10:00:00 +0200", "From: a@b.test", ""), want: []string{MissingID}},
		{name: "unreadable date", in: lines("Date: tomorrow", "From: a@b.test", "Message-ID: <1@b.test>", ""), want: []string{BadDate}},
		{name: "readable date of the wrong form", in: lines("Date: 2025-10-06T10:00:00Z", "From: a@b.test", "Message-ID: <1@b.test>", ""), want: []string{BadDate}},
		{name: "unreadable address", in: good("Cc: nobody in particular"), want: []string{BadAddress}},
		{name: "empty address field", in: good("Cc:"), want: []string{BadAddress}},
		{name: "bcc", in: good("Bcc: hidden@app.test"), want: []string{BccSent}},
		{name: "empty bcc", in: good("Bcc:"), want: nil},
		{name: "no mime-version", in: strings.Replace(good(mixed), "MIME-Version: 1.0\r\n", "", 1) + lines("--b", "", "x", "--b--"), want: []string{NoMIMEVersion}},
		{name: "parameter without value", in: good("Content-Type: text/plain; charset") + "x\r\n", want: []string{BadParameter}},
		{name: "quoted string without end", in: good(`Content-Type: text/plain; charset="utf-8`) + "x\r\n", want: []string{BadParameter}},
		{name: "media type without slash", in: good("Content-Type: text") + "x\r\n", want: []string{BadContentType}},
		{name: "empty media type", in: good("Content-Type:") + "x\r\n", want: []string{BadContentType}},
		{name: "encoded word in a file name", in: good(mixed) + lines("--b", "Content-Type: image/png", `Content-Disposition: attachment; filename="=?utf-8?q?B=C3=A4r.png?="`, "", "x", "--b--"), want: []string{EncodedFilename}, part: "1"},
		{name: "no boundary parameter", in: good("Content-Type: multipart/mixed") + lines("--bound", "", "x", "--bound--"), want: []string{MissingBoundary}},
		{name: "no boundary parameter, nothing to guess", in: good("Content-Type: multipart/mixed") + "text\r\n", want: []string{MissingBoundary}},
		{name: "boundary does not occur", in: good(mixed) + "only text\r\n", want: []string{BoundaryUnused}},
		{name: "no closing boundary", in: good(mixed) + lines("--b", "", "x"), want: []string{Unterminated}},
		{name: "no closing boundary inside", in: good(mixed) + lines("--b", "Content-Type: multipart/alternative; boundary=c", "", "--c", "", "x", "--b--"), want: []string{Unterminated}, part: "1"},
		{name: "base64 multipart", in: good(mixed, "Content-Transfer-Encoding: base64") + lines("--b", "", "x", "--b--"), want: []string{EncodedMultipart}},
		{name: "base64 message", in: good(mixed) + lines("--b", "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "U3ViamVjdDogeA0KDQp4DQo=", "--b--"), want: []string{EncodedMessage}, part: "1"},
		{name: "too deep", in: deep.String(), want: []string{TooDeep}, part: strings.TrimSuffix(strings.Repeat("1.", MaxDepth), ".")},
		{name: "too many parts", in: good(mixed) + strings.Repeat("--b\r\n\r\nx\r\n", MaxParts+5) + "--b--\r\n", want: []string{TooManyParts}},
		{name: "unknown encoding", in: good("Content-Transfer-Encoding: rot13") + "grkg\r\n", want: []string{UnknownEncoding}},
		{name: "base64 with other characters", in: good("Content-Transfer-Encoding: base64") + "dGV4*dA==\r\n", want: []string{BadBase64}},
		{name: "base64 cut off", in: good("Content-Transfer-Encoding: base64") + "dGV4dA\r\n", want: []string{BadBase64}},
		{name: "bad base64 in an attachment", in: good(mixed) + lines("--b", "Content-Type: image/png", "Content-Transfer-Encoding: base64", "", "!!!!", "--b--"), want: []string{BadBase64}, part: "1", parse: true},
		{name: "bad quoted-printable", in: good("Content-Transfer-Encoding: quoted-printable") + "1=2 and 3=zz\r\n", want: []string{BadQuoted}},
		{name: "bad uuencode", in: good("Content-Transfer-Encoding: x-uuencode") + lines("begin 644 a", "#0V%T"), want: []string{BadUuencode}},
		{name: "unknown charset", in: good("Content-Type: text/plain; charset=x-klingon") + "nuqneH\r\n", want: []string{UnknownCharset}},
		{name: "octets that the charset does not have", in: good("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit") + "gr\xfc\xdfe\r\n", want: []string{BadCharset}},
		{name: "8-bit text without a charset", in: good("Content-Transfer-Encoding: 8bit") + "gr\xfc\xdfe\r\n", want: []string{Unlabelled}},
		{name: "UTF-8 text as us-ascii", in: good("Content-Type: text/plain; charset=us-ascii", "Content-Transfer-Encoding: 8bit") + "grüße\r\n", want: []string{Unlabelled}},
		{name: "8-bit text as 7bit", in: good("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit") + "grüße\r\n", want: []string{Raw8Bit}},
		{name: "8-bit text in a multipart without encoding", in: good(mixed) + lines("--b", "Content-Type: text/plain; charset=utf-8", "", "grüße", "--b--"), want: []string{Raw8Bit}, part: "1"},
		{name: "line of 998 octets", in: good() + strings.Repeat("x", 998) + "\r\n", want: nil},
		{name: "line of 999 octets", in: good() + strings.Repeat("x", 999) + "\r\n", want: []string{LongLine}},
		{name: "last line of 999 octets, unended", in: good() + strings.Repeat("x", 999), want: []string{LongLine}},
		{name: "bare LF", in: good() + "one\ntwo\r\n", want: []string{BareLF}},
		{name: "bare CR", in: good() + "one\rtwo\r\n", want: []string{BareCR}},
		{name: "NUL", in: good() + "one\x00two\r\n", want: []string{NUL}},
		{name: "binary part", in: good(mixed) + "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + "\x00\n\r" + strings.Repeat("\xff", 2000) + "\r\n--b--\r\n", want: nil},
		{name: "TNEF", in: good(mixed) + lines("--b", "Content-Type: application/ms-tnef; name=winmail.dat", "", "x", "--b--"), want: []string{TNEF}, part: "1"},
		{name: "TNEF by name", in: good(mixed) + lines("--b", "Content-Type: application/octet-stream; name=WINMAIL.DAT", "", "x", "--b--"), want: []string{TNEF}, part: "1"},
	}
}

func itoa(n int) string { return strings.Repeat("i", n+1) }

func TestDefects(t *testing.T) {
	t.Parallel()
	for _, tt := range defectCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := Parse(strings.NewReader(tt.in))
			var got []string
			for _, d := range m.Defects {
				if !slices.Contains(got, d.Code) {
					got = append(got, d.Code)
				}
				if d.Sentence == "" || d.Sentence != Sentence(d.Code) {
					t.Errorf("defect %s has the sentence %q", d.Code, d.Sentence)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("Parse: got %q, want %q", got, tt.want)
			}
			if len(tt.want) > 0 && len(m.Defects) > 0 && m.Defects[0].Part != tt.part {
				t.Errorf("Parse: defect of part %q, want %q", m.Defects[0].Part, tt.part)
			}
			s := Index(strings.NewReader(tt.in))
			slices.Sort(s.Defects)
			want := tt.want
			if tt.parse {
				want = nil
			}
			if !slices.Equal(s.Defects, want) {
				t.Errorf("Index: got %q, want %q", s.Defects, want)
			}
		})
	}
}

func TestDefectDetail(t *testing.T) {
	t.Parallel()
	m := Parse(strings.NewReader(strings.Replace(good("Subject: two", "from: b@app.test", "Content-Type: text/plain; charset=x-klingon",
		"Content-Transfer-Encoding: rot13"), "Mon, 06", "tomorrow "+strings.Repeat("ä", 50), 1) + "x\r\n"))
	want := []struct{ code, detail string }{
		{UnknownEncoding, "rot13"}, {BadDate, "tomorrow " + strings.Repeat("ä", 35)}, {DuplicateField, "Subject"}, {DuplicateField, "from"}, {UnknownCharset, "x-klingon"},
	}
	for _, d := range want {
		if !slices.ContainsFunc(m.Defects, func(got Defect) bool { return got.Code == d.code && got.Detail == d.detail }) {
			t.Errorf("no %s %q in %q", d.code, d.detail, m.Defects)
		}
	}
}

// TestDefectTable holds the table of sentences and the cases equal.
func TestDefectTable(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{ReadError: true} // by TestReadError
	for _, tt := range defectCases() {
		for _, code := range tt.want {
			shown[code] = true
		}
	}
	for code, sentence := range sentences {
		if !shown[code] {
			t.Errorf("no case shows %s", code)
		}
		if code != strings.ToLower(code) || strings.ContainsAny(code, " _") {
			t.Errorf("code %q is not kebab-case", code)
		}
		if !strings.HasSuffix(sentence, ".") {
			t.Errorf("%s: %q is no sentence", code, sentence)
		}
	}
	for code := range shown {
		if sentences[code] == "" {
			t.Errorf("%s has no sentence", code)
		}
	}
}

func TestReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	in := func() io.Reader {
		return io.MultiReader(strings.NewReader(good()+"the beginning"), iotest.ErrReader(broken))
	}
	m := Parse(in())
	if len(m.Defects) != 1 || m.Defects[0].Code != ReadError || m.Text != "the beginning" {
		t.Errorf("got text %q, defects %v; want the beginning and %s", m.Text, m.Defects, ReadError)
	}
	if s := Index(in()); !slices.Equal(s.Defects, []string{ReadError}) {
		t.Errorf("Index: got %v, want %s", s.Defects, ReadError)
	}
	_, r, err := OpenPart(in(), "")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); !errors.Is(err, broken) || !bytes.Equal(b, []byte("the beginning")) {
		t.Errorf("OpenPart: got %q, %v; want the beginning and the reader's error", b, err)
	}
	if _, _, err := OpenPart(in(), "7"); !errors.Is(err, broken) {
		t.Errorf("OpenPart of a part behind the error: got %v, want the reader's error", err)
	}
}
