package mailstore

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"restante/mailstore/message"
)

// answer is what is known about a term for a message.
type answer int

const (
	no answer = iota
	yes
	unknown // only the message's text or header can tell
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// candidate is a message on its way through a query.
type candidate struct {
	s    *Store
	seq  uint64
	raw  []byte // its record
	sig  []byte // its signature; nil when not looked up
	v    view
	rec  *record // decoded when first needed
	tail []byte  // compressed content in one piece; nil when it has to be read
	err  error

	sum     *message.Summary // parsed when first needed
	text    []byte           // see folded
	paths   [][]byte         // of the envelope, folded; nil before they were looked at
	scratch []byte
}

// record decodes the candidate's record.
func (c *candidate) record() *record {
	if c.rec == nil && c.err == nil {
		if c.rec, c.err = decodeRecord(c.seq, c.s.ID(c.seq), c.raw); c.err != nil {
			c.rec = new(record)
		}
	}
	if c.rec == nil {
		c.rec = new(record)
	}
	return c.rec
}

// own copies what points into a transaction.
func (c *candidate) own() {
	c.raw, c.sig = bytes.Clone(c.raw), nil
	c.tail = bytes.Clone(c.tail)
	c.err = c.v.parse(c.raw)
}

// summary parses the candidate's content. No transaction may be open.
func (c *candidate) summary() *message.Summary {
	if c.sum != nil {
		return c.sum
	}
	c.sum = new(message.Summary)
	if c.tail != nil {
		plain, err := c.s.codec.decompress(nil, c.tail)
		if err != nil {
			c.err = err
			return c.sum
		}
		c.sum = message.Index(bytes.NewReader(plain))
	} else {
		content, err := c.s.Content(c.seq)
		if err != nil {
			c.err = err
			return c.sum
		}
		defer content.Close()
		c.sum = message.Index(io.Reader(content))
	}
	return c.sum
}

// folded is the text of the candidate's content.
func (c *candidate) folded() []byte {
	if c.text == nil {
		c.text = appendFold(nil, c.summary().Text)
	}
	return c.text
}

// has says whether text holds the term's word, or is it.
func (c *candidate) has(t *term, text []byte) bool {
	c.scratch = appendFold(c.scratch[:0], text)
	return t.holds(c.scratch)
}

// holds looks for the term's word in folded text.
func (t *term) holds(folded []byte) bool {
	if t.exact {
		return bytes.Equal(bytes.TrimSpace(folded), t.word)
	}
	return bytes.Contains(folded, t.word)
}

func (c *candidate) hasString(t *term, s string) bool { return c.has(t, []byte(s)) }

// hasAddress looks into a list as appendAddresses writes it.
func (c *candidate) hasAddress(t *term, list []byte) bool {
	for len(list) > 0 {
		i := bytes.IndexByte(list, 0)
		j := bytes.IndexByte(list[i+1:], 0)
		if i < 0 || j < 0 {
			return false
		}
		name, addr := list[:i], list[i+1:i+1+j]
		list = list[i+1+j+1:]
		if c.has(t, name) || c.has(t, addr) {
			return true
		}
		if bytes.IndexByte(t.word, '<') >= 0 && c.hasString(t, string(name)+" <"+string(addr)+">") {
			return true
		}
	}
	return false
}

// ask says what a term makes of the candidate; deep allows opening its content.
func (c *candidate) ask(t *term, now time.Time, deep bool) answer {
	if len(t.grams.hashes) > 0 && c.sig != nil && !t.grams.maybe(c.sig) {
		return negate(no, t.neg)
	}
	return negate(c.look(t, now, deep), t.neg)
}

func negate(a answer, neg bool) answer {
	if !neg || a == unknown {
		return a
	}
	return answerOf(a == no)
}

func (c *candidate) look(t *term, now time.Time, deep bool) answer {
	switch t.field {
	case "subject":
		return answerOf(c.has(t, c.v.subject))
	case "from":
		return answerOf(c.hasAddress(t, c.v.from) || c.hasString(t, c.record().Envelope.ReversePath))
	case "to":
		return answerOf(c.hasAddress(t, c.v.to))
	case "cc":
		return answerOf(c.hasAddress(t, c.v.cc))
	case "has":
		return answerOf(c.v.attachments > 0)
	case "is":
		return answerOf((c.v.flags&flagSeen != 0) == (t.value == "seen"))
	case "larger":
		return answerOf(c.v.size > t.number)
	case "smaller":
		return answerOf(c.v.size < t.number)
	case "before":
		return answerOf(c.v.received < t.when(now))
	case "after":
		return answerOf(c.v.received >= t.when(now))
	case "", "body", "header":
		return c.lookInside(t, deep)
	}
	return answerOf(c.lookAtEnvelope(t))
}

func (t *term) when(now time.Time) int64 {
	if t.ago > 0 {
		return now.Add(-t.ago).UnixNano()
	}
	return t.number
}

func (c *candidate) lookAtEnvelope(t *term) bool {
	rec := c.record()
	switch t.field {
	case "rcpt":
		return c.hasForwardPath(t)
	case "user":
		return c.hasString(t, rec.Envelope.User)
	case "helo":
		return c.hasString(t, rec.Envelope.Helo)
	case "id":
		return strings.EqualFold(rec.ID, t.value)
	case "tag":
		return slices.ContainsFunc(rec.Tags, func(tag string) bool { return bytes.Equal(fold(tag), t.word) })
	case "mailbox":
		in := c.s.scopeFor(t.value).filter()
		return in == nil || slices.ContainsFunc(rec.Mailboxes(), in)
	}
	return false
}

func (c *candidate) hasForwardPath(t *term) bool {
	if c.paths == nil {
		for i := range c.record().Envelope.ForwardPaths {
			c.paths = append(c.paths, appendFold(nil, []byte(c.rec.Envelope.ForwardPaths[i].Address)))
		}
	}
	for _, path := range c.paths {
		if t.holds(path) {
			return true
		}
	}
	return false
}

// lookInside decides the terms that may need the content.
func (c *candidate) lookInside(t *term, deep bool) answer {
	if t.field == "" && (c.has(t, c.v.subject) || c.hasAddress(t, c.v.from) || c.hasAddress(t, c.v.to) ||
		c.hasAddress(t, c.v.cc) || c.hasForwardPath(t) || c.hasString(t, c.rec.Envelope.ReversePath)) {
		return yes
	}
	if !deep {
		return unknown
	}
	sum := c.summary()
	switch t.field {
	case "header":
		return answerOf(c.hasHeader(t, sum.HeaderText))
	case "":
		if slices.ContainsFunc(sum.AttachmentNames, func(name string) bool { return c.hasString(t, name) }) {
			return yes
		}
	}
	if t.exact {
		return answerOf(bytes.Equal(bytes.TrimSpace(c.folded()), t.word))
	}
	return answerOf(bytes.Contains(c.folded(), t.word))
}

func (c *candidate) hasHeader(t *term, header string) bool {
	for line := range strings.Lines(header) {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, t.name) && (t.value == "" && !t.exact || c.hasString(t, value)) {
			return true
		}
	}
	return false
}

// sift asks the terms that need no content: no, yes, or unknown with the terms
// that are left.
func (q *Query) sift(c *candidate, now time.Time) (answer, []*term) {
	if q == nil {
		return yes, nil
	}
	var left []*term
	for i := range q.terms {
		switch t := &q.terms[i]; c.ask(t, now, false) {
		case no:
			return no, nil
		case unknown:
			left = append(left, t)
		}
	}
	if len(left) > 0 {
		return unknown, left
	}
	return yes, nil
}

// forget drops what was parsed for deciding.
func (c *candidate) forget() { c.sum, c.text, c.tail, c.scratch = nil, nil, nil, nil }

// settle asks the terms that sift left.
func (c *candidate) settle(left []*term, now time.Time) bool {
	for _, t := range left {
		if c.ask(t, now, true) != yes {
			return false
		}
	}
	c.record() // of those that are listed
	return c.err == nil
}

// grams lists the tests of the words that must occur.
func (q *Query) grams() (tests []gramTest) {
	if q == nil {
		return nil
	}
	for i := range q.terms {
		if t := &q.terms[i]; !t.neg && len(t.grams.hashes) > 0 {
			tests = append(tests, t.grams)
		}
	}
	return tests
}

// explain says which terms hold for a candidate and which do not, in words, and
// how many hold.
func (q *Query) explain(c *candidate, now time.Time) (reason string, held int) {
	var good, bad []string
	for i := range q.terms {
		t := &q.terms[i]
		if c.ask(t, now, true) == yes {
			good = append(good, t.label())
			continue
		}
		bad = append(bad, t.complain(c))
	}
	var b strings.Builder
	if len(good) > 0 {
		b.WriteString(strings.Join(good, ", ") + " matched, ")
	}
	b.WriteString(strings.Join(bad, ", "))
	return b.String(), len(good)
}

// label names a term's criterion.
func (t *term) label() string {
	switch t.field {
	case "":
		return fmt.Sprintf("%q", t.value)
	case "header":
		return "header " + t.name
	case "has", "is":
		return t.field + ":" + t.value
	}
	return t.field
}

// complain says what the candidate has instead of what the term wants.
func (t *term) complain(c *candidate) string {
	want := t.value
	if t.neg {
		want = "anything but " + want
	}
	rec := c.record()
	var has string
	switch t.field {
	case "subject":
		has = fmt.Sprintf("%q", rec.Subject)
	case "from":
		has = describe(rec.From)
	case "to":
		has = describe(rec.To)
	case "cc":
		has = describe(rec.Cc)
	case "rcpt":
		var paths []string
		for _, p := range rec.Envelope.ForwardPaths {
			paths = append(paths, p.Address)
		}
		has = strings.Join(paths, ", ")
	case "user":
		has = rec.Envelope.User
	case "helo":
		has = rec.Envelope.Helo
	case "mailbox":
		has = strings.Join(rec.Mailboxes(), ", ")
	case "tag":
		has = strings.Join(rec.Tags, ", ")
	case "id":
		has = rec.ID
	case "larger", "smaller":
		return fmt.Sprintf("its size was %d octets, wanted %s than %s", rec.Size, t.field, want)
	case "before", "after":
		return fmt.Sprintf("it was received %s, wanted %s %s", rec.Received.Format(time.RFC3339), t.field, want)
	case "header":
		return fmt.Sprintf("header %s did not match, wanted %s", t.name, want)
	default:
		return fmt.Sprintf("%s did not match", strings.TrimSpace(t.label()))
	}
	if has == "" {
		has = "none"
	}
	return fmt.Sprintf("%s was %s, wanted %s", t.field, has, want)
}

func describe(list []Address) string {
	var out []string
	for _, a := range list {
		if a.Address != "" {
			out = append(out, a.Address)
		} else {
			out = append(out, a.Name)
		}
	}
	return strings.Join(out, ", ")
}
