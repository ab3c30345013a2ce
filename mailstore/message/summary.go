package message

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Summary is what lists show of a message and what search looks at.
type Summary struct {
	Subject   string
	From      []Address
	To        []Address
	Cc        []Address
	Bcc       []Address // of a Bcc field that was really sent
	Date      time.Time // zero when missing or unreadable
	MessageID string    // without angle brackets

	Preview       string // beginning of the text, white space folded, at most MaxPreview octets
	Text          string // of text/plain and of text/html without its tags, at most MaxIndexText octets
	TextTruncated bool
	HeaderText    string // "Name: decoded value\n" of every top-level field, at most MaxHeaderText octets

	Attachments     int
	AttachmentNames []string // of those that have one
	Defects         []string // codes, each once
}

// Index reads a whole message once for lists and search, and never fails. It hashes nothing and
// skips attachments without decoding them; their defects are left to Parse.
func Index(r io.Reader) *Summary {
	var out *Summary
	IndexFor(r, func(s *Summary) {
		keep := *s
		keep.Text, keep.HeaderText = strings.Clone(s.Text), strings.Clone(s.HeaderText)
		for _, list := range [...]*[]Address{&keep.From, &keep.To, &keep.Cc, &keep.Bcc} {
			*list = append([]Address(nil), *list...)
		}
		out = &keep
	})
	return out
}

// IndexFor is Index for whoever is done with the Summary when use returns: it, its lists of
// addresses, Text and HeaderText are in buffers of the next message from then on. The other strings
// stay.
func IndexFor(r io.Reader, use func(*Summary)) {
	x := indexers.Get().(*indexer)
	x.begin(r)
	x.run()
	use(&x.s)
	x.end()
}

// indexers keeps the buffers of earlier calls.
var indexers = sync.Pool{New: func() any { return new(indexer) }}

// maxKept bounds the buffers that are kept, in octets each.
const maxKept = 32 << 10

type indexer struct {
	s       Summary
	e       envelope
	w       walker
	t       transfer
	raw     []byte
	text    collector
	header  []byte // HeaderText
	html    []byte // what the text of an HTML part is made in
	preview string // from HTML, for a message without text/plain
}

// begin makes x ready for a message.
func (x *indexer) begin(r io.Reader) {
	*x = indexer{
		e:      envelope{from: keptList(x.e.from), to: keptList(x.e.to), cc: keptList(x.e.cc)},
		w:      walker{src: source{buf: kept(x.w.src.buf)}, hdr: kept(x.w.hdr)},
		t:      transfer{out: kept(x.t.out)},
		raw:    kept(x.raw),
		text:   collector{b: kept(x.text.b)},
		header: kept(x.header),
		html:   kept(x.html),
	}
	x.w.init(r)
}

func kept(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b[:0]
}

func keptList(list []Address) []Address {
	clear(list)
	if cap(list) > 16 {
		return nil
	}
	return list[:0]
}

// end gives x back.
func (x *indexer) end() {
	x.w.src.r, x.w.header = nil, ""
	x.s = Summary{}
	indexers.Put(x)
}

func (x *indexer) run() {
	w := &x.w
	for first := true; w.next(); first = false {
		if first {
			x.top()
		}
		x.record()
		if w.part.attached && w.outside() {
			x.s.Attachments++
			if w.part.name != "" {
				x.s.AttachmentNames = append(x.s.AttachmentNames, w.part.name)
			}
		}
		switch {
		case w.part.embedded:
			w.enter(nil)
		case w.part.multipart:
			w.enter(nil)
			x.preamble()
		case w.shown():
			x.collect(x.leaf(w.part.encoding))
		}
		x.record()
	}
	x.record()
	for _, code := range w.src.defects() {
		x.defect(code)
	}
	x.s.Text, x.s.TextTruncated = borrowed(x.text.b), x.text.truncated
	if x.s.Preview == "" {
		x.s.Preview = x.preview
	}
}

// borrowed is b as a string, for as long as b does not change.
func borrowed(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (x *indexer) top() {
	e, s := &x.e, &x.s
	x.w.envelope(e)
	s.Subject, s.From, s.To, s.Cc, s.Bcc, s.Date, s.MessageID = e.subject, e.from, e.to, e.cc, e.bcc, e.date, e.id
	x.header = x.w.headerText(x.header)
	s.HeaderText = borrowed(x.header)
}

// headerText appends the decoded header for search.
func (w *walker) headerText(b []byte) []byte {
	for _, f := range w.fields {
		if f.colon < 0 {
			b = append(b, w.text(unfold(w.header[f.start:f.end]))...)
		} else {
			b = append(b, w.name(f)...)
			b = append(b, ": "...)
			b = append(b, w.text(w.value(f))...)
		}
		b = append(b, '\n')
		if len(b) > MaxHeaderText {
			return trimPartial(b[:MaxHeaderText])
		}
	}
	return b
}

// preamble reads on to the first part of a multipart. When there is none, what was read is its text.
func (x *indexer) preamble() {
	w := &x.w
	high := x.leaf("")
	for w.chunk() != nil {
	}
	if w.entered() {
		return
	}
	w.note(BoundaryUnused)
	if w.outside() {
		x.collect(high)
	}
}

// leaf decodes the current part into x.raw, as far as search needs it. high says that it is 8-bit
// without saying so.
func (x *indexer) leaf(encoding string) (high bool) {
	w := &x.w
	x.t.init(encoding)
	x.raw = x.raw[:0]
	check := encoding == "" || encoding == "7bit"
	for len(x.raw) <= maxIndexRaw {
		b := w.chunk()
		if b == nil {
			x.raw = append(x.raw, x.t.finish()...)
			break
		}
		high = high || check && !isASCIIBytes(b)
		x.raw = append(x.raw, x.t.decode(b)...)
	}
	return high
}

// collect adds the text in x.raw to the message's.
func (x *indexer) collect(high bool) {
	w := &x.w
	if code := x.t.defect(); code != "" {
		w.note(code)
	}
	if high {
		w.note(Raw8Bit)
	}
	cut := len(x.raw) > maxIndexRaw
	name := w.part.charset
	if w.isHTML() {
		name = htmlCharset(name, x.raw)
	}
	text, code := x.decode(name)
	if !(cut && code == BadCharset) {
		w.noteCharset(code, name)
	}
	if w.isHTML() {
		x.html = appendHTMLText(x.html[:0], text)
		text = borrowed(x.html)
	}
	if x.s.Preview == "" && (!w.isHTML() || x.preview == "") {
		p := preview(text)
		if w.isHTML() {
			x.preview = p
		} else {
			x.s.Preview = p
		}
	}
	x.text.add(text, MaxIndexText, cut)
}

// decode decodes x.raw. Text that is ASCII or UTF-8 already is not copied.
func (x *indexer) decode(charset string) (text, code string) {
	switch charset {
	case "", "us-ascii", "utf-8":
		if isASCIIBytes(x.raw) && bytes.IndexByte(x.raw, escape) < 0 || charset == "utf-8" && utf8.Valid(x.raw) {
			return borrowed(bytes.TrimPrefix(x.raw, bom)), ""
		}
	}
	return decodeCharset(x.raw, charset)
}

// escape begins the sequences of ISO-2022-JP, which needs no label to be seen.
const escape = 0x1b

func (x *indexer) record() {
	for _, n := range x.w.noted {
		x.defect(n.code)
	}
	x.w.noted = x.w.noted[:0]
}

func (x *indexer) defect(code string) {
	for _, c := range x.s.Defects {
		if c == code {
			return
		}
	}
	x.s.Defects = append(x.s.Defects, code)
}

// preview folds the beginning of text into one line of at most MaxPreview octets.
func preview(text string) string {
	var room [MaxPreview]byte
	b := room[:0]
	space := false
	for _, r := range text {
		n := 1
		switch {
		case ' ' < r && r < 0x7f:
		case unicode.IsSpace(r):
			space = true
			continue
		case isFiller(r):
			continue
		default:
			if n = utf8.RuneLen(r); n < 0 {
				r, n = utf8.RuneError, 3
			}
		}
		if space && len(b) > 0 {
			n++
		}
		if len(b)+n > MaxPreview {
			break
		}
		if space && len(b) > 0 {
			b = append(b, ' ')
		}
		space = false
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}

// isFiller says whether r is invisible: senders put hundreds of such characters behind
// the words that a preview should show.
func isFiller(r rune) bool {
	switch r {
	case 0xad, 0x34f, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff:
		return true
	}
	return r < ' '
}
