package message

import (
	"testing"
)

func TestHeaderText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, want string
		code     string // of the defect, "" for none
	}{
		{"plain text", "plain text", ""},
		{"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße", ""},
		{"=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße", ""},
		{"=?utf-8?Q?under_score=5F?=", "under score_", ""},
		{"Re: =?iso-8859-1?Q?Gr=FC=DFe?= an alle", "Re: Grüße an alle", ""},
		{"=?utf-8?q?a?= =?utf-8?q?b?=", "ab", ""},
		{"=?utf-8?q?a?=   \t =?utf-8?q?b?=", "ab", ""},
		{"=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b", ""},
		{"=?utf-8?q?a?==?utf-8?q?b?=", "ab", ""},
		{"(=?utf-8?q?a?=)", "(a)", ""},
		{"=?utf-8*en?q?language?=", "language", ""},
		{"=?iso-8859-1?q?=FC?= =?utf-8?q?=C3=BC?=", "üü", ""},
		{"=?iso-8859-1?q?=93quoted=94?=", "“quoted”", ""}, // windows-1252, as mail uses the label
		{"=?gb2312?B?1tDOxA==?=", "中文", ""},
		{"=?gbk?B?1tDOxA==?=", "中文", ""},
		{"=?gb18030?B?1tDOxA==?=", "中文", ""},
		{"=?big5?B?pKSk5Q==?=", "中文", ""},
		{"=?euc-kr?B?x9Gx2w==?=", "한글", ""},
		{"=?ks_c_5601-1987?B?x9Gx2w==?=", "한글", ""},
		{"=?koi8-r?B?8NLJ18XU?=", "Привет", ""},
		{"=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет", ""},
		{"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本", ""},
		{"=?shift_jis?B?k/qWew==?=", "日本", ""},
		{"=?euc-jp?B?xvzL3A==?=", "日本", ""},
		{"=?utf-7?Q?Hi_+ZeVnLA-?=", "Hi 日本", ""},
		{"=?utf-8?q??=", "", ""},
		{"=?utf-8?q?really=3F?=", "really?", ""},
		{"=?utf-8?q?really??=", "really?", ""},

		// Broken in ways that mail has.
		{"=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ==?=", "Grüße", ""}, // a character split across words
		{"=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße", ""},
		{"=?utf-8?q?Gr=C3?= =?utf-8?b?vMOfZQ==?=", "Grüße", ""},
		{"=?utf-8?q?with spaces inside?=", "with spaces inside", BadWord},
		{"=?utf-8?b?R3LDvMOfZQ?=", "Grüße", BadWord}, // no padding
		{"=?utf-8?q?100=?=", "100=", BadWord},
		{"=?utf-8?q?=ZZ?=", "=ZZ", BadWord},
		{"=?utf-8?q?=FC?=", "\uFFFD", BadWord},
		{"=?utf-8?q?no end", "=?utf-8?q?no end", BadWord},
		{"=?x-klingon?q?plain?=", "plain", UnknownCharset},
		{"=?x-klingon?q?=FC?=", "ü", UnknownCharset},
		{"=?utf-8?x?what?=", "=?utf-8?x?what?=", ""},
		{"=?", "=?", ""},
		{"?=", "?=", ""},
		{"=?=?=?=?", "=?=?=?=?", ""},
		{"a =?b", "a =?b", ""},

		// Not encoded at all.
		{"Grüße", "Grüße", RawHeader},
		{"Gr\xfc\xdfe", "Grüße", RawHeader},
		{"\x1b$BF|K\\\x1b(B", "日本", RawHeader},
		{"=?utf-8?q?a?= Gr\xfc\xdfe", "a Grüße", RawHeader},

		// A decoded value is one line.
		{"=?utf-8?q?a=0D=0ABcc:_x@y.test?=", "a  Bcc: x@y.test", ""},
		{"nul\x00here", "nul here", ""},
		{"=?utf-8?b?4oCo?=", " ", ""},
	} {
		var w walker
		if got := w.text(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
		code := ""
		for _, n := range w.noted {
			code += n.code
		}
		if code != tt.code {
			t.Errorf("%q: noted %v, want %q", tt.in, w.noted, tt.code)
		}
	}
}
