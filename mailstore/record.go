package mailstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A message's record: a version, fixed numbers, then length-prefixed strings in
// the order that search reads them. Integers are varints where not said
// otherwise. The seq is its key; the ID follows from the seq.
const recordVersion = 1

// Flags of a record, its second octet.
const (
	flagSeen = 1 << iota
	flagExtended
	flagSMTPUTF8
	flagAuth // the MAIL command had AUTH=
)

const listSep = "\x00" // between the strings of a list; NUL is taken out of them

var errRecord = errors.New("damaged record")

// contentRef says where a message's content is.
type contentRef struct {
	id     uint64 // key in the buckets content and chunks
	chunks uint32 // number of uniform chunks before the tail
	stored int64  // octets on disk, compressed
}

// record is a message with what only the store needs.
type record struct {
	Message
	content contentRef
}

func appendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendStrings(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

func appendAddresses(b []byte, list []Address) []byte {
	n := 0
	for _, a := range list {
		n += len(a.Name) + len(a.Address) + 2*len(listSep)
	}
	b = binary.AppendUvarint(b, uint64(n))
	for _, a := range list {
		b = append(appendClean(b, a.Name), listSep...)
		b = append(appendClean(b, a.Address), listSep...)
	}
	return b
}

// appendClean appends s with NUL replaced by a space.
func appendClean(b []byte, s string) []byte {
	if strings.IndexByte(s, 0) < 0 {
		return append(b, s...)
	}
	return append(b, strings.ReplaceAll(s, "\x00", " ")...)
}

// encode returns the record's octets.
func (r *record) encode() []byte {
	m, e := &r.Message, &r.Envelope
	var flags byte
	if m.Seen {
		flags |= flagSeen
	}
	if e.Extended {
		flags |= flagExtended
	}
	if e.SMTPUTF8 {
		flags |= flagSMTPUTF8
	}
	if e.Auth != nil {
		flags |= flagAuth
	}
	b := make([]byte, 0, 256+len(m.Subject)+len(m.Preview)+len(m.Trace)+96*len(e.ForwardPaths))
	b = append(b, recordVersion, flags)
	b = binary.BigEndian.AppendUint64(b, uint64(m.Received.UnixNano()))
	b = appendUint(b, uint64(m.Size))
	b = appendUint(b, uint64(m.Octets))
	b = appendUint(b, r.content.id)
	b = appendUint(b, uint64(r.content.chunks))
	b = appendUint(b, uint64(r.content.stored))
	date := int64(0)
	if !m.Date.IsZero() {
		date = m.Date.Unix()
	}
	b = binary.AppendVarint(b, date)
	_, zone := m.Date.Zone()
	b = binary.AppendVarint(b, int64(zone))
	b = appendUint(b, uint64(m.Attachments))
	b = appendString(b, m.Subject)
	b = appendAddresses(b, m.From)
	b = appendAddresses(b, m.To)
	b = appendAddresses(b, m.Cc)
	b = appendString(b, m.MessageID)
	b = appendString(b, m.Preview)
	b = appendStrings(b, m.Defects)
	b = appendStrings(b, m.Tags)
	b = appendString(b, m.Trace)
	b = appendUint(b, uint64(len(e.ForwardPaths)))
	for i := range e.ForwardPaths {
		p := &e.ForwardPaths[i]
		b = appendString(b, p.Address)
		b = appendString(b, p.Mailbox)
		b = appendStrings(b, p.Notify)
		b = appendString(b, p.ORcpt)
		b = appendString(b, p.ORcptType)
	}
	for _, s := range [...]string{e.ReversePath, e.Helo, e.Remote, e.User, e.TLS, e.Cipher, e.Session, e.Mechanism, e.Body, e.Ret, e.EnvID} {
		b = appendString(b, s)
	}
	b = appendUint(b, uint64(e.Size))
	if e.Auth != nil {
		b = appendString(b, *e.Auth)
	}
	return b
}

// reader takes a record apart. After the first failure everything is zero.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// size is a uint that fits an int64.
func (r *reader) size() int64 {
	v := r.uint()
	if v > 1<<62 {
		r.fail()
		return 0
	}
	return int64(v)
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) fixed(n int) []byte {
	if len(r.b) < n {
		r.fail()
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	return r.fixed(int(n))
}

func (r *reader) string() string { return string(r.bytes()) }

func (r *reader) strings() []string {
	n := r.uint()
	if n > uint64(len(r.b)) { // each takes an octet at least
		r.fail()
		return nil
	}
	var list []string
	for range n {
		list = append(list, r.string())
	}
	return list
}

func (r *reader) skipStrings() {
	for n := r.uint(); n > 0 && !r.bad; n-- {
		r.bytes()
	}
}

func (r *reader) fail() { r.bad, r.b = true, nil }

// view is a record's octets taken apart without copying: what search looks at.
// It is valid as long as the transaction that gave the octets.
type view struct {
	flags       byte
	received    int64 // Unix nanoseconds
	size        int64
	octets      int64
	content     contentRef
	date, zone  int64
	attachments uint64
	subject     []byte
	from        []byte // addresses as appendAddresses writes them
	to          []byte
	cc          []byte
	messageID   []byte
	preview     []byte
	rest        []byte // from Defects on
}

// parse fills v; the slices point into b.
func (v *view) parse(b []byte) error {
	r := reader{b: b}
	head := r.fixed(10)
	if head == nil || head[0] != recordVersion {
		return errRecord
	}
	v.flags = head[1]
	v.received = int64(binary.BigEndian.Uint64(head[2:]))
	v.size = r.size()
	v.octets = r.size()
	v.content.id = r.uint()
	v.content.chunks = uint32(r.uint())
	v.content.stored = r.size()
	v.date = r.int()
	v.zone = r.int()
	v.attachments = r.uint()
	v.subject = r.bytes()
	v.from = r.bytes()
	v.to = r.bytes()
	v.cc = r.bytes()
	v.messageID = r.bytes()
	v.preview = r.bytes()
	v.rest = r.b
	if r.bad {
		return errRecord
	}
	return nil
}

func splitAddresses(b []byte) []Address {
	var list []Address
	for len(b) > 0 {
		var name, addr string
		name, b = cutNUL(b)
		addr, b = cutNUL(b)
		list = append(list, Address{Name: name, Address: addr})
	}
	return list
}

func cutNUL(b []byte) (string, []byte) {
	for i, c := range b {
		if c == 0 {
			return string(b[:i]), b[i+1:]
		}
	}
	return string(b), nil
}

// decodeRecord copies everything out of b.
func decodeRecord(seq uint64, id string, b []byte) (*record, error) {
	var v view
	if err := v.parse(b); err != nil {
		return nil, fmt.Errorf("message %d: %w", seq, err)
	}
	rec := &record{content: v.content}
	m := &rec.Message
	m.Seq, m.ID = seq, id
	m.Received = time.Unix(0, v.received).UTC()
	m.Size, m.Octets = v.size, v.octets
	m.Seen = v.flags&flagSeen != 0
	if v.date != 0 {
		m.Date = time.Unix(v.date, 0).In(zoneOf(v.zone))
	}
	m.Attachments = int(v.attachments)
	m.Subject, m.MessageID, m.Preview = string(v.subject), string(v.messageID), string(v.preview)
	m.From, m.To, m.Cc = splitAddresses(v.from), splitAddresses(v.to), splitAddresses(v.cc)
	r := reader{b: v.rest}
	m.Defects = r.strings()
	m.Tags = r.strings()
	m.Trace = r.string()
	e := &m.Envelope
	e.ForwardPaths = r.paths()
	for _, s := range [...]*string{&e.ReversePath, &e.Helo, &e.Remote, &e.User, &e.TLS, &e.Cipher, &e.Session, &e.Mechanism, &e.Body, &e.Ret, &e.EnvID} {
		*s = r.string()
	}
	e.Size = r.size()
	e.Extended = v.flags&flagExtended != 0
	e.SMTPUTF8 = v.flags&flagSMTPUTF8 != 0
	if v.flags&flagAuth != 0 {
		auth := r.string()
		e.Auth = &auth
	}
	if r.bad {
		return nil, fmt.Errorf("message %d: %w", seq, errRecord)
	}
	return rec, nil
}

func (r *reader) paths() []ForwardPath {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	paths := make([]ForwardPath, 0, min(n, 1024))
	for range n {
		p := ForwardPath{Address: r.string(), Mailbox: r.string(), Notify: r.strings(), ORcpt: r.string(), ORcptType: r.string()}
		if r.bad {
			return nil
		}
		paths = append(paths, p)
	}
	return paths
}

func zoneOf(seconds int64) *time.Location {
	if seconds == 0 || seconds < -24*3600 || seconds > 24*3600 {
		return time.UTC
	}
	return time.FixedZone("", int(seconds))
}
