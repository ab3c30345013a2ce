package message

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Where something was found in a message.
const (
	InSubject = "subject"
	InHTML    = "html"
	InText    = "text"
	InHeader  = "header"
)

// Link is an address that a message points its reader to.
type Link struct {
	Href  string // decoded
	Text  string // what the reader sees of it; of a header field its name
	Where string // InHTML, InText or InHeader
	Part  string // Path of the part it is in; "" in the header, or when several parts make up the text
}

// maxLinks of one message are found, and so much of a link's text is kept.
const (
	maxLinks    = 1000
	maxLinkText = 300  // octets
	maxHref     = 8000 // octets; what is longer is no link
)

// Links lists the links of a message, each once: those of its HTML in order,
// those that stand only in its text, those of its List fields (RFC 2369).
func (m *Message) Links() []Link {
	l := linker{seen: make(map[string]int)}
	l.fromHTML(m.HTML, m.onlyPart("text/html"))
	l.fromText(m.Text, m.onlyPart("text/plain"))
	for _, f := range m.Header {
		if strings.HasPrefix(strings.ToLower(f.Name), "list-") {
			for _, href := range bracketed(f.Value) {
				l.add(Link{Href: href, Text: f.Name, Where: InHeader})
			}
		}
	}
	return l.links
}

// onlyPart is the path of the shown part of a type; "" when there are several.
func (m *Message) onlyPart(mediaType string) (path string) {
	found := 0
	var walk func(p *Part)
	walk = func(p *Part) {
		if p.Type == mediaType && !p.Attachment {
			found++
			if path = p.Path; path == "" {
				path = "1"
			}
		}
		for _, kid := range p.Parts {
			walk(kid)
		}
	}
	if m.Root != nil {
		walk(m.Root)
	}
	if found != 1 {
		return ""
	}
	return path
}

// linker collects links.
type linker struct {
	links []Link
	seen  map[string]int // index by href
}

// add keeps a link that is new, and the text of one that had none.
func (l *linker) add(link Link) {
	if link.Href == "" || len(link.Href) > maxHref {
		return
	}
	if i, ok := l.seen[link.Href]; ok {
		if l.links[i].Text == "" && l.links[i].Where == link.Where {
			l.links[i].Text = link.Text
		}
		return
	}
	if len(l.links) < maxLinks {
		l.seen[link.Href] = len(l.links)
		l.links = append(l.links, link)
	}
}

// fromHTML takes a[href] and area[href]. The text of a link is what stands
// inside it, or what describes its picture.
func (l *linker) fromHTML(source, part string) {
	if source == "" {
		return
	}
	var base *url.URL
	var open *Link // an anchor that has not ended
	var text, alt strings.Builder
	end := func() {
		if open != nil {
			if open.Text = fold(text.String()); open.Text == "" {
				open.Text = fold(alt.String())
			}
			l.add(*open)
		}
		open = nil
		text.Reset()
		alt.Reset()
	}
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		switch z.Next() {
		case html.ErrorToken:
			end()
			return
		case html.TextToken:
			if open != nil && text.Len() < maxLinkText {
				text.Write(z.Text())
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "a" {
				end()
			} else if open != nil {
				text.WriteByte(' ')
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tag := string(name)
			attrs := attributes(z)
			switch tag {
			case "base":
				if b, err := url.Parse(attrs["href"]); err == nil && base == nil && b.IsAbs() {
					base = b
				}
			case "a":
				end()
				if href := target(attrs["href"], base); href != "" {
					open = &Link{Href: href, Where: InHTML, Part: part}
					alt.WriteString(attrs["title"])
				}
			case "area":
				l.add(Link{Href: target(attrs["href"], base), Text: fold(attrs["alt"]), Where: InHTML, Part: part})
			case "img":
				if open != nil {
					alt.WriteString(" " + attrs["alt"])
				}
			default:
				if open != nil {
					text.WriteByte(' ')
				}
			}
		}
	}
}

// attributes are those of the current tag that links are made of; of doubles
// the first counts (HTML §13.2.5.33).
func attributes(z *html.Tokenizer) map[string]string {
	var found map[string]string
	for {
		key, value, more := z.TagAttr()
		switch k := string(key); k {
		case "href", "alt", "title":
			if _, double := found[k]; !double {
				if found == nil {
					found = make(map[string]string, 2)
				}
				found[k] = string(value)
			}
		}
		if !more {
			return found
		}
	}
}

// target cleans an href as browsers do: white space at its ends and line breaks
// inside are no part of it. It is "" for what leads nowhere outside the message.
func target(href string, base *url.URL) string {
	href = strings.TrimFunc(href, func(r rune) bool { return r <= ' ' })
	href = strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(href)
	if href == "" || href[0] == '#' {
		return ""
	}
	scheme, _, ok := strings.Cut(href, ":")
	if ok {
		switch strings.ToLower(scheme) {
		case "javascript", "vbscript", "data", "cid", "mid", "about":
			return ""
		}
	}
	if base != nil {
		if u, err := url.Parse(href); err == nil && !u.IsAbs() {
			return base.ResolveReference(u).String()
		}
	}
	return href
}

// fold makes one line of a link's text.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case isFiller(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxLinkText {
		return strings.ToValidUTF8(s[:maxLinkText], "")
	}
	return s
}

// fromText takes the addresses that stand in plain text.
func (l *linker) fromText(text, part string) {
	for _, s := range addressSpans(text) {
		href := s.href(text)
		shown := text[s.start:s.end]
		if s.broken {
			shown = href
		}
		l.add(Link{Href: href, Text: shown, Where: InText, Part: part})
	}
}
