package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"restante/internal/parties"
)

// draft is a message on its way from a program to the server, as sendmail gets
// it: fields may be missing, and lines end as the program likes.
type draft struct{ *parties.Letter }

// readMessage reads to the end, or to a line with just a dot where that ends a
// message.
func readMessage(r io.Reader, dots bool) ([]byte, error) {
	var text []byte
	for in := bufio.NewReader(r); ; {
		line, err := in.ReadBytes('\n')
		if !dots && string(bytes.TrimRight(line, "\r\n")) == "." {
			return text, nil
		}
		text = append(text, line...)
		if err == io.EOF {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// takeRecipients adds the addresses in To, Cc and Bcc, and takes Bcc out. A
// message that is sent once more is for those in the Resent fields
// (RFC 5322 §3.6.6).
func (m draft) takeRecipients(to []string) ([]string, error) {
	prefix := ""
	for _, name := range []string{"resent-to", "resent-cc", "resent-bcc"} {
		if _, again := m.First(name); again {
			prefix = "resent-"
		}
	}
	var err error
	for _, f := range m.Fields {
		if short, ok := strings.CutPrefix(f.Name, prefix); ok && (short == "to" || short == "cc" || short == "bcc") {
			if to, err = parties.AppendAddresses(to, f.Value()); err != nil {
				return nil, &usageError{f.Name + ": " + err.Error(), true}
			}
		}
	}
	m.Fields = slices.DeleteFunc(m.Fields, func(f parties.Field) bool { return f.Name == "bcc" || f.Name == "resent-bcc" })
	return to, nil
}

// complete adds the fields that every message must have (RFC 5322 §3.6) and
// returns the envelope's sender: the one that is given, else that of From, else
// the user.
func (m draft) complete(given *string, name string) (string, error) {
	sender := me()
	if from, ok := m.First("from"); ok {
		if list, err := parties.AppendAddresses(nil, from.Value()); err == nil && len(list) > 0 {
			sender = list[0]
		}
	}
	if given != nil {
		sender = ""
		if *given != "" && *given != "<>" {
			var err error
			if sender, err = senderOf(*given); err != nil {
				return "", err
			}
		}
	}
	author := sender
	if author == "" {
		author = me()
	}
	m.add("From", (&netmail.Address{Name: name, Address: author}).String())
	m.add("Date", time.Now().Format(time.RFC1123Z))
	m.add("Message-ID", "<"+strings.ToLower(rand.Text())+"@localhost>")
	return sender, nil
}

// add adds a field that is not there.
func (m draft) add(name, value string) {
	if _, ok := m.First(strings.ToLower(name)); !ok {
		m.Fields = append(m.Fields, parties.Field{Name: strings.ToLower(name), Raw: []byte(name + ": " + value + "\r\n")})
	}
}

// octets is the message with lines that end as they do in SMTP.
func (m draft) octets() []byte {
	var text []byte
	for _, f := range m.Fields {
		text = append(text, f.Raw...)
		if !bytes.HasSuffix(text, []byte("\n")) {
			text = append(text, "\r\n"...)
		}
	}
	text = append(append(text, "\r\n"...), m.Body...)
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
}

// appendAddresses adds the addresses of a list on the command line.
func appendAddresses(to []string, list string) ([]string, error) {
	to, err := parties.AppendAddresses(to, list)
	if err != nil {
		return nil, usagef("%v", err)
	}
	return to, nil
}

// senderOf is the one address of a text.
func senderOf(text string) (string, error) {
	list, err := appendAddresses(nil, text)
	if err == nil && len(list) != 1 {
		err = usagef("%q is not one address", text)
	}
	if err != nil {
		return "", err
	}
	return list[0], nil
}
