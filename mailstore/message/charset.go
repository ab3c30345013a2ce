package message

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode/utf32"
)

// labels are the names that go-message does not know, or knows by the letter where mail
// uses them for their superset.
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
	}
	r, err := charsetReader(name, b)
	if err != nil {
		if utf8.Valid(b) {
			return string(b), UnknownCharset
		}
		text, _ = decodeCharset(b, guessCharset(b))
		return text, UnknownCharset
	}
	var out strings.Builder
	out.Grow(len(b) + len(b)/2)
	if _, err := io.Copy(&out, r); err != nil {
		code = BadCharset
	}
	text = cleanUTF8(out.String())
	if strings.Contains(text, "\uFFFD") {
		code = BadCharset
	}
	return text, code
}

func charsetReader(name string, b []byte) (io.Reader, error) {
	if e, ok := labels[name]; ok {
		return e.NewDecoder().Reader(bytes.NewReader(b)), nil
	}
	return charset.Reader(name, bytes.NewReader(b))
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

// guessCharset names the charset that 8-bit text which is not UTF-8 is most likely in.
func guessCharset(b []byte) string {
	return "windows-1252"
}
