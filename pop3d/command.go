package pop3d

import "bytes"

// state of a session, RFC 1939 §3.
type state uint8

const (
	authorization state = 1 << iota
	transaction
	update // after QUIT: nothing is read any more
)

// command says when a command is allowed, with how many arguments, and what
// answers it.
type command struct {
	run    func(*session, [][]byte) error
	states state
	min    int // arguments at least
	max    int // arguments at most; rest takes the rest of the line as one
}

// rest is the number of arguments of a command whose one argument is the rest
// of the line, spaces included.
const rest = -1

// commands are all there are; names in capitals.
var commands = map[string]command{
	// RFC 1939 §4 and §7
	"USER": {(*session).user, authorization, 1, rest},
	"PASS": {(*session).pass, authorization, 1, rest},
	"APOP": {(*session).apop, authorization, 1, rest},
	"QUIT": {(*session).quit, authorization | transaction, 0, 0},

	// RFC 1939 §5 and §7
	"STAT": {(*session).stat, transaction, 0, 0},
	"LIST": {(*session).list, transaction, 0, 1},
	"UIDL": {(*session).uidl, transaction, 0, 1},
	"RETR": {(*session).retr, transaction, 1, 1},
	"TOP":  {(*session).top, transaction, 2, 2},
	"DELE": {(*session).dele, transaction, 1, 1},
	"RSET": {(*session).rset, transaction, 0, 0},
	"NOOP": {(*session).noop, transaction, 0, 0},

	"CAPA": {(*session).capa, authorization | transaction, 0, 0}, // RFC 2449 §5
	"STLS": {(*session).stls, authorization, 0, 0},               // RFC 2595 §4
	"AUTH": {(*session).auth, authorization, 0, 2},               // RFC 5034 §4
	"UTF8": {(*session).utf8, authorization, 0, 0},               // RFC 6856 §2
	"LANG": {(*session).lang, authorization | transaction, 0, 1}, // RFC 6856 §3
}

// longestVerb is that of the keywords, RFC 1939 §3.
const longestVerb = 4

// parse splits a line into its command and arguments, which are appended to
// args. The error is the text of the response.
func parse(line []byte, args [][]byte) (name []byte, c command, _ [][]byte, err error) {
	name, tail, spaced := bytes.Cut(line, []byte(" "))
	if len(line) == 0 {
		return nil, command{}, args, refusal("no command")
	}
	if bytes.IndexByte(line, 0) >= 0 {
		return name, command{}, args, refusal("a command holds no NUL")
	}
	c, ok := lookup(name)
	if !ok {
		return name, command{}, args, refusal("unknown command")
	}
	if c.max == rest {
		if spaced {
			args = append(args, tail)
		}
	} else {
		args = words(args, tail)
	}
	if n := len(args); n < c.min || c.max != rest && n > c.max {
		return name, c, args, refusal("wrong number of arguments")
	}
	return name, c, args, nil
}

// lookup finds a command by its name.
func lookup(name []byte) (command, bool) {
	var verb [longestVerb]byte
	if len(name) > longestVerb {
		return command{}, false
	}
	c, ok := commands[string(verb[:upper(verb[:], name)])]
	return c, ok
}

// isCommand tells whether a line begins with the name of a command.
func isCommand(line []byte) bool {
	name, _, _ := bytes.Cut(line, []byte(" "))
	_, ok := lookup(name)
	return ok
}

// upper writes name to dst in capitals and gives the length.
func upper(dst, name []byte) int {
	for i, b := range name {
		if 'a' <= b && b <= 'z' {
			b -= 'a' - 'A'
		}
		dst[i] = b
	}
	return len(name)
}

// words appends the words of a line. Arguments are separated by one space (RFC
// 1939 §3); more of them, or some at the end, do no harm.
func words(dst [][]byte, line []byte) [][]byte {
	for {
		line = bytes.TrimLeft(line, " ")
		if len(line) == 0 {
			return dst
		}
		word, tail, _ := bytes.Cut(line, []byte(" "))
		dst = append(dst, word)
		line = tail
	}
}

// number reads a decimal number. A number too large for any maildrop or
// message is as good as the largest.
func number(word []byte) (int, bool) {
	const most = 1<<31 - 1
	n := 0
	for _, c := range word {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int(c-'0'), most)
	}
	return n, len(word) > 0
}

// isHTTP recognises the first line of an HTTP request. A page in a browser
// can send one to any port, with commands in its body; so it ends the connection.
func isHTTP(line []byte) bool {
	method, target, _ := bytes.Cut(line, []byte(" "))
	switch string(method) {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PRI":
		return len(target) > 0
	}
	return false
}

// isTLS recognises the first octet of a TLS handshake (RFC 8446 §5.1). No
// command begins with it.
func isTLS(first byte) bool { return first == 22 }
