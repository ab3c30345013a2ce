// Package mbox reads and writes mailbox files (RFC 4155) in the form mboxrd:
// messages follow each other, each behind a line that begins with "From " and
// before an empty one. A line of a message that begins with "From ", or with that
// behind any number of ">", has one ">" more. Lines end as they do in the
// messages.
package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"time"
)

// Writer writes a mailbox file.
type Writer struct{ w *bufio.Writer }

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{bufio.NewWriter(w)} }

// Add writes a message. One that does not end in a line ending gets one: what
// tells it apart is its number of octets, which is in the index.
func (m *Writer) Add(sender string, at time.Time, content []byte) error {
	if sender == "" || strings.ContainsAny(sender, " \t\r\n") {
		sender = "MAILER-DAEMON"
	}
	_, _ = m.w.WriteString("From " + sender + " " + at.UTC().Format(time.ANSIC) + "\n") // Flush has the error
	for line := range bytes.Lines(content) {
		if IsSeparator(bytes.TrimLeft(line, ">")) {
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

// IsSeparator tells whether a line, or the beginning of a file, stands before a
// message.
func IsSeparator(line []byte) bool { return bytes.HasPrefix(line, []byte("From ")) }

// Reader reads a mailbox file, one message at a time.
type Reader struct {
	r       *bufio.Reader
	most    int64
	sender  string // of the next message
	started bool
	ended   bool
}

// ErrTooLong is for a message over the limit of a Reader. The next one can be
// read all the same.
var ErrTooLong = errors.New("mbox: the message is over the limit")

// NewReader returns a Reader of r that takes messages of up to most octets; 0 is
// no limit.
func NewReader(r io.Reader, most int64) *Reader {
	return &Reader{r: bufio.NewReader(r), most: most}
}

// Next returns a message and the address in its separator, "" where that has
// none. The error is io.EOF when there is no more, ErrTooLong, or that of the
// file.
func (m *Reader) Next() (sender string, content []byte, err error) {
	empty := !m.started // whether the line before was empty
	begins := true      // the next piece begins a line
	long := false
	for !m.ended {
		piece, err := m.r.ReadSlice('\n')
		whole := err != bufio.ErrBufferFull
		if whole && err != nil && err != io.EOF {
			return "", nil, err
		}
		m.ended = err == io.EOF
		if begins {
			if empty && IsSeparator(piece) {
				sender, m.sender = m.sender, separatorSender(piece)
				if err := m.skip(whole); err != nil {
					return "", nil, err
				}
				if m.started {
					content, err = m.judged(content, long)
					return sender, content, err
				}
				m.started, empty = true, false
				continue
			}
			if bytes.HasPrefix(piece, []byte(">")) && IsSeparator(bytes.TrimLeft(piece, ">")) {
				piece = piece[1:]
			}
			empty = len(bytes.TrimRight(piece, "\r\n")) == 0 && len(piece) > 0
		}
		begins = whole
		if m.most > 0 && int64(len(content)+len(piece)) > m.most+2 { // the empty line behind it does not count
			long, content = true, nil
		}
		if m.started && !long {
			content = append(content, piece...)
		}
	}
	if !m.started {
		return "", nil, io.EOF
	}
	m.started = false
	content, err = m.judged(content, long)
	return m.sender, content, err
}

// skip passes over the rest of a line of which only the beginning was read.
func (m *Reader) skip(whole bool) error {
	for !whole {
		_, err := m.r.ReadSlice('\n')
		whole = err != bufio.ErrBufferFull
		if whole && err != nil && err != io.EOF {
			return err
		}
		m.ended = err == io.EOF
	}
	return nil
}

// judged is a message without the line behind it, unless it is over the limit.
func (m *Reader) judged(content []byte, long bool) ([]byte, error) {
	content = withoutEmptyLine(content)
	if long || m.most > 0 && int64(len(content)) > m.most {
		return nil, ErrTooLong
	}
	return content, nil
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
