package smtpd

import (
	"bytes"
	"strings"

	"restante/faults"
	"restante/mailstore"
)

// state is where a session stands. The values are bits, so that the table can
// list several.
type state byte

const (
	fresh     state = 1 << iota // before HELO and EHLO
	ready                       // no transaction
	mailing                     // after MAIL
	addressed                   // after RCPT
	chunking                    // after BDAT, before its last chunk

	anytime = fresh | ready | mailing | addressed | chunking
)

// state tells where the session stands.
func (w *wire) state() state {
	switch {
	case !w.greeted:
		return fresh
	case !w.open:
		return ready
	case w.chunking:
		return chunking
	case len(w.env.ForwardPaths) == 0:
		return mailing
	}
	return addressed
}

// command is what a verb means.
type command struct {
	verb   string
	in     state // the states in which it may come
	do     func(w *wire, arg string)
	free   bool // comes before AUTH also where that is required (RFC 4954 §6)
	wanted bool // refusing it keeps the client from what it came for
	utf8   bool // may hold UTF-8 (RFC 6531)
	ends   bool // ends a series of BDAT

	// accepted says the reply when the engine has said yes; nil leaves the
	// engine's reply as it is.
	accepted func(w *wire)
}

// RFC 5321 §4.1.4: the order of commands.
var commands = table(
	command{verb: "HELO", in: anytime, do: (*wire).hello, free: true, ends: true, accepted: (*wire).helloAccepted},
	command{verb: "EHLO", in: anytime, do: (*wire).hello, free: true, ends: true, accepted: (*wire).helloAccepted},
	command{verb: "MAIL", in: ready, do: (*wire).mail, wanted: true, utf8: true, accepted: says(replyMail)},
	command{verb: "RCPT", in: mailing | addressed, do: (*wire).rcpt, wanted: true, utf8: true, accepted: says(replyRcpt)},
	command{verb: "DATA", in: addressed, do: (*wire).data, wanted: true},
	command{verb: "BDAT", in: anytime, do: (*wire).bdat, wanted: true, free: true}, // judged after its octets were read
	command{verb: "RSET", in: anytime, do: (*wire).rset, free: true, ends: true, accepted: says(replyReset)},
	command{verb: "QUIT", in: anytime, do: (*wire).quit, free: true, ends: true, accepted: says(replyQuit)},
	command{verb: "NOOP", in: anytime, do: (*wire).noop, free: true},
	command{verb: "HELP", in: anytime, do: (*wire).help, free: true},
	command{verb: "VRFY", in: anytime, do: (*wire).vrfy, utf8: true},
	command{verb: "EXPN", in: anytime, do: (*wire).expn, utf8: true},
	command{verb: "AUTH", in: ready, do: (*wire).auth, free: true, wanted: true},
	command{verb: "STARTTLS", in: ready, do: (*wire).starttls, free: true, wanted: true},
	// RFC 5321 §4.2.4: known from RFC 821, not implemented.
	command{verb: "SEND", in: anytime, do: (*wire).obsolete},
	command{verb: "SOML", in: anytime, do: (*wire).obsolete},
	command{verb: "SAML", in: anytime, do: (*wire).obsolete},
	command{verb: "TURN", in: anytime, do: (*wire).obsolete},
)

// bringsContent tells the two commands that come when the recipients are known.
func (c *command) bringsContent() bool { return c.verb == "DATA" || c.verb == "BDAT" }

// What the engine or the client is answered for besides.
var (
	greeting = &command{verb: "greeting", accepted: (*wire).greet}
	unknown  = &command{verb: "command", in: anytime, do: func(w *wire, _ string) { w.reply(replyUnknown) }, free: true}
)

const longestVerb = len("STARTTLS")

func table(list ...command) map[string]*command {
	t := make(map[string]*command)
	for i := range list {
		t[list[i].verb] = &list[i]
	}
	return t
}

func says(reply string) func(*wire) { return func(w *wire) { w.reply(reply) } }

// lookup finds the command of a line, and its argument.
func lookup(line []byte) (c *command, arg []byte) {
	verb, arg, _ := bytes.Cut(line, []byte{' '})
	var upper [longestVerb]byte
	if len(verb) > longestVerb {
		return unknown, arg
	}
	for i, b := range verb {
		if 'a' <= b && b <= 'z' {
			b -= 'a' - 'A'
		}
		upper[i] = b
	}
	if c = commands[string(upper[:len(verb)])]; c == nil {
		c = unknown
	}
	return c, bytes.Trim(arg, " ")
}

// execute answers a command line or hands it to the engine.
func (w *wire) execute(line []byte) {
	c, arg := lookup(line)
	w.asked = c
	w.asking.of = nil
	w.noteCommand(c, line)
	if !w.spoke && isHTTP(line) {
		w.fail("sent an HTTP request", w.server.said(replyHTTP))
		return
	}
	w.spoke = true
	refusal := ""
	if w.persona != nil {
		refusal = w.demanded(c)
	}
	switch {
	case c.verb == "BDAT":
	case w.barred && c.verb != "QUIT":
		w.say(replyBarred)
		return
	case !clean(line, c.utf8):
		switch c.verb {
		case unknown.verb:
			w.reply(replyUnknown)
		case "HELO", "EHLO":
			w.reply(replyOddName)
		default:
			w.reply(replyControl)
		}
		return
	case refusal != "":
		w.reply(refusal)
		return
	case w.locked() && !c.free:
		w.reply(replyAuthFirst)
		return
	case c.in&w.state() == 0:
		w.reply(w.outOfOrder(c))
		return
	}
	c.do(w, string(arg)) // a fault may move the buffer that it is in
}

// locked tells that the client must authenticate first.
func (w *wire) locked() bool {
	return (w.server.cfg.AuthRequired || w.persona != nil && w.persona.RequireAuth) && w.mechanism == "" && w.greeted
}

// noteCommand keeps the line for the session record, without secrets.
func (w *wire) noteCommand(c *command, line []byte) {
	switch {
	case meansAuth(line):
		w.wary = true
		note(&w.transcript, mailstore.Client, concealed(line))
	case w.wary && c == unknown: // a response to a challenge that was not sent
		note(&w.transcript, mailstore.Client, "***")
	default:
		w.wary = false
		note(&w.transcript, mailstore.Client, line)
	}
}

// meansAuth tells whether a line is an AUTH command, or may be a misspelt one.
func meansAuth(line []byte) bool {
	word := bytes.TrimLeft(line, " \t")
	return len(word) >= 4 && word[0]|0x20 == 'a' && bytes.EqualFold(word[:4], []byte("AUTH"))
}

const longestMechanism = 20 // RFC 4422 §3.1

// concealed is an AUTH command without its initial response. What cannot be the
// name of a mechanism may be one.
func concealed(line []byte) string {
	f := bytes.Fields(line)
	switch {
	case len(f) > 1 && (len(f[0]) > 4 || len(f[1]) > longestMechanism):
		return string(f[0][:4]) + " ***"
	case len(f) > 2:
		return string(f[0]) + " " + string(f[1]) + " ***"
	case len(f[0]) > 4:
		return string(f[0][:4]) + "***"
	}
	return string(line)
}

// clean tells that a command line has only characters that belong there.
func clean(line []byte, utf8 bool) bool {
	for _, b := range line {
		if b < ' ' || b == 0x7f || b > 0x7f && !utf8 {
			return false
		}
	}
	return true
}

// outOfOrder says what is missing before c.
func (w *wire) outOfOrder(c *command) string {
	switch w.state() {
	case fresh:
		return replyHelloFirst
	case ready:
		return replyMailFirst
	case mailing:
		if c.verb == "DATA" || c.verb == "BDAT" {
			return replyRcptFirst
		}
	case chunking:
		return replyChunking
	}
	if c.verb == "MAIL" {
		return replyNested // RFC 5321 §4.1.4
	}
	return replyInTransaction
}

// isHTTP tells that the first line of a session is an HTTP request: a web page
// can make a browser send one here, with commands in its body.
func isHTTP(line []byte) bool {
	if i := bytes.LastIndexByte(line, ' '); i > 0 && bytes.HasPrefix(line[i+1:], []byte("HTTP/")) {
		return true
	}
	method, target, _ := bytes.Cut(line, []byte{' '})
	switch string(method) {
	case "GET", "POST", "PUT", "HEAD", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return len(target) > 0
	}
	return false
}

func (w *wire) rset(arg string) {
	if arg != "" {
		w.reply(replyNoArgument)
		return
	}
	if !w.troubled(faults.Rset, "") {
		w.ask(w.asked, "RSET")
	}
}

func (w *wire) quit(arg string) {
	if arg != "" {
		w.reply(replyNoArgument)
		return
	}
	if !w.troubled(faults.Quit, "") {
		w.ask(w.asked, "QUIT")
	}
}

func (w *wire) noop(string) { // RFC 5321 §4.1.1.9: an argument is ignored
	if !w.troubled(faults.Noop, "") {
		w.reply(replyNoop)
	}
}

func (w *wire) expn(string)     { w.reply(replyNoExpn) }
func (w *wire) obsolete(string) { w.reply(replyObsolete) }

func (w *wire) vrfy(arg string) {
	if arg == "" {
		w.reply(replyVrfyWhom)
		return
	}
	if !w.troubled(faults.Vrfy, "") {
		w.reply(replyVrfy)
	}
}

func (w *wire) help(string) {
	text := replyHelp
	if w.persona != nil && w.persona.Replies["help"] != "" {
		text = w.expand(w.persona.Replies["help"])
	}
	for line := range strings.SplitSeq(text, "\n") {
		w.reply(line)
	}
}
