package mailstore

import (
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
	address = strings.ToLower(strings.ReplaceAll(address, "\x00", ""))
	local, domain := splitAddress(address)
	if local = s.stripTag(local); local == "*" {
		local = `"*"` // the name without quotes stands for many
	}
	name := local
	switch {
	case domain == "":
	case s.opts.Naming == Domain:
		name = domain
	case s.opts.Naming == Full && len(local)+1+len(domain) == len(address) && strings.HasPrefix(address, local):
		name = address // nothing was taken off
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
		if plain := local[1 : n-1]; isDotAtom(plain) && plain != "*" {
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

// box is a mailbox's record: its counters and its newest deliveries.
type box struct {
	messages, unseen, octets int64
	newest                   uint64
	received                 int64 // Unix nanoseconds, of the newest
	recent                   []Entry
	changed                  bool // since it was read
}

func (b *box) add(n int64, rec *record) {
	b.changed = true
	b.messages += n
	b.octets += n * rec.Octets
	if !rec.Seen {
		b.unseen += n
	}
}

// encode appends the mailbox's record.
func (b *box) encode(out []byte) []byte {
	for _, v := range [...]uint64{uint64(b.messages), uint64(b.unseen), uint64(b.octets), b.newest, uint64(b.received)} {
		out = appendUint(out, v)
	}
	return appendEntries(out, b.recent)
}

func decodeBox(octets []byte) (b box, err error) {
	r := reader{b: octets}
	b = box{messages: r.size(), unseen: r.size(), octets: r.size(), newest: r.uint(), received: int64(r.uint())}
	if r.bad {
		return b, errRecord
	}
	b.recent, err = decodeEntries(nil, r.b)
	return b, err
}

// readBox reads a mailbox's record; that of one that holds nothing is empty.
func readBox(tx *bbolt.Tx, name string) (box, error) {
	octets := tx.Bucket(bucketMailboxes).Get([]byte(name))
	if octets == nil {
		return box{}, nil
	}
	return decodeBox(octets)
}

func (b *box) mailbox(name string) Mailbox {
	return Mailbox{Name: name, Messages: b.messages, Unseen: b.unseen, Octets: b.octets,
		Newest: b.newest, Received: time.Unix(0, b.received).UTC()}
}

// box returns a mailbox's record for changing; it is written once per batch.
func (t *txn) box(mailbox string) (*box, error) {
	b := t.mailboxes[mailbox]
	if b == nil {
		read, err := readBox(t.tx, mailbox)
		if err != nil {
			return nil, err
		}
		b = &read
		t.mailboxes[mailbox] = b
	}
	t.touched = append(t.touched, mailbox)
	return b, nil
}

// flushMailboxes writes the records that were changed. An empty mailbox goes.
func (t *txn) flushMailboxes() error {
	for _, name := range t.touched {
		b := t.mailboxes[name]
		if !b.changed {
			continue
		}
		b.changed = false
		t.key = append(t.key[:0], name...)
		var err error
		if b.messages <= 0 {
			err = t.boxes.Delete(t.key)
		} else {
			err = t.boxes.Put(t.key, t.keep(b.encode))
		}
		if err != nil {
			return err
		}
	}
	t.touched = t.touched[:0]
	return nil
}

// Mailbox returns a mailbox by the name that MailboxFor gives. ErrNoMailbox
// when nothing is in it.
func (s *Store) Mailbox(name string) (m Mailbox, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		b, err := readBox(tx, name)
		if err == nil && b.messages == 0 {
			err = ErrNoMailbox
		}
		m = b.mailbox(name)
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
			b, err := decodeBox(v)
			if err != nil {
				return err
			}
			list = append(list, b.mailbox(string(k)))
		}
		return nil
	})
	return list, err
}
