package client

import (
	"net/url"
	"strings"
)

// Query says which messages: those that meet every field that is set. The zero
// Query is all of them.
//
// Text is compared without regard to case and may be a part of what it is looked
// for in. From and To are compared whole when they are an address
// (alice@app.test is not malice@app.test); @app.test and alice are not, and are
// looked for.
type Query struct {
	Mailbox string // delivered there: a mailbox, *@domain, or * for all
	From    string // in the From field, or the reverse-path of the envelope
	To      string // in a forward-path of the envelope: who really gets it, Bcc included
	Subject string
	Body    string // in the text

	// Text is a query in the server's own language, which must hold as well:
	// word "two words" from: to: cc: rcpt: subject: body: mailbox: user: helo:
	// id: tag: has:attachment is:seen is:unseen before: after: larger: smaller:
	// header:Name=value -term field:=exact. [Quote] makes any text a value.
	Text string
}

// String is the query in the server's language, without Mailbox, which is asked
// for by itself.
func (q Query) String() string {
	var terms []string
	for _, t := range [...]struct{ field, value string }{
		{"from", q.From}, {"rcpt", q.To}, {"subject", q.Subject}, {"body", q.Body},
	} {
		switch {
		case t.value == "":
		case (t.field == "from" || t.field == "rcpt") && isAddress(t.value):
			terms = append(terms, t.field+":="+Quote(t.value))
		default:
			terms = append(terms, t.field+":"+Quote(t.value))
		}
	}
	if text := strings.TrimSpace(q.Text); text != "" {
		terms = append(terms, text)
	}
	return strings.Join(terms, " ")
}

// Quote makes text one value of a query: "rcpt:" + Quote(address). What needs no
// quotes is left as it is. White space alone is no value: the server refuses it.
func Quote(text string) string {
	if text != "" && !strings.ContainsFunc(text, needsQuotes) && text[0] != '-' && text[0] != '=' {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// needsQuotes is true for all but what addresses and plain words are made of.
func needsQuotes(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("@.+-_", r)
}

// isAddress is true for what can only be a whole address.
func isAddress(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at < len(s)-1 && at == strings.LastIndexByte(s, '@') && !strings.ContainsAny(s, " \t\"<>*")
}

// values are the parameters of a request for the query.
func (q Query) values() url.Values {
	v := make(url.Values)
	if text := q.String(); text != "" {
		v.Set("q", text)
	}
	if q.Mailbox != "" {
		v.Set("mailbox", q.Mailbox)
	}
	return v
}

// describe is the query as the text of an error shows it; "" is everything.
func (q Query) describe() string {
	text := q.String()
	if q.Mailbox == "" {
		return text
	}
	if text == "" {
		return "mailbox " + q.Mailbox
	}
	return text + " in mailbox " + q.Mailbox
}
