package restante

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestCorpus takes real-world messages through the whole server: each goes in by
// SMTP, with DATA and with BDAT, and comes out by POP3 and HTTP as it was sent.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../shared/corpus/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the corpus is not there")
	}
	srv := start(t, Config{})
	mail := dialText(t, srv.SMTPAddr())
	mail.want(220, "")
	mail.want(250, "EHLO client.test")
	pop3 := map[string][]byte{} // what POP3 owes, by unique-id
	web := client(t, &http.Transport{})
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(content) == 0 {
			continue
		}
		// BDAT takes any octets; DATA needs CRLF at the end.
		for verb, octets := range map[string][]byte{"BDAT": content, "DATA": wireLines(content)} {
			id := mail.send(verb, octets)
			raw := get(t, web, srv.URL()+"/v1/messages/"+id+"/raw")
			if raw != string(octets) {
				t.Errorf("%s by %s: /raw has %d octets, want the %d that were sent", file, verb, len(raw), len(octets))
			}
			get(t, web, srv.URL()+"/v1/messages/"+id)
			pop3[id] = wireLines(octets)
		}
	}
	checkMaildrop(t, srv.POP3Addr(), pop3)
}

// checkMaildrop fetches everything and holds it against what is owed: trace
// fields, then the content.
func checkMaildrop(t *testing.T, addr string, owed map[string][]byte) {
	t.Helper()
	c := dialText(t, addr)
	for _, line := range []string{"", "USER *", "PASS x", "UIDL"} {
		c.ok(line)
	}
	ids, err := c.ReadDotLines()
	if err != nil || len(ids) != len(owed) {
		t.Fatalf("UIDL has %d messages, %v, want %d", len(ids), err, len(owed))
	}
	for _, line := range ids {
		number, id, _ := strings.Cut(line, " ")
		announced := c.ok("RETR " + number)
		got, err := c.dotOctets()
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("+OK %d octets", len(got)); announced != want {
			t.Errorf("RETR %s: announced %q, want %q", number, announced, want)
		}
		trace, ok := bytes.CutSuffix(got, owed[id])
		if !ok || !bytes.HasPrefix(trace, []byte("Return-Path: <a@app.test>\r\nReceived: from client.test ")) {
			t.Errorf("RETR %s: %d octets, want trace fields and the %d of %s", number, len(got), len(owed[id]), id)
		}
	}
	c.ok("QUIT")
}

// wireLines gives every line CRLF at its end, as RFC 5321 §2.3.8 and RFC 1939
// §3 have it. A CR that stands alone is content.
func wireLines(octets []byte) []byte {
	octets = bytes.ReplaceAll(octets, []byte("\r\n"), []byte("\n"))
	octets = bytes.ReplaceAll(octets, []byte("\n"), []byte("\r\n"))
	if !bytes.HasSuffix(octets, []byte("\r\n")) {
		octets = append(octets, "\r\n"...)
	}
	return octets
}

// talk is a connection of a protocol of lines.
type talk struct {
	*textproto.Conn
	t *testing.T
}

func dialText(t *testing.T, addr string) *talk {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &talk{textproto.NewConn(conn), t}
}

// want says a command, or nothing, and reads an SMTP reply.
func (c *talk) want(code int, line string) string {
	c.t.Helper()
	if line != "" {
		if err := c.PrintfLine("%s", line); err != nil {
			c.t.Fatal(err)
		}
	}
	_, text, err := c.ReadResponse(code)
	if err != nil {
		c.t.Fatalf("%s: %v, want %d", line, err, code)
	}
	return text
}

// ok says a command, or nothing, and reads the first line of a POP3 response.
func (c *talk) ok(line string) string {
	c.t.Helper()
	if line != "" {
		if err := c.PrintfLine("%s", line); err != nil {
			c.t.Fatal(err)
		}
	}
	got, err := c.ReadLine()
	if err != nil || !strings.HasPrefix(got, "+OK") {
		c.t.Fatalf("%s: %q, %v, want +OK", line, got, err)
	}
	return got
}

var replyID = regexp.MustCompile(`id=(\S+) seq=\d+$`)

// send sends a message's octets with DATA or BDAT and returns its ID.
func (c *talk) send(verb string, octets []byte) string {
	c.t.Helper()
	c.want(250, "MAIL FROM:<a@app.test> BODY="+map[string]string{"DATA": "8BITMIME", "BDAT": "BINARYMIME"}[verb])
	c.want(250, "RCPT TO:<b@app.test>")
	if verb == "DATA" {
		c.want(354, "DATA")
		stuffed := bytes.ReplaceAll(octets, []byte("\r\n."), []byte("\r\n.."))
		if octets[0] == '.' {
			stuffed = append([]byte("."), stuffed...)
		}
		c.octets(append(stuffed, ".\r\n"...))
	} else {
		c.octets(append(fmt.Appendf(nil, "BDAT %d LAST\r\n", len(octets)), octets...))
	}
	text := c.want(250, "")
	id := replyID.FindStringSubmatch(text)
	if id == nil {
		c.t.Fatalf("reply is %q, want one with an ID", text)
	}
	return id[1]
}

func (c *talk) octets(octets []byte) {
	c.t.Helper()
	if _, err := c.W.Write(octets); err != nil {
		c.t.Fatal(err)
	}
	if err := c.W.Flush(); err != nil {
		c.t.Fatal(err)
	}
}

// dotOctets reads a multi-line response as it is, with its line endings; the
// reader of net/textproto would change them.
func (c *talk) dotOctets() ([]byte, error) {
	var body []byte
	for {
		line, err := c.R.ReadBytes('\n')
		switch {
		case err != nil:
			return nil, io.ErrUnexpectedEOF
		case string(line) == ".\r\n":
			return body, nil
		}
		body = append(body, bytes.TrimPrefix(line, []byte("."))...)
	}
}
