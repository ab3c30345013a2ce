package message

import (
	"strings"
	"time"
)

// envelope is what the top-level header says, decoded.
type envelope struct {
	subject string
	from    []Address
	sender  []Address
	replyTo []Address
	to      []Address
	cc      []Address
	bcc     []Address
	date    time.Time
	id      string
}

// kind is a field that the package reads or that may occur only once.
type kind uint

const (
	other kind = iota
	date
	from
	sender
	replyTo
	to
	cc
	bcc
	messageID
	inReplyTo
	references
	subject
	mimeVersion
	contentType
	contentEncoding
	contentDisposition
	contentID
)

// kindOf compares with the names of one length only: most fields are none of them.
func kindOf(name string) kind {
	switch len(name) {
	case 2:
		return one(name, "to", to, "cc", cc)
	case 3:
		return one(name, "bcc", bcc, "", other)
	case 4:
		return one(name, "date", date, "from", from)
	case 6:
		return one(name, "sender", sender, "", other)
	case 7:
		return one(name, "subject", subject, "", other)
	case 8:
		return one(name, "reply-to", replyTo, "", other)
	case 10:
		if k := one(name, "message-id", messageID, "references", references); k != other {
			return k
		}
		return one(name, "content-id", contentID, "", other)
	case 11:
		return one(name, "in-reply-to", inReplyTo, "", other)
	case 12:
		return one(name, "mime-version", mimeVersion, "content-type", contentType)
	case 19:
		return one(name, "content-disposition", contentDisposition, "", other)
	case 25:
		return one(name, "content-transfer-encoding", contentEncoding, "", other)
	}
	return other
}

func one(name, a string, ka kind, b string, kb kind) kind {
	switch {
	case strings.EqualFold(name, a):
		return ka
	case strings.EqualFold(name, b):
		return kb
	}
	return other
}

// envelope reads the header of the message itself. Of a field that occurs twice the first counts;
// addresses are kept from all of them.
func (w *walker) envelope(e *envelope) {
	var seen uint
	for _, f := range w.fields {
		if f.colon < 0 {
			continue
		}
		w.about = w.name(f)
		k := kindOf(w.about)
		if k == other {
			continue
		}
		again := seen&(1<<k) != 0
		seen |= 1 << k
		if again {
			w.noteDetail(DuplicateField, w.about) // RFC 5322 §3.6, RFC 2045 §3
		}
		w.field(e, k, w.value(f), again)
	}
	w.missing(seen)
}

func (w *walker) field(e *envelope, k kind, v string, again bool) {
	switch k {
	case from:
		e.from = w.addressField(e.from, v)
	case sender:
		e.sender = w.addressField(e.sender, v)
	case replyTo:
		e.replyTo = w.addressField(e.replyTo, v)
	case to:
		e.to = w.addressField(e.to, v)
	case cc:
		e.cc = w.addressField(e.cc, v)
	case bcc:
		if v != "" {
			w.note(BccSent) // an empty one is allowed, RFC 5322 §3.6.3
		}
		e.bcc = w.addresses(e.bcc, v)
	}
	if again {
		return
	}
	switch k {
	case subject:
		e.subject = w.text(v)
	case date:
		good := false
		if e.date, good = parseDate(v); !good {
			w.noteDetail(BadDate, v)
		}
	case messageID:
		e.id = identifier(w.text(v))
	}
}

func (w *walker) addressField(list []Address, v string) []Address {
	if v == "" {
		w.noteDetail(BadAddress, w.about)
	}
	return w.addresses(list, v)
}

// identifier takes the angle brackets off a message identifier (RFC 5322 §3.6.4).
func identifier(s string) string {
	if i := strings.IndexByte(s, '<'); i >= 0 {
		if j := strings.IndexByte(s[i:], '>'); j > 0 {
			return strings.TrimSpace(s[i+1 : i+j])
		}
	}
	return strings.Trim(s, "<> \t")
}

func (w *walker) missing(seen uint) {
	has := func(k kind) bool { return seen&(1<<k) != 0 }
	if !has(date) {
		w.note(MissingDate)
	}
	if !has(from) {
		w.note(MissingFrom)
	}
	if !has(messageID) {
		w.note(MissingID)
	}
	if !has(mimeVersion) && (has(contentType) || has(contentEncoding)) {
		w.note(NoMIMEVersion)
	}
}

// decodedFields are the fields of the header that was read last.
func (w *walker) decodedFields() []Field {
	if len(w.fields) == 0 {
		return nil
	}
	list := make([]Field, len(w.fields))
	for i, f := range w.fields {
		list[i] = Field{Name: w.name(f), Raw: w.header[f.start:f.end]}
		if f.colon < 0 {
			list[i].Value = w.text(unfold(w.header[f.start:f.end]))
		} else {
			list[i].Value = w.text(w.value(f))
		}
	}
	return list
}
