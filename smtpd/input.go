package smtpd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"restante/mailstore"
)

// input is what has arrived from the client and was not read yet. A connection
// that waits for a command holds a small buffer, one that receives content a
// large one.
type input struct {
	buf   []byte
	r, w  int // unread is buf[r:w]
	small []byte
	large *[largeBuffer]byte // when buf is it

	deadline time.Time // of the socket
	ends     lineEnd
	taken    int // octets of the last line, with its ending
	allowed  int // octets that the last line might have had, when it had more
}

// lineEnd is how the client ends its command lines.
type lineEnd byte

const (
	undecided lineEnd = iota
	crlf              // RFC 5321 §2.3.8; a bare LF is an octet like others, and a refused one
	bareLF            // typed into a raw connection
)

const (
	smallBuffer = 4 << 10
	largeBuffer = 64 << 10

	maxAuthLine = 12288 // RFC 4954 §4
)

// enlarge makes room for content and for long AUTH lines.
func (w *wire) enlarge() {
	if w.large != nil || len(w.buf) >= largeBuffer {
		return
	}
	w.large = w.server.buffers.Get().(*[largeBuffer]byte)
	w.r, w.w = 0, copy(w.large[:], w.unread())
	w.buf = w.large[:]
}

// release gives the large buffer back; what is unread in it is lost.
func (w *wire) release() {
	if w.large != nil {
		w.server.buffers.Put(w.large)
		w.large, w.buf = nil, w.small
		w.r, w.w = 0, 0
	}
}

// unread is what has arrived.
func (in *input) unread() []byte { return in.buf[in.r:in.w] }

// fill waits for more from the client, after sending what it is to hear first.
// There must be room. It fails the session when there is no more.
func (w *wire) fill() bool {
	if w.ended {
		return false
	}
	w.resting() // before the client can have read its reply
	w.flush()
	if w.r == w.w {
		w.r, w.w = 0, 0
		if !w.transferring {
			w.release()
		}
		if w.buf == nil {
			w.small = make([]byte, max(smallBuffer, w.server.cfg.MaxCommandLine))
			w.buf = w.small
		}
	} else if w.w == len(w.buf) {
		w.w = copy(w.buf, w.buf[w.r:w.w])
		w.r = 0
	}
	for w.mayWait(w.server.shutdown) {
		n, err := w.conn.Read(w.buf[w.w:])
		w.w += n
		if n > 0 {
			w.stirred()
			return true
		}
		if err != nil {
			w.broken(err)
		}
	}
	return false
}

// broken ends the session after a failed read, unless Shutdown only woke it.
func (w *wire) broken(err error) {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		w.hangup(err)
	case time.Now().Before(w.deadline):
		w.deadline = time.Time{}
	default:
		w.fail("idle for "+w.server.cfg.IdleTimeout.String()+w.where(), w.server.said(replyIdle))
	}
}

// hangup ends a session that the client has left. Without a transaction it has
// lost nothing: many clients do not say QUIT.
func (w *wire) hangup(err error) {
	why := "closed by the client" + w.where()
	if err != io.EOF {
		why = "connection lost" + w.where() + ": " + plain(err)
	}
	if w.state() <= ready && !w.transferring {
		w.leave(why+" without QUIT", "")
	} else {
		w.fail(why, "")
	}
}

// where tells what the client was doing: " in DATA after 1,024 octets".
func (w *wire) where() string {
	if w.transferring {
		where := " in " + w.asked.verb + " after " + octets(w.received)
		if w.asked.verb == "DATA" && w.ends == bareLF {
			where += " (its lines end in LF alone, and only <CRLF>.<CRLF> ends a message)"
		}
		return where
	}
	switch w.state() {
	case mailing:
		return " after MAIL"
	case addressed:
		return " after RCPT"
	}
	return ""
}

// arm gives the client time to speak or to listen. The deadline is set later
// than necessary, so that it need not be set each time.
func (w *wire) arm() {
	now := time.Now()
	idle := w.server.cfg.IdleTimeout
	if w.deadline.Sub(now) < idle {
		w.deadline = now.Add(idle + idle/8)
		w.raw.SetDeadline(w.deadline)
	}
}

// mayWait prepares for hearing from the client. It ends the session, with the
// given reply, when the server is closing and no message is on its way.
func (w *wire) mayWait(farewell string) bool {
	if w.ended {
		return false
	}
	w.arm() // before the check: Shutdown sets closing, then the deadline
	if w.server.closing.Load() && !w.transferring {
		w.leave("closed by the server, which is shutting down", farewell)
	}
	return !w.ended
}

// wake interrupts a read, so that the wire sees that the server is closing. It
// is called on other goroutines.
func (w *wire) wake() { w.raw.SetReadDeadline(time.Unix(1, 0)) }

// command reads the next command line. ok is false when there was none to
// execute: it was too long, or the session is over.
func (w *wire) command() (line []byte, ok bool) {
	if !w.mayWait(w.server.shutdown) {
		return nil, false
	}
	line, dropped, ok := w.line(w.server.cfg.MaxCommandLine)
	if dropped > 0 {
		w.spoke = true
		w.asked = unknown
		note(&w.transcript, mailstore.Client, "("+octets(dropped)+" in one line)")
		if w.wary = w.allowed > w.server.cfg.MaxCommandLine; w.wary { // it was AUTH
			w.reply(replyAuthLong)
		} else {
			w.reply(w.server.tooLong)
		}
	}
	return line, ok
}

// line returns the next line without its ending, valid until the next fill. A
// line of more than limit octets is dropped, and their number returned.
func (w *wire) line(limit int) (line []byte, dropped int64, ok bool) {
	for scanned := 0; ; {
		unread := w.unread()
		if !w.spoke && len(unread) > 0 && unread[0] == tlsRecord {
			w.fail("spoke TLS on a plain port", w.server.said(replyNotTLS))
			return nil, 0, false
		}
		if i := w.endOfLine(unread, scanned); i >= 0 {
			w.taken = i + 1
			w.r += w.taken
			if w.allowed = limitOf(unread, limit); w.taken > w.allowed {
				return nil, int64(w.taken), false
			}
			return bytes.TrimSuffix(unread[:i], crOctet), 0, true
		}
		if scanned = len(unread); scanned >= limit {
			if limit = limitOf(unread, limit); scanned >= limit {
				w.allowed = limit
				return nil, w.dropLine(), false
			}
		}
		if scanned == len(w.buf) { // only AUTH needs that much
			w.enlarge()
		}
		if !w.fill() {
			return nil, 0, false
		}
	}
}

// tlsRecord is the first octet of a TLS handshake.
const tlsRecord = 0x16

// limitOf allows more octets to an AUTH command, which carries a response.
func limitOf(line []byte, limit int) int {
	if len(line) >= 5 && strings.EqualFold(string(line[:5]), "AUTH ") {
		return max(limit, maxAuthLine)
	}
	return limit
}

// endOfLine returns the index of the LF that ends the line in p, or -1; the
// first from octets hold none. The client's first line decides how its lines
// end, so that a bare LF inside a line of a client that speaks CRLF cannot begin
// another command.
func (in *input) endOfLine(p []byte, from int) int {
	for {
		i := bytes.IndexByte(p[from:], '\n')
		if i < 0 {
			return -1
		}
		i += from
		afterCR := i > 0 && p[i-1] == '\r'
		if in.ends == undecided {
			in.ends = bareLF
			if afterCR {
				in.ends = crlf
			}
		}
		if afterCR || in.ends == bareLF {
			return i
		}
		from = i + 1
	}
}

// dropLine reads to the end of a line that is too long, and counts it.
func (w *wire) dropLine() (dropped int64) {
	for {
		unread := w.unread()
		if i := w.endOfLine(unread, 0); i >= 0 {
			w.r += i + 1
			return dropped + int64(i+1)
		}
		if keep := bytes.HasSuffix(unread, crOctet); keep {
			unread = unread[:len(unread)-1]
		}
		w.r += len(unread)
		dropped += int64(len(unread))
		if !w.fill() {
			return dropped
		}
	}
}

var crOctet = []byte{'\r'}

// plain words a network error without addresses, which are known.
func plain(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
