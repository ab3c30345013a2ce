package webui

import (
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// rewritten is a message's HTML made ready for its frame.
type rewritten struct {
	html   string
	remote []string // addresses that it would load from other hosts, each once
}

// inversion stands behind a message's HTML: wherever that puts it, a style sheet
// counts for the whole document. A style sheet or comment that the message
// leaves open ends here.
const inversion = `<!-- --></style><style>
html { background: #fff !important; filter: invert(1) hue-rotate(180deg) !important; }
img, picture, video, svg, [background], [style*="url("] { filter: invert(1) hue-rotate(180deg) !important; }
:is([background], [style*="url("]) :is(img, picture, video, svg) { filter: none !important; }
</style>`

// rewriter changes what a frame needs changed and passes everything else
// through octet by octet. It is no sanitizer: that nothing runs and nothing
// leaks is the work of the frame's Content-Security-Policy. It
//
//   - points cid: addresses at the parts of the message (RFC 2392),
//   - sends links to a new tab, which does not learn where it was opened from,
//   - leaves out what shows nothing and what the policy has no say over:
//     <base>, <meta http-equiv>, <meta name=referrer> and every <link> that
//     is no style sheet (rel=preconnect opens connections),
//   - lists remote addresses.
type rewriter struct {
	part   func(contentID string) string // address of a part; "" when there is none
	out    strings.Builder
	remote []string
	seen   map[string]bool
}

func rewriteHTML(source string, part func(contentID string) string) rewritten {
	w := rewriter{part: part, seen: make(map[string]bool)}
	w.out.Grow(len(source) + 256)
	w.run(html.NewTokenizer(strings.NewReader(source)))
	return rewritten{html: w.out.String(), remote: w.remote}
}

func (w *rewriter) run(z *html.Tokenizer) {
	inStyle := false
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			if z.Err() == io.EOF {
				w.out.WriteString(raw)
			}
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			inStyle = t.Data == "style"
			w.tag(raw, t)
		case html.TextToken:
			if inStyle {
				raw = w.css(raw)
			}
			w.out.WriteString(raw)
		default:
			inStyle = false
			w.out.WriteString(raw)
		}
	}
}

func (w *rewriter) tag(raw string, t html.Token) {
	if leftOut(t) {
		return
	}
	changed := false
	if t.Data == "a" || t.Data == "area" || t.Data == "form" {
		t.Attr, changed = newTab(t.Attr), true
	}
	for i, a := range t.Attr {
		if v := w.attribute(t, a); v != a.Val {
			t.Attr[i].Val, changed = v, true
		}
	}
	if attrs := slices.DeleteFunc(t.Attr, leaks); len(attrs) != len(t.Attr) {
		t.Attr, changed = attrs, true
	}
	if !changed {
		w.out.WriteString(raw)
		return
	}
	w.out.WriteString(t.String())
}

// leaks says whether an attribute only serves to tell others who reads.
func leaks(a html.Attribute) bool { return a.Key == "ping" || a.Key == "referrerpolicy" }

func newTab(attrs []html.Attribute) []html.Attribute {
	attrs = slices.DeleteFunc(attrs, func(a html.Attribute) bool { return a.Key == "target" || a.Key == "rel" })
	return append(attrs,
		html.Attribute{Key: "target", Val: "_blank"},
		html.Attribute{Key: "rel", Val: "noopener noreferrer"})
}

func leftOut(t html.Token) bool {
	switch t.Data {
	case "base":
		return true
	case "link":
		return !slices.Contains(strings.Fields(strings.ToLower(attr(t, "rel"))), "stylesheet")
	case "meta":
		return attr(t, "http-equiv") != "" || strings.EqualFold(attr(t, "name"), "referrer")
	}
	return false
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// attribute gives the value that a should have and notes what it would load.
func (w *rewriter) attribute(t html.Token, a html.Attribute) string {
	switch a.Key {
	case "style":
		return w.css(a.Val)
	case "src", "background", "poster":
		return w.address(a.Val)
	case "data":
		if t.Data == "object" {
			return w.address(a.Val)
		}
	case "href", "xlink:href":
		if t.Data == "link" || t.Data == "image" || t.Data == "use" || t.Data == "feimage" {
			return w.address(a.Val)
		}
		if t.Data == "a" || t.Data == "area" {
			return w.cid(a.Val)
		}
	case "srcset", "imagesrcset":
		return w.srcset(a.Val)
	}
	return a.Val
}

// address rewrites an address that is loaded when the message is shown.
func (w *rewriter) address(v string) string {
	v = w.cid(v)
	trimmed := strings.ToLower(strings.TrimSpace(v))
	if strings.HasPrefix(trimmed, "http:") || strings.HasPrefix(trimmed, "https:") || strings.HasPrefix(trimmed, "//") {
		w.note(strings.TrimSpace(v))
	}
	return v
}

func (w *rewriter) note(address string) {
	if !w.seen[address] {
		w.seen[address] = true
		w.remote = append(w.remote, address)
	}
}

func (w *rewriter) cid(v string) string {
	trimmed := strings.TrimSpace(v)
	if len(trimmed) < 4 || !strings.EqualFold(trimmed[:4], "cid:") {
		return v
	}
	id := trimmed[4:]
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain // RFC 2392 §2: the Content-ID is percent-encoded
	}
	if to := w.part(id); to != "" {
		return to
	}
	return v
}

// srcset rewrites a list of "address descriptor" pairs. An address may hold
// commas, but ends at white space (HTML §2.3.6).
func (w *rewriter) srcset(v string) string {
	words := strings.Fields(v)
	changed := false
	for i, word := range words {
		bare := strings.Trim(word, ",")
		if to := w.address(bare); to != bare {
			words[i], changed = strings.Replace(word, bare, to, 1), true
		}
	}
	if !changed {
		return v
	}
	return strings.Join(words, " ")
}

// cssAddress finds url(…) and @import "…". What it misses is not shown, since
// the policy blocks it; it is only not counted.
var cssAddress = regexp.MustCompile(`(?i)(url\(\s*)("[^"]*"|'[^']*'|[^)"'\s][^)]*)(\s*\))|(@import\s+)("[^"]*"|'[^']*')`)

func (w *rewriter) css(text string) string {
	if !strings.Contains(text, ":") && !strings.Contains(text, "//") {
		return text
	}
	return cssAddress.ReplaceAllStringFunc(text, func(match string) string {
		m := cssAddress.FindStringSubmatch(match)
		before, quoted, after := m[1], m[2], m[3]
		if m[4] != "" {
			before, quoted = m[4], m[5]
		}
		v, quote := unquote(quoted)
		to := w.address(v)
		if to == v {
			return match
		}
		return before + quote + to + quote + after
	})
}

func unquote(v string) (plain, quote string) {
	if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') {
		return v[1 : len(v)-1], v[:1]
	}
	return strings.TrimSpace(v), ""
}
