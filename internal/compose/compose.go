// Package compose writes a message (RFC 5322, MIME) from what somebody wants to
// say: addresses, text, HTML, files.
package compose

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Mail is a message to be written. Missing fields are left out, but for Date and
// Message-ID.
type Mail struct {
	From, ReplyTo, To, Cc []Address
	Subject               string
	Date                  time.Time // zero is now
	Text, HTML            string    // with any line endings
	Fields                map[string]string
	Files                 []File
}

// Address is an address of a header field.
type Address struct{ Name, Address string }

// File is an attachment, or a part that the HTML shows when it has a ContentID.
type File struct {
	Name      string // "" has none
	Type      string // media type, with parameters; "" is application/octet-stream
	ContentID string // without angle brackets
	Content   []byte
}

// Error says what of a Mail cannot be written.
type Error struct{ Reason string }

func (e *Error) Error() string { return e.Reason }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// reserved are the fields that the rest of a Mail makes.
var reserved = map[string]bool{
	"from": true, "to": true, "cc": true, "bcc": true, "reply-to": true, "subject": true, "date": true,
	"content-type": true, "content-transfer-encoding": true, "content-disposition": true, "content-id": true, "mime-version": true,
}

// Write writes the message:
//
//	multipart/mixed                 where there are files
//	  multipart/related             where there are parts that the HTML shows
//	    multipart/alternative       where there are text and HTML
//
// The error is an [*Error] when m cannot be written, else w's.
func (m *Mail) Write(w io.Writer) error {
	root := m.body()
	var inline, files []*entity
	for _, f := range m.Files {
		e, err := f.entity()
		if err != nil {
			return err
		}
		if e.contentID != "" {
			inline = append(inline, e)
		} else {
			files = append(files, e)
		}
	}
	if len(inline) > 0 {
		root = &entity{mediaType: "multipart/related", parts: append([]*entity{root}, inline...)}
	}
	if len(files) > 0 {
		root = &entity{mediaType: "multipart/mixed", parts: append([]*entity{root}, files...)}
	}
	h := &mail.Header{}
	root.describe(&h.Header)
	if err := m.describe(h); err != nil {
		return err
	}
	mw, err := gomessage.CreateWriter(w, h.Header)
	if err != nil {
		return err
	}
	return root.write(mw)
}

func (m *Mail) body() *entity {
	utf8 := map[string]string{"charset": "utf-8"}
	text := &entity{mediaType: "text/plain", params: utf8, body: []byte(crlf(m.Text))}
	if m.HTML == "" {
		return text
	}
	html := &entity{mediaType: "text/html", params: utf8, body: []byte(crlf(m.HTML))}
	if m.Text == "" {
		return html
	}
	return &entity{mediaType: "multipart/alternative", parts: []*entity{text, html}}
}

// crlf gives text the line endings that it is sent with.
func crlf(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

// describe sets the fields. go-message writes them last first.
func (m *Mail) describe(h *mail.Header) error {
	date := m.Date
	if date.IsZero() {
		date = time.Now()
	}
	for name, value := range m.Fields {
		if err := checkField(name, value); err != nil {
			return err
		}
	}
	h.SetDate(date)
	domain := "localhost"
	if len(m.From) > 0 {
		if _, d, ok := strings.Cut(m.From[0].Address, "@"); ok && d != "" {
			domain = d
		}
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(m.Fields)), func(name string) bool { return strings.EqualFold(name, "Message-ID") }) {
		if err := h.GenerateMessageIDWithHostname(domain); err != nil {
			return err
		}
	}
	h.SetSubject(oneLine(m.Subject))
	for _, f := range [...]struct {
		name string
		list []Address
	}{{"Reply-To", m.ReplyTo}, {"Cc", m.Cc}, {"To", m.To}, {"From", m.From}} {
		if len(f.list) == 0 {
			continue
		}
		list, err := addresses(f.name, f.list)
		if err != nil {
			return err
		}
		h.SetAddressList(f.name, list)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		h.SetText(name, m.Fields[name])
	}
	h.Set("Mime-Version", "1.0")
	return nil
}

func checkField(name, value string) error {
	switch {
	case reserved[strings.ToLower(name)]:
		return errorf("the field %s cannot be set by name: it has a member of its own", name)
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }): // RFC 5322 §2.2
		return errorf("%q is no name of a header field", name)
	case strings.ContainsAny(value, "\r\n\x00"):
		return errorf("the value of the field %s has a line break or NUL in it", name)
	}
	return nil
}

func addresses(field string, in []Address) ([]*mail.Address, error) {
	out := make([]*mail.Address, len(in))
	for i, a := range in {
		quoted := strings.HasPrefix(a.Address, `"`)
		if a.Address == "" || strings.ContainsFunc(a.Address, func(r rune) bool {
			return r < ' ' || r == 0x7f || !quoted && strings.ContainsRune(" <>,", r)
		}) {
			return nil, errorf("%q in %s is no address", a.Address, field)
		}
		out[i] = &mail.Address{Name: oneLine(a.Name), Address: a.Address}
	}
	return out, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
