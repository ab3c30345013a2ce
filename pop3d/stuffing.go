package pop3d

import (
	"bytes"
	"errors"
)

// stuffer writes a message as the body of a multi-line response: bare LF
// becomes CRLF, lines starting with a dot get another one (RFC 1939 §3). It
// takes the message in pieces of any size and looks at it line by line but
// copies it in long runs. Start with newStuffer.
type stuffer struct {
	out    *output
	octets int64 // put so far, without the dots of stuffing (RFC 1939 §11)
	bol    bool  // at the beginning of a line
	cr     bool  // the octet before was CR
}

func newStuffer(out *output) *stuffer { return &stuffer{out: out, bol: true} }

// Write never holds p; its error is that of the connection.
func (s *stuffer) Write(p []byte) (int, error) {
	size := len(p)
	if size == 0 {
		return 0, s.out.err
	}
	if s.bol && p[0] == '.' {
		s.out.putString(".")
	}
	s.bol = false
	for i := 0; ; {
		j := bytes.IndexByte(p[i:], '\n')
		if j < 0 {
			s.cr = p[len(p)-1] == '\r'
			s.run(p)
			break
		}
		i += j
		if crlf := i > 0 && p[i-1] == '\r' || i == 0 && s.cr; !crlf {
			s.run(p[:i])
			s.out.putString("\r")
			s.octets++
			p, i = p[i:], 0
		}
		i++ // past the LF
		s.cr = false
		if i == len(p) {
			s.bol = true
			s.run(p)
			break
		}
		if p[i] == '.' {
			s.run(p[:i])
			s.out.putString(".")
			p, i = p[i:], 0
		}
	}
	return size, s.out.err
}

// run puts octets as they are.
func (s *stuffer) run(p []byte) {
	s.out.put(p)
	s.octets += int64(len(p))
}

// finish ends the last line. What does not end in CRLF gets one, also behind
// a bare CR; nothing gets nothing.
func (s *stuffer) finish() {
	if !s.bol {
		s.out.putString("\r\n")
		s.octets += 2
		s.bol = true
	}
}

// errEnough ends the reading of a message of which TOP has what it wants.
var errEnough = errors.New("enough lines")

// topper passes on the header of a message, the blank line and the first
// lines of the body (RFC 1939 §7, TOP); then Write returns errEnough.
type topper struct {
	dst   *stuffer
	lines int  // of the body that are still wanted
	body  bool // the blank line was seen
	begun int  // octets of this line so far: 0, 1 for a lone CR, 2 for anything else
}

func (t *topper) Write(p []byte) (int, error) {
	for i := 0; i < len(p); {
		if t.body && t.lines == 0 {
			if _, err := t.dst.Write(p[:i]); err != nil {
				return i, err
			}
			return i, errEnough
		}
		j := bytes.IndexByte(p[i:], '\n')
		if j < 0 {
			t.begin(p[i:])
			break
		}
		if t.body {
			t.lines--
		} else {
			t.begin(p[i : i+j])
			t.body = t.begun < 2
		}
		t.begun = 0
		i += j + 1
	}
	return t.dst.Write(p)
}

// begin notes octets of a line that may turn out to be blank.
func (t *topper) begin(p []byte) {
	if len(p) == 0 {
		return
	}
	if t.begun == 0 && len(p) == 1 && p[0] == '\r' {
		t.begun = 1
		return
	}
	t.begun = 2
}
