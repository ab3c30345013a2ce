package message

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode/utf32"
)

// labels are the names that go-message does not know or knows by the letter, where mail uses them
// for their superset; and the most used ones, for which looking up and reading costs too much.
var labels = map[string]encoding.Encoding{
	"iso-8859-1":     charmap.Windows1252,
	"iso8859-1":      charmap.Windows1252,
	"iso_8859-1":     charmap.Windows1252,
	"latin1":         charmap.Windows1252,
	"cp-1252":        charmap.Windows1252,
	"iso-8859-9":     charmap.Windows1254,
	"gb2312":         simplifiedchinese.GB18030,
	"gbk":            simplifiedchinese.GB18030,
	"cp936":          simplifiedchinese.GB18030,
	"ms936":          simplifiedchinese.GB18030,
	"x-gbk":          simplifiedchinese.GB18030,
	"gb18030":        simplifiedchinese.GB18030,
	"big5":           traditionalchinese.Big5,
	"koi8-r":         charmap.KOI8R,
	"windows-1251":   charmap.Windows1251,
	"windows-1252":   charmap.Windows1252,
	"iso-8859-2":     charmap.ISO8859_2,
	"iso-8859-15":    charmap.ISO8859_15,
	"iso-2022-jp":    japanese.ISO2022JP,
	"shift_jis":      japanese.ShiftJIS,
	"euc-jp":         japanese.EUCJP,
	"euc-kr":         korean.EUCKR,
	"hz-gb-2312":     simplifiedchinese.HZGB2312,
	"cp932":          japanese.ShiftJIS,
	"ms932":          japanese.ShiftJIS,
	"shift-jis":      japanese.ShiftJIS,
	"sjis":           japanese.ShiftJIS,
	"iso-2022-jp-1":  japanese.ISO2022JP,
	"iso-2022-jp-2":  japanese.ISO2022JP,
	"iso-2022-jp-ms": japanese.ISO2022JP,
	"cp50220":        japanese.ISO2022JP,
	"cp949":          korean.EUCKR,
	"ms949":          korean.EUCKR,
	"ks_c_5601":      korean.EUCKR,
	"utf-32":         utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	"utf-32be":       utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
	"utf-32le":       utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM),
}

// decodeCharset decodes text of a named charset ("" when none was named) to valid
// UTF-8. code is the defect that was met, "" when all went well.
func decodeCharset(b []byte, name string) (text, code string) {
	switch name {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968":
		switch {
		case isISO2022JP(b):
			text, _ = decodeCharset(b, "iso-2022-jp")
			return text, Unlabelled
		case isASCIIBytes(b):
			return string(b), ""
		case utf8.Valid(b):
			return string(bytes.TrimPrefix(b, bom)), Unlabelled
		}
		text, _ = decodeCharset(b, guessCharset(b))
		return text, Unlabelled
	case "utf-8", "utf8", "unicode-1-1-utf-8":
		b = bytes.TrimPrefix(b, bom)
		if utf8.Valid(b) {
			return string(b), ""
		}
		return strings.ToValidUTF8(string(b), "\uFFFD"), BadCharset
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-1-1-utf-7", "csutf7":
		return decodeUTF7(b)
	case "iso-2022-kr", "csiso2022kr":
		return decodeCharset(shiftedOctets(b), "euc-kr")
	case "iso-2022-cn":
		return decodeCharset(shiftedOctets(b), "gb18030")
	}
	out, err := decodeNamed(b, name)
	if err != nil {
		if utf8.Valid(b) {
			return string(b), UnknownCharset
		}
		text, _ = decodeCharset(b, guessCharset(b))
		return text, UnknownCharset
	}
	text = cleanUTF8(string(out))
	if strings.Contains(text, "\uFFFD") {
		code = BadCharset
	}
	return text, code
}

// decodeNamed decodes with the encoding of that name; the only error is that nobody knows it.
func decodeNamed(b []byte, name string) ([]byte, error) {
	if e, ok := labels[name]; ok {
		if out, err := e.NewDecoder().Bytes(b); err == nil {
			return out, nil
		}
		return b, nil // the decoders of golang.org/x/text replace and do not fail
	}
	r, err := charset.Reader(name, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return readAll(r, len(b)+len(b)/2+16), nil
}

// readAll is io.ReadAll for a decoder, which does not fail, and content whose size is about known.
func readAll(r io.Reader, size int) []byte {
	b := make([]byte, 0, size)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err != nil {
			return b
		}
		if len(b) == cap(b) {
			b = slices.Grow(b, 512)
		}
	}
}

// shiftedOctets sets the high bit of what stands between SO and SI, and takes the escapes out: ISO-2022-KR
// and, as far as it is GB 2312, ISO-2022-CN (RFC 1557, RFC 1922), which golang.org/x/text leaves out.
func shiftedOctets(b []byte) []byte {
	const so, si, esc = 0x0e, 0x0f, 0x1b
	out := make([]byte, 0, len(b))
	var high byte
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == so:
			high = 0x80
		case c == si:
			high = 0
		case c == '\n':
			high = 0
			out = append(out, c)
		case c == esc && i+3 < len(b) && b[i+1] == '$':
			i += 3
		case c > ' ':
			out = append(out, c|high)
		default:
			out = append(out, c)
		}
	}
	return out
}

var bom = []byte("\xef\xbb\xbf")

func isASCIIBytes(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// isISO2022JP looks for an escape to a Japanese character set in 7-bit text (RFC 1468).
func isISO2022JP(b []byte) bool {
	i := bytes.IndexByte(b, 0x1b)
	if i < 0 {
		return false
	}
	return bytes.Contains(b[i:], []byte("\x1b$B")) || bytes.Contains(b[i:], []byte("\x1b$@"))
}

// noteCharset records what decodeCharset met, if anything.
func (w *walker) noteCharset(code, name string) {
	switch code {
	case "":
	case Unlabelled:
		w.note(code)
	default:
		w.noteDetail(code, name)
	}
}

const metaWindow = 1 << 10 // where HTML says its charset, by the HTML standard

// htmlCharset is the charset of an HTML part: the one of its Content-Type or, when that names none,
// the one of its meta element.
func htmlCharset(name string, b []byte) string {
	if name != "" || isASCIIBytes(b) {
		return name
	}
	head := bytes.ToLower(b[:min(len(b), metaWindow)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	head = bytes.TrimLeft(head[i+len("charset="):], `"' `)
	if end := bytes.IndexAny(head, `"'>/; `); end >= 0 {
		return string(head[:end])
	}
	return ""
}
