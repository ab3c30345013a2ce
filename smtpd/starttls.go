package smtpd

import (
	"crypto/tls"

	"restante/mailstore"
)

// starttls is the STARTTLS command (RFC 3207).
func (w *wire) starttls(arg string) {
	switch {
	case arg != "":
		w.reply(replyNoArgument)
		return
	case w.server.cfg.TLS == nil:
		w.reply(replyNoTLS)
		return
	case w.tlsVersion != "":
		w.reply(replyTLSAlready)
		return
	}
	if w.faultyTLS() {
		return
	}
	w.reply(replyStartTLS)
	w.flush()
	if n := len(w.unread()); n > 0 { // sent in plaintext, by whomever: never to be executed
		note(&w.transcript, mailstore.Note, "dropped what followed STARTTLS in plaintext: "+octets(int64(n)))
		w.r = w.w
	}
	if !w.handshake() {
		return
	}
	// RFC 3207 §4.2: what was learned from the client before is forgotten.
	w.greeted, w.extended = false, false
	w.user, w.mechanism = "", ""
	w.ends = undecided
	w.ask(forget, "RSET")
}

// forget resets the engine without a word to the client.
var forget = &command{verb: "RSET", accepted: func(*wire) {}}

// handshake turns the connection into a TLS one.
func (w *wire) handshake() bool {
	if !w.mayWait("") {
		return false
	}
	if w.noTLS != nil {
		w.refuseTLS(w.noTLS)
		return false
	}
	conn := tls.Server(w.raw, w.server.cfg.TLS)
	if err := conn.Handshake(); err != nil {
		w.mayWait("") // it was Shutdown that ended it
		w.fail("TLS handshake failed: "+plain(err), "")
		note(&w.transcript, mailstore.Note, w.ending)
		return false
	}
	if slow, ok := w.conn.(*slowConn); ok {
		slow.Conn = conn
	} else {
		w.conn = conn
	}
	state := conn.ConnectionState()
	w.tlsVersion = tls.VersionName(state.Version)
	w.tlsCipher = tls.CipherSuiteName(state.CipherSuite)
	note(&w.transcript, mailstore.Note, "TLS handshake: "+w.tlsVersion+", "+w.tlsCipher)
	return true
}
