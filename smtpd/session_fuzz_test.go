package smtpd

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"restante/mailstore"
)

// Ways into each state.
var states = []string{
	"",
	"EHLO x\r\n",
	"EHLO x\r\nMAIL FROM:<a@b.test>\r\n",
	"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n",
	"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n",
	"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nBDAT 2\r\nab",
	"EHLO x\r\nAUTH LOGIN\r\n",
	"EHLO x\r\nSTARTTLS\r\n",
	"EHLO x\n",
	"EHLO x\r\nMAIL FROM:<a+fault.keep.end-451@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n",
	"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c+fault.dsn-5.1.1.autoreply.complaint.delayed-dsn@d.test>\r\nDATA\r\n",
}

var replyLine = regexp.MustCompile(`^[2-5][0-9][0-9][ -][\t -~\x80-\xff]*$`)

// Whatever is sent in whatever state, the session ends, each reply is a reply,
// and a message that was acknowledged is there.
func FuzzSession(f *testing.F) {
	for i := range states {
		for _, s := range []string{
			"RCPT TO:<e@f.test> NOTIFY=NEVER ORCPT=rfc822;a\r\nDATA\r\n.\r\nQUIT\r\n",
			"BDAT 3 LAST\r\nabcMAIL FROM:<> SIZE=1 BODY=BINARYMIME\r\n",
			"BDAT 99999999999999999999\r\n", "BDAT 5\r\nRSET\r\nEHLO y\r\n",
			"a\n.\nb\r\n.\r\nRSET\r\n", "YWxpY2U=\r\nYQ==\r\nAUTH PLAIN =\r\n", "\x16\x03\x01\x00\r\n", "\x00\xff\r\n \r\n",
			"GET / HTTP/1.1\r\n\r\n", "HELP\r\nVRFY x\r\nEXPN\r\nNOOP\r\nTURN\r\n" + strings.Repeat("x", 3000) + "\r\n",
		} {
			f.Add(byte(i), s)
		}
	}
	for _, s := range []string{
		"RCPT TO:<c+fault.drop-end@d.test>\r\nBDAT 3 LAST\r\nabc", "RCPT TO:<c+fault.delay-1h@d.test>\r\nNOOP\r\n",
		"RCPT TO:<c+fault.slow-1k@d.test>\r\nNOOP\r\nDATA\r\n", "RCPT TO:<c+fault.slow-1@d.test>\r\nNOOP\r\n", "RCPT TO:<c+fault.data-421@d.test>\r\nBDAT 4\r\nQUITBDAT 0 LAST\r\n",
		"RCPT TO:<c+fault.nothing@d.test>\r\nVRFY a\r\nQUIT\r\n", "RCPT TO:<c@d.test>\r\nDATA\r\nDate: x\r\n\xc3\xa9\r\n\r\na\rb\nc\r\n.\r\n",
	} {
		for persona := range 3 {
			f.Add(byte(2+persona*len(states)), s)
		}
	}
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	plain := Config{TLS: testTLS(), MaxMessageBytes: 1000, MaxRecipients: 3, Faults: newFaults()}
	strict, postfix := plain, plain
	strict.Persona, postfix.Persona = readPersona(f, "strict"), readPersona(f, "postfix")
	cfgs := []Config{plain, strict, postfix}
	f.Fuzz(func(t *testing.T, state byte, octets string) {
		client, conn := net.Pipe()
		client.SetDeadline(time.Now().Add(time.Second)) // at one octet a second nothing comes to an end
		server := New(cfgs[int(state)/len(states)%len(cfgs)], store, nil)
		l := &oneListener{conns: make(chan net.Conn, 1), done: make(chan struct{})}
		l.conns <- conn
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		go func() {
			io.WriteString(client, states[int(state)%len(states)]+octets)
			io.WriteString(client, "\r\n.\r\nQUIT\r\n")
			client.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // no one knows what it waits for now
		}()
		said, err := io.ReadAll(client)
		client.Close()
		switch {
		case err == nil:
		case strings.Contains(err.Error(), "timeout"):
			said = said[:bytes.LastIndexByte(said, '\n')+1]
		default:
			t.Errorf("read: %v", err)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(said), "\r\n"), "\r\n") {
			if !replyLine.MatchString(line) && !strings.HasPrefix(line, "\x15\x03") { // a TLS alert
				t.Errorf("not a reply: %q", line)
			}
			if _, id, ok := strings.Cut(line, "OK id="); ok && strings.HasPrefix(line, "250 ") {
				id, _, _ = strings.Cut(id, " ")
				if _, err := store.Message(id); err != nil {
					t.Errorf("%q: %v", line, err)
				}
			}
		}
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// oneListener accepts what it is given.
type oneListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *oneListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *oneListener) Close() error {
	select {
	case <-l.done:
	default:
		close(l.done)
	}
	return nil
}

func (l *oneListener) Addr() net.Addr { return &net.TCPAddr{} }
