package smtpd

import (
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"restante/faults"
)

// worded is a reply as the persona says it.
func (w *wire) worded(line string) string {
	if w.persona == nil {
		return line
	}
	name := w.replyName(line)
	text := w.persona.Replies[name]
	if after := w.persona.Replies["content-too-large"]; name == "too-large" && after != "" && w.asked.verb != "MAIL" {
		text = after
	}
	if text == "" {
		return line
	}
	return w.expand(text)
}

// replyNames are the names that personas have for replies.
var replyNames = map[string]string{
	replyMail: "mail", replyRcpt: "rcpt", replyData: "data", replyReset: "reset", replyNoop: "noop", replyQuit: "quit",
	replyVrfy: "verify", replyStartTLS: "starttls", replyAuthOK: "authenticated",
	replyUnknown: "unknown", replyNoArgument: "argument", replyHelloFirst: "hello-first", replyMailFirst: "mail-first",
	replyRcptFirst: "rcpt-first", replyNested: "nested", replyNoName: "hello-name", replyOddName: "hello-name",
	replyRcptsFull: "too-many-recipients", replyMessagesFull: "too-many-messages", replyTooFast: "too-fast",
	replyAuthFirst: "auth-required", replyAuthFailed: "auth-failed", replyAuthUnknown: "auth-unknown",
	replyAuthBroken: "auth-malformed", replyAuthBase64: "auth-malformed", replyAuthAlready: "auth-again",
	replyTLSFirst: "tls-required", replyTLSAlready: "tls-again", replyNoTLS: "tls-off",
}

// replyBeginnings are those of replies that go on in different ways.
var replyBeginnings = []struct{ begins, name string }{
	{accepted, "accepted"},
	{replyMailSyntax, "mail-syntax"},
	{replyRcptSyntax, "rcpt-syntax"},
	{"501 5.1.7 ", "sender-address"},
	{"501 5.1.3 ", "recipient-address"},
	{"555 5.5.4 Unknown parameter ", "parameter"},
	{"501 5.5.4 Parameter BODY is not ", "parameter"},
	{"552 5.3.4 Message too large", "too-large"},
	{"554 5.6.0 A line of content has more than ", "line-too-long"},
	{"500 5.5.2 Line too long", "command-too-long"},
	{"421 4.4.2 ", "idle"},
}

func (w *wire) replyName(line string) string {
	if name := replyNames[line]; name != "" {
		return name
	}
	for _, b := range replyBeginnings {
		if strings.HasPrefix(line, b.begins) {
			return b.name
		}
	}
	switch line {
	case w.server.shutdown:
		return "shutdown"
	case w.server.said(replyCrowded):
		return "crowded"
	}
	return ""
}

// expand fills in what stands in braces in a persona's text.
func (w *wire) expand(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	id := w.id
	if n := len(w.messages); n > 0 {
		id = w.messages[n-1]
	}
	ip, _, err := net.SplitHostPort(w.remote)
	if err != nil {
		ip = w.remote
	}
	client := w.helo
	if client == "" {
		client = "unknown"
	}
	return strings.NewReplacer("{host}", w.server.cfg.Hostname, "{client}", abbreviated(client, 60), "{ip}", ip, "{id}", id,
		"{date}", time.Now().UTC().Format(dateForm), "{size}", strconv.FormatInt(w.maxSize(), 10), "{recipients}", strconv.Itoa(w.maxRecipients())).Replace(text)
}

const dateForm = "Mon, 2 Jan 2006 15:04:05 -0700" // RFC 5322 §3.3

// maxSize is the limit for messages in octets: the lower one of the server's and
// the persona's. 0 is none.
func (w *wire) maxSize() int64 {
	limit := w.server.cfg.MaxMessageBytes
	if p := w.persona; p != nil && p.Size > 0 && (limit == 0 || int64(p.Size) < limit) {
		return int64(p.Size)
	}
	return limit
}

func (w *wire) tooLarge() string {
	if w.persona == nil {
		return w.server.tooLarge
	}
	return replyLarge(w.maxSize())
}

func (w *wire) maxRecipients() int {
	if p := w.persona; p != nil && p.Recipients > 0 {
		return min(p.Recipients, w.server.cfg.MaxRecipients)
	}
	return w.server.cfg.MaxRecipients
}

// keywordsNow are the lines of the EHLO reply after the first: usual is those
// without a persona.
func (w *wire) keywordsNow(usual string) string {
	lines := strings.Split(usual, "\n")
	if p := w.persona; p != nil && p.Capabilities != nil {
		lines = lines[:0]
		for _, line := range p.Capabilities {
			if line = w.keyword(line); line != "" {
				lines = append(lines, w.expand(line))
			}
		}
	}
	kept := lines[:0]
	for _, line := range lines {
		if !w.hides(line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// keyword is a persona's capability as it is now: without mechanisms that there
// are not, "" where it makes no sense.
func (w *wire) keyword(line string) string {
	word, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(word) {
	case "STARTTLS":
		if w.server.cfg.TLS == nil || w.tlsVersion != "" {
			return ""
		}
	case "AUTH":
		if w.persona.AuthNeedsTLS && w.tlsVersion == "" {
			return ""
		}
		var names []string
		for _, name := range strings.Fields(rest) {
			if findMechanism(&w.server.cfg, name) != nil {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			return ""
		}
		return word + " " + strings.Join(names, " ")
	}
	if first, ok := strings.CutPrefix(line, "AUTH="); ok { // an old form, from before RFC 2554
		return strings.Replace(w.keyword("AUTH "+first), " ", "=", 1)
	}
	return line
}

// demanded tells what the persona wants before a command, "" for nothing.
func (w *wire) demanded(c *command) string {
	p := w.persona
	plaintext := w.tlsVersion == "" && w.greeted
	switch {
	case plaintext && p.RequireTLS && (!c.free || c.verb == "AUTH"): // RFC 3207 §4
		return replyTLSFirst
	case plaintext && p.AuthNeedsTLS && c.verb == "AUTH":
		return replyTLSFirst
	case c.verb == "STARTTLS" && !p.Capability("STARTTLS"):
		return replyNoTLS
	case c.verb == "AUTH" && !p.Capability("AUTH"):
		return replyUnknown
	case c.verb == "MAIL" && p.Messages > 0 && w.delivered >= p.Messages:
		return replyMessagesFull
	case p.Strict:
		return w.strictly(c)
	}
	return ""
}

// unfit tells why the persona does not take the message that was received, ""
// when it does.
func (w *wire) unfit(in *receiver) string {
	if w.persona == nil {
		return ""
	}
	if in.watch != nil {
		if why := in.watch.verdict(w); why != "" {
			return why
		}
	}
	if p := w.persona; p.Rate > 0 && !w.server.rates.admit(p, w.user, time.Now()) {
		return replyTooFast
	}
	return ""
}

// rates are the messages that personas with a limit have let pass lately.
type rates struct {
	mu   sync.Mutex
	sent map[account]*flow
}

// account is whose messages are counted together, as providers do.
type account struct{ persona, user string }

// flow is what an account sent within the window.
type flow struct {
	window time.Duration
	sent   []time.Time
}

// settle forgets what is older than the window.
func (f *flow) settle(now time.Time) {
	for len(f.sent) > 0 && now.Sub(f.sent[0]) >= f.window {
		f.sent = f.sent[1:]
	}
}

const (
	defaultWindow = time.Second
	maxAccounts   = 1000 // then those that sent nothing lately are forgotten
)

func (r *rates) admit(p *faults.Persona, user string, now time.Time) bool {
	window := time.Duration(p.RateWindow)
	if window <= 0 {
		window = defaultWindow
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sent) >= maxAccounts {
		maps.DeleteFunc(r.sent, func(_ account, f *flow) bool {
			f.settle(now)
			return len(f.sent) == 0
		})
	}
	key := account{p.Name, user}
	f := r.sent[key]
	if f == nil {
		f = &flow{window: window}
		if r.sent == nil {
			r.sent = make(map[account]*flow)
		}
		r.sent[key] = f
	}
	f.settle(now)
	if len(f.sent) >= p.Rate {
		return false
	}
	f.sent = append(f.sent, now)
	return true
}
