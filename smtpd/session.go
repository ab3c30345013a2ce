package smtpd

import (
	"errors"
	"io"
	"time"

	"github.com/emersion/go-smtp"

	"restante/mailstore"
)

// transaction is a mail transaction (RFC 5321 §3.3).
type transaction struct {
	open     bool // MAIL was accepted
	env      mailstore.Envelope
	received int64 // octets of content so far

	failing
	goAhead string       // a fault's reply to DATA; "" is the usual one
	cut     *cut         // where content breaks off; nil is nowhere
	wishes  map[int]wish // reports to be delivered, by recipient
}

// session is the engine's view of a wire: it keeps the envelope and has the
// say on who may send what to whom.
type session struct{ *wire }

func newSession(c *smtp.Conn) (smtp.Session, error) {
	return session{c.Conn().(*wire)}, nil
}

// Mail begins a transaction.
func (s session) Mail(_ string, opts *smtp.MailOptions) error {
	if err := s.server.store.Check(); err != nil {
		return s.refuse(err)
	}
	if limit := s.maxSize(); limit > 0 && s.asking.size > limit {
		return reject(s.tooLarge()) // RFC 1870 §6.1
	}
	s.recipients = s.recipients[:0]
	s.transaction = transaction{open: true, failing: failing{began: time.Since(s.started)}, env: mailstore.Envelope{
		ReversePath: s.asking.path,
		Helo:        s.helo,
		Extended:    s.extended,
		Remote:      s.remote,
		User:        s.user,
		Mechanism:   s.mechanism,
		TLS:         s.tlsVersion,
		Cipher:      s.tlsCipher,
		Session:     s.id,
		Size:        s.asking.size,
		Body:        string(opts.Body),
		SMTPUTF8:    opts.UTF8,
		Ret:         string(opts.Return),
		EnvID:       opts.EnvelopeID,
		Auth:        opts.Auth,
	}}
	if s.asking.binary {
		s.env.Body = string(smtp.BodyBinaryMIME)
	}
	return nil
}

// Rcpt adds a recipient. Any address is accepted.
func (s session) Rcpt(_ string, opts *smtp.RcptOptions) error {
	if len(s.env.ForwardPaths) >= s.maxRecipients() {
		return reject(replyRcptsFull)
	}
	path := mailstore.ForwardPath{
		Address:   s.asking.path,
		ORcpt:     opts.OriginalRecipient,
		ORcptType: s.asking.orcptType,
	}
	for _, n := range opts.Notify {
		path.Notify = append(path.Notify, string(n))
	}
	s.env.ForwardPaths = append(s.env.ForwardPaths, path)
	if s.rules != nil {
		s.recipients = append(s.recipients, path.Address)
		if s.asking.wish != (wish{}) {
			s.wished(len(s.env.ForwardPaths)-1, s.asking.wish)
		}
	}
	return nil
}

// Data receives a message and delivers it. The engine's reader knows nothing
// of the content: it is given an empty message when all is over.
func (s session) Data(io.Reader) error {
	s.transferring = true
	s.why = "" // what was refused before did not end the transaction
	defer func() { s.transferring = false }()
	in := s.receive()
	defer in.Abort()
	defer s.keepHead(in)
	if s.chunk != nil {
		return s.readChunks(in)
	}
	return s.readData(in)
}

func (s session) Reset() {
	s.settle()
	s.transaction = transaction{}
}

func (s session) Logout() error { return nil }

// refuse makes the engine's error of one of ours or the store's.
func (w *wire) refuse(err error) error {
	if errors.Is(err, mailstore.ErrClosed) {
		w.fail("the store is closed", w.server.said(replyStoreClosed))
		return err
	}
	return reject(w.explain(err))
}
