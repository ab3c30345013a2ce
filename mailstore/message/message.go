package message

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"time"
)

// Message is what a whole message says, decoded. All its strings except Field.Raw
// and Field.Name are valid UTF-8.
type Message struct {
	Header []Field // in order

	Subject   string
	From      []Address
	Sender    []Address
	ReplyTo   []Address
	To        []Address
	Cc        []Address
	Bcc       []Address // of a Bcc field that was really sent
	Date      time.Time // zero when missing or unreadable
	MessageID string    // without angle brackets

	Text          string // all text/plain parts that are shown; lines end in LF
	HTML          string // all text/html parts that are shown; lines end in LF
	TextTruncated bool   // there was more than MaxText
	HTMLTruncated bool

	Root    *Part
	Defects []Defect
}

// Part is one part of a message, the message itself included.
type Part struct {
	Path        string            // as IMAP numbers it: "" is the message, then "1", "1.2"
	Type        string            // media type, lower-case
	Params      map[string]string // of Content-Type, decoded; names lower-case
	Charset     string            // lower-case; "" when not named
	Encoding    string            // transfer encoding, lower-case; "" when not named
	Disposition string            // lower-case; "" when not named
	Name        string            // filename of Content-Disposition, or name of Content-Type
	ContentID   string            // without angle brackets
	Description string
	Size        int64  // decoded octets
	Octets      int64  // octets of the body as sent
	SHA256      string // of the decoded octets, hexadecimal; "" for a part that has parts
	Attachment  bool   // readers offer it as a file
	Inline      bool   // readers show it, or the HTML refers to it
	Header      []Field
	Parts       []*Part
	Embedded    []Field // header of the message inside a message/rfc822 part; its parts are Parts
}

// Parse reads a whole message and never fails: what is wrong becomes Defects.
// Attachments are read but not kept.
func Parse(r io.Reader) *Message {
	p := parser{m: &Message{}}
	p.w.init(r)
	p.run()
	return p.m
}

// Attachments lists the parts that readers offer as files, in order. An attached message is
// one of them; what is attached to that is not.
func (m *Message) Attachments() []*Part {
	var list []*Part
	var walk func(p *Part)
	walk = func(p *Part) {
		if p.Attachment {
			list = append(list, p)
			return
		}
		for _, kid := range p.Parts {
			walk(kid)
		}
	}
	if m.Root != nil {
		walk(m.Root)
	}
	return list
}

type parser struct {
	m        *Message
	w        walker
	t        transfer
	hash     hash.Hash
	sum      [sha256.Size]byte
	raw      []byte // of the text part that is being read
	text     collector
	html     collector
	recorded map[Defect]bool
}

func (p *parser) run() {
	w := &p.w
	for w.next() {
		own := p.newPart()
		part := p.place(own)
		p.record(part)
		switch {
		case w.part.embedded:
			w.enter(part)
		case w.part.multipart:
			w.enter(part)
			body := &Part{}
			p.leaf(body, true)
			if !w.entered() {
				w.note(BoundaryUnused)
				own.Inline = w.outside()
				own.SHA256 = body.SHA256
			}
		default:
			p.leaf(part, false)
		}
		p.record(part)
	}
	p.record(nil)
	for _, code := range w.src.defects() {
		p.defect(Defect{Code: code})
	}
	p.m.Text, p.m.TextTruncated = string(p.text.b), p.text.truncated
	p.m.HTML, p.m.HTMLTruncated = string(p.html.b), p.html.truncated
}

// newPart makes the part that the walker is at.
func (p *parser) newPart() *Part {
	w := &p.w
	e := &w.part
	part := &Part{
		Path: w.path(), Type: e.typ, Charset: cleanUTF8(e.charset), Encoding: e.encoding, Disposition: e.disposition,
		Name: e.name, ContentID: e.id, Description: e.description,
		Attachment: e.attached, Inline: e.inline, Header: w.decodedFields(),
	}
	if len(e.params) > 0 {
		part.Params = make(map[string]string, len(e.params))
		for _, q := range e.params {
			if _, ok := part.Params[q.name]; !ok {
				part.Params[q.name] = cleanUTF8(q.value)
			}
		}
	}
	return part
}

// place hangs a part into the tree, and reads the message's own fields at its root. It returns
// the part that stands for it: for a multipart that is the whole of an embedded message that
// message, because it has no path of its own.
func (p *parser) place(part *Part) *Part {
	w := &p.w
	if len(w.frames) == 0 {
		p.m.Root = part
		p.m.Header = part.Header
		var e envelope
		w.envelope(&e)
		p.m.Subject, p.m.From, p.m.Sender, p.m.ReplyTo = e.subject, e.from, e.sender, e.replyTo
		p.m.To, p.m.Cc, p.m.Bcc, p.m.Date, p.m.MessageID = e.to, e.cc, e.bcc, e.date, e.id
		return part
	}
	f := &w.frames[len(w.frames)-1]
	if f.delimiter == "" {
		f.part.Embedded = part.Header
		if w.part.multipart {
			return f.part
		}
	}
	f.part.Parts = append(f.part.Parts, part)
	return part
}

// leaf reads the body of a part that has no parts.
func (p *parser) leaf(part *Part, preamble bool) {
	w := &p.w
	encoding := w.part.encoding
	if preamble {
		encoding = ""
	}
	p.t.init(encoding)
	if p.hash == nil {
		p.hash = sha256.New()
	}
	p.hash.Reset()
	p.raw = p.raw[:0]
	shown := w.shown() || preamble && w.outside()
	keep := 0
	if shown {
		keep = 2*MaxText + 1
	}
	high := false
	check := encoding == "" || encoding == "7bit"
	take := func(b []byte) {
		part.Size += int64(len(b))
		p.hash.Write(b)
		if n := min(len(b), keep-len(p.raw)); n > 0 {
			p.raw = append(p.raw, b[:n]...)
		}
	}
	for {
		b := w.chunk()
		if b == nil {
			break
		}
		high = high || check && !isASCIIBytes(b)
		take(p.t.decode(b))
	}
	take(p.t.finish())
	part.Octets = w.bodyEnd - w.part.start
	part.SHA256 = hex.EncodeToString(p.hash.Sum(p.sum[:0]))
	if code := p.t.defect(); code != "" {
		w.note(code)
	}
	if preamble && w.entered() {
		return
	}
	if high {
		w.note(Raw8Bit)
	}
	if shown {
		p.collect(part)
	}
}

// collect adds the text of a part to the message's.
func (p *parser) collect(part *Part) {
	w := &p.w
	c := &p.text
	name := w.part.charset
	if part.Type == "text/html" {
		c = &p.html
		name = htmlCharset(name, p.raw)
	}
	cut := part.Size > int64(len(p.raw))
	text, code := decodeCharset(p.raw, name)
	if !(cut && code == BadCharset) {
		w.noteCharset(code, name)
	}
	c.add(text, MaxText, cut)
}

// record turns what the walker noted into defects; part is the current one.
func (p *parser) record(part *Part) {
	for _, n := range p.w.noted {
		of := n.part
		if of == nil {
			of = part
		}
		path := ""
		if of != nil {
			path = of.Path
		}
		p.defect(Defect{Code: n.code, Detail: n.detail, Part: path})
	}
	p.w.noted = p.w.noted[:0]
}

func (p *parser) defect(d Defect) {
	d.Sentence = sentences[d.Code]
	if p.recorded[d] {
		return
	}
	if p.recorded == nil {
		p.recorded = make(map[Defect]bool)
	}
	p.recorded[d] = true
	p.m.Defects = append(p.m.Defects, d)
}
