package pop3d

import (
	"bytes"
	"encoding/base64"
	"errors"

	"restante/mailstore"
)

// mechanism is a SASL mechanism (RFC 4422) on the server's side. It gets the
// initial response, nil when there was none, and asks for more by challenge.
type mechanism struct {
	name string
	run  func(s *session, initial []byte) error
	open bool // only where any credentials are accepted: it needs to know passwords
}

var mechanisms = []mechanism{
	{"PLAIN", (*session).plain, false},
	{"LOGIN", (*session).saslLogin, false},
	{"CRAM-MD5", (*session).cramMD5, true},
}

// offers says whether a mechanism is available.
func (s *session) offers(m mechanism) bool { return !m.open || s.server.cfg.Users == nil }

// auth is RFC 5034 §4; without an argument it lists the mechanisms, as
// clients from before CAPA expect.
func (s *session) auth(args [][]byte) error {
	if len(args) == 0 {
		s.say("+OK mechanisms follow")
		for _, m := range mechanisms {
			if s.offers(m) {
				s.say(m.name)
			}
		}
		s.say(".")
		return nil
	}
	for _, m := range mechanisms {
		if !s.offers(m) || !bytes.EqualFold(args[0], []byte(m.name)) {
			continue
		}
		if len(args) == 1 {
			return m.run(s, nil)
		}
		initial := []byte{}
		if string(args[1]) != "=" { // an empty one, RFC 5034 §4
			var err error
			if initial, err = decode(args[1]); err != nil {
				return err
			}
		}
		return m.run(s, initial)
	}
	return refusal("unknown mechanism")
}

// challenge asks the client for a response.
func (s *session) challenge(text string) ([]byte, error) {
	s.say("+ " + base64.StdEncoding.EncodeToString([]byte(text)))
	line, err := s.wire.line(maxSASLLine)
	if errors.Is(err, errLineTooLong) {
		s.said.addString(mailstore.Client, "***")
		return nil, err
	}
	if err != nil {
		return nil, lost{err}
	}
	if string(line) == "*" {
		s.said.addString(mailstore.Client, "*")
		return nil, refusal("authentication cancelled")
	}
	s.said.addString(mailstore.Client, "***")
	return decode(line)
}

func decode(line []byte) ([]byte, error) {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(line)))
	n, err := base64.StdEncoding.Strict().Decode(out, line)
	if err != nil || bytes.IndexByte(line, '\r') >= 0 {
		return nil, refusal("not base64")
	}
	return out[:n], nil
}

// plain is RFC 4616: an identity to act as, one to authenticate, a password.
func (s *session) plain(response []byte) error {
	if response == nil {
		var err error
		if response, err = s.challenge(""); err != nil {
			return err
		}
	}
	parts := bytes.Split(response, []byte{0})
	if len(parts) != 3 || len(parts[1]) == 0 {
		s.refused++
		return refusal("[AUTH] want identity NUL user NUL password")
	}
	actor, user, password := string(parts[0]), string(parts[1]), string(parts[2])
	if actor == "" || actor == user {
		return s.login(user, password)
	}
	if s.server.cfg.Users != nil {
		s.record.User = user
		s.refused++
		return refusal("[AUTH] a user cannot act as another")
	}
	return s.open(actor)
}

// saslLogin is LOGIN, which no RFC defines: two prompts. An initial response
// is the user name.
func (s *session) saslLogin(response []byte) error {
	if response == nil {
		var err error
		if response, err = s.challenge("Username:"); err != nil {
			return err
		}
	}
	user := string(response)
	password, err := s.challenge("Password:")
	if err != nil {
		return err
	}
	if user == "" {
		s.refused++
		return errCredentials
	}
	return s.login(user, string(password))
}

// cramMD5 is RFC 2195. The server speaks first, so an initial response is an
// error (RFC 5034 §4). It is offered only where any digest is accepted.
func (s *session) cramMD5(response []byte) error {
	if response != nil {
		return refusal("CRAM-MD5 has no initial response")
	}
	response, err := s.challenge(s.timestamp)
	if err != nil {
		return err
	}
	user, digest, ok := cutLast(response)
	if !ok || !isDigest(digest) {
		s.refused++
		return refusal("[AUTH] want user, space, digest of 32 hexadecimal digits")
	}
	return s.open(string(user))
}
