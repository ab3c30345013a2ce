package main

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"time"
)

// A mailbox file (RFC 4155) in the form mboxrd: messages follow each other, each
// behind a line that begins with "From " and before an empty one. A line of a
// message that begins with "From ", or with that behind any number of ">", has
// one ">" more. Lines end as they do in the messages.

// mboxWriter writes a mailbox file.
type mboxWriter struct{ w *bufio.Writer }

func newMboxWriter(w io.Writer) *mboxWriter { return &mboxWriter{bufio.NewWriter(w)} }

// add writes a message. One that does not end in a line ending gets one: what
// tells it apart is its number of octets, which is in the index.
func (m *mboxWriter) add(sender string, at time.Time, content []byte) error {
	if sender == "" || strings.ContainsAny(sender, " \t\r\n") {
		sender = "MAILER-DAEMON"
	}
	_, _ = m.w.WriteString("From " + sender + " " + at.UTC().Format(time.ANSIC) + "\n") // Flush has the error
	for line := range bytes.Lines(content) {
		if isSeparator(bytes.TrimLeft(line, ">")) {
			_ = m.w.WriteByte('>')
		}
		_, _ = m.w.Write(line)
	}
	if !bytes.HasSuffix(content, []byte("\n")) {
		_ = m.w.WriteByte('\n')
	}
	_ = m.w.WriteByte('\n')
	return m.w.Flush()
}

func isSeparator(line []byte) bool { return bytes.HasPrefix(line, []byte("From ")) }

// mboxReader reads a mailbox file, one message at a time.
type mboxReader struct {
	r       *bufio.Reader
	sender  string // of the next message
	started bool
	ended   bool
}

func newMboxReader(r io.Reader) *mboxReader { return &mboxReader{r: bufio.NewReader(r)} }

// next returns a message and the address in its separator. io.EOF: there is no
// more.
func (m *mboxReader) next() (sender string, content []byte, err error) {
	empty := !m.started // whether the line before was empty
	for !m.ended {
		line, err := m.r.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return "", nil, err
		}
		m.ended = err == io.EOF
		if empty && isSeparator(line) {
			sender, m.sender = m.sender, separatorSender(line)
			if m.started {
				return sender, withoutEmptyLine(content), nil
			}
			m.started, empty = true, false
			continue
		}
		if bytes.HasPrefix(line, []byte(">")) && isSeparator(bytes.TrimLeft(line, ">")) {
			line = line[1:]
		}
		empty = len(bytes.TrimRight(line, "\r\n")) == 0 && len(line) > 0
		if m.started {
			content = append(content, line...)
		}
	}
	if !m.started {
		return "", nil, io.EOF
	}
	m.started = false
	return m.sender, withoutEmptyLine(content), nil
}

// separatorSender is the second word of a separator, where it is an address:
// some programs write MAILER-DAEMON or a dash.
func separatorSender(line []byte) string {
	words := strings.Fields(string(line))
	if len(words) < 2 || !strings.Contains(words[1], "@") {
		return ""
	}
	return words[1]
}

// withoutEmptyLine takes off the line that stands behind every message.
func withoutEmptyLine(content []byte) []byte {
	if bytes.HasSuffix(content, []byte("\n\r\n")) {
		return content[:len(content)-2]
	}
	if bytes.HasSuffix(content, []byte("\n\n")) || string(content) == "\n" {
		return content[:len(content)-1]
	}
	return content
}
