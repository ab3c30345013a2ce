package smtpd

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"restante/faults"
	"restante/mailstore"
)

// wire is one connection, between the client's socket and the engine. It is
// the net.Conn that the engine reads commands from and writes replies to; all
// its methods are called on the engine's goroutine, except wake.
type wire struct {
	server *Server
	raw    net.Conn // the socket; closed by Shutdown from outside
	conn   net.Conn // raw, or TLS over it

	input
	out []byte // replies on their way to the client

	// The engine's side.
	feed   []byte // what the engine reads next
	lent   []byte // buffer behind feed
	asked  *command
	answer []byte // incomplete line of a reply

	// What the client is allowed to do next.
	implicitTLS bool // a handshake comes first
	crowded     bool // one connection too many
	spoke       bool // a command has arrived
	greeted     bool // HELO or EHLO was accepted
	closed      bool
	ended       bool // nothing is read any more

	transaction
	chunk        *chunk // of the BDAT command that is being answered
	chunking     bool   // between the first and the last BDAT of a message
	transferring bool   // a message is on its way: Shutdown waits
	aborting     bool   // the message was given up: the engine's reply to it is not for the client

	argument string // of HELO or EHLO
	asking          // MAIL or RCPT

	// What is known about the client.
	remote     string
	helo       string
	extended   bool // EHLO
	user       string
	mechanism  string // SASL; "" before AUTH
	tlsVersion string // "" in plaintext
	tlsCipher  string

	persona *faults.Persona // nil is the server itself
	noTLS   *faults.Fault   // of a handshake that is not to succeed
	trouble
	attempts
	pulse
	history
}

func newWire(s *Server, conn net.Conn, implicitTLS bool) *wire {
	w := &wire{server: s, raw: conn, conn: conn, implicitTLS: implicitTLS, asked: greeting}
	if addr := conn.RemoteAddr(); addr != nil && addr.Network() != "unix" {
		w.remote = addr.String()
	}
	w.started = time.Now()
	w.heard.Store(w.started.UnixNano())
	w.id = s.store.NewSessionID()
	w.persona = s.cfg.Persona
	w.rules = s.cfg.Faults.Conn(faults.SMTP, w.remote, w.id)
	return w
}

// Read gives the engine the next thing to do, or io.EOF when the session is over.
func (w *wire) Read(p []byte) (int, error) {
	defer w.guard()
	for len(w.feed) == 0 {
		if w.ended {
			return 0, io.EOF
		}
		if line, ok := w.command(); ok {
			w.execute(line)
		}
	}
	n := copy(p, w.feed)
	w.feed = w.feed[n:]
	return n, nil
}

// guard keeps a mistake in one session from ending all of them.
func (w *wire) guard() {
	if r := recover(); r != nil {
		w.server.log.Error("panic in an SMTP session", "session", w.id, "err", r, "stack", string(debug.Stack()))
		w.fail("internal error", w.server.said(replyInternal))
	}
}

// ask hands a command to the engine, which answers it with a call of Write.
func (w *wire) ask(c *command, line ...string) {
	w.asked = c
	w.lent = w.lent[:0]
	for _, s := range line {
		w.lent = append(w.lent, s...)
	}
	w.lent = append(w.lent, '\r', '\n')
	w.feed = w.lent
}

// Write takes the engine's replies, which come in lines.
func (w *wire) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			w.answer = append(w.answer, p...)
			break
		}
		line := p[:i+1]
		if len(w.answer) > 0 {
			w.answer = append(w.answer, line...)
			line, w.answer = w.answer, w.answer[:0]
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) > 3 && line[3] == ' ' { // its last line
			w.answered(line)
		}
		p = p[i+1:]
	}
	return n, nil
}

// answered turns a reply of the engine into one of ours.
func (w *wire) answered(line []byte) {
	c := w.asked
	switch {
	case w.ended:
	case w.aborting:
		w.aborting = false
	case bytes.HasPrefix(line, []byte("421")): // it has recovered from a panic
		w.fail("internal error", w.server.said(replyInternal))
	case line[0] == '2' && c.accepted != nil:
		c.accepted(w)
	case line[0] == '3' && w.chunk != nil: // it was told DATA where the client said BDAT
	case line[0] == '3' && w.goAhead != "":
		w.say(w.goAhead)
	case line[0] == '3':
		w.reply(replyData)
	default:
		w.reply(correct(c, string(line)))
	}
}

// reply answers the command that was asked.
func (w *wire) reply(line string) {
	said := w.worded(line)
	if line[0] >= '4' && w.asked.wanted {
		w.refused(w.asked.verb, said)
		w.server.meter.refused(reasonOf(line))
		w.unwanted(w.asked.verb + " refused: " + said)
	}
	w.say(said)
	if w.persona != nil && strings.HasPrefix(said, "421 ") { // RFC 5321 §3.8
		w.end("", "", true)
	}
}

// say sends a line to the client, when nothing more can be done without
// hearing from it (RFC 2920 §3.2).
func (w *wire) say(line string) {
	if w.ended {
		return
	}
	w.out = append(w.out, line...)
	w.out = append(w.out, '\r', '\n')
	note(&w.transcript, mailstore.Server, line)
	if len(w.out) > maxPendingReplies {
		w.flush()
	}
}

const maxPendingReplies = 8 << 10

// flush sends what was said.
func (w *wire) flush() {
	if len(w.out) == 0 {
		return
	}
	w.arm()
	_, err := w.conn.Write(w.out)
	w.out = w.out[:0]
	if err != nil && !w.ended {
		w.fail("lost in the middle of a reply: "+plain(err), "")
	}
}

// fail ends the session for a reason other than QUIT, with a last reply if
// there is one to give.
func (w *wire) fail(why, reply string) { w.end(why, reply, true) }

// leave is fail for endings that cost the client nothing.
func (w *wire) leave(why, reply string) { w.end(why, reply, false) }

func (w *wire) end(why, reply string, failed bool) {
	if w.ended {
		return
	}
	if reply != "" {
		w.say(w.worded(reply))
	}
	if w.server.hard.Err() != nil {
		why = "cut off by the server, which is shutting down"
	}
	w.ending, w.failed, w.ended = why, failed, true
}

// Close ends the connection and records the session.
func (w *wire) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	w.flush()
	if w.ended && !w.abrupt {
		w.linger()
	}
	w.ended = true
	if w.abrupt {
		w.cutShort()
	}
	err := w.conn.Close()
	w.settle()
	w.release()
	rec := w.session()
	w.server.meter.ended(rec.Failed)
	w.server.store.RecordSession(rec)
	w.server.forget(w)
	if w.server.log.Enabled(context.Background(), slog.LevelDebug) {
		w.server.log.Debug("session ended", "session", rec.ID, "remote", rec.Remote, "user", rec.User, "outcome", rec.Outcome)
	}
	return err
}

// lingerTime is how long octets that are under way are waited for.
const lingerTime = 5 * time.Millisecond

// linger takes what the client has sent meanwhile: closing a socket with unread
// octets resets the connection, and the last reply would be lost.
func (w *wire) linger() {
	if half, ok := w.raw.(interface{ CloseWrite() error }); ok && w.conn == w.raw {
		half.CloseWrite()
	}
	w.raw.SetReadDeadline(time.Now().Add(lingerTime))
	io.Copy(io.Discard, io.LimitReader(w.raw, 1<<20))
}

// The rest of net.Conn. Time-outs are the wire's own.

func (w *wire) LocalAddr() net.Addr              { return w.raw.LocalAddr() }
func (w *wire) RemoteAddr() net.Addr             { return w.raw.RemoteAddr() }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// greet is the engine's first reply, with which the connection begins.
func (w *wire) greet() {
	defer w.guard()
	if w.rules != nil && !w.crowded && !w.faultyStart() {
		return
	}
	if w.implicitTLS && !w.handshake() {
		return
	}
	if w.crowded {
		w.fail("refused: too many connections", w.server.said(replyCrowded))
		return
	}
	greeting := w.server.cfg.Hostname + " ESMTP Restante"
	if w.persona != nil && w.persona.Greeting != "" {
		greeting = w.expand(w.persona.Greeting)
	}
	w.reply("220 " + greeting)
}
