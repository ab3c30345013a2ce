package smtpd

import (
	"strconv"
	"strings"

	"restante/faults"
)

// keywords are the lines of the EHLO reply after the first (RFC 5321 §4.1.1.1),
// each in a line of its own.
func keywords(cfg *Config, underTLS bool) string {
	lines := []string{
		"PIPELINING",          // RFC 2920
		"8BITMIME",            // RFC 6152
		"SMTPUTF8",            // RFC 6531
		"ENHANCEDSTATUSCODES", // RFC 2034
		"CHUNKING",            // RFC 3030
		"BINARYMIME",          // RFC 3030
		"DSN",                 // RFC 3461
		"SIZE " + strconv.FormatInt(cfg.MaxMessageBytes, 10), // RFC 1870: 0 is no limit
		"LIMITS RCPTMAX=" + strconv.Itoa(cfg.MaxRecipients),  // RFC 9422
		"AUTH " + strings.Join(mechanismNames(cfg), " "),     // RFC 4954
	}
	if cfg.TLS != nil && !underTLS {
		lines = append(lines, "STARTTLS") // RFC 3207
	}
	return strings.Join(append(lines, "HELP"), "\n")
}

// hello is HELO and EHLO.
func (w *wire) hello(arg string) {
	if arg == "" {
		w.reply(replyNoName)
		return
	}
	if w.persona != nil && w.persona.Strict {
		if why := strictName(arg); why != "" {
			w.reply("501 " + why)
			return
		}
	}
	if w.troubled(faults.Ehlo, arg) {
		return
	}
	w.argument = arg
	w.ask(w.asked, w.asked.verb, " ", arg)
}

const maxName = 255 // RFC 5321 §4.5.3.1.2

// helloAccepted says the reply to HELO or EHLO. RFC 2034 §4: without an
// enhanced status code.
func (w *wire) helloAccepted() {
	w.helo, w.greeted, w.extended = w.argument, true, w.asked.verb == "EHLO"
	greets := w.server.cfg.Hostname + " greets " + abbreviated(w.helo, maxName)
	if w.persona != nil && w.persona.Hello != "" {
		greets = w.expand(w.persona.Hello)
	}
	if !w.extended {
		w.reply("250 " + greets)
		return
	}
	rest := w.server.ehlo[0]
	if w.tlsVersion != "" {
		rest = w.server.ehlo[1]
	}
	if w.persona != nil || w.hidden != nil {
		if rest = w.keywordsNow(rest); rest == "" {
			w.reply("250 " + greets)
			return
		}
	}
	w.reply("250-" + greets)
	for more := true; more; {
		var keyword string
		keyword, rest, more = strings.Cut(rest, "\n")
		if more {
			w.reply("250-" + keyword)
		} else {
			w.reply("250 " + keyword)
		}
	}
}
