package smtpd

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"

	"restante/mailstore/message"
)

// strictly tells which rule a command breaks by how it was sent, "" for none.
func (w *wire) strictly(c *command) string {
	switch {
	case w.ends == bareLF:
		return "500 5.5.2 A command line ends in CRLF, not in LF alone (RFC 5321 2.3.8)"
	case w.taken > strictLine && c.verb != "AUTH" && c.verb != "MAIL" && c.verb != "RCPT": // extensions add to those
		return "500 5.5.2 A command line has at most 512 octets (RFC 5321 4.5.3.1.4)"
	}
	return ""
}

const (
	strictLine   = 512
	strictLocal  = 64  // RFC 5321 §4.5.3.1.1
	strictDomain = 255 // RFC 5321 §4.5.3.1.2
	strictPath   = 256 // RFC 5321 §4.5.3.1.3, with the angle brackets
)

// strictPath tells which rule an argument of MAIL or RCPT breaks. given is what
// follows the colon.
func strictArgument(given, path string) string {
	switch {
	case !strings.HasPrefix(given, "<"):
		return "no space after the colon, and a path has angle brackets (RFC 5321 4.1.2, 3.3)"
	case strings.HasPrefix(given, "<@"):
		return "a source route is obsolete (RFC 5321 appendix C)"
	case path == "" || strings.EqualFold(path, "postmaster"):
		return ""
	case len(path)+2 > strictPath:
		return "a path has at most 256 octets (RFC 5321 4.5.3.1.3)"
	}
	at := strings.LastIndexByte(path, '@')
	local, domain := path[:at], path[at+1:]
	switch {
	case len(local) > strictLocal:
		return "a local part has at most 64 octets (RFC 5321 4.5.3.1.1)"
	case local[0] != '"' && (local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..")):
		return "dots stand between atoms, else the local part is quoted (RFC 5321 4.1.2)"
	}
	return strictName(domain)
}

// strictName tells which rule a domain or address literal breaks.
func strictName(domain string) string {
	if strings.HasPrefix(domain, "[") {
		return checkDomain(domain)
	}
	if len(domain) > strictDomain {
		return "a domain has at most 255 octets (RFC 5321 4.5.3.1.2)"
	}
	for label := range strings.SplitSeq(domain, ".") {
		switch {
		case label == "":
			return "a domain has no empty part (RFC 5321 4.1.2)"
		case label[0] == '-' || label[len(label)-1] == '-':
			return "a part of a domain neither begins nor ends with a hyphen (RFC 5321 4.1.2)"
		case strings.ContainsFunc(label, func(r rune) bool {
			return r < 0x80 && !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
		}):
			return "a domain has letters, digits and hyphens (RFC 5321 4.1.2)"
		}
	}
	return ""
}

// watch looks at content while it arrives: what a strict server would refuse.
type watch struct {
	limit  int  // octets of a line; 0 is none
	strict bool // else only the limit counts

	line      int // number of the line that is being read
	length    int // of it so far
	cr        bool
	body      bool   // the header has ended
	header    []byte // up to maxWatched
	long      int    // numbers of the first lines that break a rule; 0 is none
	bareCR    int
	bareLF    int
	nul       int
	high      int // beyond ASCII
	highField bool
	early     bool // content came before 354
}

const (
	contentLine = 998 // RFC 5321 §4.5.3.1.6, without CRLF
	maxWatched  = 256 << 10
)

// newWatch is nil when nothing is to be looked at.
func (w *wire) newWatch() *watch {
	p := w.persona
	if p == nil || !p.Strict && p.LineLength == 0 {
		return nil
	}
	v := &watch{limit: p.LineLength, strict: p.Strict, line: 1}
	if p.Strict {
		v.early = w.chunk == nil && len(w.unread()) > 0
		if v.limit == 0 {
			v.limit = contentLine
		}
	}
	return v
}

func first(at *int, line int) {
	if *at == 0 {
		*at = line
	}
}

// see looks at the next octets.
func (v *watch) see(p []byte) {
	if !v.body && v.strict && len(v.header) < maxWatched {
		v.header = append(v.header, p[:min(len(p), maxWatched-len(v.header))]...)
	}
	for _, b := range p {
		if b == '\n' {
			if !v.cr {
				first(&v.bareLF, v.line)
			}
			v.body = v.body || v.length == 0
			v.line++
			v.length, v.cr = 0, false
			continue
		}
		if v.cr {
			first(&v.bareCR, v.line)
			v.length++
		}
		if v.cr = b == '\r'; v.cr {
			continue
		}
		if b == 0 {
			first(&v.nul, v.line)
		}
		if b > 0x7f {
			first(&v.high, v.line)
			v.highField = v.highField || !v.body
		}
		if v.length++; v.limit > 0 && v.length > v.limit {
			first(&v.long, v.line)
		}
	}
}

const maxProblems = 3 // that a reply names

// verdict is the refusal of the content that was seen, "" when there is none.
func (v *watch) verdict(w *wire) string {
	if !v.strict {
		if v.long > 0 {
			return fmt.Sprintf("554 5.6.0 A line of content has more than %s: line %d", octets(int64(v.limit)), v.long)
		}
		return ""
	}
	var problems []string
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	body := w.env.Body
	add(v.early, "content was sent before the 354 (RFC 5321 4.1.1.4)")
	add(v.bareLF > 0, "line %d ends in LF without CR (RFC 5321 2.3.8)", v.bareLF)
	add(v.bareCR > 0, "line %d has a CR without LF (RFC 5321 2.3.8)", v.bareCR)
	add(v.long > 0, "line %d has more than %d octets (RFC 5321 4.5.3.1.6)", v.long, v.limit)
	add(v.nul > 0 && body != string(smtp.BodyBinaryMIME), "line %d has a NUL (RFC 5322 4)", v.nul)
	add(v.highField && !w.env.SMTPUTF8, "the header is not ASCII, and MAIL had no SMTPUTF8 (RFC 6531 3.4)")
	add(v.high > 0 && !v.highField && body != string(smtp.Body8BitMIME) && body != string(smtp.BodyBinaryMIME),
		"line %d is not ASCII, and MAIL had no BODY=8BITMIME (RFC 6152 3)", v.high)
	problems = append(problems, headerProblems(v.header)...)
	if len(problems) == 0 {
		return ""
	}
	more := ""
	if len(problems) > maxProblems {
		more = fmt.Sprintf("; and %d more", len(problems)-maxProblems)
		problems = problems[:maxProblems]
	}
	return "554 5.6.0 " + abbreviated(strings.Join(problems, "; "), 400) + more
}

// onceFields are those that a header has once at most, with those that it must
// have (RFC 5322 §3.6).
var onceFields = []struct {
	name string
	must bool
}{
	{"Date", true}, {"From", true}, {"Sender", false}, {"Reply-To", false}, {"To", false}, {"Cc", false}, {"Bcc", false},
	{"Message-ID", false}, {"In-Reply-To", false}, {"References", false}, {"Subject", false},
}

// headerProblems tells which rules a header breaks. content begins with it.
func headerProblems(content []byte) (problems []string) {
	if i := bytes.Index(content, []byte("\r\n\r\n")); i >= 0 {
		content = content[:i+4]
	}
	m := message.Parse(bytes.NewReader(content))
	count := make(map[string]int)
	for _, f := range m.Header {
		if f.Name == "" {
			problems = append(problems, "the header has a line that is no field (RFC 5322 2.2)")
			continue
		}
		count[strings.ToLower(f.Name)]++
	}
	for _, f := range onceFields {
		switch n := count[strings.ToLower(f.name)]; {
		case n == 0 && f.must:
			problems = append(problems, "the "+f.name+" field is missing (RFC 5322 3.6)")
		case n > 1:
			problems = append(problems, fmt.Sprintf("there are %d %s fields (RFC 5322 3.6)", n, f.name))
		}
	}
	switch {
	case count["from"] == 1 && len(m.From) == 0:
		problems = append(problems, "From has no address (RFC 5322 3.6.2)")
	case count["from"] == 1 && len(m.From) > 1 && count["sender"] == 0:
		problems = append(problems, "From has several addresses, and Sender is missing (RFC 5322 3.6.2)")
	}
	if count["date"] == 1 && m.Date.IsZero() {
		problems = append(problems, "Date cannot be read (RFC 5322 3.3)")
	}
	return slices.Compact(problems)
}
