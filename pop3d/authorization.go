package pop3d

import (
	"bytes"
	"strconv"
	"strings"

	"restante/faults"
	"restante/mailstore"
)

// errCredentials tells no more than it must (RFC 1939 §7, RFC 3206 §5).
const errCredentials = refusal("[AUTH] invalid user name or password")

func (s *session) user(args [][]byte) error {
	name := strings.TrimRight(string(args[0]), " ")
	if name == "" {
		return refusal("wrong number of arguments")
	}
	s.name = name
	s.say("+OK send PASS")
	return nil
}

func (s *session) pass(args [][]byte) error {
	if s.name == "" {
		return refusal("send USER first")
	}
	name := s.name
	s.name = "" // RFC 1939 §7: after a failure, USER comes first again
	return s.login(name, string(args[0]))
}

// apop takes "name digest". The timestamp is only in the greeting when any
// digest is accepted, see Config.Users; but it must be one.
func (s *session) apop(args [][]byte) error {
	if s.timestamp == "" {
		return refusal("APOP is not offered")
	}
	name, digest, ok := cutLast(bytes.TrimRight(args[0], " "))
	if !ok {
		return refusal("wrong number of arguments")
	}
	if !isDigest(digest) {
		s.refused++
		return refusal("[AUTH] a digest has 32 hexadecimal digits")
	}
	return s.open(string(name))
}

// cutLast splits at the last space: a name may hold some, a digest does not.
func cutLast(b []byte) (before, after []byte, ok bool) {
	i := bytes.LastIndexByte(b, ' ')
	if i <= 0 {
		return nil, nil, false
	}
	return b[:i], b[i+1:], true
}

// isDigest recognises an MD5 digest in hexadecimal.
func isDigest(b []byte) bool {
	for _, c := range b {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return len(b) == 32
}

func (s *session) stls([][]byte) error {
	switch {
	case s.server.cfg.TLS == nil:
		return refusal("TLS is not offered")
	case s.secure:
		return refusal("already over TLS")
	}
	s.say("+OK begin TLS")
	if err := s.handshake(); err != nil {
		return err
	}
	// RFC 2595 §4: what was said before is forgotten
	s.name, s.international = "", false
	return nil
}

// login checks a password and opens the maildrop.
func (s *session) login(name, password string) error {
	if users := s.server.cfg.Users; users != nil && !users(name, password) {
		s.record.User = name
		s.refused++
		s.log.Info("login failed", "user", name)
		return errCredentials
	}
	return s.open(name)
}

// open takes the maildrop, and its lock where there is one.
func (s *session) open(name string) error {
	s.record.User = name
	drop, err := s.take(name)
	if err != nil {
		s.refused++
		return err
	}
	enter := func() error {
		s.drop, s.state, s.name, s.wary = drop, transaction, "", false
		s.say("+OK " + drop.describe())
		return nil
	}
	f := s.faultAt(faults.Occasion{Point: s.point(), User: name, Mailbox: drop.Name})
	if f == nil {
		return enter()
	}
	if err = s.suffer(f, nil, enter); s.drop == nil {
		s.refused++
		s.free(drop)
	}
	return err
}

func (s *session) take(name string) (*maildrop, error) {
	found, err := s.store.Maildrop(name)
	if err != nil {
		return nil, err
	}
	if !s.server.cfg.Exclusive {
		return newMaildrop(found), nil
	}
	if !s.server.lock(found.Name) {
		return nil, refusal("[IN-USE] the maildrop is open in another session")
	}
	// Another session may have removed messages before it let go.
	locked := found.Name
	found, err = s.store.Maildrop(name)
	if err == nil && found.Name != locked {
		err = refusal("[SYS/TEMP] the name means another maildrop now")
	}
	if err != nil {
		s.server.unlock(locked)
		return nil, err
	}
	drop := newMaildrop(found)
	drop.locked = true
	return drop, nil
}

// maildrop is the snapshot of a session, with its marks.
type maildrop struct {
	*mailstore.Maildrop
	marks  []mark // one for each entry
	left   int    // entries that are not marked as deleted
	marked int    // entries that are
	octets int64  // of those left
	locked bool   // others are kept out
}

// mark is what happened to a message in this session.
type mark uint8

const (
	deleted mark = 1 << iota // DELE
	fetched                  // RETR
)

func newMaildrop(d *mailstore.Maildrop) *maildrop {
	return &maildrop{Maildrop: d, marks: make([]mark, len(d.Entries)), left: len(d.Entries), octets: d.Octets}
}

// describe is the text of a login's response.
func (d *maildrop) describe() string {
	if len(d.Entries) > 0 {
		return "maildrop has " + messages(d.left, d.octets)
	}
	if d.Hint != "" {
		return "maildrop empty; " + d.Hint
	}
	return "maildrop empty"
}

func messages(n int, octets int64) string {
	noun := " messages ("
	if n == 1 {
		noun = " message ("
	}
	return strconv.Itoa(n) + noun + strconv.FormatInt(octets, 10) + " octets)"
}
