package smtpd

import (
	"math"
	"strconv"
	"strings"
)

// asking is the MAIL or RCPT command that the engine is working on: what the
// wire knows better. The engine is never told the path: it takes fewer than RFC
// 5321 has, and removes quoting.
type asking struct {
	path      string // as given
	size      int64  // SIZE=: the engine reads no more than 32 bits
	utf8      bool   // SMTPUTF8
	binary    bool   // BODY=BINARYMIME: the engine is told 8BITMIME, as BDAT is the wire's
	orcptType string // of ORCPT=: the engine knows only rfc822 and utf-8

	seen uint // parameters, as bits

	of   *command // the command, once its path is known; nil after another
	wish wish     // what is reported on this recipient
}

// mail is the MAIL command (RFC 5321 §4.1.1.2).
func (w *wire) mail(arg string) {
	w.asking = asking{}
	path, rest, ok := w.splitPath(arg, "FROM:", replyMailSyntax)
	if !ok {
		return
	}
	why := ""
	if path != "" { // the null reverse-path
		why = checkMailbox(path)
	}
	if why != "" {
		w.reply("501 5.1.7 Bad sender address: " + why)
		return
	}
	params, ok := w.parameters(rest, mailParameters)
	if !ok {
		return
	}
	if !w.asking.utf8 && !isASCII(path) {
		w.reply(replyNeedsUTF8)
		return
	}
	if w.asking.binary && !w.persona.Capability("BINARYMIME") {
		w.reply("501 5.5.4 Parameter BODY is not 7BIT or 8BITMIME")
		return
	}
	if !w.faultyMail() {
		w.ask(w.asked, "MAIL FROM:<>", params)
	}
}

// rcpt is the RCPT command (RFC 5321 §4.1.1.3).
func (w *wire) rcpt(arg string) {
	w.asking = asking{}
	path, rest, ok := w.splitPath(arg, "TO:", replyRcptSyntax)
	if !ok {
		return
	}
	if !strings.EqualFold(path, "postmaster") { // the one address without a domain
		if why := checkMailbox(path); why != "" {
			w.reply("501 5.1.3 Bad recipient address: " + why)
			return
		}
	}
	if !w.env.SMTPUTF8 && !isASCII(path) {
		w.reply(replyNeedsUTF8)
		return
	}
	params, ok := w.parameters(rest, rcptParameters)
	if !ok {
		return
	}
	if !w.faultyRcpt() {
		w.ask(w.asked, "RCPT TO:<path@is.ours>", params)
	}
}

// splitPath takes the argument of MAIL or RCPT apart. Spaces before the path are
// wrong and common.
func (w *wire) splitPath(arg, prefix, syntax string) (path, rest string, ok bool) {
	if len(arg) < len(prefix) || !strings.EqualFold(arg[:len(prefix)], prefix) {
		w.reply(syntax)
		return "", "", false
	}
	given := arg[len(prefix):]
	path, rest, why := cutPath(strings.TrimLeft(given, " "))
	if why != "" {
		w.reply(syntax + ": " + why)
		return "", "", false
	}
	w.asking.path, w.asking.of = path, w.asked
	if w.persona != nil && w.persona.Strict && (path == "" || strings.EqualFold(path, "postmaster") || checkMailbox(path) == "") {
		if why := strictArgument(given, path); why != "" {
			w.reply(syntax + ": " + why)
			return "", "", false
		}
	}
	return path, rest, true
}

// parameter is an ESMTP parameter of MAIL or RCPT.
type parameter struct {
	name    string
	keyword string // of EHLO that stands for it
	flag    bool   // has no value

	// own takes the value of a parameter that the wire reads itself. It returns what
	// the engine is given for it, or a complaint. nil: the engine reads it.
	own func(a *asking, value string) (forEngine, complaint string)
}

var (
	mailParameters = []parameter{
		{name: "SIZE", keyword: "SIZE", own: (*asking).setSize},     // RFC 1870
		{name: "BODY", keyword: "8BITMIME", own: (*asking).setBody}, // RFC 6152, RFC 3030
		{name: "SMTPUTF8", keyword: "SMTPUTF8", flag: true, own: (*asking).setUTF8},
		{name: "RET", keyword: "DSN"},   // RFC 3461
		{name: "ENVID", keyword: "DSN"}, // RFC 3461
		{name: "AUTH", keyword: "AUTH", own: (*asking).checkAuth},
	}
	rcptParameters = []parameter{
		{name: "NOTIFY", keyword: "DSN"}, // RFC 3461
		{name: "ORCPT", keyword: "DSN", own: (*asking).setOrcpt},
	}
)

// parameters checks the ESMTP parameters (RFC 5321 §4.1.2) in s: known, given
// once, well formed. It returns what the engine is to read of them.
func (w *wire) parameters(s string, known []parameter) (forEngine string, ok bool) {
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		var item string
		item, s, _ = strings.Cut(s, " ")
		name, value, hasValue := strings.Cut(item, "=")
		if !isKeyword(name) || hasValue && value == "" || strings.Contains(value, "=") {
			w.reply("501 5.5.4 Malformed parameter: write NAME or NAME=value")
			return "", false
		}
		p, i := findParameter(known, name)
		complaint := ""
		switch {
		case p == nil || !w.persona.Capability(p.keyword):
			w.reply("555 5.5.4 Unknown parameter " + abbreviated(name, 40) + ": " + w.asked.verb + " takes " + w.parameterNames(known))
			return "", false
		case w.asking.seen&(1<<i) != 0:
			complaint = "is given twice"
		case p.flag && hasValue:
			complaint = "takes no value"
		case !p.flag && !hasValue:
			complaint = "needs a value"
		case !isASCII(value) && !(p.name == "ORCPT" && w.env.SMTPUTF8): // RFC 6533 §3
			complaint = "has characters beyond ASCII"
		case p.own != nil:
			item, complaint = p.own(&w.asking, value)
		}
		if complaint != "" {
			w.reply("501 5.5.4 Parameter " + p.name + " " + complaint)
			return "", false
		}
		w.asking.seen |= 1 << i
		if item != "" {
			forEngine += " " + item
		}
	}
	return forEngine, true
}

func findParameter(known []parameter, name string) (*parameter, int) {
	for i := range known {
		if strings.EqualFold(known[i].name, name) {
			return &known[i], i
		}
	}
	return nil, 0
}

func (w *wire) parameterNames(known []parameter) string {
	var names []string
	for _, p := range known {
		if w.persona.Capability(p.keyword) {
			names = append(names, p.name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// abbreviated keeps a reply line short (RFC 5321 §4.5.3.1.5: 512 octets). s is
// ASCII.
func abbreviated(s string, limit int) string {
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
}

func (a *asking) setSize(value string) (string, string) {
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		if strings.Trim(value, "0123456789") != "" || len(value) > 20 { // RFC 1870 §3: up to 20 digits
			return "", "is not a number of octets"
		}
		n = math.MaxInt64
	}
	a.size = int64(n)
	return "", ""
}

func (a *asking) setBody(value string) (string, string) {
	if strings.EqualFold(value, "BINARYMIME") {
		a.binary = true
		value = "8BITMIME"
	}
	return "BODY=" + value, ""
}

func (a *asking) setUTF8(string) (string, string) {
	a.utf8 = true
	return "SMTPUTF8", ""
}

// checkAuth refuses what the engine would decode to a mailbox with control characters in it
// (RFC 4954 §5).
func (a *asking) checkAuth(value string) (string, string) {
	for rest := value; ; {
		_, after, ok := strings.Cut(rest, "+")
		if !ok {
			return "AUTH=" + value, ""
		}
		if n, err := strconv.ParseUint(after[:min(2, len(after))], 16, 8); err == nil && (n < ' ' || n == 0x7f) {
			return "", "has a control character"
		}
		rest = after
	}
}

func (a *asking) setOrcpt(value string) (string, string) {
	kind, address, ok := strings.Cut(value, ";")
	if !ok || !isKeyword(kind) {
		return "", "is not type;address"
	}
	a.orcptType = strings.ToLower(kind)
	if a.orcptType != "utf-8" {
		kind = "rfc822" // the same encoding (RFC 3461 §4.2)
	}
	return "ORCPT=" + kind + ";" + address, ""
}
