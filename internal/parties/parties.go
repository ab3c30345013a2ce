// Package parties reads who a message is from and for out of the message itself:
// for messages that come without an envelope. It takes what programs write.
package parties

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
)

// Letter is a message, split into header and body.
type Letter struct {
	Fields []Field
	Body   []byte
}

// Field is a header field.
type Field struct {
	Name string // in lower case
	Raw  []byte // with its line endings
}

var fieldName = regexp.MustCompile(`^([!-9;-~]+)[ \t]*:`) // RFC 5322 §2.2, §4.5

// Parse splits the header off. It ends where a line is no field.
// The body is part of text.
func Parse(text []byte) *Letter {
	m := &Letter{Body: text}
	first := true
	for len(m.Body) > 0 {
		end := bytes.IndexByte(m.Body, '\n') + 1
		if end == 0 {
			end = len(m.Body)
		}
		line := m.Body[:end]
		switch {
		case len(bytes.TrimRight(line, "\r\n")) == 0:
			m.Body = m.Body[end:]
			return m
		case first && (bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))):
			// the separator of a mailbox file
		case (line[0] == ' ' || line[0] == '\t') && len(m.Fields) > 0:
			last := &m.Fields[len(m.Fields)-1]
			last.Raw = append(last.Raw, line...)
		default:
			name := fieldName.FindSubmatch(line)
			if name == nil {
				return m
			}
			m.Fields = append(m.Fields, Field{strings.ToLower(string(name[1])), bytes.Clone(line)})
		}
		first = false
		m.Body = m.Body[end:]
	}
	return m
}

// Value is a field's, unfolded.
func (f Field) Value() string {
	_, value, _ := strings.Cut(string(f.Raw), ":")
	return strings.TrimSpace(strings.NewReplacer("\r\n", "", "\n", "").Replace(value))
}

// First is the first field of a name, which is in lower case.
func (m *Letter) First(name string) (Field, bool) {
	i := slices.IndexFunc(m.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return m.Fields[i], true
}

// Of gives the sender and the recipients of a message: of the line before it
// in a mailbox file and of the fields that a delivery leaves, else of those that
// its author wrote. separator is the address in that line, "" when there is none.
func Of(content []byte, separator string) (from string, to []string) {
	m := Parse(content)
	if from = separator; from == "" {
		if path, ok := m.First("return-path"); ok {
			if strings.Trim(path.Value(), "<> ") != "" {
				from = first(m.addresses("return-path"))
			}
		} else {
			from = first(m.addresses("from"))
		}
	}
	if to = m.addresses("delivered-to", "x-original-to"); len(to) == 0 {
		to = m.addresses("to", "cc", "bcc")
	}
	return from, to
}

// addresses are those of all fields with these names that can be read.
func (m *Letter) addresses(names ...string) (list []string) {
	for _, f := range m.Fields {
		if slices.Contains(names, f.Name) {
			if with, err := AppendAddresses(list, f.Value()); err == nil {
				list = with
			}
		}
	}
	return list
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// AppendAddresses adds the addresses of a list as people and programs write it:
// with names, groups and comments, or bare, or without a domain. What is there
// already is not added again.
func AppendAddresses(to []string, list string) ([]string, error) {
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
		return "", fmt.Errorf("%q is not an address", text)
	}
	return text, nil
}
