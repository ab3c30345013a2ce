package webui

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"restante/mailstore"
)

const deliverDescription = "Either the octets of a message (message/rfc822), stored as they are, with the envelope in the query; " +
	"or a message in JSON, which the server composes: its envelope is from, to, cc and bcc, unless it says another. " +
	"It is delivered here and nowhere else, as if SMTP had brought it."

type deliverInput struct {
	From string   `query:"from" maxLength:"1000" doc:"Reverse-path, for message/rfc822; empty is <>."`
	To   []string `query:"to,explode" maxItems:"100000" doc:"Forward-paths, for message/rfc822: give it once for each."`
}

// Delivered is what a delivered message can be found by.
type Delivered struct {
	ID        string   `json:"id"`
	Seq       uint64   `json:"seq"`
	Mailboxes []string `json:"mailboxes" doc:"That it was delivered to."`
}

// deliverMessage reads the body itself, because a message is a stream.
func (s *Server) deliverMessage(_ context.Context, in *deliverInput) (*huma.StreamResponse, error) {
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		out, err := s.deliver(w, r, in)
		s.answer(w, r, http.StatusCreated, out, err)
	}), nil
}

// answer writes what became of a body that was read as a stream: out with a
// status, or the problem that err is.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, out any, err error) {
	if err != nil {
		err = s.problemOf(r.Context(), err)
		p, ok := errors.AsType[*problem](err)
		if !ok {
			p = problemf(http.StatusInternalServerError, "%v", err)
		}
		writeProblem(w, p)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// requestEnvelope is the envelope of a message that a request brings, but for its
// paths.
func requestEnvelope(r *http.Request) mailstore.Envelope {
	user, _, _ := r.BasicAuth()
	env := mailstore.Envelope{Helo: "http", Remote: r.RemoteAddr, User: user}
	if r.TLS != nil {
		env.TLS = tls.VersionName(r.TLS.Version)
	}
	return env
}

func (s *Server) deliver(w http.ResponseWriter, r *http.Request, in *deliverInput) (*Delivered, error) {
	env := requestEnvelope(r)
	env.ReversePath = in.From
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "message/rfc822":
		return s.deliverOctets(w, r, env, in.To)
	case "application/json":
		if in.From != "" || in.To != nil {
			return nil, problemf(http.StatusBadRequest, "from and to in the query are for message/rfc822. A message in JSON has its own, and may have an envelope.")
		}
		return s.deliverMail(w, r, env)
	}
	return nil, problemf(http.StatusUnsupportedMediaType, "The body must be a message: Content-Type message/rfc822, or application/json.")
}

// deliverOctets stores the body while it arrives.
func (s *Server) deliverOctets(w http.ResponseWriter, r *http.Request, env mailstore.Envelope, to []string) (*Delivered, error) {
	if err := s.address(&env, to); err != nil {
		return nil, err
	}
	limit := s.cfg.Settings.Limits.MessageBytes
	if limit > 0 && r.ContentLength > limit {
		return nil, s.tooLarge()
	}
	content := s.store.NewIncoming()
	defer content.Abort()
	if _, err := io.Copy(content, patientBody(w, r, limit)); err != nil {
		return nil, s.bodyProblem(r, err)
	}
	if content.Size() == 0 {
		return nil, problemf(http.StatusBadRequest, "The body is empty: it must be the message. Nothing was delivered.")
	}
	return s.finish(r, content, env)
}

// finish delivers what content has taken.
func (s *Server) finish(r *http.Request, content *mailstore.Incoming, env mailstore.Envelope) (*Delivered, error) {
	receipt, err := content.Deliver(r.Context(), env)
	if err != nil {
		if errors.Is(err, mailstore.ErrOverCap) {
			return nil, problemf(http.StatusRequestEntityTooLarge, "The message is larger than the store may ever be. Nothing was delivered.")
		}
		return nil, err
	}
	out := &Delivered{ID: receipt.ID, Seq: receipt.Seq, Mailboxes: []string{}}
	for _, p := range env.ForwardPaths {
		if box := s.store.MailboxFor(p.Address); !slices.Contains(out.Mailboxes, box) {
			out.Mailboxes = append(out.Mailboxes, box)
		}
	}
	return out, nil
}

const maxPath = 1000 // octets of a path; RFC 5321 §4.5.3.1.3 has 256 at least

// address puts the recipients into an envelope and checks it.
func (s *Server) address(env *mailstore.Envelope, to []string) error {
	most := s.cfg.Settings.Limits.Recipients
	switch {
	case len(to) == 0:
		return problemf(http.StatusBadRequest, "The message has no recipients: give to at least once. Nothing was delivered.")
	case most > 0 && len(to) > most:
		return problemf(http.StatusBadRequest, "The message has %d recipients, the limit is %d. Nothing was delivered.", len(to), most)
	}
	sender, ok := pathOf(env.ReversePath)
	if !ok {
		return problemf(http.StatusBadRequest, "from: %q is no address. Nothing was delivered.", env.ReversePath)
	}
	env.ReversePath = sender
	for _, a := range to {
		address, ok := pathOf(a)
		if !ok || address == "" {
			return problemf(http.StatusBadRequest, "to: %q is no address. Nothing was delivered.", a)
		}
		env.ForwardPaths = append(env.ForwardPaths, mailstore.ForwardPath{Address: address})
	}
	return nil
}

// pathOf takes an address with or without angle brackets. It is as open to odd
// ones as SMTP is here: they are what is being tested.
func pathOf(text string) (address string, ok bool) {
	text = strings.TrimSpace(text)
	if inner, found := strings.CutPrefix(text, "<"); found {
		if text, found = strings.CutSuffix(inner, ">"); !found {
			return "", false
		}
	}
	bad := func(r rune) bool { return r < ' ' || r == 0x7f || r == '<' || r == '>' }
	if len(text) > maxPath || strings.ContainsFunc(text, bad) {
		return "", false
	}
	if local, domain := text, ""; strings.Contains(text, "@") {
		at := strings.LastIndexByte(text, '@')
		local, domain = text[:at], text[at+1:]
		if local == "" || domain == "" || strings.ContainsAny(domain, " ,") {
			return "", false
		}
	}
	return text, strings.HasPrefix(text, `"`) || !strings.ContainsAny(text, " ,")
}

func (s *Server) tooLarge() error {
	return problemf(http.StatusRequestEntityTooLarge, "The message is larger than %d octets, the limit of this server. Nothing was delivered.", s.cfg.Settings.Limits.MessageBytes)
}

func (s *Server) bodyProblem(r *http.Request, err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return s.tooLarge()
	}
	if errors.Is(err, mailstore.ErrFull) || errors.Is(err, mailstore.ErrClosed) {
		return err
	}
	s.log.Debug("a message broke off", "remote", r.RemoteAddr, "err", err)
	return problemf(http.StatusBadRequest, "The message broke off. Nothing was delivered.")
}

// patientBody is the body, up to limit octets (0 is none), with as much time for
// each read as a client has for reading events.
func patientBody(w http.ResponseWriter, r *http.Request, limit int64) io.Reader {
	body := r.Body
	if limit > 0 {
		body = http.MaxBytesReader(w, body, limit)
	}
	return &patientReader{body, http.NewResponseController(w)}
}

type patientReader struct {
	from io.Reader
	ctl  *http.ResponseController
}

const uploadPatience = 30 * time.Second

func (p *patientReader) Read(b []byte) (int, error) {
	_ = p.ctl.SetReadDeadline(time.Now().Add(uploadPatience)) // not every connection has one
	n, err := p.from.Read(b)
	if err != nil {
		_ = p.ctl.SetReadDeadline(time.Time{})
	}
	return n, err
}
