package mailstore

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Query is a parsed search: all of its terms must hold. nil matches everything.
//
// Its text is terms with space between them:
//
//	word "two words"      occurs in the subject, an address, an attachment's name or the text
//	from: to: cc:         in a name or address of that field (from: also the reverse-path)
//	rcpt:                 in a forward-path of the envelope
//	subject: body:        in the subject, in the text
//	mailbox:              was delivered there: a mailbox, *@domain
//	user: helo:           the SMTP AUTH identity, the HELO name
//	id: tag:              is the ID, has the tag
//	has:attachment is:seen is:unseen
//	before: after:        received then: 2026-11-21, 2026-11-21T10:00:00Z, or 10m, 2h, 3d ago
//	larger: smaller:      than so many octets: 1000, 100k, 2MiB
//	header:Name=value     in that field's value; header:Name alone: has the field
//	-term                 does not hold
//	field:=value          is exactly the value
//
// Text is compared after MIME decoding and Unicode case folding; white space in
// it counts as one space. Of a message's text the first 256 KiB are searched.
type Query struct {
	text  string
	terms []term
}

// term is one criterion.
type term struct {
	field  string // a key of fields; "" is a bare word
	neg    bool
	exact  bool
	value  string // as written, without quotes
	name   string // of header:
	word   []byte // value, folded
	grams  gramTest
	number int64         // larger, smaller: octets; before, after: Unix nanoseconds
	ago    time.Duration // before, after: relative to when the query runs; 0: absolute
}

// fields are the names before a colon, and whether "=" may follow it.
var fields = map[string]struct{ exact bool }{
	"from": {true}, "to": {true}, "cc": {true}, "rcpt": {true}, "subject": {true}, "body": {true},
	"mailbox": {true}, "user": {true}, "helo": {true}, "id": {true}, "tag": {true}, "header": {true},
	"has": {}, "is": {}, "before": {}, "after": {}, "larger": {}, "smaller": {},
}

// QueryError says what is wrong with a query's text, and where.
type QueryError struct {
	Text   string
	Offset int // in octets
	Reason string
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("query: at character %d: %s", utf8.RuneCountInString(e.Text[:e.Offset])+1, e.Reason)
}

// ParseQuery parses a query's text; an empty one matches everything. The error
// is a *QueryError.
func ParseQuery(text string) (*Query, error) {
	p := queryParser{text: text}
	q := &Query{text: text}
	for {
		t, ok, err := p.term()
		if err != nil {
			return nil, err
		}
		if !ok {
			return q, nil
		}
		q.terms = append(q.terms, t)
	}
}

// String is the text that the query was parsed from.
func (q *Query) String() string {
	if q == nil {
		return ""
	}
	return q.text
}

type queryParser struct {
	text string
	pos  int
}

func (p *queryParser) fail(at int, format string, args ...any) error {
	return &QueryError{Text: p.text, Offset: at, Reason: fmt.Sprintf(format, args...)}
}

func (p *queryParser) term() (t term, ok bool, err error) {
	p.pos += len(p.text[p.pos:]) - len(strings.TrimLeftFunc(p.text[p.pos:], unicode.IsSpace))
	if p.pos == len(p.text) {
		return t, false, nil
	}
	start := p.pos
	if p.text[p.pos] == '-' {
		t.neg = true
		p.pos++
	}
	at := p.pos
	t.field = p.field()
	if _, known := fields[t.field]; !known && t.field != "" {
		return t, false, p.fail(at, "%q is not a field; the fields are %s; to search for the text, put it in quotes", t.field+":", fieldNames())
	}
	if t.field == "header" {
		if err := p.headerName(&t); err != nil {
			return t, false, err
		}
	} else if t.field != "" && strings.HasPrefix(p.text[p.pos:], "=") {
		if !fields[t.field].exact {
			return t, false, p.fail(p.pos, "%s: can not be asked for with =", t.field)
		}
		t.exact = true
		p.pos++
	}
	at = p.pos
	quoted := strings.HasPrefix(p.text[at:], `"`)
	if t.value, err = p.value(); err != nil {
		return t, false, err
	}
	empty := strings.TrimSpace(t.value) == ""
	if empty && t.field == "" {
		what := "a word"
		if quoted {
			what = "text between the quotes"
		}
		return t, false, p.fail(start, "%s is missing", what)
	}
	if empty && t.field != "header" && !t.exact {
		return t, false, p.fail(at, "%s: needs a value right after the colon", t.field)
	}
	if err := t.prepare(); err != nil {
		return t, false, p.fail(at, "%v", err)
	}
	return t, true, nil
}

// field reads "name:" and returns the name, or "" where a bare word begins. A
// colon in a word that is not a field's (12:30, http://x) is part of the word.
func (p *queryParser) field() string {
	rest := p.text[p.pos:]
	n := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) })
	if n <= 0 || rest[n] != ':' || strings.HasPrefix(rest[n:], "://") {
		return ""
	}
	p.pos += n + 1
	return strings.ToLower(rest[:n])
}

// headerName reads what stands before the value of header:Name=value.
func (p *queryParser) headerName(t *term) error {
	if strings.HasPrefix(p.text[p.pos:], "=") {
		t.exact = true
		p.pos++
	}
	rest := p.text[p.pos:]
	n := strings.IndexFunc(rest, func(r rune) bool { return r == '=' || r == '"' || unicode.IsSpace(r) })
	if n < 0 {
		n = len(rest)
	}
	if t.name = rest[:n]; t.name == "" || t.name[0] == ':' {
		return p.fail(p.pos, "header: needs a field's name right after the colon, as in header:X-Id=42")
	}
	if colon := strings.IndexByte(t.name, ':'); colon > 0 { // no field's name has one
		name := t.name[:colon]
		return p.fail(p.pos+colon, "a field's name has no colon; write header:%s=value, or header:=%s=value for exactly that", name, name)
	}
	p.pos += n
	if strings.HasPrefix(p.text[p.pos:], "=") {
		p.pos++
		if !t.exact && (p.pos == len(p.text) || unicode.IsSpace(rune(p.text[p.pos]))) {
			return p.fail(p.pos, "header:%s= needs a value; header:%s alone asks whether the field is there", t.name, t.name)
		}
	} else if t.exact {
		return p.fail(p.pos, "header:=%s needs = and a value", t.name)
	}
	return nil
}

// value reads a word or a quoted text; in quotes, \" and \\ stand for themselves.
func (p *queryParser) value() (string, error) {
	rest := p.text[p.pos:]
	if !strings.HasPrefix(rest, `"`) {
		n := strings.IndexFunc(rest, unicode.IsSpace)
		if n < 0 {
			n = len(rest)
		}
		p.pos += n
		return rest[:n], nil
	}
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '"':
			p.pos += i + 1
			if p.pos < len(p.text) {
				if r, _ := utf8.DecodeRuneInString(p.text[p.pos:]); !unicode.IsSpace(r) {
					return "", p.fail(p.pos, "a space is missing after the quotes")
				}
			}
			return b.String(), nil
		case c == '\\' && i+1 < len(rest) && (rest[i+1] == '"' || rest[i+1] == '\\'):
			i++
			b.WriteByte(rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail(p.pos, "the quotes are not closed")
}

// prepare checks a term's value and makes it ready for matching.
func (t *term) prepare() error {
	var err error
	switch t.field {
	case "has":
		if v := strings.ToLower(t.value); v != "attachment" && v != "attachments" {
			return fmt.Errorf("has:%s is unknown; it can be has:attachment", t.value)
		}
	case "is":
		if t.value = strings.ToLower(t.value); t.value != "seen" && t.value != "unseen" {
			return fmt.Errorf("is:%s is unknown; it can be is:seen or is:unseen", t.value)
		}
	case "larger", "smaller":
		t.number, err = parseOctets(t.value)
	case "before", "after":
		t.number, t.ago, err = parseTime(t.value)
	default:
		t.word = fold(t.value)
		if t.indexed() {
			t.grams = newGramTest(t.word)
		}
	}
	return err
}

// indexed says whether signatures know about the term's field.
func (t *term) indexed() bool {
	switch t.field {
	case "", "from", "to", "cc", "rcpt", "subject", "body":
		return true
	case "header":
		return inSignature(t.name)
	}
	return false
}

// parseOctets reads 1000, 100k, 1.5MB, 2MiB.
func parseOctets(s string) (int64, error) {
	units := []struct {
		suffix string
		factor float64
	}{
		{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30},
		{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"b", 1}, {"", 1},
	}
	lower := strings.ToLower(s)
	for _, u := range units {
		if number, ok := strings.CutSuffix(lower, u.suffix); ok {
			f, err := strconv.ParseFloat(number, 64)
			if err != nil || !(f >= 0) || f*u.factor > 1<<60 {
				break
			}
			return int64(f * u.factor), nil
		}
	}
	return 0, fmt.Errorf("%q is not a size; write octets as 1000, 100k or 2MiB", s)
}

// parseTime reads a date, a time, or how long ago.
func parseTime(s string) (int64, time.Duration, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, strings.ToUpper(s), time.Local); err == nil {
			return at.UnixNano(), 0, nil
		}
	}
	if days, ok := strings.CutSuffix(strings.ToLower(s), "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			return 0, time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if d, err := time.ParseDuration(strings.ToLower(s)); err == nil && d > 0 {
		return 0, d, nil
	}
	return 0, 0, fmt.Errorf("%q is not a time; write 2026-11-21, 2026-11-21T10:00:00Z, or how long ago: 10m, 2h, 3d", s)
}

func fieldNames() string {
	var names []string
	for name := range fields {
		names = append(names, name+":")
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}
