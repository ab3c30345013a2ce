package compat

import (
	"crypto/md5"  // as Mailpit tells it; nothing rests on it
	"crypto/sha1" // likewise
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"

	"restante/mailstore"
	"restante/mailstore/message"
)

// detail is a message in Mailpit's JSON.
type detail struct {
	ID              string
	MessageID       string
	From            address
	To              []address
	Cc              []address
	Bcc             []address
	ReplyTo         []address
	ReturnPath      string
	Subject         string
	ListUnsubscribe listUnsubscribe
	Date            time.Time
	Tags            []string
	Username        string
	Text            string
	HTML            string
	Size            int64
	Inline          []attachment
	Attachments     []attachment
}

type listUnsubscribe struct {
	Header     string
	Links      []string
	Errors     string
	HeaderPost string
}

type attachment struct {
	PartID      string
	FileName    string
	ContentType string
	ContentID   string
	Size        int64
	Checksums   checksums
}

type checksums struct{ MD5, SHA1, SHA256 string }

func (s *server) detailOf(m *mailstore.Message) (*detail, error) {
	c, err := s.parse(m)
	if err != nil {
		return nil, err
	}
	d := &detail{
		ID: m.ID, MessageID: c.MessageID, From: sender(addressesOf(c.From)),
		To: addressesOf(c.To), Cc: addressesOf(c.Cc), Bcc: bare(hidden(m)), ReplyTo: addressesOf(c.ReplyTo),
		ReturnPath: m.Envelope.ReversePath, Subject: c.Subject, ListUnsubscribe: unsubscribeOf(c),
		Date: c.Date, Tags: list(m.Tags), Username: m.Envelope.User, Text: c.Text, HTML: c.HTML, Size: m.Size,
	}
	if d.Date.IsZero() {
		d.Date = m.Received.UTC()
	}
	inline, attached := filesOf(c)
	if d.Inline, err = s.attachmentsOf(m, inline); err != nil {
		return nil, err
	}
	d.Attachments, err = s.attachmentsOf(m, attached)
	return d, err
}

// filesOf lists the parts that are not the message's text: those that its HTML
// shows, and those that are offered as files.
func filesOf(c *message.Message) (inline, attached []*message.Part) {
	var walk func(p *message.Part)
	walk = func(p *message.Part) {
		switch {
		case p.Attachment:
			attached = append(attached, p)
			return // what is attached to an attached message is not attached to this one
		case p.Inline && len(p.Parts) == 0 && !strings.HasPrefix(p.Type, "text/") && (p.ContentID != "" || p.Name != ""):
			inline = append(inline, p)
		}
		for _, kid := range p.Parts {
			walk(kid)
		}
	}
	if c.Root != nil {
		walk(c.Root)
	}
	return inline, attached
}

// partID is how a part is named in paths. The only part of a message that is
// no multipart is 1, as in IMAP.
func partID(p *message.Part) string {
	if p.Path == "" {
		return "1"
	}
	return p.Path
}

func (s *server) attachmentsOf(m *mailstore.Message, parts []*message.Part) ([]attachment, error) {
	out := make([]attachment, len(parts))
	for i, p := range parts {
		out[i] = attachment{PartID: partID(p), FileName: p.Name, ContentType: p.Type, ContentID: p.ContentID, Size: p.Size}
		if out[i].FileName == "" {
			out[i].FileName = p.ContentID
		}
		var err error
		if out[i].Checksums, err = s.checksumsOf(m, out[i].PartID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// checksumsOf reads the part once more: parsing takes SHA-256 only.
func (s *server) checksumsOf(m *mailstore.Message, path string) (checksums, error) {
	c, err := s.store.Content(m.Seq)
	if err != nil {
		return checksums{}, err
	}
	defer c.Close()
	_, body, err := message.OpenPart(c, path)
	if err != nil {
		return checksums{}, err
	}
	h5, h1, h256 := md5.New(), sha1.New(), sha256.New()
	if _, err := io.Copy(io.MultiWriter(h5, h1, h256), body); err != nil {
		return checksums{}, err
	}
	return checksums{hex.EncodeToString(h5.Sum(nil)), hex.EncodeToString(h1.Sum(nil)), hex.EncodeToString(h256.Sum(nil))}, nil
}

// linkPattern finds the targets of List-Unsubscribe (RFC 2369 §2).
var linkPattern = regexp.MustCompile(`<\s*([^<>\s]+)\s*>`)

func unsubscribeOf(c *message.Message) listUnsubscribe {
	u := listUnsubscribe{Header: field(c.Header, "List-Unsubscribe"), Links: []string{}}
	if u.Header == "" {
		return u
	}
	u.HeaderPost = field(c.Header, "List-Unsubscribe-Post")
	for _, m := range linkPattern.FindAllStringSubmatch(u.Header, -1) {
		switch l, err := url.Parse(m[1]); {
		case err != nil:
			u.Errors = "a link cannot be read: " + m[1]
		case l.Scheme == "http" || l.Scheme == "https" || l.Scheme == "mailto":
			u.Links = append(u.Links, m[1])
		default:
			u.Errors = "a link is neither mailto nor http: " + m[1]
		}
	}
	if len(u.Links) == 0 && u.Errors == "" {
		u.Errors = "there is no link between < and >"
	}
	return u
}

// field is the value of the first field of a name; "" when there is none.
func field(header []message.Field, name string) string {
	for _, f := range header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// unfolded is a field's value as sent, on one line and not decoded.
func unfolded(f message.Field) string {
	_, value, _ := strings.Cut(f.Raw, ":")
	value = strings.NewReplacer("\r\n", "", "\n", "", "\r", "").Replace(value)
	return strings.ToValidUTF8(strings.TrimSpace(value), "\uFFFD")
}
