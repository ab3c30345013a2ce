package mailstore

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"restante/internal/typo"
)

// Maildrop is what a POP3 user name opens: a snapshot of one or more mailboxes.
type Maildrop struct {
	Name    string  // resolved: a mailbox, "*@domain" or "*"
	Entries []Entry // oldest first
	Octets  int64   // of all entries
	Hint    string  // of an empty one: where similar names have mail, "alice@app.test has 3"; or ""
}

// Entry is a message of a maildrop.
type Entry struct {
	Seq    uint64
	Octets int64 // of trace fields and content as POP3 sends them
}

// scope is a set of mailboxes: one, those of a domain, or all.
type scope struct {
	kind scopeKind
	name string // the mailbox, or "@domain"
}

type scopeKind int

const (
	oneMailbox scopeKind = iota
	ofDomain
	allMailboxes
)

func scopeOf(name string) scope {
	switch {
	case name == "*":
		return scope{kind: allMailboxes}
	case strings.HasPrefix(name, "*@") && len(name) > 2:
		return scope{kind: ofDomain, name: strings.ToLower(name[1:])}
	}
	return scope{kind: oneMailbox, name: name}
}

// scopeFor is scopeOf for what a person or a test wants to see: an address names
// its mailbox, nothing names all of them.
func (s *Store) scopeFor(name string) scope {
	if name == "" {
		return scope{kind: allMailboxes}
	}
	sc := scopeOf(name)
	switch {
	case sc.kind == oneMailbox:
		sc.name = s.MailboxFor(name)
	case sc.kind == ofDomain && s.opts.Naming == Domain:
		sc = scope{kind: oneMailbox, name: sc.name[1:]}
	}
	return sc
}

// filter says which mailboxes are in the scope; nil when all are.
func (sc scope) filter() func(string) bool {
	switch sc.kind {
	case allMailboxes:
		return nil
	case ofDomain:
		return func(box string) bool { return strings.HasSuffix(box, sc.name) }
	}
	return func(box string) bool { return box == sc.name }
}

// maildropName resolves a POP3 user name: a mailbox, "*@domain", "*", an
// address, or a bare local part that only one mailbox has.
func (s *Store) maildropName(user string) (string, error) {
	user = strings.TrimSpace(user)
	if user == "*" {
		return user, nil
	}
	if strings.HasPrefix(user, "*@") {
		domain := strings.ToLower(user[2:])
		if s.opts.Naming == Domain {
			return domain, nil
		}
		return "*@" + domain, nil
	}
	name := s.MailboxFor(user)
	if s.opts.Naming != Full || strings.Contains(name, "@") {
		return name, nil
	}
	candidates, err := s.withLocalPart(name)
	if err != nil || len(candidates) == 0 || candidates[0] == name {
		return name, err
	}
	if len(candidates) > 1 {
		return "", fmt.Errorf("%w: %s", ErrAmbiguous, strings.Join(candidates, ", "))
	}
	return candidates[0], nil
}

// maxCandidates is how many similar names are looked for.
const maxCandidates = 10

// withLocalPart lists mailboxes with a local part: the bare name, name@….
func (s *Store) withLocalPart(local string) (names []string, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketMailboxes)
		if b.Get([]byte(local)) != nil {
			names = append(names, local)
		}
		prefix := []byte(local + "@")
		c := b.Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(names) < maxCandidates; k, _ = c.Next() {
			names = append(names, string(k))
		}
		return nil
	})
	return names, err
}

// Maildrop opens what a POP3 user name stands for. A mailbox that has nothing is
// an empty maildrop. ErrAmbiguous, naming the candidates, when a bare local part
// has several mailboxes.
func (s *Store) Maildrop(user string) (*Maildrop, error) {
	name, err := s.maildropName(user)
	if err != nil {
		return nil, err
	}
	d := &Maildrop{Name: name}
	if d.Entries, err = s.entries(scopeOf(name)); err != nil {
		return nil, err
	}
	for _, e := range d.Entries {
		d.Octets += e.Octets
	}
	if len(d.Entries) == 0 {
		d.Hint, err = s.hint(name)
	}
	return d, err
}

// entries lists a scope's messages, oldest first, each once.
func (s *Store) entries(sc scope) (list []Entry, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		switch sc.kind {
		case allMailboxes:
			list = make([]Entry, 0, s.state.Load().messages)
			w := newRecordWalker(tx, 0, true)
			for seq, b, ok := w.next(); ok; seq, b, ok = w.next() {
				var v view
				if err := v.parse(b); err != nil {
					return err
				}
				list = append(list, Entry{Seq: seq, Octets: v.octets})
			}
			return nil
		case oneMailbox:
			list, err = mailboxEntries(tx, nil, sc.name)
			return err
		}
		return tx.Bucket(bucketMailboxes).ForEach(func(k, _ []byte) error {
			if !strings.HasSuffix(string(k), sc.name) {
				return nil
			}
			list, err = mailboxEntries(tx, list, string(k))
			return err
		})
	})
	if sc.kind == ofDomain {
		slices.SortFunc(list, func(a, b Entry) int { return cmp.Compare(a.Seq, b.Seq) })
		list = slices.CompactFunc(list, func(a, b Entry) bool { return a.Seq == b.Seq })
	}
	return list, err
}

// hint tells where a name similar to an empty maildrop's has mail.
func (s *Store) hint(name string) (string, error) {
	local, domain := splitAddress(name)
	names, err := s.withLocalPart(local)
	if err != nil {
		return "", err
	}
	best, bestDistance := "", 3
	if len(names) > 0 {
		best = names[0]
	} else if err := s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketMailboxes).Cursor()
		looked := 0
		for k, _ := c.First(); k != nil && looked < 1000; k, _ = c.Next() {
			looked++
			l, d := splitAddress(string(k))
			if domain != "" && d != domain {
				continue
			}
			if n := typo.Distance(local, l, bestDistance); n < bestDistance {
				best, bestDistance = string(k), n
			}
		}
		return nil
	}); err != nil {
		return "", err
	}
	if best == "" {
		return "", nil
	}
	m, err := s.Mailbox(best)
	if err != nil {
		return "", nil // gone meanwhile: no hint
	}
	return fmt.Sprintf("%s has %d", m.Name, m.Messages), nil
}
