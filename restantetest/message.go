package restantetest

import (
	"context"
	"fmt"
	"io"
	"strings"

	"restante/client"
)

// Message is a message that a wait returned. Beside what [client.Message] has, it
// answers what tests ask; where it has no answer, the test that waited for it
// fails.
type Message struct {
	*client.Message

	t      TB
	client *client.Client
}

// Link returns the address of the link whose text or address holds all the words,
// without regard to case. There has to be one and no other: a test that follows
// the wrong link is worse than one that fails. Links of the header do not count.
func (m *Message) Link(words ...string) string {
	m.t.Helper()
	var found, all []string
	for _, l := range m.Links {
		if l.Where == "header" {
			continue
		}
		all = append(all, fmt.Sprintf("\n\t%s %q", l.Href, l.Text))
		if hasWords(l.Href+"\n"+l.Text, words) {
			found = append(found, l.Href)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	which := ""
	if len(words) > 0 {
		which = fmt.Sprintf(" with %q", words)
	}
	m.fail("has %d links%s; its links:%s", len(found), which, orNone(all))
	return ""
}

func hasWords(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if !strings.Contains(text, strings.ToLower(w)) {
			return false
		}
	}
	return true
}

// Code returns the one-time code in the message: of several, the one that most
// looks like it. All are in Codes.
func (m *Message) Code() string {
	m.t.Helper()
	if len(m.Codes) == 0 {
		m.fail("has no one-time code; its text:\n%s", m.Message.Text)
	}
	return m.Codes[0].Code
}

// Text returns the text, decoded; of a very long one the first 4 MiB. The test
// fails when there is none.
func (m *Message) Text() string {
	m.t.Helper()
	if m.Message.Text == "" {
		m.fail("has no text")
	}
	return m.Message.Text
}

// HTML returns the HTML, as sent but in UTF-8; of a very long one the first 4 MiB.
// The test fails when there is none.
func (m *Message) HTML() string {
	m.t.Helper()
	if m.Message.HTML == "" {
		m.fail("has no HTML")
	}
	return m.Message.HTML
}

// Raw returns the octets that arrived.
func (m *Message) Raw() []byte {
	m.t.Helper()
	return m.read("raw", func(ctx context.Context) (io.ReadCloser, error) { return m.client.Raw(ctx, m.ID) })
}

// Attachment returns the octets of the attachment of a name, decoded. The test
// fails when there is none.
func (m *Message) Attachment(name string) []byte {
	m.t.Helper()
	var names []string
	for _, a := range m.Attachments {
		if a.Name == name {
			return m.read(name, func(ctx context.Context) (io.ReadCloser, error) { return m.client.Part(ctx, m.ID, a.Path) })
		}
		names = append(names, fmt.Sprintf("\n\t%q %s", a.Name, a.Type))
	}
	m.fail("has no attachment %q; its attachments:%s", name, orNone(names))
	return nil
}

func (m *Message) read(what string, open func(context.Context) (io.ReadCloser, error)) []byte {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), answerTime)
	defer cancel()
	body, err := open(ctx)
	if err != nil {
		m.fail("%s: %v", what, err)
	}
	defer body.Close()
	octets, err := io.ReadAll(body)
	if err != nil {
		m.fail("%s: %v", what, err)
	}
	return octets
}

// fail ends the test.
func (m *Message) fail(format string, args ...any) {
	m.t.Helper()
	m.t.Fatalf("message %s %q %s", m.ID, m.Subject, fmt.Sprintf(format, args...))
}

func orNone(lines []string) string {
	if len(lines) == 0 {
		return " none"
	}
	return strings.Join(lines, "")
}
