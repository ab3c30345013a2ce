package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ErrNotFound is what a message, mailbox, inbox, session or snapshot that is not
// there gives: errors.Is(err, ErrNotFound).
var ErrNotFound = errors.New("not found")

// Error is an answer of the server that is no success: a problem document
// (RFC 9457).
type Error struct {
	Status int    `json:"status"` // HTTP status code
	Title  string `json:"title"`  // what the status is called
	Detail string `json:"detail"` // what is wrong and what to do about it

	request string // "GET /v1/messages"
	body    []byte // the whole document
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.request, e.Status, e.Title, e.Detail)
}

// Is makes a 404 an [ErrNotFound].
func (e *Error) Is(target error) bool {
	return target == ErrNotFound && e.Status == http.StatusNotFound
}

const (
	maxProblem = 8 << 20 // octets; that of a wait lists up to 1,000 messages
	maxExcerpt = 200     // octets of an answer that is no problem document
)

// errorOf reads an answer that is no success.
func errorOf(r call, resp *http.Response) *Error {
	e := &Error{request: r.method + " " + r.path}
	e.body, _ = io.ReadAll(io.LimitReader(resp.Body, maxProblem)) // what there is will do
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if !strings.HasSuffix(mediaType, "json") || json.Unmarshal(e.body, e) != nil || e.Detail == "" {
		// A proxy, or something that is no Restante.
		text := strings.Join(strings.Fields(string(e.body)), " ")
		if len(text) > maxExcerpt {
			text = strings.ToValidUTF8(text[:maxExcerpt], "") + "…"
		}
		e.Detail = cmp.Or(text, "the answer says no more")
	}
	e.Status = resp.StatusCode
	e.Title = cmp.Or(e.Title, http.StatusText(e.Status))
	return e
}

// NoMatch is the error of a wait in vain. Its text is made for the log of a test.
type NoMatch struct {
	Query          Query         // what was waited for
	Count          int           // how many
	Waited         time.Duration // how long
	Arrived        int           // messages that arrived after the cursor, of any kind
	Matched        []Summary     // of them, those that matched: fewer than Count
	Nearest        *Summary      // the one that met most criteria; nil when there is none
	Reason         string        // what Nearest met and what it did not
	FailedSessions []Session     // SMTP sessions that failed meanwhile, without transcripts
	Cursor         uint64        // the newest seq at the end

	problem *Error
}

// Unwrap is the server's answer, with status 408.
func (e *NoMatch) Unwrap() error { return e.problem }

func (e *NoMatch) Error() string {
	var b strings.Builder
	switch {
	case e.Count > 1:
		fmt.Fprintf(&b, "%d of %d messages", len(e.Matched), e.Count)
	default:
		b.WriteString("no message")
	}
	if what := e.Query.describe(); what != "" {
		b.WriteString(" for " + what)
	}
	fmt.Fprintf(&b, " within %v: ", e.Waited.Round(time.Millisecond))
	b.WriteString(e.arrivals())
	for i, s := range e.FailedSessions {
		if i == maxNamedSessions {
			fmt.Fprintf(&b, "; and %d more", len(e.FailedSessions)-i)
			break
		}
		fmt.Fprintf(&b, "; SMTP session %s failed meanwhile: %s", s.ID, cmp.Or(s.Outcome, "no reason known"))
	}
	return b.String()
}

const maxNamedSessions = 5

func (e *NoMatch) arrivals() string {
	switch {
	case e.Arrived == 0:
		return "nothing arrived"
	case len(e.Matched) > 0:
		return plural(e.Arrived, "message") + " arrived in all"
	case e.Nearest == nil:
		return plural(e.Arrived, "message") + " arrived, none matched"
	}
	text := fmt.Sprintf("%s arrived, none matched; nearest was %s %q", plural(e.Arrived, "message"), e.Nearest.ID, e.Nearest.Subject)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// NotQuiet is the error of a [Client.Quiet] that was not.
type NotQuiet struct {
	Query    Query     `json:"-"`        // what should not have come
	Messages []Summary `json:"messages"` // that came and matched, at most 20
	Busy     int       `json:"busy"`     // SMTP sessions that were at work at the end

	problem *Error
}

// Unwrap is the server's answer, with status 409.
func (e *NotQuiet) Unwrap() error { return e.problem }

func (e *NotQuiet) Error() string {
	what := e.Query.describe()
	if what != "" {
		what = " for " + what
	}
	if len(e.Messages) == 0 {
		return fmt.Sprintf("not quiet%s: nothing matched, but %s still at work", what, are(e.Busy, "SMTP session"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "not quiet%s: %s arrived", what, plural(len(e.Messages), "message"))
	for i, m := range e.Messages {
		if i == maxNamedMessages {
			fmt.Fprintf(&b, "; and %d more", len(e.Messages)-i)
			break
		}
		fmt.Fprintf(&b, "; %s %q to %s", m.ID, m.Subject, strings.Join(m.Recipients, ", "))
	}
	return b.String()
}

const maxNamedMessages = 5

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return plural(n, noun) + " were"
}
