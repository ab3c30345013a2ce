package webui

import (
	"time"

	"restante/mailstore"
)

// Address is an address of a header field.
type Address struct {
	Name    string `json:"name" doc:"Display name, decoded; empty when there is none."`
	Address string `json:"address" doc:"As written; empty when it cannot be read."`
}

// Summary is a message as lists and events show it. It holds no content
// beyond a short preview.
type Summary struct {
	ID              string    `json:"id" doc:"Short and URL-safe, also the POP3 unique-id."`
	Seq             uint64    `json:"seq" doc:"Number in the order of arrival, never reused: the cursor."`
	Received        time.Time `json:"received"`
	Size            int64     `json:"size" doc:"Octets of the message as it arrived."`
	From            []Address `json:"from" doc:"The From field."`
	To              []Address `json:"to" doc:"The To field."`
	Cc              []Address `json:"cc" doc:"The Cc field."`
	Subject         string    `json:"subject" doc:"Decoded."`
	Preview         string    `json:"preview" doc:"The beginning of the text."`
	Sender          string    `json:"sender" doc:"Reverse-path of the envelope; empty is <>."`
	Recipients      []string  `json:"recipients" doc:"Forward-paths of the envelope: who really gets it."`
	Mailboxes       []string  `json:"mailboxes" doc:"Mailboxes that it is in."`
	AttachmentCount int       `json:"attachmentCount" doc:"Number of attachments."`
	DefectCodes     []string  `json:"defectCodes" doc:"Codes of what is wrong with it."`
	Seen            bool      `json:"seen"`
	Tags            []string  `json:"tags"`
}

func summaryOf(m *mailstore.Message) Summary {
	return Summary{
		ID:              m.ID,
		Seq:             m.Seq,
		Received:        m.Received.UTC(),
		Size:            m.Size,
		From:            addresses(m.From),
		To:              addresses(m.To),
		Cc:              addresses(m.Cc),
		Subject:         m.Subject,
		Preview:         m.Preview,
		Sender:          m.Envelope.ReversePath,
		Recipients:      recipients(m),
		Mailboxes:       list(m.Mailboxes()),
		AttachmentCount: m.Attachments,
		DefectCodes:     list(m.Defects),
		Seen:            m.Seen,
		Tags:            list(m.Tags),
	}
}

func addresses(in []mailstore.Address) []Address {
	out := make([]Address, len(in))
	for i, a := range in {
		out[i] = Address(a)
	}
	return out
}

func recipients(m *mailstore.Message) []string {
	out := make([]string, len(m.Envelope.ForwardPaths))
	for i, p := range m.Envelope.ForwardPaths {
		out[i] = p.Address
	}
	return out
}

// list makes an empty list of nil, so that JSON has [] and never null.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
