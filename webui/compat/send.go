package compat

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	netmail "net/mail"
	"strings"

	"restante/mailstore"
)

// sendRequest is the body of Mailpit's /api/v1/send.
type sendRequest struct {
	From        mailbox
	To          []mailbox
	Cc          []mailbox
	Bcc         []string
	ReplyTo     []mailbox
	Subject     string
	Text        string
	HTML        string
	Headers     map[string]string
	Tags        []string
	Attachments []attached
}

type mailbox struct{ Name, Email string }

type attached struct {
	Filename    string
	ContentType string // "" is guessed from the content
	ContentID   string // inline when given
	Content     string // in base64, perhaps as a data: address
	decoded     []byte
}

// maxSend bounds the JSON of a message, in octets, where the server has no
// limit of its own.
const maxSend = 256 << 20

// sendMessage composes a message and delivers it here: Restante is where the
// mail goes. Errors are JSON, unlike elsewhere in Mailpit's API.
func (s *server) sendMessage(w http.ResponseWriter, r *http.Request) error {
	id, err := s.send(w, r)
	if err == nil {
		return writeJSON(w, struct{ ID string }{id})
	}
	e := s.refusalOf(r, err)
	body, err := json.Marshal(struct{ Error string }{e.text})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	_, err = w.Write(append(body, '\n'))
	return gone(err)
}

func (s *server) send(w http.ResponseWriter, r *http.Request) (id string, err error) {
	limit := int64(maxSend)
	if s.info.MaxMessageBytes > 0 {
		limit = min(limit, 2*s.info.MaxMessageBytes+maxJSON) // base64 and quotes take their room
	}
	var req sendRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit)).Decode(&req); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return "", refuse(http.StatusRequestEntityTooLarge, "The message is too large.")
		}
		return "", refuse(http.StatusBadRequest, "The body is not the JSON that is expected: %v.", err)
	}
	env, err := req.envelope(r)
	if err != nil {
		return "", err
	}
	if err := req.check(); err != nil {
		return "", err
	}
	in := s.store.NewIncoming()
	defer in.Abort()
	if err := req.compose(in); err != nil {
		return "", err
	}
	if s.info.MaxMessageBytes > 0 && in.Size() > s.info.MaxMessageBytes {
		return "", refuse(http.StatusRequestEntityTooLarge, "The message has %d octets, the limit is %d.", in.Size(), s.info.MaxMessageBytes)
	}
	receipt, err := in.Deliver(r.Context(), env)
	if err != nil {
		return "", err
	}
	if tags := cleanTags(req.Tags); len(tags) > 0 {
		defer s.tags.forget()
		if err := s.store.SetTags(r.Context(), receipt.Seq, tags); err != nil && !errors.Is(err, mailstore.ErrNotFound) {
			return "", err
		}
	}
	return receipt.ID, nil
}

// envelope is what an SMTP client would have said.
func (req *sendRequest) envelope(r *http.Request) (mailstore.Envelope, error) {
	user, _, _ := r.BasicAuth()
	env := mailstore.Envelope{ReversePath: req.From.Email, Remote: r.RemoteAddr, User: user}
	if err := checkAddress("From", req.From.Email); err != nil {
		return env, err
	}
	add := func(what, a string) error {
		env.ForwardPaths = append(env.ForwardPaths, mailstore.ForwardPath{Address: a})
		return checkAddress(what, a)
	}
	for _, m := range req.To {
		if err := add("To", m.Email); err != nil {
			return env, err
		}
	}
	for _, m := range req.Cc {
		if err := add("Cc", m.Email); err != nil {
			return env, err
		}
	}
	for _, a := range req.Bcc {
		if err := add("Bcc", a); err != nil {
			return env, err
		}
	}
	if len(env.ForwardPaths) == 0 {
		return env, refuse(http.StatusBadRequest, "The message has no recipients: give To, Cc or Bcc.")
	}
	for _, m := range req.ReplyTo {
		if err := checkAddress("Reply-To", m.Email); err != nil {
			return env, err
		}
	}
	return env, nil
}

func checkAddress(what, a string) error {
	parsed, err := netmail.ParseAddress(a)
	if err != nil || parsed.Address != a || strings.ContainsAny(a, "\r\n") {
		return refuse(http.StatusBadRequest, "Not an address in %s: %q.", what, a)
	}
	return nil
}

// own are the fields that the request has members for.
var own = map[string]bool{
	"from": true, "to": true, "cc": true, "bcc": true, "reply-to": true, "subject": true, "date": true,
	"content-type": true, "content-transfer-encoding": true, "mime-version": true, "x-tags": true,
}

// check refuses what cannot be composed, and decodes attachments.
func (req *sendRequest) check() error {
	for name, value := range req.Headers {
		if own[strings.ToLower(name)] {
			return refuse(http.StatusBadRequest, "The field %s cannot be set in Headers.", name)
		}
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }) || strings.ContainsAny(value, "\r\n") {
			return refuse(http.StatusBadRequest, "Not a header field: %q: %q.", name, value)
		}
	}
	for i := range req.Attachments {
		a := &req.Attachments[i]
		content := a.Content[strings.LastIndexByte(a.Content, ',')+1:] // after "data:image/png;base64,"
		var err error
		if a.decoded, err = base64.StdEncoding.DecodeString(content); err != nil {
			return refuse(http.StatusBadRequest, "The content of the attachment %q is not base64: %v.", a.Filename, err)
		}
		if a.ContentType == "" {
			a.ContentType = http.DetectContentType(a.decoded)
		}
		if strings.ContainsAny(a.ContentID, "<>\r\n ") {
			return refuse(http.StatusBadRequest, "Not a Content-ID: %q.", a.ContentID)
		}
	}
	return nil
}
