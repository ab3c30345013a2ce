package pop3d

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"restante/mailstore"
)

// Bounds of what is recorded of one session.
const (
	maxTranscriptLines  = 1000
	maxTranscriptOctets = 64 << 10
	maxRecordedMessages = 1000
	maxRecordedList     = 20 // lines of a LIST or UIDL

	longestMechanism = 20 // octets of a SASL mechanism's name, RFC 4422 §3.1
)

// transcript records what was said, without contents and secrets.
type transcript struct {
	started   time.Time
	lines     []mailstore.Line
	octets    int
	truncated bool
}

// add records a line. When the transcript is full it costs nothing.
func (t *transcript) add(from mailstore.Side, line []byte) {
	if t.room(len(line)) {
		t.append(from, printable(line))
	}
}

func (t *transcript) addString(from mailstore.Side, line string) {
	if t.room(len(line)) {
		t.append(from, line)
	}
}

// body records the size of a multi-line response in place of its lines.
func (t *transcript) body(octets int64) {
	if t.room(20) {
		t.append(mailstore.Server, "("+thousands(octets)+" octets)")
	}
}

func (t *transcript) room(n int) bool {
	if len(t.lines) == maxTranscriptLines || t.octets+n > maxTranscriptOctets {
		t.truncated = true
	}
	return !t.truncated
}

func (t *transcript) append(from mailstore.Side, text string) {
	t.lines = append(t.lines, mailstore.Line{At: time.Since(t.started), From: from, Text: text})
	t.octets += len(text)
}

// concealed is a client's line without its secrets: the password of PASS, the
// digest of APOP, the initial response of AUTH. It errs on the side of hiding.
func concealed(line []byte) []byte {
	start := bytes.IndexFunc(line, unicode.IsLetter)
	if start < 0 || len(line)-start < 4 {
		return line
	}
	verb, rest := line[start:start+4], line[start+4:]
	keep := 0 // octets behind the verb that are no secret
	switch {
	case bytes.EqualFold(verb, []byte("PASS")):
	case bytes.EqualFold(verb, []byte("APOP")):
		if n := firstWord(rest); len(bytes.TrimSpace(rest[n:])) > 0 {
			keep = n // the name, or its first word
		}
	case bytes.EqualFold(verb, []byte("AUTH")):
		if n := firstWord(rest); len(bytes.TrimLeft(rest[:n], " ")) <= longestMechanism {
			keep = n
		}
	default:
		return line
	}
	if len(bytes.TrimLeft(rest[keep:], " ")) == 0 && (keep > 0 || len(rest) == 0) {
		return line
	}
	out := append([]byte(nil), line[:start+4+keep]...)
	return append(out, " ***"...)
}

// firstWord is the number of octets up to the end of the first word, which a
// space must precede; 0 when there is none.
func firstWord(rest []byte) int {
	word := bytes.TrimLeft(rest, " ")
	spaces := len(rest) - len(word)
	if spaces == 0 {
		return 0
	}
	if i := bytes.IndexAny(word, " \t"); i >= 0 {
		word = word[:i]
	}
	return spaces + len(word)
}

// meansAuth tells whether a line is an AUTH command, or may be a misspelt one.
func meansAuth(line []byte) bool {
	start := bytes.IndexFunc(line, unicode.IsLetter)
	return start >= 0 && len(line)-start >= 4 && bytes.EqualFold(line[start:start+4], []byte("AUTH"))
}

// printable is a line as text: control characters and what is no UTF-8 are
// written as Go escapes.
func printable(line []byte) string {
	for i, c := range line {
		if c < ' ' || c >= 0x7f {
			return escaped(line, i)
		}
	}
	return string(line)
}

func escaped(line []byte, from int) string {
	var b strings.Builder
	b.Write(line[:from])
	for rest := line[from:]; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		} else if unicode.IsPrint(r) {
			b.Write(rest[:n])
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		rest = rest[n:]
	}
	return b.String()
}

// thousands writes 2048 as 2,048.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes "1 message", "2,000 messages".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(int64(n)) + " " + noun + "s"
}
