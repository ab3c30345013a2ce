package script

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// parrot is a server that greets and then says whatever the client asks for:
// "say X" answers X, "bye" closes, "tls" does a handshake, "hush" is silent.
func parrot(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cert := certificate(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go repeat(c, cert)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

func repeat(c net.Conn, cert tls.Certificate) {
	defer func() { c.Close() }()
	io.WriteString(c, "220 parrot ESMTP ready\r\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, arg, _ := strings.Cut(line, " ")
		switch verb {
		case "say":
			io.WriteString(c, strings.ReplaceAll(arg, "|", "\r\n")+"\r\n")
		case "raw":
			io.WriteString(c, strings.ReplaceAll(arg, "|", "\n"))
		case "tls":
			io.WriteString(c, "go\r\n")
			c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
			r = bufio.NewReader(c)
		case "bye":
			return
		}
	}
}

func certificate(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func web(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v1" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body)+"\n")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestRun(t *testing.T) {
	t.Parallel()
	addr := parrot(t)
	Run(t, filepath.Join("testdata", "parrot.txt"), Addrs{"smtp": addr, "pop3": addr, "http": web(t)})
}

// A wrong line is reported with its place, what was wanted and what came.
func TestFailures(t *testing.T) {
	t.Parallel()
	addrs := Addrs{"smtp": parrot(t), "http": web(t)}
	tests := []struct{ name, script, want string }{
		{"line", "smtp S: 220 *\n\nsmtp C: say 250 no\nsmtp S: 250 yes", "f:4: smtp S: 250 yes\nwant \"250 yes\"\ngot  \"250 no\"\n\nso far:\n\tsmtp S: 220 parrot ESMTP ready\n\tsmtp C: say 250 no\n\tsmtp S: 250 no"},
		{"silence", "smtp S: *\nsmtp C: hush\nsmtp S: 250", "f:3: smtp S: 250\nwant \"250\"\ngot nothing within"},
		{"half a line", "smtp S: *\nsmtp C: raw 25\nsmtp S: 250", `read so far: "25"`},
		{"bare LF", "smtp S: *\nsmtp C: raw 250|\nsmtp S: 250", `does not end in CRLF: "250\n"`},
		{"closed", "smtp S: *\nsmtp C: bye\nsmtp S: 250", "got  the end of the connection"},
		{"not closed", "smtp S: *\nsmtp C: say more\nsmtp S: <closed>", "want the end of the connection\ngot  \"more\""},
		{"octets", "smtp S| 220 parrox", `got  "220 parrot"`},
		{"reply code", "smtp S: *\nsmtp C: say 250-a|251 b\nsmtp S...: 250", `got  "251 b"`},
		{"reply text", "smtp S: *\nsmtp C: say 250-a|250 b\nsmtp S...: 250 c", `want a line "c"`},
		{"lacks", "smtp S: *\nsmtp C: say 250-a|250 b\nsmtp S...: 250\nsmtp lacks: b", `want no line "b"`},
		{"not multi-line", "smtp S: *\nsmtp C: say -ERR no\nsmtp S+: *", "want a multi-line response\ngot  \"-ERR no\""},
		{"let", "smtp S: *\nlet ID = id=(.*)", "want a match of id=(.*)\ngot  \"220 parrot ESMTP ready\""},
		{"let name", "let id = x", "want let NAME"},
		{"verb", "smtp X: *", `no such verb: "X:"`},
		{"address", "imap S: *", `no address for "imap"`},
		{"early plaintext", "smtp S: *\nsmtp C: say a|b\nsmtp S: a\nsmtp starttls", `before the TLS handshake the server sent "b\r\n"`},
		{"status", "http GET /nope 200", "want status 200\ngot  404 Not Found"},
		{"body", "http GET /v1 200 POST*", `want "POST*"`},
		{"escape", `smtp C| \q`, "invalid syntax"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := play("f", test.script, addrs, 300*time.Millisecond)
			if err == nil {
				t.Fatalf("script %q passed, want a failure with %q", test.script, test.want)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("script %q failed with\n%v\nwant\n%s", test.script, err, test.want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"*", "", true}, {"*", "abc", true},
		{"a*", "abc", true}, {"a*", "bc", false}, {"*c", "abc", true}, {"*c", "ab", false},
		{"a*b*c", "a-b-c", true}, {"a*b*c", "ac", false}, {"ab*ba", "aba", false}, {"a**b", "ab", true},
		{"*x*", "abc", false}, {"*b*", "abc", true},
	}
	for _, test := range tests {
		if got := match(test.pattern, test.s); got != test.want {
			t.Errorf("match(%q, %q) = %v, want %v", test.pattern, test.s, got, test.want)
		}
	}
}
