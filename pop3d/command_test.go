package pop3d

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

var commandLines = []struct {
	line string
	want string // arguments, quoted; or the error
}{
	{"STAT", "[]"}, {"stat", "[]"}, {"sTaT", "[]"}, {"STAT ", "[]"}, {"STAT  ", "[]"}, {"STAT 1", "wrong number of arguments"},
	{"LIST", "[]"}, {"LIST 1", `["1"]`}, {"LIST  1 ", `["1"]`}, {"LIST 1 2", "wrong number of arguments"}, {"LIST\t1", "unknown command"},
	{"RETR", "wrong number of arguments"}, {"RETR 1", `["1"]`}, {"RETR -1", `["-1"]`}, {"RETR 1 2 3 4 5", "wrong number of arguments"},
	{"TOP 1", "wrong number of arguments"}, {"TOP 1 0", `["1" "0"]`}, {"top 1 2 3", "wrong number of arguments"},
	{"USER", "wrong number of arguments"}, {"USER a b", `["a b"]`}, {"user  a", `[" a"]`},
	{"PASS", "wrong number of arguments"}, {"PASS ", `[""]`}, {"PASS  two  spaces ", `[" two  spaces "]`}, {"PASS \xff\x01", `["\xff\x01"]`},
	{"APOP a c4c9", `["a c4c9"]`}, {"AUTH", "[]"}, {"AUTH PLAIN =", `["PLAIN" "="]`}, {"AUTH A B C", "wrong number of arguments"},
	{"QUIT now", "wrong number of arguments"}, {"NOOP x", "wrong number of arguments"}, {"RSET x", "wrong number of arguments"},
	{"CAPA x", "wrong number of arguments"}, {"STLS x", "wrong number of arguments"}, {"UTF8 x", "wrong number of arguments"},
	{"LANG", "[]"}, {"LANG *", `["*"]`}, {"UIDL 2", `["2"]`}, {"DELE", "wrong number of arguments"},
	{"", "no command"}, {" ", "unknown command"}, {" STAT", "unknown command"}, {"STATX", "unknown command"}, {"XYZZY 1", "unknown command"},
	{"ſtat", "unknown command"}, {"STA\x00", "a command holds no NUL"}, {"PASS a\x00b", "a command holds no NUL"}, {"EHLO a", "unknown command"},
	{"\xff\xfe", "unknown command"}, {"\x00", "a command holds no NUL"},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range commandLines {
		_, _, args, err := parse([]byte(test.line), nil)
		got := fmt.Sprintf("%q", args)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("parse(%q): %s, want %s", test.line, got, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, test := range commandLines {
		f.Add([]byte(test.line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		before := bytes.Clone(line)
		name, c, args, err := parse(line, nil)
		if !bytes.Equal(line, before) {
			t.Fatalf("parse changed %q to %q", before, line)
		}
		var text refusal
		if err != nil {
			if !errors.As(err, &text) {
				t.Fatalf("parse(%q): %v is no response", line, err)
			}
			return
		}
		if _, ok := commands[strings.ToUpper(string(name))]; !ok || c.run == nil {
			t.Fatalf("parse(%q): command %q", line, name)
		}
		if len(args) < c.min || c.max != rest && len(args) > c.max || c.max == rest && len(args) != 1 {
			t.Fatalf("parse(%q): %d arguments", line, len(args))
		}
		for _, arg := range args {
			if c.max != rest && bytes.IndexByte(arg, ' ') >= 0 || bytes.IndexByte(arg, 0) >= 0 {
				t.Fatalf("parse(%q): argument %q", line, arg)
			}
			number(arg)
		}
	})
}

func TestNumber(t *testing.T) {
	t.Parallel()
	const most = 1<<31 - 1
	tests := []struct {
		word string
		want int
		ok   bool
	}{
		{"0", 0, true}, {"1", 1, true}, {"010", 10, true}, {"2147483647", most, true}, {"2147483648", most, true},
		{"99999999999999999999999999", most, true}, {"-1", 0, false}, {"+1", 0, false}, {"", 0, false}, {"1a", 0, false},
		{"1.0", 0, false}, {"0x10", 0, false}, {"١", 0, false},
	}
	for _, test := range tests {
		if got, ok := number([]byte(test.word)); ok != test.ok || ok && got != test.want {
			t.Errorf("number(%q) = %d, %v, want %d, %v", test.word, got, ok, test.want, test.ok)
		}
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"GET / HTTP/1.1": true, "POST /x HTTP/1.0": true, "PRI * HTTP/2.0": true, "OPTIONS * HTTP/1.1": true, "GET /" + strings.Repeat("a", 250): true,
		"GET": false, "CAPA": false, "": false, "USER GET / HTTP/1.1": false,
	} {
		if got := isHTTP([]byte(line)); got != want {
			t.Errorf("isHTTP(%q) = %v, want %v", line, got, want)
		}
	}
}

func TestConcealed(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"STAT", "STAT"}, {"", ""}, {"USER alice", "USER alice"}, {"RETR 1", "RETR 1"},
		{"PASS secret", "PASS ***"}, {"pass my secret ", "pass ***"}, {"PASS", "PASS"}, {"PASS ", "PASS ***"},
		{" PASS secret", " PASS ***"}, {"PASS\tsecret", "PASS ***"}, {"PASSsecret", "PASS ***"}, {"..Pass secret", "..Pass ***"},
		{"APOP alice c4c9334b junk", "APOP alice ***"}, {"APOP\talice c4c9334b junk", "APOP ***"}, {"APOP alice c4c9334b", "APOP alice ***"}, {"APOP c4c9334b", "APOP ***"}, {"apop a b c4c9 ", "apop a ***"},
		{"AUTH", "AUTH"}, {"AUTH PLAIN", "AUTH PLAIN"}, {"AUTH PLAIN AGEAYg==", "AUTH PLAIN ***"}, {"AUTH  PLAIN  AGEAYg== x", "AUTH  PLAIN ***"},
		{"AUTH AGFsaWNlQGFwcC50ZXN0AHg=", "AUTH ***"}, {"AUTH=PLAIN AGEAYg==", "AUTH ***"}, {"AUTH PLAIN\tAGEAYg==", "AUTH PLAIN ***"},
	}
	for _, test := range tests {
		if got := string(concealed([]byte(test.line))); got != test.want {
			t.Errorf("concealed(%q) = %q, want %q", test.line, got, test.want)
		}
	}
}

func FuzzConcealed(f *testing.F) {
	f.Add("PASS ", "hunter22")
	f.Add("AUTH PLAIN ", "AGFsaWNlAHNlY3JldA==")
	f.Add("APOP alice ", "c4c9334bac560ecc979e58001b3e22fb")
	f.Add("\x01pAsS\t", "x y")
	f.Fuzz(func(t *testing.T, head, secret string) {
		got := printable(concealed([]byte(head + secret)))
		switch strings.ToUpper(head) {
		case "PASS ", "AUTH PLAIN ", "APOP ALICE ":
			if bare := strings.TrimSpace(secret); len(bare) > 3 && !strings.ContainsAny(bare, " *") && strings.Contains(got[len(head):], bare) {
				t.Errorf("%q is recorded as %q", head+secret, got)
			}
		}
	})
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"plain", "plain"}, {"a\tb\x00", `a\tb\x00`}, {"é€", "é€"}, {"\xff", `\xff`}, {"\u202e", `\u202e`}, {"x\x7f", `x\x7f`},
	}
	for _, test := range tests {
		if got := printable([]byte(test.line)); got != test.want {
			t.Errorf("printable(%q) = %q, want %q", test.line, got, test.want)
		}
	}
}

// lines sends octets through a wire in pieces and gives what it read.
func lines(t *testing.T, limit int, pieces ...string) []string {
	t.Helper()
	client, server := net.Pipe()
	go func() {
		for _, p := range pieces {
			io.WriteString(client, p)
		}
		client.Close()
	}()
	w := newWire(server, newPool(), 10*time.Second, 10*time.Second, nil)
	defer w.close()
	var got []string
	for {
		line, err := w.line(limit)
		switch {
		case errors.Is(err, io.EOF):
			return got
		case errors.Is(err, errLineTooLong):
			got = append(got, fmt.Sprintf("too long: %d", len(line)))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, string(line))
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 20_000)
	tests := []struct {
		limit  int
		pieces []string
		want   []string
	}{
		{255, []string{"STAT\r\nLIST\r\n"}, []string{"STAT", "LIST"}},
		{255, []string{"ST", "AT\r", "\nLI", "ST\n"}, []string{"STAT", "LIST"}},
		{255, []string{"\r\n\n\r\r\n"}, []string{"", "", "\r"}},
		{255, []string{"STAT\r\nQUIT"}, []string{"STAT"}}, // a command that was not finished is none
		{255, []string{long[:253] + "\r\n"}, []string{long[:253]}},
		{255, []string{long[:254] + "\r\nNOOP\r\n"}, []string{"too long: 255", "NOOP"}},
		{255, []string{long, long, "\r\nNOOP\r\n"}, []string{"too long: 255", "NOOP"}},
		{255, []string{long}, nil},
		{12288, []string{long[:12286] + "\r\nNOOP\r\n"}, []string{long[:12286], "NOOP"}},
		{12288, []string{long[:12287] + "\r\nNOOP\r\n"}, []string{"too long: 255", "NOOP"}},
		{12288, []string{long[:4095] + "\r", "\nNOOP\r\n"}, []string{long[:4095], "NOOP"}},
	}
	for _, test := range tests {
		got := lines(t, test.limit, test.pieces...)
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", test.want) {
			t.Errorf("lines of %.80q: %.200q, want %.200q", test.pieces, got, test.want)
		}
	}
}
