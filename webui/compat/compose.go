package compat

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"

	"restante/internal/compose"
)

// compose writes the message.
func (req *sendRequest) compose(w io.Writer) error {
	m := compose.Mail{
		From: addresses([]mailbox{req.From}), ReplyTo: addresses(req.ReplyTo), To: addresses(req.To), Cc: addresses(req.Cc),
		Subject: req.Subject, Text: req.Text, HTML: req.HTML, Fields: maps.Clone(req.Headers),
	}
	if len(req.Tags) > 0 {
		if m.Fields == nil {
			m.Fields = make(map[string]string)
		}
		m.Fields["X-Tags"] = strings.Join(strings.Fields(strings.Join(req.Tags, ", ")), " ")
	}
	for _, a := range req.Attachments {
		m.Files = append(m.Files, compose.File{Name: a.Filename, Type: a.ContentType, ContentID: a.ContentID, Content: a.decoded})
	}
	err := m.Write(w)
	if wrong, ok := errors.AsType[*compose.Error](err); ok {
		return refuse(http.StatusBadRequest, "The message cannot be composed: %v.", wrong)
	}
	return err
}

func addresses(in []mailbox) []compose.Address {
	out := make([]compose.Address, len(in))
	for i, m := range in {
		out[i] = compose.Address{Name: m.Name, Address: m.Email}
	}
	return out
}
