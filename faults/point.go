package faults

import "strings"

// The protocols of rules.
const (
	SMTP = "smtp"
	POP3 = "pop3"
)

// Point is a place in a session. A server asks at a command's point before it
// carries the command out.
type Point string

// Points of both protocols.
const (
	Connect Point = "connect" // before the greeting
	Auth    Point = "auth"
	Noop    Point = "noop"
	Rset    Point = "rset"
	Quit    Point = "quit"
)

// Points of SMTP.
const (
	Ehlo     Point = "ehlo" // and HELO
	StartTLS Point = "starttls"
	Mail     Point = "mail"
	Rcpt     Point = "rcpt"
	Data     Point = "data" // and the first BDAT
	End      Point = "end"  // the content has arrived, and is not stored yet
	Vrfy     Point = "vrfy"
)

// Points of POP3. Login stands for [Pass], [Apop] and [Auth] in a rule; a server
// asks at the command that was given, when the password was right.
const (
	Login Point = "login"
	Capa  Point = "capa"
	User  Point = "user"
	Pass  Point = "pass"
	Apop  Point = "apop"
	STLS  Point = "stls"
	Stat  Point = "stat"
	List  Point = "list"
	UIDL  Point = "uidl"
	Retr  Point = "retr"
	Top   Point = "top"
	Dele  Point = "dele"
	UTF8  Point = "utf8"
	Lang  Point = "lang"
)

// points are those of each protocol, in the order of a session.
var points = map[string][]Point{
	SMTP: {Connect, Ehlo, StartTLS, Auth, Mail, Rcpt, Data, End, Rset, Vrfy, Noop, Quit},
	POP3: {Connect, Capa, STLS, User, Pass, Apop, Auth, Stat, List, UIDL, Retr, Top, Dele, Rset, Noop, UTF8, Lang, Quit},
}

// Points lists the points of a protocol in the order of a session, nil for a
// protocol that there is not.
func Points(protocol string) []Point { return append([]Point(nil), points[protocol]...) }

// name is the point as transcripts have it: the command.
func (p Point) name() string {
	switch p {
	case Connect:
		return "connect"
	case End:
		return "end of data"
	}
	return strings.ToUpper(string(p))
}
