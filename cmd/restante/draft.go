package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	"mime"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// draft is a message on its way from a program to the server, as sendmail gets
// it: fields may be missing, and lines end as the program likes.
type draft struct {
	fields []draftField
	body   []byte
}

type draftField struct {
	name string // in lower case
	raw  []byte // with its line endings
}

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

var fieldName = regexp.MustCompile(`^([!-9;-~]+)[ \t]*:`) // RFC 5322 §2.2, §4.5

// parseDraft splits the header off. It ends where a line is no field.
func parseDraft(text []byte) *draft {
	m := &draft{body: text}
	first := true
	for len(m.body) > 0 {
		end := bytes.IndexByte(m.body, '\n') + 1
		if end == 0 {
			end = len(m.body)
		}
		line := m.body[:end]
		switch {
		case len(bytes.TrimRight(line, "\r\n")) == 0:
			m.body = m.body[end:]
			return m
		case first && (bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))):
			// the separator of a mailbox file
		case (line[0] == ' ' || line[0] == '\t') && len(m.fields) > 0:
			last := &m.fields[len(m.fields)-1]
			last.raw = append(last.raw, line...)
		default:
			name := fieldName.FindSubmatch(line)
			if name == nil {
				return m
			}
			m.fields = append(m.fields, draftField{strings.ToLower(string(name[1])), bytes.Clone(line)})
		}
		first = false
		m.body = m.body[end:]
	}
	return m
}

// value is a field's, unfolded.
func (f draftField) value() string {
	_, value, _ := strings.Cut(string(f.raw), ":")
	return strings.TrimSpace(strings.NewReplacer("\r\n", "", "\n", "").Replace(value))
}

func (m *draft) first(name string) (draftField, bool) {
	i := slices.IndexFunc(m.fields, func(f draftField) bool { return f.name == name })
	if i < 0 {
		return draftField{}, false
	}
	return m.fields[i], true
}

// takeRecipients adds the addresses in To, Cc and Bcc, and takes Bcc out. A
// message that is sent once more is for those in the Resent fields
// (RFC 5322 §3.6.6).
func (m *draft) takeRecipients(to []string) ([]string, error) {
	prefix := ""
	for _, name := range []string{"resent-to", "resent-cc", "resent-bcc"} {
		if _, again := m.first(name); again {
			prefix = "resent-"
		}
	}
	var err error
	for _, f := range m.fields {
		if short, ok := strings.CutPrefix(f.name, prefix); ok && (short == "to" || short == "cc" || short == "bcc") {
			if to, err = appendAddresses(to, f.value()); err != nil {
				return nil, &usageError{f.name + ": " + err.Error(), true}
			}
		}
	}
	m.fields = slices.DeleteFunc(m.fields, func(f draftField) bool { return f.name == "bcc" || f.name == "resent-bcc" })
	return to, nil
}

// complete adds the fields that every message must have (RFC 5322 §3.6) and
// returns the envelope's sender: the one that is given, else that of From, else
// the user.
func (m *draft) complete(given *string, name string) (string, error) {
	sender := me()
	if from, ok := m.first("from"); ok {
		if list, err := appendAddresses(nil, from.value()); err == nil && len(list) > 0 {
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
func (m *draft) add(name, value string) {
	if _, ok := m.first(strings.ToLower(name)); !ok {
		m.fields = append(m.fields, draftField{strings.ToLower(name), []byte(name + ": " + value + "\r\n")})
	}
}

// octets is the message with lines that end as they do in SMTP.
func (m *draft) octets() []byte {
	var text []byte
	for _, f := range m.fields {
		text = append(text, f.raw...)
		if !bytes.HasSuffix(text, []byte("\n")) {
			text = append(text, "\r\n"...)
		}
	}
	text = append(append(text, "\r\n"...), m.body...)
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
}

// appendAddresses adds the addresses of a list as people and programs write it:
// with names, groups and comments, or bare, or without a domain. What is there
// already is not added again.
func appendAddresses(to []string, list string) ([]string, error) {
	found, err := lenient.ParseList(list)
	if err != nil {
		found = nil
		for part := range strings.SplitSeq(strings.TrimRight(strings.TrimSpace(list), ","), ",") {
			address, err := oneAddress(part)
			if err != nil {
				return nil, err
			}
			found = append(found, &netmail.Address{Address: address})
		}
	}
	for _, a := range found {
		if !strings.Contains(a.Address, "@") {
			a.Address += "@localhost"
		}
		// As a path of SMTP: with quotes where the local part needs them.
		path := (&netmail.Address{Address: a.Address}).String()
		path = path[1 : len(path)-1]
		if !slices.Contains(to, path) {
			to = append(to, path)
		}
	}
	return to, nil
}

// senderOf is the one address of a text.
func senderOf(text string) (string, error) {
	list, err := appendAddresses(nil, text)
	if err == nil && len(list) != 1 {
		err = usagef("%q is not one address", text)
	}
	return first(list), err
}

// lenient takes names in charsets that it does not know: only the address
// counts.
var lenient = netmail.AddressParser{WordDecoder: &mime.WordDecoder{
	CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil },
}}

var inBrackets = regexp.MustCompile(`<([^<>\s]*)>\s*$`)

func oneAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	if a, err := lenient.Parse(text); err == nil {
		return a.Address, nil
	}
	if in := inBrackets.FindStringSubmatch(text); in != nil {
		text = in[1]
	}
	if text == "" || strings.ContainsAny(text, " \t\r\n<>") {
		return "", usagef("%q is not an address", text)
	}
	return text, nil
}
