package webui

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"restante/internal/compose"
	"restante/mailstore"
)

// Mail is a message that the server composes.
type Mail struct {
	From        MailAddress       `json:"from,omitzero" doc:"Needed, but for a message with an envelope."`
	To          []MailAddress     `json:"to,omitempty"`
	Cc          []MailAddress     `json:"cc,omitempty"`
	Bcc         []MailAddress     `json:"bcc,omitempty" doc:"Get the message too and stand nowhere in it."`
	ReplyTo     []MailAddress     `json:"replyTo,omitempty"`
	Subject     string            `json:"subject,omitempty"`
	Date        *time.Time        `json:"date,omitempty" doc:"Missing: now."`
	Text        string            `json:"text,omitempty"`
	HTML        string            `json:"html,omitempty"`
	Headers     map[string]string `json:"headers,omitempty" doc:"Further header fields."`
	Attachments []MailFile        `json:"attachments,omitempty"`
	Envelope    *MailEnvelope     `json:"envelope,omitempty" doc:"Where the envelope is not what from, to, cc and bcc say."`
}

// MailFile is an attachment of a Mail.
type MailFile struct {
	Name      string `json:"name,omitempty"`
	Type      string `json:"type,omitempty" doc:"Media type; missing: application/octet-stream."`
	Content   []byte `json:"content" doc:"In base64."`
	ContentID string `json:"contentId,omitempty" doc:"For cid: in the HTML, without angle brackets: it is inline then."`
}

// MailEnvelope takes the place of what a Mail's addresses say.
type MailEnvelope struct {
	From *string  `json:"from,omitempty" doc:"Reverse-path; empty is <>. Missing: from's address."`
	To   []string `json:"to,omitempty" doc:"Forward-paths. Missing: to, cc and bcc."`
}

// MailAddress is an object, or a text as in a header field.
type MailAddress struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
}

// UnmarshalJSON takes both forms.
func (a *MailAddress) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		parsed, err := netmail.ParseAddress(text)
		if err != nil {
			return problemf(http.StatusBadRequest, "%q is no address: want alice@app.test, or Alice <alice@app.test>. Nothing was delivered.", text)
		}
		*a = MailAddress{Name: parsed.Name, Address: parsed.Address}
		return nil
	}
	type object MailAddress // without this method
	return strictJSON(strings.NewReader(string(data)), (*object)(a))
}

// Schema tells the OpenAPI document of both forms.
func (a MailAddress) Schema(huma.Registry) *huma.Schema {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	return &huma.Schema{OneOf: []*huma.Schema{
		text("alice@app.test, or Alice <alice@app.test>"),
		{
			Type:                 huma.TypeObject,
			Properties:           map[string]*huma.Schema{"name": text("Display name."), "address": text("local@domain")},
			Required:             []string{"address"},
			AdditionalProperties: false,
		},
	}}
}

// strictJSON reads one value with known names and nothing behind it.
func strictJSON(from io.Reader, into any) error {
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		if err == nil {
			err = errors.New("there is something behind the object")
		}
		return err
	}
	return nil
}

// maxMailJSON bounds the JSON of a message, in octets, where messages have no
// limit; jsonRoom is for what is not content where they have.
const (
	maxMailJSON = 256 << 20
	jsonRoom    = 1 << 20
)

// deliverMail composes a message and stores it.
func (s *Server) deliverMail(w http.ResponseWriter, r *http.Request, env mailstore.Envelope) (*Delivered, error) {
	limit := s.cfg.Settings.Limits.MessageBytes
	room := int64(maxMailJSON)
	if limit > 0 {
		room = min(room, 2*limit+jsonRoom) // base64 and quotes take their room
	}
	var m Mail
	if err := strictJSON(patientBody(w, r, room), &m); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, s.tooLarge()
		}
		if p, ok := errors.AsType[*problem](err); ok {
			return nil, p
		}
		return nil, problemf(http.StatusBadRequest, "The body is not the JSON of a message: %v. Nothing was delivered.", err)
	}
	if err := s.addressMail(&env, &m); err != nil {
		return nil, err
	}
	content := s.store.NewIncoming()
	defer content.Abort()
	composed := m.compose()
	if err := composed.Write(content); err != nil {
		if wrong, ok := errors.AsType[*compose.Error](err); ok {
			return nil, problemf(http.StatusBadRequest, "The message cannot be composed: %v. Nothing was delivered.", wrong)
		}
		return nil, err
	}
	if limit > 0 && content.Size() > limit {
		return nil, s.tooLarge()
	}
	return s.finish(r, content, env)
}

// addressMail makes a message's envelope and checks its addresses.
func (s *Server) addressMail(env *mailstore.Envelope, m *Mail) error {
	if m.From.Address == "" && (m.Envelope == nil || m.Envelope.From == nil) {
		return problemf(http.StatusBadRequest, "The message has no from. Nothing was delivered.")
	}
	var to []string
	for _, f := range [...]struct {
		name string
		list []MailAddress
		gets bool
	}{
		{"from", []MailAddress{m.From}, false}, {"replyTo", m.ReplyTo, false},
		{"to", m.To, true}, {"cc", m.Cc, true}, {"bcc", m.Bcc, true},
	} {
		for _, a := range f.list {
			if a == (MailAddress{}) && f.name == "from" {
				continue
			}
			parsed, err := netmail.ParseAddress(a.Address)
			if err != nil || parsed.Address != a.Address || strings.ContainsAny(a.Address, "\r\n") {
				return problemf(http.StatusBadRequest, "%s: %q is no address. Nothing was delivered.", f.name, a.Address)
			}
			if f.gets {
				to = append(to, a.Address)
			}
		}
	}
	env.ReversePath = m.From.Address
	if e := m.Envelope; e != nil {
		if e.From != nil {
			env.ReversePath = *e.From
		}
		if e.To != nil {
			to = e.To
		}
	}
	return s.address(env, to)
}

func (m *Mail) compose() *compose.Mail {
	c := &compose.Mail{
		To: composeAddresses(m.To), Cc: composeAddresses(m.Cc), ReplyTo: composeAddresses(m.ReplyTo),
		Subject: m.Subject, Text: m.Text, HTML: m.HTML, Fields: m.Headers,
	}
	if m.From.Address != "" {
		c.From = composeAddresses([]MailAddress{m.From})
	}
	if m.Date != nil {
		c.Date = *m.Date
	}
	for _, f := range m.Attachments {
		c.Files = append(c.Files, compose.File{Name: f.Name, Type: f.Type, ContentID: f.ContentID, Content: f.Content})
	}
	return c
}

func composeAddresses(in []MailAddress) []compose.Address {
	out := make([]compose.Address, len(in))
	for i, a := range in {
		out[i] = compose.Address(a)
	}
	return out
}
