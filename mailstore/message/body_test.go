package message

import (
	"slices"
	"strings"
	"testing"
)

// bodyCase is a text part: its fields, its body as sent, and what is to be read.
type bodyCase struct {
	name, charset, encoding, in, want string
	code                              string // of the defect, "" for none
}

func (c bodyCase) message() string {
	typ := "Content-Type: text/plain"
	if c.charset != "" {
		typ += "; charset=" + c.charset
	}
	encoding := c.encoding
	if encoding == "" {
		encoding = "8bit"
	}
	return good(typ, "Content-Transfer-Encoding: "+encoding) + c.in
}

func bodyCases() []bodyCase {
	const (
		russian  = "Привет, мир"
		chinese  = "你好，世界"
		japanese = "こんにちは世界"
		korean   = "안녕하세요 세계"
	)
	return []bodyCase{
		{name: "us-ascii", in: "hello", want: "hello"},
		{name: "utf-8", charset: "utf-8", in: "grüße", want: "grüße"},
		{name: "utf-8 with a mark", charset: "utf-8", in: "\xef\xbb\xbfgrüße", want: "grüße"},
		{name: "quoted label", charset: `"UTF-8"`, in: "grüße", want: "grüße"},
		{name: "utf8 without hyphen", charset: "utf8", in: "grüße", want: "grüße"},
		{name: "iso-8859-1", charset: "ISO-8859-1", in: "gr\xfc\xdfe", want: "grüße"},
		{name: "iso-8859-1 that is windows-1252", charset: "iso-8859-1", in: "10 \x80 \x96 \x93ok\x94", want: "10 € – “ok”"},
		{name: "iso-8859-2", charset: "iso-8859-2", in: "\xb3\xf3d\xbc", want: "łódź"},
		{name: "iso-8859-15", charset: "iso-8859-15", in: "10 \xa4", want: "10 €"},
		{name: "windows-1250", charset: "windows-1250", in: "\x9e\x9a", want: "žš"},
		{name: "windows-1251", charset: "windows-1251", in: "\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0", want: russian},
		{name: "windows-1252", charset: "windows-1252", in: "\x80", want: "€"},
		{name: "cp1252", charset: "cp1252", in: "\x80", want: "€"},
		{name: "windows-1253", charset: "windows-1253", in: "\xe1\xe2", want: "αβ"},
		{name: "windows-1254", charset: "windows-1254", in: "\xfe", want: "ş"},
		{name: "windows-1255", charset: "windows-1255", in: "\xe0\xe1", want: "אב"},
		{name: "windows-1256", charset: "windows-1256", in: "\xc7", want: "ا"},
		{name: "windows-1257", charset: "windows-1257", in: "\xe0", want: "ą"},
		{name: "windows-1258", charset: "windows-1258", in: "\xf0", want: "đ"},
		{name: "koi8-r", charset: "koi8-r", in: "\xf0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2", want: russian},
		{name: "koi8-u", charset: "koi8-u", in: "\xa6", want: "і"},
		{name: "cp866", charset: "ibm866", in: "\x8f\xe0\xa8\xa2\xa5\xe2", want: "Привет"},
		{name: "macintosh", charset: "macintosh", in: "\x8a", want: "ä"},
		{name: "gb2312", charset: "gb2312", in: "\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7", want: chinese},
		{name: "gbk", charset: "gbk", in: "\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7", want: chinese},
		{name: "gb18030", charset: "GB18030", in: "\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7\x81\x30\x81\x30", want: chinese + "\u0080"},
		{name: "hz-gb-2312", charset: "hz-gb-2312", in: "~{<:Ky2;3B~}", want: "己所不陈"},
		{name: "big5", charset: "Big5", in: "\xa7A\xa6n", want: "你好"},
		{name: "shift_jis", charset: "Shift_JIS", in: "\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x90\xa2\x8aE", want: japanese},
		{name: "windows-31j", charset: "windows-31j", in: "\x87\x40", want: "①"},
		{name: "cp932", charset: "cp932", in: "\x82\xb1", want: "こ"},
		{name: "euc-jp", charset: "euc-jp", in: "\xa4\xb3\xa4\xf3\xa4\xcb\xa4\xc1\xa4\xcf\xc0\xa4\xb3\xa6", want: japanese},
		{name: "iso-2022-jp", charset: "iso-2022-jp", encoding: "7bit", in: "\x1b$B$3$s$K$A$O@$3&\x1b(B", want: japanese},
		{name: "euc-kr", charset: "euc-kr", in: "\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4 \xbc\xbc\xb0\xe8", want: korean},
		{name: "ks_c_5601-1987", charset: "ks_c_5601-1987", in: "\xbe\xc8\xb3\xe7", want: "안녕"},
		{name: "iso-2022-kr", charset: "iso-2022-kr", encoding: "7bit", in: "\x1b$)C\x0e>H3gGO<<?d\x0f \x0e<<0h\x0f", want: korean},
		{name: "iso-2022-cn", charset: "iso-2022-cn", encoding: "7bit", in: "\x1b$)A\x0eDc:C#,J@=g\x0f", want: chinese},
		{name: "tis-620", charset: "tis-620", in: "\xca\xc7\xd1\xca", want: "สวัส"},
		{name: "utf-7", charset: "utf-7", encoding: "7bit", in: "Hi +Jjo-+-+AGEAYg- +2D3eAA-", want: "Hi ☺+ab 😀"},
		{name: "utf-16", charset: "utf-16", encoding: "base64", in: "/v8AaADk", want: "hä"},
		{name: "utf-16le", charset: "utf-16le", encoding: "base64", in: "aADkAA==", want: "hä"},
		{name: "utf-32", charset: "utf-32", encoding: "base64", in: "AAD+/wAAAOQ=", want: "ä"},

		{name: "unlabelled UTF-8", in: "grüße", want: "grüße", code: Unlabelled},
		{name: "unlabelled windows-1252", in: "gr\xfc\xdfe", want: "grüße", code: Unlabelled},
		{name: "unlabelled ISO-2022-JP", in: "\x1b$B$3$s\x1b(B", want: "こん", code: Unlabelled},
		{name: "unlabelled Shift_JIS", in: "\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x90\xa2\x8aE", want: japanese, code: Unlabelled},
		{name: "unlabelled EUC-JP", in: "\xa4\xb3\xa4\xf3\xa4\xcb\xa4\xc1\xa4\xcf\xc0\xa4\xb3\xa6", want: japanese, code: Unlabelled},
		{name: "unlabelled GB 2312", in: "\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7\xd5\xe2\xca\xc7\xd2\xbb\xb8\xf6\xb2\xe2\xca\xd4", want: "你好世界这是一个测试", code: Unlabelled},
		{name: "unlabelled EUC-KR", in: "\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4 \xbc\xbc\xb0\xe8", want: korean, code: Unlabelled},
		{name: "unlabelled German", in: "\xc4rger \xfcber gro\xdfe K\xe4se", want: "Ärger über große Käse", code: Unlabelled},
		{name: "wrongly utf-8", charset: "utf-8", in: "gr\xfc\xdfe", want: "gr\uFFFDe", code: BadCharset},
		{name: "wrongly gb2312", charset: "gb2312", in: "a\xff\xffb", want: "a\uFFFD\uFFFDb", code: BadCharset},
		{name: "wrongly us-ascii", charset: "us-ascii", in: "grüße", want: "grüße", code: Unlabelled},
		{name: "unknown charset, UTF-8", charset: "x-klingon", in: "grüße", want: "grüße", code: UnknownCharset},
		{name: "unknown charset, 8-bit", charset: "x-klingon", in: "gr\xfc\xdfe", want: "grüße", code: UnknownCharset},

		{name: "quoted-printable", charset: "utf-8", encoding: "quoted-printable", in: "gr=C3=BC=c3=9fe 1=3D1", want: "grüße 1=1"},
		{name: "soft line breaks", encoding: "quoted-printable", in: "one=\r\n two=  \r\n three=\n four=", want: "one two three four"},
		{name: "white space at the end of a line", encoding: "quoted-printable", in: "one  \t\r\ntwo \nthree  ", want: "one\ntwo\nthree"},
		{name: "white space that is encoded", encoding: "quoted-printable", in: "one=20\r\ntwo=09\r\n", want: "one \ntwo\t\n"},
		{name: "equals signs that encode nothing", encoding: "quoted-printable", in: "a=b c=zz 5=5 = =", want: "a=b c=zz 5=5 = ", code: BadQuoted},
		{name: "equals sign twice", encoding: "quoted-printable", in: "a==3D==", want: "a===", code: BadQuoted},
		{name: "cut off", encoding: "quoted-printable", in: "a=3", want: "a=3", code: BadQuoted},
		{name: "8-bit in quoted-printable", charset: "utf-8", encoding: "quoted-printable", in: "grüße=21", want: "grüße!"},
		{name: "encoding in capitals", encoding: "Quoted-Printable", in: "=21", want: "!"},
		{name: "encoding with a semicolon", encoding: "quoted-printable;", in: "=21", want: "!"},
		{name: "encoding with a comment", encoding: "(really) quoted-printable", in: "=21", want: "!"},

		{name: "base64", encoding: "base64", in: "aGVsbG8gd29ybGQ=", want: "hello world"},
		{name: "base64 in lines", encoding: "base64", in: "aGVs\r\nbG8g\r\nd29ybGQ=\r\n", want: "hello world"},
		{name: "base64 in odd lines", encoding: "base64", in: "aG\r\nVsbG8gd2\n9y bGQ\t=", want: "hello world"},
		{name: "base64 without padding", encoding: "base64", in: "aGVsbG8gd29ybGQ", want: "hello world", code: BadBase64},
		{name: "base64 with too much padding", encoding: "base64", in: "aGVsbG8gd29ybGQ===", want: "hello world", code: BadBase64},
		{name: "base64 in blocks", encoding: "base64", in: "aGVsbG8=IHdvcmxk", want: "hello world", code: BadBase64},
		{name: "base64 with other characters", encoding: "base64", in: "aGVs-bG8g*d29ybGQ=", want: "hello world", code: BadBase64},
		{name: "base64 with one character left", encoding: "base64", in: "aGVsbG8gd29ybGQhX", want: "hello world!", code: BadBase64},
		{name: "base64 with a footer", encoding: "base64", in: "aGVsbG8=\r\n--\r\n", want: "hello", code: BadBase64},

		{name: "uuencode", encoding: "x-uuencode", in: "begin 644 a.txt\r\n+:&5L;&\\@=V]R;&0\r\n`\r\nend\r\n", want: "hello world"},
		{name: "uuencode without its beginning", encoding: "uuencode", in: "nothing\r\n", want: "", code: BadUuencode},
		{name: "uuencode cut off", encoding: "uuencode", in: "begin 644 a.txt\r\n+:&5L;&\\@=V]R;&0\r\n", want: "hello world", code: BadUuencode},

		{name: "8bits", encoding: "8bits", charset: "utf-8", in: "grüße", want: "grüße"},
		{name: "7-bit", encoding: "7-bit", in: "x", want: "x"},
		{name: "unknown encoding", encoding: "rot13", in: "uryyb", want: "uryyb", code: UnknownEncoding},
		{name: "line endings", in: "one\r\ntwo\r\n\r\n", want: "one\ntwo\n\n"},
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	for _, tt := range bodyCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := tt.message()
			m := Parse(strings.NewReader(in))
			if m.Text != tt.want {
				t.Errorf("got %q, want %q", m.Text, tt.want)
			}
			var codes, want []string
			for _, d := range m.Defects {
				if d.Code != BareLF {
					codes = append(codes, d.Code)
				}
			}
			if tt.code != "" {
				want = []string{tt.code}
			}
			if !slices.Equal(codes, want) {
				t.Errorf("defects %v, want %v", codes, want)
			}
			if s := Index(strings.NewReader(in)); s.Text != m.Text {
				t.Errorf("Index has the text %q, Parse %q", s.Text, m.Text)
			}
			consistent(t, []byte(in))
		})
	}
}

func TestHTMLCharset(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ charset, in, want string }{
		{"", `<meta charset="iso-8859-2"><p>` + "\xb3", "ł"},
		{"", `<META http-equiv=Content-Type content="text/html; charset=windows-1251"><p>` + "\xcf", "П"},
		{"; charset=utf-8", `<meta charset="iso-8859-2"><p>ł`, "ł"}, // Content-Type goes first
		{"", "<p>ł", "ł"},
	} {
		m := Parse(strings.NewReader(good("Content-Type: text/html"+tt.charset, "Content-Transfer-Encoding: 8bit") + tt.in))
		if !strings.HasSuffix(m.HTML, "<p>"+tt.want) {
			t.Errorf("%s %s: got %q, want it to end in %q", tt.charset, tt.in, m.HTML, tt.want)
		}
	}
}
