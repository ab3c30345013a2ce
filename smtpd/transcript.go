package smtpd

import (
	"strconv"
	"strings"
	"time"

	"restante/mailstore"
)

// What is kept of a session.
const (
	maxTranscriptLines  = 1000
	maxTranscriptOctets = 64 << 10
	maxSessionMessages  = 1000
)

// transcript collects the lines of a session. The texts lie in one buffer, as
// a line is noted for every command and reply and hardly ever looked at.
type transcript struct {
	started   time.Time
	text      []byte
	lines     []transcriptLine
	truncated bool
}

type transcriptLine struct {
	at   time.Duration
	end  int // in text
	from mailstore.Side
}

// note adds a line, as long as there is room. The beginning of a session is
// what is kept.
func note[T string | []byte](t *transcript, from mailstore.Side, text T) {
	if t.truncated {
		return
	}
	if len(t.lines) == maxTranscriptLines || len(t.text)+len(text) > maxTranscriptOctets {
		t.truncated = true
		return
	}
	t.text = append(t.text, text...)
	t.lines = append(t.lines, transcriptLine{time.Since(t.started), len(t.text), from})
}

// record makes the lines that the store keeps.
func (t *transcript) record() []mailstore.Line {
	lines := make([]mailstore.Line, len(t.lines))
	text, start := string(t.text), 0
	for i, l := range t.lines {
		lines[i] = mailstore.Line{At: l.at, From: l.from, Text: text[start:l.end]}
		start = l.end
	}
	return lines
}

// history is what the session record tells beside the transcript.
type history struct {
	transcript
	id        string
	wary      bool // AUTH was tried: an unknown command may be a response to it
	delivered int
	messages  []string // IDs of the first that were delivered
	refusal   string   // the first: "RCPT refused: 550 …"
	ending    string   // how the session ended when not by QUIT
	failed    bool     // it ended badly
}

func (h *history) deliveredAs(id string) {
	h.delivered++
	if len(h.messages) < maxSessionMessages {
		h.messages = append(h.messages, id)
	}
}

// refused notes a reply that kept the client from what it wanted. The first
// one counts, those after it are mostly its consequences.
func (h *history) refused(verb, reply string) {
	if h.refusal == "" {
		h.refusal = verb + " refused: " + reply
	}
}

// outcome tells in one line how the session went.
func (h *history) outcome(t *trouble) string {
	var parts []string
	switch {
	case h.delivered == 1:
		parts = append(parts, "1 message delivered")
	case h.delivered > 1:
		parts = append(parts, thousands(int64(h.delivered))+" messages delivered")
	}
	refusal := h.refusal
	if t.fired > 0 {
		if fault := "fault: " + t.made[0]; refusal == "" {
			refusal = fault
		} else if !strings.HasPrefix(refusal, "fault: ") {
			refusal += "; " + fault
		}
		if t.fired > 1 {
			refusal += ", and " + strconv.Itoa(t.fired-1) + " more"
		}
	}
	if refusal != "" {
		parts = append(parts, refusal)
	}
	if h.ending != "" && (len(parts) == 0 || h.failed) {
		parts = append(parts, h.ending)
	}
	if len(parts) == 0 {
		return "no message was sent"
	}
	return strings.Join(parts, "; ")
}

// session makes the record of a connection that has ended.
func (w *wire) session() *mailstore.Session {
	h := &w.history
	return &mailstore.Session{
		ID:         h.id,
		Protocol:   "smtp",
		Remote:     w.remote,
		Started:    h.started,
		Ended:      time.Now(),
		Helo:       w.helo,
		User:       w.user,
		TLS:        w.tlsVersion,
		Outcome:    h.outcome(&w.trouble),
		Failed:     h.failed || h.refusal != "" || w.spoilt,
		Messages:   h.messages,
		Faults:     w.made,
		Attempts:   w.tried,
		Transcript: h.record(),
		Truncated:  h.truncated || w.untold || h.delivered > len(h.messages),
	}
}

// octets words a number of octets: "2,048 octets".
func octets(n int64) string {
	if n == 1 {
		return "1 octet"
	}
	return thousands(n) + " octets"
}

// thousands writes n ≥ 0 with commas: "2,048".
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
