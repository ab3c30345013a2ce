package compat

import (
	"bytes"
	"io"
	"strings"
	"time"

	"restante/mailstore"
	"restante/mailstore/message"
)

// hogMessage is a message in MailHog's JSON.
type hogJSON struct {
	ID      string
	From    *hogPath
	To      []*hogPath
	Content *hogContent
	Created time.Time
	MIME    *hogMIME // of Content, once more
	Raw     hogRaw
}

type hogPath struct {
	Relays  []string
	Mailbox string
	Domain  string
	Params  string
}

type hogRaw struct {
	From string
	To   []string
	Data string
	Helo string
}

// hogOf reads a message. The trace fields that MailHog adds to the header are
// the store's.
func (s *server) hogOf(m *mailstore.Message) (*hogJSON, error) {
	raw, err := s.rawOf(m)
	if err != nil {
		return nil, err
	}
	out := &hogJSON{
		ID: m.ID, From: pathOf(m.Envelope.ReversePath), To: []*hogPath{},
		Content: contentOf(raw, 0), Created: m.Received.UTC(),
		Raw: hogRaw{From: m.Envelope.ReversePath, To: []string{}, Data: string(raw), Helo: m.Envelope.Helo},
	}
	for _, p := range m.Envelope.ForwardPaths {
		out.To = append(out.To, pathOf(p.Address))
		out.Raw.To = append(out.Raw.To, p.Address)
	}
	headers := out.Content.Headers
	for _, f := range message.Parse(strings.NewReader(m.Trace + "\r\n")).Header {
		headers[f.Name] = append(headers[f.Name], unfolded(f))
	}
	if m.MessageID == "" && len(headers["Message-ID"]) == 0 {
		headers["Message-ID"] = []string{m.ID}
	}
	// MailHog has the parts beside the content, not in it.
	out.MIME, out.Content.MIME = out.Content.MIME, nil
	return out, nil
}

func (s *server) rawOf(m *mailstore.Message) ([]byte, error) {
	c, err := s.store.Content(m.Seq)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var b bytes.Buffer
	b.Grow(int(m.Size) + bytes.MinRead)
	_, err = io.Copy(&b, c)
	return b.Bytes(), err
}

// pathOf splits a path at its last @: a quoted local part may have others.
func pathOf(path string) *hogPath {
	if i := strings.LastIndexByte(path, '@'); i >= 0 {
		return &hogPath{Mailbox: path[:i], Domain: path[i+1:]}
	}
	return &hogPath{Mailbox: path}
}
