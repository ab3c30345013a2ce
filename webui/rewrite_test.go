package webui

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func rewriteForTest(source string) rewritten {
	return rewriteHTML(source, func(id string) string {
		if id == "dot@x" || id == "a b@x" {
			return "parts/1.2"
		}
		return ""
	})
}

func TestRewritePassesThrough(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"",
		"plain text & more < less",
		"<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.01//EN'>\n<P Class=a  ID='b'>x</p><br/><!-- <a href=x> -->",
		"<style>p > a { color: red; content: \"<a>\" }</style><p style='color:red'>x",
		"<table bgcolor=#fff><tr><td>unclosed",
		"<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw= srcset='data:image/gif;base64,R0lG 1x'>",
		"<script>if (a < b && c > d) { document.write('<a href=x>') }</script>",
		"<![CDATA[ x ]]><? php ?>",
		"<p",
	} {
		if got := rewriteForTest(source); got.html != source || len(got.remote) != 0 {
			t.Errorf("got %q and %q, want unchanged %q", got.html, got.remote, source)
		}
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	const tab = ` target="_blank" rel="noopener noreferrer"`
	for source, want := range map[string]string{
		`<img src="cid:dot@x">`:                                                   `<img src="parts/1.2">`,
		`<img src="CID:dot%40x">`:                                                 `<img src="parts/1.2">`,
		`<img src=" cid:a%20b@x ">`:                                               `<img src="parts/1.2">`,
		`<img src="cid:unknown@x">`:                                               `<img src="cid:unknown@x">`,
		`<td background=cid:dot@x>`:                                               `<td background="parts/1.2">`,
		`<img srcset="cid:dot@x 1x, cid:dot@x 2x">`:                               `<img srcset="parts/1.2 1x, parts/1.2 2x">`,
		`<p style="background:url('cid:dot@x')">`:                                 `<p style="background:url(&#39;parts/1.2&#39;)">`,
		`<style>a{background:url( cid:dot@x )}</style>`:                           `<style>a{background:url( parts/1.2)}</style>`,
		`<a href="http://x.test/?a=1&amp;b=2" target=_top>x</a>`:                  `<a href="http://x.test/?a=1&amp;b=2"` + tab + `>x</a>`,
		`<a href=x rel=opener ping=http://p.test referrerpolicy=unsafe-url>x</a>`: `<a href="x"` + tab + `>x</a>`,
		`<area href=x>`:                                                           `<area href="x"` + tab + `>`,
		`<base href="http://evil.test/"><p>x`:                                     `<p>x`,
		`<meta http-equiv="refresh" content="0;url=x">x`:                          `x`,
		`<meta name=Referrer content=unsafe-url>x`:                                `x`,
		`<meta charset=utf-8><meta name=viewport content=x>`:                      `<meta charset=utf-8><meta name=viewport content=x>`,
		`<link rel=preconnect href=//x.test>a`:                                    `a`,
		`<link rel=dns-prefetch href=//x.test>a`:                                  `a`,
	} {
		if got := rewriteForTest(source).html; got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}

func TestRewriteCountsWhatWouldBeLoaded(t *testing.T) {
	t.Parallel()
	source := `<link rel="stylesheet" href="https://1.test/a.css">
<style>@import "https://2.test/b.css"; @import url(https://3.test/c.css); p{background:URL("https://4.test/d.png")}</style>
<body background="//5.test/e.png">
<img src="HTTP://6.test/f.png"><img src="https://6.test/f.png"> <img src="https://6.test/f.png">
<img srcset="https://7.test/g.png 1x, https://7.test/h,w_2.png 2x">
<video poster="https://8.test/i.png" src="https://8.test/j.mp4"></video>
<object data="https://9.test/k.swf"></object><iframe src="https://10.test/"></iframe>
<p style="background:url(&quot;https://11.test/l.png&quot;)">
<svg><image href="https://12.test/m.png"/><use xlink:href="https://12.test/n.svg#x"/></svg>
<a href="https://not.test/">link</a> <form action="https://not.test/"></form> <img src="relative.png"> <img src="cid:dot@x">`
	got := rewriteForTest(source).remote
	want := "https://1.test/a.css https://2.test/b.css https://3.test/c.css https://4.test/d.png //5.test/e.png " +
		"HTTP://6.test/f.png https://6.test/f.png https://7.test/g.png https://7.test/h,w_2.png " +
		"https://8.test/i.png https://8.test/j.mp4 https://9.test/k.swf https://10.test/ https://11.test/l.png " +
		"https://12.test/m.png https://12.test/n.svg#x"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %q\nwant %q", got, strings.Fields(want))
	}
}

// FuzzRewrite holds that rewriting is done after one pass and keeps the text.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{
		"<img src=cid:dot@x>", "<a href=x>y</a>", "<style>@import 'cid:dot@x'", "<base><meta http-equiv=x>", "<p style=\"url(cid:dot@x)\">",
		"<svg><image href=//x>", "<img srcset=', ,cid:dot@x 1x'>", "\x00<\xff>", "<a\x00 href='&#x63;id:dot@x'>", "<textarea><a>", "<plaintext><a>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		once := rewriteForTest(source)
		if twice := rewriteForTest(once.html); twice.html != once.html {
			t.Fatalf("%q\nbecomes %q\nthen    %q", source, once.html, twice.html)
		}
		for _, a := range once.remote {
			if _, err := url.Parse(a); err != nil && a == "" {
				t.Fatal("an empty address is remote")
			}
		}
		z := html.NewTokenizer(strings.NewReader(once.html))
		for z.Next() != html.ErrorToken {
			if tok := z.Token(); tok.Type == html.StartTagToken && leftOut(tok) {
				t.Fatalf("%q keeps %s", source, tok)
			}
		}
	})
}
