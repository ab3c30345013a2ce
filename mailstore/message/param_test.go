package message

import (
	"slices"
	"strings"
	"testing"
)

func TestFileNames(t *testing.T) {
	t.Parallel()
	const disposition = "Content-Disposition: attachment; "
	for _, tt := range []struct {
		field, want string
		codes       []string
	}{
		{disposition + "filename=a.pdf", "a.pdf", nil},
		{disposition + `filename="a b.pdf"`, "a b.pdf", nil},
		{disposition + `filename="a;b\"c\\.pdf"`, `a;b"c\.pdf`, nil},
		{disposition + `filename="C:\temp\a.pdf"`, `C:\temp\a.pdf`, nil},
		{disposition + "filename = a.pdf ; size=4", "a.pdf", nil},
		{disposition + "FileName=a.pdf", "a.pdf", nil},
		{disposition + "filename=a.pdf (comment)", "a.pdf", nil},
		{disposition + "filename=two words.pdf", "two words.pdf", []string{BadParameter}},
		{disposition + "\r\n\tfilename=a.pdf", "a.pdf", nil},
		{"Content-Disposition: attachment;;filename=a.pdf;", "a.pdf", nil},
		{"Content-Type: application/pdf; name=a.pdf", "a.pdf", nil},
		{"Content-Type: application/pdf; name=old.pdf\r\n" + disposition + "filename=new.pdf", "new.pdf", nil},
		{"Content-Type: application/pdf; name=old.pdf\r\nContent-Disposition: attachment", "old.pdf", nil},

		// RFC 2231
		{disposition + "filename*=utf-8''B%C3%A4r.pdf", "Bär.pdf", nil},
		{disposition + "filename*=UTF-8'de'B%C3%A4r.pdf", "Bär.pdf", nil},
		{disposition + "filename*=iso-8859-1''B%E4r.pdf", "Bär.pdf", nil},
		{disposition + "filename*=gb2312''%D6%D0%CE%C4.pdf", "中文.pdf", nil},
		{disposition + "filename*0=long;\r\n filename*1=er.pdf", "longer.pdf", nil},
		{disposition + `filename*0="long and ";` + "\r\n" + ` filename*1="longer.pdf"`, "long and longer.pdf", nil},
		{disposition + "filename*1=er.pdf; filename*0=long", "longer.pdf", nil},
		{disposition + "filename*0*=utf-8''B%C3%A4; filename*1*=r%20; filename*2=%41.pdf", "Bär %41.pdf", nil},
		{disposition + "filename*0*=utf-8''B%C3; filename*1*=%A4r.pdf", "Bär.pdf", nil}, // a character split
		{disposition + "filename=B_r.pdf; filename*=utf-8''B%C3%A4r.pdf", "Bär.pdf", nil},
		{disposition + "filename*=utf-8''B%C3%A4r.pdf; filename=B_r.pdf", "Bär.pdf", nil},
		{disposition + "filename*10=k; filename*9=j; filename*0=a; filename*1=b", "abjk", []string{BadParameter}},

		// As it should not be.
		{disposition + `filename="=?utf-8?q?B=C3=A4r.pdf?="`, "Bär.pdf", []string{EncodedFilename}},
		{disposition + `filename="=?utf-8?q?B=C3=A4?=` + "\r\n" + ` =?utf-8?q?r.pdf?="`, "Bär.pdf", []string{EncodedFilename}},
		{"Content-Type: application/pdf; name==?gb2312?B?1tDOxA==?=", "中文", []string{EncodedFilename}},
		{disposition + `filename="Bär.pdf"`, "Bär.pdf", []string{RawHeader}},
		{disposition + "filename=\"B\xe4r.pdf\"", "Bär.pdf", []string{RawHeader}},
		{disposition + `filename="never ends.pdf`, "never ends.pdf", []string{BadParameter}},
		{disposition + "filename*=B%C3%A4r.pdf", "Bär.pdf", []string{BadParameter, RawHeader}},
		{disposition + "filename*=utf-8''B%C3%ZZ.pdf", "B\uFFFD%ZZ.pdf", []string{BadParameter, BadCharset}},
		{disposition + "filename*=x-klingon''a.pdf", "a.pdf", []string{UnknownCharset}},
		{disposition + "filename", "", []string{BadParameter}},
	} {
		in := good("Content-Type: multipart/mixed; boundary=b") + "--b\r\n" + tt.field + "\r\n\r\nx\r\n--b--\r\n"
		m := Parse(strings.NewReader(in))
		if len(m.Root.Parts) != 1 {
			t.Fatalf("%s: %d parts, want 1", tt.field, len(m.Root.Parts))
		}
		p := m.Root.Parts[0]
		if p.Name != tt.want || !p.Attachment {
			t.Errorf("%s\n got %q, attachment %v; want the attachment %q", tt.field, p.Name, p.Attachment, tt.want)
		}
		var codes []string
		for _, d := range m.Defects {
			codes = append(codes, d.Code)
		}
		if !slices.Equal(codes, tt.codes) {
			t.Errorf("%s: defects %v, want %v", tt.field, codes, tt.codes)
		}
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, typ, charset string
		params           map[string]string
	}{
		{"", "text/plain", "", nil},
		{"text/html", "text/html", "", nil},
		{"TEXT/HTML; CHARSET=UTF-8", "text/html", "utf-8", map[string]string{"charset": "UTF-8"}},
		{`text/plain; charset="us-ascii"; format=flowed; delsp=yes`, "text/plain", "us-ascii", map[string]string{"charset": "us-ascii", "format": "flowed", "delsp": "yes"}},
		{"text/plain (a comment); charset=utf-8 (another)", "text/plain", "utf-8", map[string]string{"charset": "utf-8"}},
		{"text/plain; charset=utf-8; charset=latin1", "text/plain", "utf-8", map[string]string{"charset": "utf-8"}},
		{"text/calendar; method=REQUEST", "text/calendar", "", map[string]string{"method": "REQUEST"}},
		{"text", "text/plain", "", nil},
		{"/", "text/plain", "", nil},
		{"text/plain charset=utf-8", "text/plain", "", nil},
	} {
		m := Parse(strings.NewReader(good("Content-Type: "+tt.in) + "x\r\n"))
		p := m.Root
		if p.Type != tt.typ || p.Charset != tt.charset {
			t.Errorf("%q: got %q, charset %q; want %q, %q", tt.in, p.Type, p.Charset, tt.typ, tt.charset)
		}
		if len(p.Params) != len(tt.params) {
			t.Errorf("%q: params %q, want %q", tt.in, p.Params, tt.params)
		}
		for k, v := range tt.params {
			if p.Params[k] != v {
				t.Errorf("%q: params %q, want %q", tt.in, p.Params, tt.params)
			}
		}
	}
}
