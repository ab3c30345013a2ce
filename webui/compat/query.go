package compat

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // containers have no zones, and clients name theirs
	"unicode"

	"github.com/araddon/dateparse"

	"restante/mailstore"
)

// search is what a client asked for, in the store's terms: any of some queries,
// and what no query can say.
type search struct {
	key      string             // the same for searches that find the same
	any      []*mailstore.Query // none is everything
	keep     []func(*server, *mailstore.Message) (bool, error)
	volatile bool     // changes with read state or tags
	ignored  []string // terms that say nothing, as Mailpit ignores them
}

// maxAlternatives bounds the queries of one search: each addressed: has five.
const maxAlternatives = 25

// builder collects the terms of a search.
type builder struct {
	all  []string   // terms of the store that must hold
	some [][]string // of each list one must hold
	search
}

// parseSearch translates Mailpit's search. Terms are separated by space, quotes
// keep words together wherever they stand, a - or ! in front negates. A prefix
// that is not known is text like any other.
func parseSearch(text string, zone *time.Location) (*search, error) {
	b := &builder{}
	b.key = zone.String() + "\x00" + text
	for _, arg := range splitArgs(text) {
		neg := false
		if len(arg) > 1 && (arg[0] == '-' || arg[0] == '!') {
			neg, arg = true, arg[1:]
		}
		if strings.IndexFunc(arg, wordRune) < 0 || !b.term(arg, neg, zone) {
			b.ignored = append(b.ignored, arg)
		}
	}
	return b.build()
}

// splitArgs splits at white space outside of quotes and drops the quotes.
func splitArgs(text string) (args []string) {
	var arg strings.Builder
	quoted, begun := false, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case unicode.IsSpace(r) && !quoted:
			if begun {
				args = append(args, arg.String())
				arg.Reset()
			}
			begun = false
		default:
			begun = true
			arg.WriteRune(r)
		}
	}
	if begun {
		args = append(args, arg.String())
	}
	return args
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// prefixes are Mailpit's operators with a value, by what they become.
var prefixes = map[string]func(b *builder, value string, neg bool, zone *time.Location) bool{
	"from":    func(b *builder, v string, neg bool, _ *time.Location) bool { return b.plain("from:", v, neg) },
	"to":      func(b *builder, v string, neg bool, _ *time.Location) bool { return b.plain("to:", v, neg) },
	"cc":      func(b *builder, v string, neg bool, _ *time.Location) bool { return b.plain("cc:", v, neg) },
	"subject": func(b *builder, v string, neg bool, _ *time.Location) bool { return b.plain("subject:", v, neg) },
	"reply-to": func(b *builder, v string, neg bool, _ *time.Location) bool {
		return b.plain("header:Reply-To=", v, neg)
	},
	"message-id": func(b *builder, v string, neg bool, _ *time.Location) bool {
		return b.plain("header:Message-ID=", v, neg)
	},
	"bcc":       (*builder).bcc,
	"addressed": (*builder).addressed,
	"tag":       (*builder).tag,
	"before":    func(b *builder, v string, neg bool, zone *time.Location) bool { return b.date("before:", v, neg, zone) },
	"after":     func(b *builder, v string, neg bool, zone *time.Location) bool { return b.date("after:", v, neg, zone) },
	"larger":    func(b *builder, v string, neg bool, _ *time.Location) bool { return b.size("larger:", v, neg) },
	"smaller":   func(b *builder, v string, neg bool, _ *time.Location) bool { return b.size("smaller:", v, neg) },
}

// flags are the operators without a value.
var flags = map[string]func(b *builder, neg bool){
	"is:read":         func(b *builder, neg bool) { b.volatile = true; b.plain("is:", "seen", neg) },
	"is:unread":       func(b *builder, neg bool) { b.volatile = true; b.plain("is:", "unseen", neg) },
	"is:tagged":       (*builder).tagged,
	"has:attachment":  func(b *builder, neg bool) { b.plain("has:", "attachment", neg) },
	"has:attachments": func(b *builder, neg bool) { b.plain("has:", "attachment", neg) },
	"has:inline":      (*builder).inline,
	"has:inlines":     (*builder).inline,
}

// term adds one; false says that it says nothing.
func (b *builder) term(arg string, neg bool, zone *time.Location) bool {
	lower := strings.ToLower(arg)
	if add, ok := flags[lower]; ok {
		add(b, neg)
		return true
	}
	name, _, found := strings.Cut(lower, ":")
	if add, ok := prefixes[name]; ok && found {
		value := strings.TrimSpace(arg[len(name)+1:])
		if (name == "larger" || name == "smaller") && octets(value) == 0 {
			return b.plain("", arg, neg) // text, as in Mailpit
		}
		return value != "" && add(b, value, neg, zone)
	}
	return b.plain("", arg, neg)
}

// plain adds a term that the store has as well.
func (b *builder) plain(field, value string, neg bool) bool {
	b.all = append(b.all, term(field, value, neg))
	return true
}

func term(field, value string, neg bool) string {
	quoted := field + `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	if neg {
		return "-" + quoted
	}
	return quoted
}

// bcc is in a hidden recipient: Mailpit has no envelope and puts those there.
func (b *builder) bcc(value string, neg bool, _ *time.Location) bool {
	if !neg {
		b.plain("rcpt:", value, false)
	}
	value = strings.ToLower(value)
	b.keep = append(b.keep, func(_ *server, m *mailstore.Message) (bool, error) {
		has := slices.ContainsFunc(hidden(m), func(a string) bool { return strings.Contains(strings.ToLower(a), value) })
		return has != neg, nil
	})
	return true
}

func (b *builder) addressed(value string, neg bool, _ *time.Location) bool {
	var each []string
	for _, field := range []string{"from:", "to:", "cc:", "rcpt:", "header:Reply-To="} {
		each = append(each, term(field, value, neg))
	}
	if neg {
		b.all = append(b.all, each...)
	} else {
		b.some = append(b.some, each)
	}
	return true
}

func (b *builder) tag(value string, neg bool, _ *time.Location) bool {
	b.volatile = true
	return b.plain("tag:", value, neg)
}

func (b *builder) tagged(neg bool) {
	b.volatile = true
	b.keep = append(b.keep, func(_ *server, m *mailstore.Message) (bool, error) {
		return (len(m.Tags) > 0) != neg, nil
	})
}

// inline opens each message: the store does not count inline parts.
func (b *builder) inline(neg bool) {
	b.keep = append(b.keep, func(s *server, m *mailstore.Message) (bool, error) {
		c, err := s.parse(m)
		if err != nil {
			return false, err
		}
		inline, _ := filesOf(c)
		return (len(inline) > 0) != neg, nil
	})
}

func (b *builder) date(field, value string, neg bool, zone *time.Location) bool {
	at, ok := parseDate(value, zone)
	return ok && b.plain(field, at.UTC().Format(time.RFC3339Nano), neg)
}

func parseDate(value string, zone *time.Location) (time.Time, bool) {
	at, err := dateparse.ParseIn(value, zone)
	return at, err == nil && at.Year() > 0 && at.Year() < 10000
}

func (b *builder) size(field, value string, neg bool) bool {
	return b.plain(field, strconv.FormatInt(octets(value), 10), neg)
}

var sizePattern = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s?(kb?|mb?|)$`)

// octets reads 2000, 2k, 1.5MB, where k is 1,024; 0 is no size.
func octets(value string) int64 {
	m := sizePattern.FindStringSubmatch(strings.ToLower(value))
	if m == nil {
		return 0
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil || n > 1<<40 {
		return 0
	}
	switch {
	case strings.HasPrefix(m[2], "k"):
		n *= 1 << 10
	case strings.HasPrefix(m[2], "m"):
		n *= 1 << 20
	}
	return int64(n)
}

// build multiplies the alternatives out.
func (b *builder) build() (*search, error) {
	texts := []string{strings.Join(b.all, " ")}
	for _, each := range b.some {
		var next []string
		for _, text := range texts {
			for _, t := range each {
				next = append(next, text+" "+t)
			}
		}
		if texts = next; len(texts) > maxAlternatives {
			return nil, refuse(http.StatusBadRequest, "addressed: can be asked for twice at most in one search.")
		}
	}
	s := b.search
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			continue
		}
		q, err := mailstore.ParseQuery(text)
		if err != nil {
			return nil, fmt.Errorf("translate search: %w", err)
		}
		s.any = append(s.any, q)
	}
	return &s, nil
}

// everything says whether the search has no criterion at all.
func (q *search) everything() bool { return len(q.any) == 0 && len(q.keep) == 0 }
