package pop3d

import (
	"bytes"
	"strconv"
	"time"
)

// capa lists what is offered in this state, RFC 2449 §6.
func (s *session) capa([][]byte) error {
	s.say("+OK capabilities follow")
	s.offered("TOP")
	s.offered("UIDL")
	s.offered("USER")
	sasl := "SASL"
	for _, m := range mechanisms {
		if s.offers(m) {
			sasl += " " + m.name
		}
	}
	s.offered(sasl)
	s.offered("RESP-CODES")
	s.offered("AUTH-RESP-CODE") // RFC 3206 §6
	s.offered("PIPELINING")
	s.offered("EXPIRE " + expiry(s.server.cfg.Expire))
	s.offered("LOGIN-DELAY 0")
	s.offered("UTF8 USER") // RFC 6856 §2
	s.offered("LANG")      // RFC 6856 §3
	if s.server.cfg.TLS != nil && !s.secure && s.state == authorization {
		s.offered("STLS") // where it is permitted, RFC 2595 §4
	}
	s.offered("IMPLEMENTATION Restante")
	s.say(".")
	return nil
}

// expiry is the argument of EXPIRE, in days. It is never 0, which would forbid
// to leave mail on the server.
func expiry(age time.Duration) string {
	if age == 0 {
		return "NEVER"
	}
	return strconv.Itoa(max(int(age/(24*time.Hour)), 1))
}

// utf8 allows UTF-8 in responses. Names and passwords may always hold it.
func (s *session) utf8([][]byte) error {
	s.international = true
	s.say("+OK UTF-8 it is")
	return nil
}

// languages of responses. "i-default" is English, too (RFC 2277 §4.5).
var languages = []string{"en", "i-default"}

func (s *session) lang(args [][]byte) error {
	if len(args) == 0 {
		s.say("+OK languages follow")
		s.say("en English")
		s.say("i-default English, the default")
		s.say(".")
		return nil
	}
	if string(args[0]) == "*" { // the server's choice, RFC 6856 §3
		s.say("+OK i-default English it is")
		return nil
	}
	for _, tag := range languages {
		if bytes.EqualFold(args[0], []byte(tag)) {
			s.say("+OK " + tag + " English it is")
			return nil
		}
	}
	return refusal("no such language")
}
