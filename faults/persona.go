package faults

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Persona is how another SMTP server behaves. What is left out is Restante's own
// way. In texts {host} is the server's name, {client} that of HELO or EHLO, {ip}
// the client's address, {id} the message's ID, {date} the date and time as in a
// header, {size} and {recipients} are the limits.
type Persona struct {
	Name string `yaml:"-"` // that of its file
	From string `yaml:"from"`

	Greeting     string   `yaml:"greeting"`     // after "220 "
	Hello        string   `yaml:"hello"`        // first line of the answer to HELO and EHLO, after the code
	Capabilities []string `yaml:"capabilities"` // the further lines for EHLO, in order; what is not among them is refused

	Size         Octets   `yaml:"size"`         // of a message
	Recipients   int      `yaml:"recipients"`   // of a message
	Messages     int      `yaml:"messages"`     // of a connection
	LineLength   int      `yaml:"line-length"`  // octets of a content line without its ending; more is refused
	Rate         int      `yaml:"rate"`         // messages of a user in rate-window, or of all clients without a login
	RateWindow   Duration `yaml:"rate-window"`  // missing: 1s
	RequireTLS   bool     `yaml:"require-tls"`  // before AUTH and MAIL
	RequireAuth  bool     `yaml:"require-auth"` // before MAIL
	AuthNeedsTLS bool     `yaml:"auth-needs-tls"`
	Strict       bool     `yaml:"strict"` // RFC 5321 and RFC 5322 to the letter

	// Replies are whole replies, "552 5.3.4 Too large", by what they answer: one
	// of [PersonaReplies]. After the content, a persona without content-too-large
	// says its too-large.
	Replies map[string]string `yaml:"replies"`
}

// PersonaReplies are the names of replies that a persona can word.
var PersonaReplies = []string{
	"mail", "rcpt", "data", "accepted", "reset", "noop", "quit", "verify", "starttls", "authenticated", "help",
	"unknown", "argument", "hello-first", "mail-first", "rcpt-first", "nested", "hello-name",
	"mail-syntax", "rcpt-syntax", "sender-address", "recipient-address", "parameter",
	"too-large", "content-too-large", "too-many-recipients", "too-many-messages", "too-fast", "line-too-long", "command-too-long",
	"auth-required", "auth-failed", "auth-unknown", "auth-malformed", "auth-again", "tls-required", "tls-again", "tls-off",
	"idle", "crowded", "shutdown",
}

// Capability tells whether the persona's answer to EHLO has a keyword. A nil
// persona has all.
func (p *Persona) Capability(keyword string) bool {
	if p == nil || p.Capabilities == nil {
		return true
	}
	return slices.ContainsFunc(p.Capabilities, func(line string) bool {
		word, _, _ := strings.Cut(line, " ")
		return strings.EqualFold(word, keyword)
	})
}

// Mechanism tells whether the persona's answer to EHLO has a SASL mechanism. A nil
// persona has all.
func (p *Persona) Mechanism(name string) bool {
	if p == nil || p.Capabilities == nil {
		return true
	}
	for _, line := range p.Capabilities {
		words := strings.Fields(line)
		if strings.EqualFold(words[0], "AUTH") && slices.ContainsFunc(words[1:], func(w string) bool { return strings.EqualFold(w, name) }) {
			return true
		}
	}
	return false
}

// PersonaError is what is wrong with a persona's file, and in which line.
type PersonaError struct {
	File   string
	Line   int
	Reason string
}

func (e *PersonaError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

var (
	personaReply   = regexp.MustCompile(`^[2-5][0-9][0-9] [ -~]+$`)
	personaText    = regexp.MustCompile(`^[ -~]+$`)
	personaKeyword = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*([= ][ -~]+)?$`) // "AUTH=LOGIN" is an old form
	personaHolder  = regexp.MustCompile(`\{[^}]*\}`)
)

const maxPersonaText = 400 // RFC 5321 §4.5.3.1.5: a reply line has 512 octets

// ParsePersona reads a persona's file, in YAML. file is its name in errors, which
// are [*PersonaError].
func ParsePersona(name, file string, octets []byte) (*Persona, error) {
	p := &Persona{}
	if err := decodePersona(p, octets); err != nil {
		return nil, unreadable(file, octets, err)
	}
	p.Name = name
	if key, reason := p.check(); reason != "" {
		_, line := nodeOf(octets, key)
		return nil, &PersonaError{file, line, key + ": " + reason}
	}
	return p, nil
}

func decodePersona(p *Persona, octets []byte) (err error) {
	defer func() {
		if recover() != nil { // the decoder panics over some tags
			err = errors.New("it is no YAML that can be read: plain keys and values are")
		}
	}()
	err = yaml.NewDecoder(bytes.NewReader(octets), yaml.Strict()).Decode(p)
	if err == io.EOF { // empty
		return nil
	}
	return err
}

// unreadable is what is wrong with a file that cannot be decoded.
func unreadable(file string, octets []byte, err error) error {
	e := &PersonaError{file, 1, err.Error()}
	var y yaml.Error
	if errors.As(err, &y) {
		e.Reason = strings.TrimSpace(y.GetMessage())
		if t := y.GetToken(); t != nil && t.Position != nil {
			e.Line = t.Position.Line
		}
		return e
	}
	// It is one of the types of this package that says no, and it does not know where.
	for key, value := range map[string]encoding.TextUnmarshaler{"size": new(Octets), "rate-window": new(Duration)} {
		text, line := nodeOf(octets, key)
		if wrong := value.UnmarshalText([]byte(text)); text != "" && wrong != nil {
			e.Line, e.Reason = line, key+": "+wrong.Error()
		}
	}
	return e
}

// nodeOf finds the value of a key, "replies.mail", as it is written, and its line.
func nodeOf(octets []byte, key string) (text string, line int) {
	file, err := parser.ParseBytes(octets, 0)
	if err != nil {
		return "", 1
	}
	path, err := yaml.PathString("$." + key)
	if err != nil {
		return "", 1
	}
	node, err := path.FilterFile(file)
	if err != nil || node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return "", 1
	}
	return node.GetToken().Value, node.GetToken().Position.Line
}

// check tells what is wrong with which key.
func (p *Persona) check() (key, reason string) {
	for _, t := range [...]struct{ key, text string }{{"greeting", p.Greeting}, {"hello", p.Hello}} {
		if reason := checkText(t.text, personaText); t.text != "" && reason != "" {
			return t.key, reason
		}
	}
	for i, line := range p.Capabilities {
		if reason := checkText(line, personaKeyword); reason != "" {
			return fmt.Sprintf("capabilities[%d]", i), reason
		}
	}
	for _, n := range [...]struct {
		key   string
		value int
	}{{"size", int(p.Size)}, {"recipients", p.Recipients}, {"messages", p.Messages}, {"line-length", p.LineLength}, {"rate", p.Rate}, {"rate-window", int(p.RateWindow)}} {
		if n.value < 0 {
			return n.key, "it cannot be negative"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Replies)) {
		if !slices.Contains(PersonaReplies, name) {
			return "replies." + name, "there is no such reply; there are " + strings.Join(PersonaReplies, ", ")
		}
		if reason := checkText(p.Replies[name], personaReply); reason != "" {
			return "replies." + name, reason
		}
		if reason := checkClass(name, p.Replies[name]); reason != "" {
			return "replies." + name, reason
		}
	}
	return "", ""
}

func checkText(text string, form *regexp.Regexp) string {
	switch {
	case len(text) > maxPersonaText:
		return "it has more than " + strconv.Itoa(maxPersonaText) + " characters"
	case !form.MatchString(text):
		return map[*regexp.Regexp]string{
			personaReply:   "want a code and a text in ASCII, such as 250 2.1.0 OK",
			personaText:    "want one line of ASCII",
			personaKeyword: "want a keyword, and perhaps its parameters",
		}[form]
	}
	holders := []string{"{host}", "{client}", "{ip}", "{id}", "{date}", "{size}", "{recipients}"}
	for _, holder := range personaHolder.FindAllString(text, -1) {
		if !slices.Contains(holders, holder) {
			return "there is no " + holder + "; there are " + strings.Join(holders, ", ")
		}
	}
	return ""
}

// checkClass holds the replies on success to what clients wait for.
func checkClass(name, reply string) string {
	want := map[string]string{
		"mail": "250", "rcpt": "25", "data": "354", "accepted": "250", "reset": "250", "noop": "250", "quit": "221",
		"verify": "", "starttls": "220", "authenticated": "235", "help": "214",
	}
	if begin, ok := want[name]; ok {
		if !strings.HasPrefix(reply, begin) {
			return "want a reply that begins with " + begin
		}
	} else if reply[0] < '4' {
		return "want a refusal: 4yz or 5yz"
	}
	return ""
}
