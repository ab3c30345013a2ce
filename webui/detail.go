package webui

import (
	"strings"
	"time"

	"restante/mailstore"
	"restante/mailstore/message"
)

// Message is everything that is known about one message.
type Message struct {
	Summary
	MessageID     string        `json:"messageId" doc:"Without angle brackets."`
	Date          *time.Time    `json:"date,omitempty" doc:"The Date field; missing when there is none that can be read."`
	Envelope      Envelope      `json:"envelope"`
	Hidden        []string      `json:"hidden" doc:"Recipients of the envelope that neither To nor Cc names: Bcc."`
	Trace         []Field       `json:"trace" doc:"Trace fields (RFC 5321 §4.4) made at delivery. POP3 serves them before the header; raw does not hold them."`
	Headers       []Field       `json:"headers" doc:"The header, in order."`
	Text          string        `json:"text"`
	HTML          string        `json:"html" doc:"As sent, but in UTF-8. Never show it in a page without a sandbox: see html."`
	TextTruncated bool          `json:"textTruncated" doc:"There is more text than what is given here."`
	HTMLTruncated bool          `json:"htmlTruncated" doc:"There is more HTML than what is given here."`
	Remote        []string      `json:"remote" doc:"Addresses on other hosts that the HTML would load when it is shown."`
	Attachments   []Attachment  `json:"attachments"`
	Parts         []Part        `json:"parts" doc:"The MIME tree: one part with its parts."`
	Defects       []Defect      `json:"defects" doc:"What is wrong with it."`
	Links         []Link        `json:"links" doc:"Where it points its reader to, each once."`
	Codes         []Code        `json:"codes" doc:"What may be one-time codes, the most likely first."`
	Unsubscribe   []Unsubscribe `json:"unsubscribe" doc:"The targets of List-Unsubscribe."`
	Session       string        `json:"session" doc:"The SMTP session that brought it."`
	Sessions      []string      `json:"sessions" doc:"The sessions it was in, of those that are kept: the SMTP session that brought it, then the POP3 sessions that fetched it."`
}

// Link is an address that a message points its reader to.
type Link struct {
	Href  string `json:"href" doc:"Decoded."`
	Text  string `json:"text" doc:"What the reader sees of it; of a header field its name."`
	Where string `json:"where" enum:"html,text,header"`
	Part  string `json:"part" doc:"Path of the part it is in; empty in the header."`
}

// Code is what may be a one-time code.
type Code struct {
	Code    string `json:"code" doc:"Without the spaces that group its digits."`
	Context string `json:"context" doc:"The words around it."`
	Where   string `json:"where" enum:"subject,text,html"`
}

// Unsubscribe is a way off a mailing list.
type Unsubscribe struct {
	Href     string `json:"href"`
	OneClick bool   `json:"oneClick" doc:"A POST of List-Unsubscribe=One-Click does it (RFC 8058)."`
}

// Envelope is what the SMTP session said.
type Envelope struct {
	Sender     string      `json:"sender" doc:"Reverse-path; empty is <>."`
	Recipients []Recipient `json:"recipients" doc:"Forward-paths in the order of RCPT."`
	Helo       string      `json:"helo"`
	Extended   bool        `json:"extended" doc:"Greeted with EHLO."`
	Remote     string      `json:"remote" doc:"The client's address."`
	User       string      `json:"user" doc:"SMTP AUTH identity; empty without AUTH."`
	Mechanism  string      `json:"mechanism" doc:"SASL mechanism; empty without AUTH."`
	TLS        string      `json:"tls" doc:"TLS version; empty in plaintext."`
	Cipher     string      `json:"cipher"`
	Size       int64       `json:"size" doc:"SIZE= of MAIL; 0 when not given."`
	Body       string      `json:"body" doc:"BODY= of MAIL; empty when not given."`
	SMTPUTF8   bool        `json:"smtputf8"`
	Ret        string      `json:"ret" doc:"RET= of MAIL (RFC 3461)."`
	EnvID      string      `json:"envid" doc:"ENVID= of MAIL, decoded."`
	Auth       *string     `json:"auth,omitempty" doc:"AUTH= of MAIL, decoded; missing when not given, empty is <>."`
}

// Recipient is one RCPT command.
type Recipient struct {
	Address   string   `json:"address" doc:"Forward-path as given."`
	Mailbox   string   `json:"mailbox" doc:"That it was delivered to; empty when it was deleted from there."`
	Hidden    bool     `json:"hidden" doc:"Neither To nor Cc names it."`
	Notify    []string `json:"notify" doc:"NOTIFY= (RFC 3461)."`
	ORcpt     string   `json:"orcpt" doc:"ORCPT=, decoded."`
	ORcptType string   `json:"orcptType"`
}

// Field is one header field.
type Field struct {
	Name  string `json:"name" doc:"As sent; empty for a line that is no field."`
	Raw   string `json:"raw" doc:"As sent, with its line endings."`
	Value string `json:"value" doc:"Unfolded and decoded."`
}

// Attachment is a part that readers offer as a file.
type Attachment struct {
	Path      string `json:"path" doc:"For /parts/{path}."`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Octets    int64  `json:"octets" doc:"Decoded."`
	ContentID string `json:"contentId" doc:"Without angle brackets."`
	SHA256    string `json:"sha256" doc:"Of the decoded octets."`
	Inline    bool   `json:"inline" doc:"The HTML shows it."`
}

// Part is a part of the MIME tree.
type Part struct {
	Path        string `json:"path" doc:"For /parts/{path}, numbered as IMAP does; empty for what cannot be had by itself."`
	Type        string `json:"type"`
	Charset     string `json:"charset"`
	Encoding    string `json:"encoding" doc:"Transfer encoding."`
	Disposition string `json:"disposition"`
	Name        string `json:"name"`
	ContentID   string `json:"contentId"`
	Octets      int64  `json:"octets" doc:"Decoded."`
	Parts       []Part `json:"parts"`
}

// Defect is one thing that is wrong with a message.
type Defect struct {
	Code   string `json:"code" doc:"Stable."`
	Text   string `json:"text" doc:"What is wrong and what it does to readers."`
	Part   string `json:"part" doc:"Path of the part; empty is the message."`
	Detail string `json:"detail" doc:"The field, charset or value that it is about; may be empty."`
}

// detailOf puts together what the store knows and what the content says.
func (s *Server) detailOf(m *mailstore.Message, c *message.Message) (Message, error) {
	sessions, err := s.store.SessionsOf(m.ID)
	if err != nil {
		return Message{}, err
	}
	shown := shownAddresses(m)
	d := Message{
		Summary:       summaryOf(m),
		MessageID:     c.MessageID,
		Envelope:      envelopeOf(&m.Envelope, shown),
		Hidden:        []string{},
		Trace:         traceOf(m),
		Headers:       fieldsOf(c.Header),
		Text:          c.Text,
		HTML:          c.HTML,
		TextTruncated: c.TextTruncated,
		HTMLTruncated: c.HTMLTruncated,
		Remote:        list(rewriteHTML(c.HTML, partsByContentID(c.Root)).remote),
		Attachments:   []Attachment{},
		Parts:         []Part{},
		Defects:       []Defect{},
		Links:         []Link{},
		Codes:         []Code{},
		Unsubscribe:   []Unsubscribe{},
		Session:       m.Envelope.Session,
		Sessions:      make([]string, len(sessions)),
	}
	for i, rec := range sessions {
		d.Sessions[i] = rec.ID
	}
	for _, l := range c.Links() {
		d.Links = append(d.Links, Link(l))
	}
	for _, code := range c.Codes() {
		d.Codes = append(d.Codes, Code(code))
	}
	for _, u := range c.Unsubscribe() {
		d.Unsubscribe = append(d.Unsubscribe, Unsubscribe(u))
	}
	if !c.Date.IsZero() {
		d.Date = &c.Date
	}
	for _, r := range d.Envelope.Recipients {
		if r.Hidden {
			d.Hidden = append(d.Hidden, r.Address)
		}
	}
	for _, p := range c.Attachments() {
		d.Attachments = append(d.Attachments, Attachment{
			Path: partPath(p), Name: p.Name, Type: p.Type, Octets: p.Size,
			ContentID: p.ContentID, SHA256: p.SHA256, Inline: p.Inline,
		})
	}
	if c.Root != nil {
		d.Parts = append(d.Parts, partOf(c.Root))
	}
	for _, f := range c.Defects {
		d.Defects = append(d.Defects, Defect{Code: f.Code, Text: f.Sentence, Part: f.Part, Detail: f.Detail})
	}
	return d, nil
}

// shownAddresses is the set of addresses that recipients can see, folded.
func shownAddresses(m *mailstore.Message) map[string]bool {
	shown := make(map[string]bool, len(m.To)+len(m.Cc))
	for _, list := range [...][]mailstore.Address{m.To, m.Cc} {
		for _, a := range list {
			shown[strings.ToLower(a.Address)] = true
		}
	}
	return shown
}

func envelopeOf(e *mailstore.Envelope, shown map[string]bool) Envelope {
	out := Envelope{
		Sender: e.ReversePath, Recipients: make([]Recipient, len(e.ForwardPaths)),
		Helo: e.Helo, Extended: e.Extended, Remote: e.Remote, User: e.User, Mechanism: e.Mechanism,
		TLS: e.TLS, Cipher: e.Cipher, Size: e.Size, Body: e.Body, SMTPUTF8: e.SMTPUTF8,
		Ret: e.Ret, EnvID: e.EnvID, Auth: e.Auth,
	}
	for i, p := range e.ForwardPaths {
		out.Recipients[i] = Recipient{
			Address: p.Address, Mailbox: p.Mailbox, Hidden: !shown[strings.ToLower(p.Address)],
			Notify: list(p.Notify), ORcpt: p.ORcpt, ORcptType: p.ORcptType,
		}
	}
	return out
}

func traceOf(m *mailstore.Message) []Field {
	return fieldsOf(message.Parse(strings.NewReader(m.Trace + "\r\n")).Header)
}

func fieldsOf(in []message.Field) []Field {
	out := make([]Field, len(in))
	for i, f := range in {
		out[i] = Field{Name: f.Name, Raw: strings.ToValidUTF8(f.Raw, "\uFFFD"), Value: f.Value}
	}
	return out
}

func partOf(p *message.Part) Part {
	out := Part{
		Path: partPath(p), Type: p.Type, Charset: p.Charset, Encoding: p.Encoding,
		Disposition: p.Disposition, Name: p.Name, ContentID: p.ContentID, Octets: p.Size,
		Parts: make([]Part, len(p.Parts)),
	}
	for i, kid := range p.Parts {
		out.Parts[i] = partOf(kid)
	}
	return out
}

// partPath is the path of a part in addresses: a message that is one part has
// that part under 1 (RFC 9051 §6.4.5). A multipart that is the whole message
// has none.
func partPath(p *message.Part) string {
	if p.Path == "" && !strings.HasPrefix(p.Type, "multipart/") {
		return "1"
	}
	return p.Path
}

// partsByContentID resolves Content-IDs to addresses relative to that of the
// message's HTML.
func partsByContentID(root *message.Part) func(contentID string) string {
	paths := make(map[string]string)
	var walk func(p *message.Part)
	walk = func(p *message.Part) {
		if _, taken := paths[p.ContentID]; p.ContentID != "" && partPath(p) != "" && !taken {
			paths[p.ContentID] = "parts/" + partPath(p)
		}
		for _, kid := range p.Parts {
			walk(kid)
		}
	}
	if root != nil {
		walk(root)
	}
	return func(contentID string) string { return paths[contentID] }
}
