package compat

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"time"

	"restante/mailstore"
	"restante/mailstore/message"
)

// address is an address in Mailpit's JSON.
type address struct {
	Name    string
	Address string
}

// summary is a message in Mailpit's lists and events.
type summary struct {
	ID          string
	MessageID   string
	Read        bool
	From        address
	To          []address
	Cc          []address
	Bcc         []address
	ReplyTo     []address
	Subject     string
	Created     time.Time
	Username    string
	Tags        []string
	Size        int64
	Attachments int
	Snippet     string
}

func (s *server) summaryOf(m *mailstore.Message) (summary, error) {
	replyTo, err := s.replyTo(m)
	return summary{
		ID: m.ID, MessageID: m.MessageID, Read: m.Seen,
		From: sender(addressesOf(m.From)), To: addressesOf(m.To), Cc: addressesOf(m.Cc),
		Bcc: bare(hidden(m)), ReplyTo: replyTo,
		Subject: m.Subject, Created: m.Received.UTC(), Username: m.Envelope.User,
		Tags: list(m.Tags), Size: m.Size, Attachments: m.Attachments, Snippet: m.Preview,
	}, err
}

// addressesOf takes addresses as the store and the parser have them.
func addressesOf[A mailstore.Address | message.Address](in []A) []address {
	out := make([]address, len(in))
	for i, a := range in {
		out[i] = address(a)
	}
	return out
}

// sender is the first of From; Mailpit knows one only.
func sender(from []address) address {
	if len(from) == 0 {
		return address{}
	}
	return from[0]
}

func bare(in []string) []address {
	out := make([]address, len(in))
	for i, a := range in {
		out[i].Address = a
	}
	return out
}

// hidden lists the forward-paths that neither To nor Cc names.
func hidden(m *mailstore.Message) (out []string) {
	names := func(a mailstore.Address, path string) bool { return strings.EqualFold(a.Address, path) }
	for _, p := range m.Envelope.ForwardPaths {
		shown := func(a mailstore.Address) bool { return names(a, p.Address) }
		if !slices.ContainsFunc(m.To, shown) && !slices.ContainsFunc(m.Cc, shown) {
			out = append(out, p.Address)
		}
	}
	return out
}

// replyTo reads the one field of summaries that the store's records do not
// have. Only the header is read.
func (s *server) replyTo(m *mailstore.Message) ([]address, error) {
	c, err := s.store.Content(m.Seq)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	header, err := readHeader(c)
	if err != nil || !hasField(header, "reply-to:") {
		return []address{}, err
	}
	return addressesOf(message.Parse(bytes.NewReader(header)).ReplyTo), nil
}

// readHeader reads a message up to the end of its header, or a bit further.
func readHeader(r io.Reader) ([]byte, error) {
	var header []byte
	block := make([]byte, 4<<10)
	for len(header) < message.MaxHeader {
		n, err := r.Read(block)
		from := max(0, len(header)-3)
		header = append(header, block[:n]...)
		if i := headerEnd(header[from:]); i >= 0 {
			return header[:from+i], nil
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return header, nil
}

// headerEnd finds the end of the first blank line; -1 when there is none.
func headerEnd(b []byte) int {
	for i, c := range b {
		switch {
		case c != '\n':
		case i+1 < len(b) && b[i+1] == '\n':
			return i + 2
		case i+2 < len(b) && b[i+1] == '\r' && b[i+2] == '\n':
			return i + 3
		}
	}
	return -1
}

// hasField says whether a line begins with a name given in lower case.
func hasField(header []byte, name string) bool {
	for line := range bytes.Lines(header) {
		if len(line) >= len(name) && strings.EqualFold(string(line[:len(name)]), name) {
			return true
		}
	}
	return false
}
