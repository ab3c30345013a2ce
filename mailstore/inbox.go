package mailstore

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// DefaultInboxDomain is the domain of disposable inboxes' addresses. Names below
// .test are nobody's (RFC 6761 §6.2).
const DefaultInboxDomain = "inbox.test"

// InboxOptions say what a disposable inbox is to be like.
type InboxOptions struct {
	Prefix string        // begins its address: letters, digits, - and _; at most 32 octets
	Domain string        // "" is DefaultInboxDomain
	TTL    time.Duration // after which it goes with its mail; 0 is never
}

// Inbox is a disposable inbox: an address that was never given before, whose
// mail goes when it goes.
type Inbox struct {
	ID       string // the address's local part
	Address  string
	Mailbox  string
	Password string // for servers that ask for one, see CheckInbox
	Created  time.Time
	Expires  time.Time // zero: never
	Cursor   uint64    // newest seq when it was made: all of its mail is above
}

// InboxError says what is wrong with InboxOptions.
type InboxError struct{ Reason string }

func (e *InboxError) Error() string { return e.Reason }

// NewInbox makes a disposable inbox. The error is an *InboxError where something
// is wrong with o.
func (s *Store) NewInbox(ctx context.Context, o InboxOptions) (*Inbox, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	random := randomWord(8)
	join := "-"
	if strings.Contains(s.opts.Separator, join) || o.Prefix == "" {
		join = "" // what follows a separator is a sub-address
	}
	box := &Inbox{ID: strings.ToLower(o.Prefix) + join + random, Password: randomWord(12), Created: s.opts.Now().UTC()}
	if s.opts.Naming == Domain {
		o.Domain = random + "." + o.Domain // the domain names the mailbox
	}
	box.Address = box.ID + "@" + strings.ToLower(o.Domain)
	box.Mailbox = s.MailboxFor(box.Address)
	if o.TTL > 0 {
		box.Expires = box.Created.Add(o.TTL)
	}
	if err := s.submit(ctx, &inboxMutation{box: box}); err != nil {
		return nil, err
	}
	s.noteExpiry(box.Expires)
	return box, nil
}

func (o *InboxOptions) check() error {
	if o.Domain == "" {
		o.Domain = DefaultInboxDomain
	}
	if len(o.Prefix) > 32 || strings.Trim(o.Prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return &InboxError{fmt.Sprintf("prefix %q: want letters, digits, - and _, at most 32", o.Prefix)}
	}
	if len(o.Domain) > 255 || strings.ContainsAny(o.Domain, "@<>\"\\ \x00\t\r\n") {
		return &InboxError{fmt.Sprintf("domain %q: want a domain name", o.Domain)}
	}
	if o.TTL < 0 {
		return &InboxError{fmt.Sprintf("time to live %v: want 0 or more", o.TTL)}
	}
	return nil
}

func randomWord(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = idDigits[b[i]&31]
	}
	return string(b)
}

// inboxMutation stores an inbox's record.
type inboxMutation struct{ box *Inbox }

func (*inboxMutation) weight() int { return 0 }

func (m *inboxMutation) apply(t *txn) error {
	m.box.Cursor = t.state.seq
	return t.tx.Bucket(bucketInboxes).Put([]byte(m.box.ID), m.box.encode())
}

// dropInboxMutation removes an inbox's record; its mail is removed before.
type dropInboxMutation struct{ id string }

func (*dropInboxMutation) weight() int { return 0 }

func (m *dropInboxMutation) apply(t *txn) error {
	return t.tx.Bucket(bucketInboxes).Delete([]byte(m.id))
}

func (b *Inbox) encode() []byte {
	var out []byte
	for _, s := range [...]string{b.Address, b.Mailbox, b.Password} {
		out = appendString(out, s)
	}
	out = binary.AppendVarint(out, b.Created.UnixNano())
	expires := int64(0)
	if !b.Expires.IsZero() {
		expires = b.Expires.UnixNano()
	}
	out = binary.AppendVarint(out, expires)
	return appendUint(out, b.Cursor)
}

func decodeInbox(id string, octets []byte) (*Inbox, error) {
	r := reader{b: octets}
	b := &Inbox{ID: id, Address: r.string(), Mailbox: r.string(), Password: r.string()}
	b.Created = time.Unix(0, r.int()).UTC()
	if expires := r.int(); expires != 0 {
		b.Expires = time.Unix(0, expires).UTC()
	}
	b.Cursor = r.uint()
	if r.bad {
		return nil, fmt.Errorf("inbox %q: %w", id, errRecord)
	}
	return b, nil
}

// Inboxes lists the disposable inboxes by ID.
func (s *Store) Inboxes() (list []*Inbox, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketInboxes).ForEach(func(k, v []byte) error {
			b, err := decodeInbox(string(k), v)
			list = append(list, b)
			return err
		})
	})
	return list, err
}

// Inbox returns a disposable inbox by its ID or address. ErrNotFound when there
// is none, or not any more.
func (s *Store) Inbox(id string) (b *Inbox, err error) {
	id, _, _ = strings.Cut(strings.ToLower(id), "@")
	err = s.view(func(tx *bbolt.Tx) error {
		octets := tx.Bucket(bucketInboxes).Get([]byte(id))
		if octets == nil {
			return ErrNotFound
		}
		b, err = decodeInbox(id, octets)
		return err
	})
	return b, err
}

// DeleteInbox removes a disposable inbox with its mail and returns how many
// messages that was. ErrNotFound when there is no such inbox.
func (s *Store) DeleteInbox(ctx context.Context, id string) (deleted int, err error) {
	b, err := s.Inbox(id)
	if err != nil {
		return 0, err
	}
	if deleted, err = s.DeleteMailbox(ctx, b.Mailbox); err != nil && err != ErrNoMailbox {
		return deleted, err
	}
	return deleted, s.submit(ctx, &dropInboxMutation{id: b.ID})
}

// CheckInbox says whether a user name is the address or ID of a disposable inbox
// and the password is its own: for servers that let in only certain users.
func (s *Store) CheckInbox(user, password string) bool {
	b, err := s.Inbox(user)
	return err == nil && (strings.EqualFold(user, b.ID) || strings.EqualFold(user, b.Address)) &&
		subtle.ConstantTimeCompare([]byte(password), []byte(b.Password)) == 1
}

// noteExpiry remembers when the next inbox expires.
func (s *Store) noteExpiry(at time.Time) {
	if at.IsZero() {
		return
	}
	for {
		next := s.inboxExpiry.Load()
		if next != 0 && next <= at.UnixNano() || s.inboxExpiry.CompareAndSwap(next, at.UnixNano()) {
			return
		}
	}
}

// expireInboxes removes the inboxes whose time is over.
func (s *Store) expireInboxes() error {
	next := s.inboxExpiry.Load()
	now := s.opts.Now()
	if next == 0 || next > now.UnixNano() {
		return nil
	}
	s.inboxExpiry.Store(0)
	list, err := s.Inboxes()
	if err != nil {
		return err
	}
	for _, b := range list {
		if b.Expires.IsZero() || b.Expires.After(now) {
			s.noteExpiry(b.Expires)
		} else if _, err := s.DeleteInbox(context.Background(), b.ID); err != nil && err != ErrNotFound {
			return err
		}
	}
	return nil
}
