package pop3d

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"time"
	"unicode/utf8"

	"restante/faults"
	"restante/mailstore"
)

// session is one connection: what the client said so far and the maildrop it
// opened. All but its wire's socket belongs to its goroutine.
type session struct {
	server *Server
	store  *mailstore.Store
	log    *slog.Logger
	wire   *wire

	record        mailstore.Session
	said          transcript
	timestamp     string // of the greeting, for APOP and CRAM-MD5
	secure        bool   // over TLS
	international bool   // UTF8 was said

	state   state
	name    string // of USER, "" before it
	refused int    // logins
	wary    bool   // AUTH was tried, see hear
	ending  string // what went wrong, "" when nothing did
	doing   []byte // command that is being answered, for the record
	words   [3][]byte
	scratch []byte // of trace fields
	seated  bool   // counted in Config.MaxConnections

	faults *faults.Conn
	fault  string         // the last that struck, for the outcome
	struck int            // how many did
	mishap mishap         // of the command that is being answered
	noTLS  *faults.Action // of a handshake that is not to succeed

	drop    *maildrop // from login on
	fetched int       // messages by RETR
	removed int       // messages by QUIT
}

func newSession(s *Server, conn net.Conn) *session {
	id := s.store.NewSessionID()
	now := time.Now()
	return &session{
		server: s,
		store:  s.store,
		log:    s.log.With("session", id, "remote", conn.RemoteAddr().String()),
		wire:   newWire(conn, s.pool, s.cfg.IdleTimeout, s.cfg.WriteTimeout, s.done),
		record: mailstore.Session{ID: id, Protocol: "pop3", Remote: conn.RemoteAddr().String(), Started: now},
		said:   transcript{started: now},
		state:  authorization,
		faults: s.cfg.Faults.Conn(faults.POP3, conn.RemoteAddr().String(), id),
	}
}

// refusal is the text of an -ERR response after which the session goes on.
type refusal string

func (r refusal) Error() string { return string(r) }

// lost is a session that cannot go on: the connection failed, or a response broke off.
type lost struct{ error }

func (l lost) Unwrap() error { return l.error }

// serve runs the session from greeting to record.
func (s *session) serve(implicitTLS bool) {
	s.end(s.guarded(implicitTLS))
}

// guarded keeps a mistake in one session from ending all of them.
func (s *session) guarded(implicitTLS bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("panic in a POP3 session", "err", r, "stack", string(debug.Stack()))
			err = s.hangUp("[SYS/TEMP] internal error", "internal error")
		}
	}()
	return s.converse(implicitTLS)
}

func (s *session) converse(implicitTLS bool) error {
	if s.seated { // else it would be kept for as long as the fault likes
		if done, err := s.faultyStart(&implicitTLS); done || err != nil {
			return err
		}
	}
	if implicitTLS {
		if err := s.handshake(); err != nil {
			return err
		}
	}
	if !s.seated {
		return s.hangUp("[SYS/TEMP] too many connections", "refused: too many connections")
	}
	s.greet()
	switch first, err := s.wire.in.Peek(1); {
	case err != nil: // reading again would wait again
		return lost{err}
	case isTLS(first[0]):
		return s.hangUp("this port does not begin with TLS", "closed on a TLS handshake, which this port does not begin with")
	}
	for first := true; s.state != update; first = false {
		line, err := s.wire.line(maxCommandLine)
		if err != nil && !errors.Is(err, errLineTooLong) {
			return lost{err}
		}
		s.hear(line)
		if first && isHTTP(line) {
			return s.hangUp("this is a POP3 server", "closed on an HTTP request")
		}
		if err == nil {
			err = s.command(line)
		}
		if err := s.answer(err); err != nil {
			return err
		}
	}
	return nil
}

// hear records a line of the client's. After an AUTH that did not succeed,
// what is no command may be a response to a challenge that was not sent.
func (s *session) hear(line []byte) {
	if s.wary && !isCommand(line) {
		s.said.addString(mailstore.Client, "***")
		return
	}
	s.wary = meansAuth(line)
	s.said.add(mailstore.Client, concealed(line))
}

// command runs what a line says.
func (s *session) command(line []byte) error {
	name, c, args, err := parse(line, s.words[:0])
	if err != nil {
		return err
	}
	if c.states&s.state == 0 {
		if s.state == authorization {
			return refusal("log in first")
		}
		return refusal("already logged in")
	}
	s.doing = append(s.doing[:0], name...)
	if f := s.commandFault(args); f != nil {
		err = s.suffer(f, args, func() error { return c.run(s, args) })
	} else {
		err = c.run(s, args)
	}
	if err != nil {
		return err
	}
	if s.wire.err != nil {
		return lost{s.wire.err}
	}
	return nil
}

// answer turns the error of a command into its response; what it returns ends
// the session.
func (s *session) answer(err error) error {
	var text refusal
	var end lost
	switch {
	case err == nil:
		return nil
	case errors.As(err, &end):
		return err
	case errors.As(err, &text):
		s.refuse(string(text))
	case errors.Is(err, errLineTooLong):
		s.refuse(err.Error())
	case errors.Is(err, mailstore.ErrAmbiguous):
		s.refuse("[AUTH] " + err.Error())
	case errors.Is(err, mailstore.ErrNotFound):
		s.refuse("the message was removed meanwhile")
	case errors.Is(err, mailstore.ErrClosed):
		s.refuse("[SYS/TEMP] " + err.Error())
	case errors.Is(err, mailstore.ErrDamaged):
		s.log.Error("store failed", "err", err)
		s.refuse("[SYS/PERM] the store is damaged")
	default:
		s.log.Error("command failed", "err", err)
		s.refuse("[SYS/TEMP] internal error")
	}
	return nil
}

func (s *session) refuse(text string) { s.say("-ERR " + text) }

// hangUp is the farewell of a session that the server ends.
func (s *session) hangUp(text, outcome string) error {
	s.refuse(text)
	s.ending = outcome
	return nil
}

// say sends a response of one line.
func (s *session) say(line string) { s.send(append(s.wire.room(maxResponse), line...)) }

// send ends the response that was appended to room, see say: it gets a CRLF,
// and is shortened and cleaned if need be.
func (s *session) send(b []byte) {
	start := len(s.wire.buf)
	line := b[start:]
	if len(line) > maxResponse-2 {
		end := maxResponse - 2
		for !utf8.RuneStart(line[end]) {
			end--
		}
		line = line[:end]
	}
	for i, c := range line {
		// Without UTF8, responses are ASCII (RFC 1939 §3).
		if c < ' ' || c == 0x7f || c > 0x7f && !s.international {
			line[i] = '?'
		}
	}
	s.said.add(mailstore.Server, line)
	s.wire.buf = append(b[:start+len(line)], "\r\n"...)
}

func (s *session) greet() {
	if s.server.cfg.Users != nil {
		s.say("+OK Restante POP3 server ready")
		return
	}
	// RFC 1939 §7, APOP: a message-id that no other greeting has
	s.timestamp = "<" + s.record.ID + "." + s.record.Started.UTC().Format("20060102150405.000000000") + "@" + s.server.cfg.Hostname + ">"
	s.say("+OK Restante POP3 server ready " + s.timestamp)
}

func (s *session) handshake() error {
	if s.noTLS != nil {
		return s.failHandshake()
	}
	state, err := s.wire.handshake(s.server.ctx, s.server.cfg.TLS)
	if errors.Is(err, errShutdown) {
		return lost{err}
	}
	if err != nil {
		s.said.addString(mailstore.Note, "TLS handshake failed: "+printable([]byte(err.Error())))
		return lost{tlsError{err}}
	}
	s.secure = true
	s.record.TLS = tls.VersionName(state.Version)
	s.said.addString(mailstore.Note, "TLS handshake: "+s.record.TLS+", "+tls.CipherSuiteName(state.CipherSuite))
	return nil
}

// tlsError is the failure of a handshake.
type tlsError struct{ error }

func (e tlsError) Unwrap() error { return e.error }

// end says farewell where somebody may listen, lets go of the maildrop and
// records the session.
func (s *session) end(err error) {
	var timeout net.Error
	idle := errors.As(err, &timeout) && timeout.Timeout() && s.wire.err == nil
	var handshake tlsError
	switch {
	case errors.As(err, &handshake):
		s.record.Failed = true
	case errors.Is(err, errShutdown):
		s.refuse("[SYS/TEMP] shutting down")
	case idle:
		s.refuse("[SYS/TEMP] idle for too long") // RFC 1939 §3, RFC 3206 §4
	}
	s.record.Outcome = s.outcome(err, idle)
	if s.fault != "" {
		s.record.Outcome += "; " + s.fault
		if s.struck > 1 {
			s.record.Outcome += ", and " + strconv.Itoa(s.struck-1) + " more"
		}
	}
	s.release()
	s.server.leave(s)
	s.wire.close()

	s.record.Ended = time.Now()
	s.record.Transcript, s.record.Truncated = s.said.lines, s.said.truncated
	s.server.meter.ended(s)
	s.store.RecordSession(&s.record)
	s.log.Debug("session ended", "user", s.record.User, "outcome", s.record.Outcome)
}

// release lets other sessions have the maildrop.
func (s *session) release() {
	if s.drop != nil {
		s.free(s.drop)
	}
}

func (s *session) free(d *maildrop) {
	if d.locked {
		s.server.unlock(d.Name)
		d.locked = false
	}
}

// outcome tells in plain words how the session went.
func (s *session) outcome(err error, idle bool) string {
	var handshake tlsError
	did := s.deeds()
	switch {
	case errors.As(err, &handshake):
		return "TLS handshake failed"
	case s.ending != "":
		s.record.Failed = true
		return s.ending
	case errors.Is(err, errFault) || errors.Is(s.wire.err, errFault):
		return did + s.dropped()
	case errors.Is(err, errShutdown):
		return did + "; ended by shutdown" + s.dropped()
	case idle:
		return did + "; ended after " + s.server.cfg.IdleTimeout.String() + " without a command" + s.dropped()
	case s.wire.err != nil || errors.Is(err, errBrokenOff):
		s.record.Failed = true
		why := "connection broke"
		if errors.Is(s.wire.err, os.ErrDeadlineExceeded) {
			why = "client stopped reading"
		} else if s.wire.err == nil {
			why = "message broke off"
		}
		return did + "; " + why + " in the response to " + printable(s.doing) + s.dropped()
	case err == nil:
		return did
	case errors.Is(err, io.EOF):
		return did + "; closed by the client without QUIT" + s.dropped()
	default:
		return did + "; connection lost" + s.dropped()
	}
}

// deeds tells what the client got.
func (s *session) deeds() string {
	if s.drop == nil {
		if s.refused > 0 {
			s.record.Failed = true
			return "login failed"
		}
		return "no login"
	}
	did := count(s.fetched, "message") + " fetched"
	if s.removed > 0 {
		did += ", " + count(s.removed, "message") + " deleted"
	}
	return did
}

// dropped tells what DELE marked in vain.
func (s *session) dropped() string {
	if s.drop == nil || s.drop.marked == 0 {
		return ""
	}
	return ", " + count(s.drop.marked, "mark") + " dropped"
}
