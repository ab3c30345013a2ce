package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHTMLText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"just text", "just text"},
		{"<p>one</p><p>two</p>", "one\ntwo\n"},
		{"<div>one<div>two</div></div>three", "one\ntwo\nthree"},
		{"one<br>two<BR/>three<br />", "one\ntwo\nthree\n"},
		{"<b>bold</b>and<i>italic</i>", "boldanditalic"},
		{"  white \r\n\t space&nbsp; folds ", "white space folds"},
		{"<ul><li>a<li>b</ul>", "a\nb\n"},
		{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"},
		{"&lt;a&gt; &amp; &quot;b&quot; &#39;c&#39; &euro; &#8364; &#x20AC; &copy 2025", `<a> & "b" 'c' € € € © 2025`},
		{"fish &chips; & &", "fish &chips; & &"},
		{"<script>var a = '<p>no</p>';</script>yes", "yes"},
		{"<style>p { color: red }</style>yes", "yes"},
		{"<STYLE>p</STYLE >yes", "yes"},
		{"<html><head><title>The title</title><meta name=x><style>no</style>no</head><body>The body</body></html>", "The title\nThe body\n"},
		{"<!DOCTYPE html><?xml version='1.0'?>x<!-- no --->y<!---->z", "xyz"},
		{`<a title="a > b">x</a>`, "x"},
		{`<a title='a > "b'>x</a>`, "x"},
		{"<p\nclass=x\n>x</p\n>", "x\n"},
		{"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
		{"a <3 b", "a <3 b"},
		{"never ends <a href=", "never ends <a href="},
		{"never ends <!-- comment", "never ends <!-- comment"},
		{`quote that does not pair <a title="x>y</a><b>z</b>`, "quote that does not pair yz"},
		{"<script>never ends", ""},
		{"</p>x<//>y", "xy"},
		{"<pre>a\n  b</pre>", "a b\n"},
		{"你好<b>世界</b>", "你好世界"},
		{"<h1>Hi</h1>\n\n\n<p>there</p>", "Hi\nthere\n"},
	} {
		if got := HTMLText(tt.in); got != tt.want {
			t.Errorf("%q\n got %q\nwant %q", tt.in, got, tt.want)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", MaxPreview)
	for _, tt := range []struct{ typ, in, want string }{
		{"text/plain", "  Hello\r\n\r\n\tAnn,  how are you?\r\n", "Hello Ann, how are you?"},
		{"text/plain", "", ""},
		{"text/plain", " \r\n\t ", ""},
		{"text/plain", strings.Repeat("word ", 100), strings.TrimSpace(strings.Repeat("word ", 32))},
		{"text/plain", long, long[:MaxPreview]},
		{"text/plain", "x" + long, "x" + long[:MaxPreview-2]},
		{"text/plain", "a\x00b\u00a0c", "ab c"},
		{"text/html", "<p>Hello</p><p>Ann</p>", "Hello Ann"},
		{"text/html", "<div>Sale!" + strings.Repeat("&zwnj;&nbsp;&#847;", 300) + "</div><p>Now.</p>", "Sale! Now."},
	} {
		s := Index(strings.NewReader(good("Content-Type: "+tt.typ+"; charset=utf-8", "Content-Transfer-Encoding: 8bit") + tt.in))
		if s.Preview != tt.want {
			t.Errorf("%.40q: got %q, want %q", tt.in, s.Preview, tt.want)
		}
		if len(s.Preview) > MaxPreview || !utf8.ValidString(s.Preview) {
			t.Errorf("%.40q: %d octets, %q", tt.in, len(s.Preview), s.Preview)
		}
	}
}

// TestPreviewPrefersText holds that HTML counts only where there is no text.
func TestPreviewPrefersText(t *testing.T) {
	t.Parallel()
	html := lines("--b", "Content-Type: text/html", "", "<p>from HTML</p>")
	for _, tt := range []struct{ parts, want string }{
		{html + lines("--b", "", "from text", "--b--"), "from text"},
		{lines("--b", "", "  ") + html + "--b--\r\n", "from HTML"},
		{html + "--b--\r\n", "from HTML"},
	} {
		if s := Index(strings.NewReader(good("Content-Type: multipart/alternative; boundary=b") + tt.parts)); s.Preview != tt.want {
			t.Errorf("got %q, want %q", s.Preview, tt.want)
		}
	}
}
