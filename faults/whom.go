package faults

import (
	"strings"

	"restante/mailstore"
)

// Whom is who a rule is for. Each text is compared without regard to case; * in
// it is any text, ? any one character.
type Whom struct {
	Sender    string `json:"sender,omitempty" maxLength:"300" doc:"SMTP: the reverse-path; <> is the null one."`
	Recipient string `json:"recipient,omitempty" maxLength:"300" doc:"SMTP: a forward-path; at data and end, any of them."`
	Mailbox   string `json:"mailbox,omitempty" maxLength:"300" doc:"That of the recipient, or the maildrop."`
	User      string `json:"user,omitempty" maxLength:"300" doc:"Who has logged in, or is about to."`
	Helo      string `json:"helo,omitempty" maxLength:"300" doc:"SMTP: the name of HELO or EHLO."`
	Remote    string `json:"remote,omitempty" maxLength:"300" doc:"The client's IP address."`
	Query     string `json:"query,omitempty" maxLength:"4000" doc:"A search that the message must match; smtp end, pop3 retr, top and dele."`
}

// nullSender is how a rule names the null reverse-path.
const nullSender = "<>"

// criterion is one text of a Whom.
type criterion struct{ field, text string }

func (w *Whom) criteria() []criterion {
	return []criterion{
		{"sender", w.Sender}, {"recipient", w.Recipient}, {"mailbox", w.Mailbox}, {"user", w.User},
		{"helo", w.Helo}, {"remote", w.Remote}, {"query", w.Query},
	}
}

// audience is a Whom made ready for comparing. "" and nil are everybody.
type audience struct {
	sender, recipient, mailbox, user, helo, remote glob
	query                                          *mailstore.Query
}

// newAudience fails with a [*mailstore.QueryError].
func newAudience(w *Whom) (a audience, err error) {
	if w.Query != "" {
		a.query, err = mailstore.ParseQuery(w.Query)
	}
	a.sender, a.recipient, a.mailbox = newGlob(w.Sender), newGlob(w.Recipient), newGlob(w.Mailbox)
	a.user, a.helo, a.remote = newGlob(w.User), newGlob(w.Helo), newGlob(w.Remote)
	return a, err
}

// includes says whether an occasion is for the audience. What is not known
// matches nothing that is asked for.
func (a *audience) includes(c *Conn, o *Occasion) bool {
	switch {
	case a.remote != "" && !a.remote.holds(c.remote),
		a.helo != "" && !a.helo.holds(o.Helo),
		a.user != "" && !a.user.holds(o.User),
		a.sender != "" && !a.sendsAs(o),
		a.recipient != "" && !a.recipient.holdsAny(o.Recipients),
		a.mailbox != "" && !a.owns(c, o):
		return false
	}
	return a.query == nil || o.Message != nil && o.Message(a.query)
}

func (a *audience) sendsAs(o *Occasion) bool {
	if !o.Mail || o.Sender != "" {
		return a.sender.holds(o.Sender)
	}
	return a.sender == nullSender || a.sender == "*"
}

// owns looks at the mailboxes of recipients, which are named only when a rule
// asks for them.
func (a *audience) owns(c *Conn, o *Occasion) bool {
	if o.Mailbox != "" {
		return a.mailbox.holds(o.Mailbox)
	}
	for _, r := range o.Recipients {
		if name := c.set.opts.MailboxFor; name != nil && a.mailbox.holds(name(r)) {
			return true
		}
	}
	return false
}

// glob is a pattern in lower case; "" is none.
type glob string

func newGlob(pattern string) glob { return glob(strings.ToLower(pattern)) }

// holds compares a text. An empty one is not known and never matches.
func (g glob) holds(text string) bool {
	return text != "" && g.matches(strings.ToLower(text))
}

func (g glob) holdsAny(texts []string) bool {
	for _, t := range texts {
		if g.holds(t) {
			return true
		}
	}
	return false
}

// matches compares a text in lower case, in at most len(g)*len(text) steps: when
// the text does not go on as the pattern does, the last * takes one character
// more.
func (g glob) matches(text string) bool {
	pattern, rest := []rune(string(g)), []rune(text)
	p, t, star, taken := 0, 0, -1, 0
	for t < len(rest) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, taken = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == rest[t]):
			p++
			t++
		case star >= 0:
			taken++
			p, t = star+1, taken
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// covers says whether whoever the pattern b matches is matched by g, as far as
// that can be told.
func (g glob) covers(b glob) bool { return g == "" || g == "*" && b != "" || g == b }
