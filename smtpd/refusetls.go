package smtpd

import (
	"crypto/tls"
	"errors"

	"restante/faults"
)

var errNoTLS = errors.New("refused on purpose")

// faultyTLS asks for a fault at STARTTLS, and reports whether the command is done
// with. What may go wrong:
//
//	a reply of 4yz or 5yz            no TLS, the session goes on
//	a reply of 2yz                   the client begins its handshake and meets plaintext
//	refuse TLS                       the handshake ends with an alert
//	refuse TLS with close or reset   the connection ends in the handshake
//	close or reset                   the connection ends at the command
func (w *wire) faultyTLS() bool {
	if w.rules == nil {
		return false
	}
	f := w.faultAt(faults.Occasion{Point: faults.StartTLS})
	if f == nil {
		return false
	}
	if f.Do.RefuseTLS && f.Do.Reply == nil {
		w.noTLS = f
		later := *f
		later.Do.Close, later.Do.Reset = false, false
		f = &later
	}
	if !w.suffer(f) {
		return false
	}
	if reply := f.Do.Reply; reply != nil && reply.Code < 300 && !w.ended {
		if w.fill() { // the client's hello
			w.r = w.w
			w.say(replyGarbage)
		}
		w.breakOff(f)
	}
	return true
}

// refuseTLS lets the client begin its handshake, and no more.
func (w *wire) refuseTLS(f *faults.Fault) {
	if f.Do.Close || f.Do.Reset {
		w.fill()
	} else {
		refusing := &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errNoTLS }}
		tls.Server(w.raw, refusing).Handshake() // it sends an alert (RFC 8446 §6.2)
	}
	w.r = w.w
	w.breakOff(f)
}
