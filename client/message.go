package client

import (
	"net/mail"
	"strings"
	"time"
)

// Address is an address of a header field.
type Address struct {
	Name    string `json:"name"`    // display name, decoded; "" when there is none
	Address string `json:"address"` // as written; "" when it cannot be read
}

// String writes it as RFC 5322 does: "Alice" <alice@app.test>.
func (a Address) String() string {
	return (&mail.Address{Name: a.Name, Address: a.Address}).String()
}

// Summary is a message as lists and events have it, without its content.
type Summary struct {
	ID              string    `json:"id"`              // short and URL-safe, also the POP3 unique-id
	Seq             uint64    `json:"seq"`             // number in the order of arrival, never reused: the cursor
	Received        time.Time `json:"received"`        // when it was accepted
	Size            int64     `json:"size"`            // octets, as it arrived
	From            []Address `json:"from"`            // the From field
	To              []Address `json:"to"`              // the To field
	Cc              []Address `json:"cc"`              // the Cc field
	Subject         string    `json:"subject"`         // decoded
	Preview         string    `json:"preview"`         // the beginning of the text
	Sender          string    `json:"sender"`          // reverse-path of the envelope; "" is <>
	Recipients      []string  `json:"recipients"`      // forward-paths of the envelope: who really gets it
	Mailboxes       []string  `json:"mailboxes"`       // that it is in
	AttachmentCount int       `json:"attachmentCount"` // number of attachments
	DefectCodes     []string  `json:"defectCodes"`     // of what is wrong with it
	Seen            bool      `json:"seen"`
	Tags            []string  `json:"tags"`
}

// Message is everything that is known about one message, but for the content of
// its attachments.
type Message struct {
	Summary
	MessageID     string       `json:"messageId"`     // without angle brackets
	Date          time.Time    `json:"date"`          // the Date field; zero when there is none that can be read
	Envelope      Envelope     `json:"envelope"`      // what the SMTP session said
	Hidden        []string     `json:"hidden"`        // recipients that neither To nor Cc names: Bcc
	Trace         []Field      `json:"trace"`         // Return-Path and Received, made at delivery; see EML
	Headers       []Field      `json:"headers"`       // the header, in order
	Text          string       `json:"text"`          // decoded; lines end in LF
	HTML          string       `json:"html"`          // as sent, but in UTF-8
	TextTruncated bool         `json:"textTruncated"` // there is more text
	HTMLTruncated bool         `json:"htmlTruncated"` // there is more HTML
	Links         []Link       `json:"links"`         // of the HTML, the text and the header
	Codes         []Code       `json:"codes"`         // what looks like a one-time code
	Unsubscribe   []Target     `json:"unsubscribe"`   // of List-Unsubscribe
	Remote        []string     `json:"remote"`        // addresses elsewhere that the HTML would load
	Attachments   []Attachment `json:"attachments"`   // in order
	Parts         []Part       `json:"parts"`         // the MIME tree: one part with its parts
	Defects       []Defect     `json:"defects"`       // what is wrong with it
	Session       string       `json:"session"`       // id of the SMTP session that brought it
	Sessions      []string     `json:"sessions"`      // that one, then those of POP3 that fetched it
}

// Header is the decoded value of the first field of a name, "" when there is none.
// The name's case does not matter.
func (m *Message) Header(name string) string {
	for _, f := range m.Headers {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Envelope is what the SMTP session said.
type Envelope struct {
	Sender     string      `json:"sender"`     // reverse-path; "" is <>
	Recipients []Recipient `json:"recipients"` // forward-paths in the order of RCPT
	Helo       string      `json:"helo"`
	Extended   bool        `json:"extended"`  // greeted with EHLO
	Remote     string      `json:"remote"`    // the client's address
	User       string      `json:"user"`      // SMTP AUTH identity; "" without AUTH
	Mechanism  string      `json:"mechanism"` // SASL mechanism; "" without AUTH
	TLS        string      `json:"tls"`       // version; "" in plaintext
	Cipher     string      `json:"cipher"`
	Size       int64       `json:"size"` // SIZE= of MAIL; 0 when not given
	Body       string      `json:"body"` // BODY= of MAIL; "" when not given
	SMTPUTF8   bool        `json:"smtputf8"`
	Ret        string      `json:"ret"`   // RET= of MAIL (RFC 3461)
	EnvID      string      `json:"envid"` // ENVID= of MAIL, decoded
	Auth       *string     `json:"auth"`  // AUTH= of MAIL, decoded; nil when not given, "" is <>
}

// Recipient is one RCPT command.
type Recipient struct {
	Address   string   `json:"address"` // forward-path as given
	Mailbox   string   `json:"mailbox"` // that it was delivered to; "" when it was deleted from there
	Hidden    bool     `json:"hidden"`  // neither To nor Cc names it
	Notify    []string `json:"notify"`  // NOTIFY= (RFC 3461)
	ORcpt     string   `json:"orcpt"`   // ORCPT=, decoded
	ORcptType string   `json:"orcptType"`
}

// Field is one header field.
type Field struct {
	Name  string `json:"name"`  // as sent; "" for a line that is no field
	Raw   string `json:"raw"`   // as sent, with its line endings
	Value string `json:"value"` // unfolded and decoded
}

// Link is an address that a message shows.
type Link struct {
	Href  string `json:"href"`
	Text  string `json:"text"`  // that stands for it
	Where string `json:"where"` // html, text or header
	Path  string `json:"path"`  // of the part it is in; "" when that is not known
}

// Code is what looks like a one-time code.
type Code struct {
	Code    string `json:"code"`
	Context string `json:"context"` // the words around it
	Where   string `json:"where"`   // html, text or header
}

// Target is a way to unsubscribe.
type Target struct {
	Href     string `json:"href"`     // https: or mailto:
	OneClick bool   `json:"oneClick"` // by a POST (RFC 8058)
}

// Attachment is a part that readers offer as a file. [Client.Part] has its octets.
type Attachment struct {
	Path      string `json:"path"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Octets    int64  `json:"octets"`    // decoded
	ContentID string `json:"contentId"` // without angle brackets
	SHA256    string `json:"sha256"`    // of the decoded octets, hexadecimal
	Inline    bool   `json:"inline"`    // the HTML shows it
}

// Part is a part of the MIME tree.
type Part struct {
	Path        string `json:"path"` // for Client.Part, numbered as IMAP does; "" for what cannot be had by itself
	Type        string `json:"type"`
	Charset     string `json:"charset"`
	Encoding    string `json:"encoding"` // transfer encoding
	Disposition string `json:"disposition"`
	Name        string `json:"name"`
	ContentID   string `json:"contentId"`
	Octets      int64  `json:"octets"` // decoded
	Parts       []Part `json:"parts"`
}

// Defect is one thing that is wrong with a message.
type Defect struct {
	Code string `json:"code"` // stable
	Text string `json:"text"` // what is wrong and what it does to readers
	Part string `json:"part"` // path of the part; "" is the message
	// The field, charset or value that it is about; "" where Text says all.
	Detail string `json:"detail"`
}
