package pop3d

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"restante/faults"
	"restante/mailstore"
)

// errFault ends a session because a fault says so.
var errFault = errors.New("fault")

// maxRecordedFaults bounds what is recorded of one session.
const maxRecordedFaults = 100

// mishap is what a command's fault does to its response.
type mishap struct {
	hide []string // capabilities
	size string
	uid  faults.UID
	cut  bool // it may break off
}

// point is that of the command that is being answered.
func (s *session) point() faults.Point { return faults.Point(strings.ToLower(string(s.doing))) }

// isLogin tells that a point is asked about when the password was right, see open.
func isLogin(p faults.Point) bool { return p == faults.Pass || p == faults.Apop || p == faults.Auth }

// faultAt asks what goes wrong at a point, and records it.
func (s *session) faultAt(o faults.Occasion) *faults.Fault {
	f := s.faults.At(o)
	if f == nil {
		return nil
	}
	s.said.addString(mailstore.Note, f.String())
	s.fault = f.String()
	if s.struck++; len(s.record.Faults) < maxRecordedFaults {
		s.record.Faults = append(s.record.Faults, f.What())
	}
	if f.Do.Ends() || f.Do.Truncate != nil {
		s.record.Failed = true
	}
	return f
}

// faultyStart is what may happen before the greeting. It is done when the session
// is over. implicitTLS is false when the handshake was.
func (s *session) faultyStart(implicitTLS *bool) (done bool, err error) {
	f := s.faultAt(faults.Occasion{Point: faults.Connect})
	if f == nil {
		return false, nil
	}
	if f.Do.RefuseTLS {
		s.noTLS = &f.Do
	}
	done = f.Do.Reply != nil
	if done && *implicitTLS { // it can be read only after that
		if err = s.handshake(); err != nil {
			return done, err
		}
		*implicitTLS = false
	}
	return done, s.suffer(f, nil, func() error { return nil })
}

// commandFault asks about a command that may be carried out now. One about a
// message that is not there is answered as ever.
func (s *session) commandFault(args [][]byte) *faults.Fault {
	o := faults.Occasion{Point: s.point(), User: cmp.Or(s.name, s.record.User)}
	switch {
	case isLogin(o.Point):
		return nil
	case o.Point == faults.User:
		o.User = strings.TrimRight(string(args[0]), " ")
	case s.drop != nil:
		o.Mailbox = s.drop.Name
		switch o.Point {
		case faults.Retr, faults.Top, faults.Dele, faults.List, faults.UIDL:
			if len(args) == 0 {
				break
			}
			i, err := s.entry(args[0])
			if err != nil {
				return nil
			}
			if o.Point != faults.List && o.Point != faults.UIDL {
				o.Message = s.matcher(s.drop.Entries[i].Seq)
			}
		}
	}
	return s.faultAt(o)
}

// matcher says whether a message matches a query.
func (s *session) matcher(seq uint64) func(*mailstore.Query) bool {
	return func(q *mailstore.Query) bool {
		page, err := s.store.List(context.Background(), mailstore.ListOptions{Query: q, After: seq - 1, Before: seq + 1, Limit: 1})
		return err == nil && len(page.Messages) == 1
	}
}

// suffer carries a command out, or what is in its place. Its error is that of
// the command.
func (s *session) suffer(f *faults.Fault, args [][]byte, run func() error) error {
	if err := s.hold(f, args); err != nil {
		return err
	}
	do := &f.Do
	if do.Reply != nil {
		s.say(do.Reply.Line())
		if s.point() == faults.Quit {
			s.state = update // RFC 1939 §6: the connection closes all the same
		}
	}
	switch {
	case do.RefuseTLS && do.Reply == nil && s.point() == faults.STLS:
		s.noTLS = do // the connection ends in the handshake
	case do.Close || do.Reset:
		return s.breakOff(do.Reset)
	case do.Reply != nil:
		return nil
	}
	s.mishap = mishap{hide: do.Hide, size: do.Size, uid: do.UID, cut: do.Truncate != nil}
	defer func() { s.mishap = mishap{} }()
	if do.Truncate != nil {
		return s.truncate(*do.Truncate, args, run)
	}
	return run()
}

// hold delays what comes next, and slows the session down from here on. What was
// answered before does not wait.
func (s *session) hold(f *faults.Fault, args [][]byte) error {
	if f.Do.Throttle == 0 && f.Do.Delay == 0 {
		return nil
	}
	if err := s.wire.flush(); err != nil {
		return lost{err}
	}
	if f.Do.Throttle > 0 {
		s.wire.socket.rate = int64(f.Do.Throttle)
	}
	if f.Do.Delay == 0 {
		return nil
	}
	pause := s.wire.pause
	if len(s.doing) == 0 { // before the greeting, and perhaps a handshake: nothing may be read
		pause = s.wire.socket.pause
	}
	for i := range args {
		args[i] = bytes.Clone(args[i]) // they are in the line
	}
	if !pause(time.Duration(f.Do.Delay)) {
		return lost{errShutdown}
	}
	return nil
}

// breakOff closes the connection, behind what was said.
func (s *session) breakOff(reset bool) error {
	s.wire.flush()
	if conn, ok := s.wire.socket.Conn.(*net.TCPConn); ok && reset {
		conn.SetLinger(0)
		conn.Close() // here, because TLS would say goodbye
	}
	return lost{errFault}
}

// truncate sends the beginning of a response, and closes the connection. A command
// that fails is answered as ever.
func (s *session) truncate(cut faults.Cut, args [][]byte, run func() error) error {
	if err := s.wire.flush(); err != nil {
		return lost{err}
	}
	out := &s.wire.output
	client := out.w
	var whole bytes.Buffer
	switch {
	case cut != faults.Half:
		out.w = &cutter{w: client, left: int64(cut)}
	case s.point() == faults.Retr: // its size is known, and may be large
		i, err := s.entry(args[0])
		if err != nil {
			return err
		}
		out.w = &cutter{w: client, left: cut.Of(s.drop.Entries[i].Octets)}
	default:
		out.w = &whole
	}
	err := run()
	if err == nil {
		out.flush()
	}
	out.w = client
	if err != nil && out.err == nil {
		return err
	}
	client.Write(whole.Bytes()[:cut.Of(int64(whole.Len()))])
	return lost{errFault}
}

// cutter passes on so many octets, and then fails.
type cutter struct {
	w    io.Writer
	left int64
}

func (c *cutter) Write(p []byte) (int, error) {
	enough := int64(len(p)) >= c.left
	if enough {
		p = p[:c.left]
	}
	n, err := c.w.Write(p)
	c.left -= int64(n)
	if err == nil && enough {
		err = errFault
	}
	return n, err
}

// failHandshake answers a ClientHello with an alert: handshake_failure (RFC 8446
// §6.2), or by ending the connection.
func (s *session) failHandshake() error {
	if err := s.wire.flush(); err != nil {
		return lost{err}
	}
	if _, err := s.wire.socket.Read(make([]byte, 1<<14)); err != nil {
		return lost{err}
	}
	if s.noTLS.Close || s.noTLS.Reset {
		return s.breakOff(s.noTLS.Reset)
	}
	s.record.Failed = true
	s.wire.socket.Write([]byte{21, 3, 1, 0, 2, 2, 40})
	return lost{errFault}
}

// offered says a capability unless a fault hides it.
func (s *session) offered(capability string) {
	name, _, _ := strings.Cut(capability, " ")
	if !slices.ContainsFunc(s.mishap.hide, func(h string) bool { return strings.EqualFold(h, name) }) {
		s.say(capability)
	}
}

// announced is the number of octets that is said of a message, or with n of them
// of the maildrop: the true one unless a fault garbles it.
func (s *session) announced(octets int64, n int) int64 {
	text := s.mishap.size
	if text == "" {
		return octets
	}
	wrong, _ := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 64)
	wrong *= int64(n)
	if text[0] == '+' || text[0] == '-' {
		wrong += octets
	}
	return max(wrong, 0)
}

// unlisted tells that a fault leaves an entry out of UIDL: the last one.
func (s *session) unlisted(i int) bool {
	return s.mishap.uid == faults.UIDMissing && i == len(s.drop.Entries)-1
}

// appendUniqueID appends what UIDL says of an entry: its unique-id, or with a
// fault another one, or of the last entry that of the one before.
func (s *session) appendUniqueID(b []byte, i int) []byte {
	if s.mishap.uid == faults.UIDDuplicate && i > 0 && i == len(s.drop.Entries)-1 {
		i--
	}
	b = append(b, s.store.ID(s.drop.Entries[i].Seq)...)
	if s.mishap.uid == faults.UIDChange {
		b = append(append(b, '.'), s.record.ID...)
	}
	return b
}
