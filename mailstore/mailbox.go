package mailstore

import (
	"encoding/binary"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// maxMailboxName keeps a mailbox's name well within what a key may have.
const maxMailboxName = 1024

// MailboxFor names the mailbox of an address, with or without angle brackets:
// by default the whole address in lower case without its sub-address. It is the
// one resolver: SMTP, POP3, the API and the page all use it.
func (s *Store) MailboxFor(address string) string {
	address = strings.TrimSpace(address)
	if n := len(address); n > 1 && address[0] == '<' && address[n-1] == '>' {
		address = address[1 : n-1]
	}
	local, domain := splitAddress(strings.ToLower(strings.ReplaceAll(address, "\x00", "")))
	local = s.stripTag(local)
	name := local
	switch {
	case domain == "":
	case s.opts.Naming == Domain:
		name = domain
	case s.opts.Naming == Full:
		name = local + "@" + domain
	}
	if len(name) > maxMailboxName {
		name = strings.ToValidUTF8(name[:maxMailboxName], "")
	}
	return name
}

// splitAddress splits at the last @ and takes needless quotes off the local part.
func splitAddress(address string) (local, domain string) {
	local = address
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		local, domain = address[:i], strings.TrimSuffix(address[i+1:], ".")
	}
	if n := len(local); n > 2 && local[0] == '"' && local[n-1] == '"' {
		if plain := local[1 : n-1]; isDotAtom(plain) {
			local = plain
		}
	}
	return local, domain
}

// isDotAtom says whether a local part needs no quotes (RFC 5321 §4.1.2).
func isDotAtom(s string) bool {
	if s == "" || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r)
	}) < 0
}

// stripTag takes the sub-address off a local part (RFC 5233).
func (s *Store) stripTag(local string) string {
	if s.opts.Separator == "" || strings.HasPrefix(local, `"`) {
		return local
	}
	if i := strings.Index(local, s.opts.Separator); i > 0 {
		return local[:i]
	}
	return local
}

// deliveryKey is the key of a delivery; all of a mailbox stand together in order.
func deliveryKey(mailbox string, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(deliveryPrefix(mailbox), seq)
}

func deliveryPrefix(mailbox string) []byte {
	b := make([]byte, 0, len(mailbox)+9)
	b = append(b, mailbox...)
	return append(b, 0)
}

// counters are a mailbox's record.
type counters struct {
	messages, unseen, octets int64
	newest                   uint64
	received                 int64 // Unix nanoseconds, of the newest
}

func (c *counters) add(n int64, rec *record) {
	c.messages += n
	c.octets += n * rec.Octets
	if !rec.Seen {
		c.unseen += n
	}
}

func (c *counters) encode() []byte {
	var b []byte
	for _, v := range [...]uint64{uint64(c.messages), uint64(c.unseen), uint64(c.octets), c.newest, uint64(c.received)} {
		b = appendUint(b, v)
	}
	return b
}

func decodeCounters(b []byte) (c counters, err error) {
	r := reader{b: b}
	c = counters{messages: r.size(), unseen: r.size(), octets: r.size(), newest: r.uint(), received: int64(r.uint())}
	if r.bad {
		return c, errRecord
	}
	return c, nil
}

func (c *counters) mailbox(name string) Mailbox {
	return Mailbox{Name: name, Messages: c.messages, Unseen: c.unseen, Octets: c.octets,
		Newest: c.newest, Received: time.Unix(0, c.received).UTC()}
}

// counters returns those of a mailbox for changing; they are written once per batch.
func (t *txn) counters(mailbox string) (*counters, error) {
	if c := t.mailboxes[mailbox]; c != nil {
		return c, nil
	}
	c := new(counters)
	if b := t.boxes.Get([]byte(mailbox)); b != nil {
		var err error
		if *c, err = decodeCounters(b); err != nil {
			return nil, err
		}
	}
	t.mailboxes[mailbox] = c
	return c, nil
}

// flushMailboxes writes the counters that were touched. An empty mailbox goes.
func (t *txn) flushMailboxes() error {
	for name, c := range t.mailboxes {
		if c.messages <= 0 {
			if err := t.boxes.Delete([]byte(name)); err != nil {
				return err
			}
		} else if err := t.boxes.Put([]byte(name), c.encode()); err != nil {
			return err
		}
	}
	return nil
}

// Mailbox returns a mailbox by the name that MailboxFor gives. ErrNoMailbox
// when nothing is in it.
func (s *Store) Mailbox(name string) (m Mailbox, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketMailboxes).Get([]byte(name))
		if b == nil {
			return ErrNoMailbox
		}
		c, err := decodeCounters(b)
		m = c.mailbox(name)
		return err
	})
	return m, err
}

// Mailboxes lists the mailboxes that hold something, by name, beginning after a
// name ("" begins at the first), at most limit of them (0: all).
func (s *Store) Mailboxes(after string, limit int) (list []Mailbox, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketMailboxes).Cursor()
		k, v := c.First()
		if after != "" {
			if k, v = c.Seek([]byte(after)); string(k) == after {
				k, v = c.Next()
			}
		}
		for ; k != nil && (limit <= 0 || len(list) < limit); k, v = c.Next() {
			row, err := decodeCounters(v)
			if err != nil {
				return err
			}
			list = append(list, row.mailbox(string(k)))
		}
		return nil
	})
	return list, err
}
