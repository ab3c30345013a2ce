package message

import (
	"reflect"
	"strings"
	"testing"
)

// hrefs are the addresses of links found somewhere.
func hrefs(links []Link, where string) []string {
	found := []string{}
	for _, l := range links {
		if l.Where == where {
			found = append(found, l.Href)
		}
	}
	return found
}

var htmlLinkCases = []struct {
	name, html string
	want       []Link
}{
	{"plain", `<a href="https://app.test/verify?t=1">Verify  your
		e-mail</a>`, []Link{{Href: "https://app.test/verify?t=1", Text: "Verify your e-mail"}}},
	{"entities are decoded", `<a href="https://app.test/?a=1&amp;b=2&#38;c=3">Tom &amp; Jerry</a>`,
		[]Link{{Href: "https://app.test/?a=1&b=2&c=3", Text: "Tom & Jerry"}}},
	{"elements inside", `<A HREF='https://app.test/'><span>Reset</span><b>password</b></A>`,
		[]Link{{Href: "https://app.test/", Text: "Reset password"}}},
	{"a picture", `<a href=https://app.test/x><img src="b.png" alt="Open shop"></a>`,
		[]Link{{Href: "https://app.test/x", Text: "Open shop"}}},
	{"an area", `<map><area href="https://app.test/left" alt="Left"></map>`,
		[]Link{{Href: "https://app.test/left", Text: "Left"}}},
	{"doubles once, in order", `<a href="https://b.test/">B</a><a href="https://a.test/">A</a><a href="https://b.test/">again</a>`,
		[]Link{{Href: "https://b.test/", Text: "B"}, {Href: "https://a.test/", Text: "A"}}},
	{"text of a double", `<a href="https://b.test/"><img src=x></a><a href="https://b.test/">Shop</a>`,
		[]Link{{Href: "https://b.test/", Text: "Shop"}}},
	{"line breaks inside", "<a href=\" https://app.test/a\n b\tc \">x</a>",
		[]Link{{Href: "https://app.test/a bc", Text: "x"}}},
	{"base", `<base href="https://app.test/mail/"><a href="../go?x=1">Go</a>`,
		[]Link{{Href: "https://app.test/go?x=1", Text: "Go"}}},
	{"a relative one is told as it is", `<a href="/verify">Go</a>`, []Link{{Href: "/verify", Text: "Go"}}},
	{"other schemes", `<a href="mailto:a@b.test">Mail</a><a href="tel:+4930">Call</a><a href="myapp://open/7">App</a>`,
		[]Link{{Href: "mailto:a@b.test", Text: "Mail"}, {Href: "tel:+4930", Text: "Call"}, {Href: "myapp://open/7", Text: "App"}}},
	{"what leads nowhere", `<a href="#top">Up</a><a href="">-</a><a name=x>y</a><a href="JavaScript:x()">z</a><a href="cid:1">c</a>`, nil},
	{"not ended", `<a href="https://app.test/1">one<a href="https://app.test/2">two`,
		[]Link{{Href: "https://app.test/1", Text: "one"}, {Href: "https://app.test/2", Text: "two"}}},
	{"not in comments, scripts and styles", `<!-- <a href="https://no.test/">x</a> --><script>"<a href='https://no.test/'>"</script><style>a{content:"<a href=https://no.test/>"}</style>`, nil},
}

func TestLinksOfHTML(t *testing.T) {
	t.Parallel()
	for _, c := range htmlLinkCases {
		got := (&Message{HTML: c.html}).Links()
		for i := range c.want {
			c.want[i].Where = InHTML
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

var textLinkCases = []struct {
	text string
	want string // joined by spaces
}{
	{"See https://app.test/a.", "https://app.test/a"},
	{"See https://app.test/a?b=c&d=%20#e, or (http://x.test/).", "https://app.test/a?b=c&d=%20#e http://x.test/"},
	{"Wiki (https://en.wiki.test/wiki/Foo_(bar)) and [https://x.test/a[1]]", "https://en.wiki.test/wiki/Foo_(bar) https://x.test/a[1]"},
	{"<https://app.test/very/long\n  /path?token=abc\r\ndef>", "https://app.test/very/long/path?token=abcdef"},
	{"<https://app.test/a> <not this>", "https://app.test/a"},
	{"<https://app.test/a b>", "https://app.test/a"},
	{"\"https://app.test/q\" 'https://app.test/s'", "https://app.test/q https://app.test/s"},
	{"HTTPS://APP.TEST/X", "HTTPS://APP.TEST/X"},
	{"myapp://verify?token=1_2_ and ftp://f.test/", "myapp://verify?token=1_2_ ftp://f.test/"},
	{"www.app.test/x, www.nothing, notwww.app.test", "http://www.app.test/x"},
	{"http://localhost:3000/reset/abc= http://127.0.0.1/ http://[::1]:80/", "http://localhost:3000/reset/abc= http://127.0.0.1/ http://[::1]:80/"},
	{"点击https://app.test/验证。谢谢", "https://app.test/验证"},
	{"“https://app.test/quoted” https://app.test/…", "https://app.test/quoted https://app.test/"},
	{"**https://app.test/bold**", "https://app.test/bold"},
	{"[Verify](https://app.test/md)", "https://app.test/md"},
	{"https:// and :// and https://. and http://)", ""},
	{"https://a.test/ https://a.test/", "https://a.test/"},
	{"https://user:pw@a.test/", "https://user:pw@a.test/"},
	{"go to https://www.a.test/", "https://www.a.test/"},
}

func TestLinksOfText(t *testing.T) {
	t.Parallel()
	for _, c := range textLinkCases {
		got := strings.Join(hrefs((&Message{Text: c.text}).Links(), InText), " ")
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestLinksOfAMessage(t *testing.T) {
	t.Parallel()
	m := Parse(strings.NewReader("List-Unsubscribe: <https://l.test/u>,\r\n <mailto:u@l.test>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhttps://t.test/?a=3D1 https://both.test/=\r\nx\r\n" +
		"--b\r\nContent-Type: text/html\r\n\r\n<a href=\"https://both.test/x\">Both</a>\r\n--b--\r\n"))
	want := []Link{
		{"https://both.test/x", "Both", InHTML, "2"},
		{"https://t.test/?a=1", "https://t.test/?a=1", InText, "1"},
		{"https://l.test/u", "List-Unsubscribe", InHeader, ""},
		{"mailto:u@l.test", "List-Unsubscribe", InHeader, ""},
	}
	if got := m.Links(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	const post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
	for _, c := range []struct {
		header string
		want   []Unsubscribe
	}{
		{"Subject: none\r\n", nil},
		{"List-Unsubscribe: <https://l.test/u?a=1,2>\r\n", []Unsubscribe{{"https://l.test/u?a=1,2", false}}},
		{post + "List-Unsubscribe: (now) <mailto:u@l.test?subject=x>,\r\n\t<https://l.test/u?\r\n\t id=1> (web)\r\n",
			[]Unsubscribe{{"mailto:u@l.test?subject=x", false}, {"https://l.test/u?id=1", true}}},
		{post + "List-Unsubscribe: <http://l.test/u>\r\n", []Unsubscribe{{"http://l.test/u", false}}}, // RFC 8058 §3.1: HTTPS
		{"List-Unsubscribe-Post: yes\r\nList-Unsubscribe: <https://l.test/u>\r\n", []Unsubscribe{{"https://l.test/u", false}}},
		{"List-Unsubscribe: https://l.test/u, <unclosed\r\n", nil},
	} {
		if got := Parse(strings.NewReader(c.header + "\r\nx")).Unsubscribe(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %+v, want %+v", c.header, got, c.want)
		}
	}
}

// FuzzLinks holds that links are found in anything, each once, within bounds.
func FuzzLinks(f *testing.F) {
	for _, c := range htmlLinkCases {
		f.Add(c.html, "")
	}
	for _, c := range textLinkCases {
		f.Add("", c.text)
	}
	f.Fuzz(func(t *testing.T, html, text string) {
		m := &Message{HTML: strings.ToValidUTF8(html, ""), Text: strings.ToValidUTF8(text, "")}
		seen := map[string]bool{}
		for _, l := range m.Links() {
			if l.Href == "" || len(l.Href) > maxHref+len("http://") || len(l.Text) > max(maxLinkText, maxHref+len("http://")) {
				t.Errorf("got %+v, out of bounds", l)
			}
			if seen[l.Href] {
				t.Errorf("%q is there twice", l.Href)
			}
			seen[l.Href] = true
			if l.Where == InText && strings.ContainsAny(l.Href, " \r\n<>") {
				t.Errorf("%q is no address", l.Href)
			}
		}
	})
}
