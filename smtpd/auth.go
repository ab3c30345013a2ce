package smtpd

import (
	"encoding/base64"
	"errors"
	"strings"

	"restante/mailstore"
)

// auth is the AUTH command (RFC 4954). The exchange is the wire's own: the
// engine would not forget it at STARTTLS.
func (w *wire) auth(arg string) {
	name, initial, hasInitial := strings.Cut(arg, " ")
	initial = strings.TrimLeft(initial, " ")
	switch {
	case name == "" || strings.Contains(initial, " "):
		w.reply(replyAuthSyntax)
		return
	case w.mechanism != "":
		w.reply(replyAuthAlready)
		return
	}
	m := findMechanism(&w.server.cfg, name)
	if m == nil || !w.persona.Mechanism(m.name) {
		w.reply(replyAuthUnknown)
		return
	}
	var response []byte // nil is none
	if hasInitial {
		if m.challenges {
			w.reply(replyAuthInitial)
			return
		}
		var err error
		if response, err = decodeResponse(initial); err != nil {
			w.reply(replyAuthBase64)
			return
		}
	}
	user, refusal := w.exchange(m, response)
	if w.ended {
		return
	}
	if refusal != "" {
		w.reply(refusal)
		return
	}
	if w.faultyAuth(user) {
		return
	}
	w.user, w.mechanism, w.wary = user, m.name, false
	w.reply(replyAuthOK)
	if strings.HasPrefix(w.refusal, "AUTH ") { // another mechanism or password did it
		w.refusal = ""
	}
}

// exchange runs a mechanism to its end.
func (w *wire) exchange(m *mechanism, response []byte) (user, refusal string) {
	server := m.start(&w.server.cfg, &user)
	for {
		challenge, done, err := server.Next(response)
		switch {
		case errors.Is(err, errBadCredentials):
			return "", replyAuthFailed
		case err != nil:
			return "", replyAuthBroken
		case done:
			return user, ""
		}
		w.reply("334 " + base64.StdEncoding.EncodeToString(challenge))
		line, dropped, ok := w.line(maxAuthLine)
		if dropped > 0 {
			return "", replyAuthLong
		}
		if !ok {
			return "", ""
		}
		if string(line) == "*" { // RFC 4954 §4
			note(&w.transcript, mailstore.Client, "*")
			return "", replyAuthCancel
		}
		note(&w.transcript, mailstore.Client, "***")
		if response, err = decodeResponse(string(line)); err != nil {
			return "", replyAuthBase64
		}
	}
}

func decodeResponse(s string) ([]byte, error) {
	if s == "=" { // RFC 4954 §4: an empty initial response
		return []byte{}, nil
	}
	return base64.StdEncoding.DecodeString(s)
}
