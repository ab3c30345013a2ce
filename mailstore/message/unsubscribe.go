package message

import "strings"

// Unsubscribe is a way off a mailing list.
type Unsubscribe struct {
	Href     string // https:, mailto: …
	OneClick bool   // a POST of "List-Unsubscribe=One-Click" to Href does it (RFC 8058)
}

// Unsubscribe lists the targets of List-Unsubscribe (RFC 2369 §3.2), in order.
func (m *Message) Unsubscribe() []Unsubscribe {
	var targets []Unsubscribe
	oneClick := false
	for _, f := range m.Header {
		switch strings.ToLower(f.Name) {
		case "list-unsubscribe":
			for _, href := range bracketed(f.Value) {
				targets = append(targets, Unsubscribe{Href: href})
			}
		case "list-unsubscribe-post":
			// RFC 8058 §3.1: this value and no other.
			oneClick = oneClick || strings.TrimSpace(f.Value) == "List-Unsubscribe=One-Click"
		}
	}
	for i, t := range targets {
		scheme, _, _ := strings.Cut(t.Href, ":")
		targets[i].OneClick = oneClick && strings.EqualFold(scheme, "https") // RFC 8058 §3.1
	}
	return targets
}

// bracketed lists the addresses in angle brackets of a List field. White space
// inside them is dropped, what stands between them is comment (RFC 2369 §2).
func bracketed(value string) []string {
	var found []string
	for len(found) < maxLinks {
		_, rest, ok := strings.Cut(value, "<")
		if !ok {
			break
		}
		inside, after, ok := strings.Cut(rest, ">")
		if !ok {
			break
		}
		if href := strings.Join(strings.Fields(inside), ""); strings.Contains(href, ":") {
			found = append(found, href)
		}
		value = after
	}
	return found
}
