package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Wish is one fault that an address asks for.
type Wish struct {
	Text     string // "rcpt-550-5.1.1"
	Protocol string // "" is both
	At       []Point
	Do       Action
	Nth      int64 // only the so manieth command of the session, from 1 on; 0 is each
	Limit    int64 // only above so many in a minute; 0 is always
}

// own is the point of a wish that says none: that of the command which brings
// the address.
const own Point = ""

// WishError is an address that asks for a fault that there is not.
type WishError struct {
	Text   string // what is asked for
	Reason string
}

func (e *WishError) Error() string {
	text := e.Text
	if len(text) > maxWishShown {
		text = text[:maxWishShown] + "..."
	}
	return "fault " + strconv.QuoteToASCII(text) + " " + e.Reason // it becomes a reply
}

// maxWishShown keeps a reply within 512 octets.
const maxWishShown = 30

// limitWindow is the window of limit-N.
const limitWindow = time.Minute

// wishWords are the faults that an address can ask for. What follows the word
// and a dash is for read.
var wishWords = []struct {
	word     string
	form     string // as the documentation has it
	example  string
	protocol string
	says     string
	read     func(w *Wish, arg string) (wrong string)
}{
	{"mail", "mail-CODE", "mail-451", SMTP, "refuses MAIL; in the sender's address", refusing(Mail)},
	{"rcpt", "rcpt-CODE", "rcpt-550", SMTP, "refuses RCPT", refusing(Rcpt)},
	{"data", "data-CODE", "data-451", SMTP, "refuses DATA", refusing(Data)},
	{"end", "end-CODE", "end-554", SMTP, "refuses the message when its content has arrived", refusing(End)},
	{"auth", "auth-CODE", "auth-454", SMTP, "refuses AUTH; in the user name", refusing(Auth)},
	{"keep", "keep", "keep.drop-end", SMTP, "stores the message although drop-end, reset-end or end-CODE says otherwise", doing(End, Action{Keep: true})},
	{"greylist", "greylist", "greylist", SMTP, "451 the first time that client, sender and recipient meet", doing(Rcpt, Action{Greylist: true})},
	{"limit", "limit-N", "limit-3", SMTP, "451 above so many in a minute", readLimit},
	{"dsn", "dsn-STATUS", "dsn-5.1.1", SMTP, "accepts, then bounces to the sender", readDSN},
	{"delayed-dsn", "delayed-dsn", "delayed-dsn", SMTP, "accepts, then tells the sender that delivery is late", doing(Rcpt, Action{DelayedDSN: true})},
	{"autoreply", "autoreply", "autoreply", SMTP, "accepts, then answers the sender automatically", doing(Rcpt, Action{Autoreply: true})},
	{"complaint", "complaint", "complaint", SMTP, "accepts, then sends the sender a complaint", doing(Rcpt, Action{Complaint: true})},

	{"drop", "drop-POINT", "drop-end", "", "closes the connection there; mail, rcpt, data, end or a POP3 command", closing(Action{Close: true})},
	{"reset", "reset-POINT", "reset-data", "", "the same with a TCP reset", closing(Action{Reset: true})},
	{"delay", "delay-TIME or delay-POINT-TIME", "delay-3s", "", "answers so much later", readDelay},
	{"slow", "slow-RATE", "slow-1k", "", "octets in a second, from there on", readSlow},

	{"in-use", "in-use", "in-use", POP3, "-ERR [IN-USE] at login", denying("IN-USE", logins...)},
	{"sys-temp", "sys-temp", "sys-temp", POP3, "-ERR [SYS/TEMP] at login", denying("SYS/TEMP", logins...)},
	{"login-delay", "login-delay", "login-delay", POP3, "-ERR [LOGIN-DELAY] at login", denying("LOGIN-DELAY", logins...)},
	{"list-size", "list-size or list-size-N", "list-size", POP3, "says wrong sizes in LIST: seven octets more, or N", readSize},
	{"uid-change", "uid-change", "uid-change", POP3, "other unique-ids in each session", doing(UIDL, Action{UID: UIDChange})},
	{"uid-duplicate", "uid-duplicate", "uid-duplicate", POP3, "the same unique-id twice", doing(UIDL, Action{UID: UIDDuplicate})},
	{"uid-missing", "uid-missing", "uid-missing", POP3, "no unique-id for the last message", doing(UIDL, Action{UID: UIDMissing})},
	{"no-uidl", "no-uidl", "no-uidl", POP3, "there is no UIDL", denying("", UIDL)},
	{"no-top", "no-top", "no-top", POP3, "there is no TOP", denying("", Top)},
	{"no-capa", "no-capa", "no-capa", POP3, "there is no CAPA once the user is known", denying("", Capa)},
	{"retr-drop", "retr-drop or retr-drop-N", "retr-drop-2", POP3, "the connection dies half-way through RETR, each or the Nth", numbered(Retr, Action{Truncate: new(Half)})},
	{"retr-err", "retr-err or retr-err-N", "retr-err", POP3, "-ERR to RETR, each or the Nth", numbered(Retr, Action{Reply: &Reply{Resp: "SYS/TEMP"}})},
	{"dele-err", "dele-err or dele-err-N", "dele-err", POP3, "-ERR to DELE, each or the Nth", numbered(Dele, Action{Reply: &Reply{}})},
	{"quit-err", "quit-err", "quit-err", POP3, "-ERR to QUIT, and nothing is deleted", denying("", Quit)},
}

// AddressFault describes a fault that an address can ask for.
type AddressFault struct {
	Form     string // "rcpt-CODE"
	Example  string // "rcpt-550"
	Protocol string // "" is both
	Says     string
}

// AddressFaults lists what addresses can ask for.
func AddressFaults() []AddressFault {
	list := make([]AddressFault, len(wishWords))
	for i, w := range wishWords {
		list[i] = AddressFault{w.form, w.example, w.protocol, w.says}
	}
	return list
}

// ParseAddress reads the faults that a local part or a user name asks for: each
// part behind a separator that begins with the prefix is a list of faults with
// dots between them, as in "alice+fault.delay-1s.rcpt-451". Where the separator is
// a dash or a dot, such a part goes on to the next one or the end. It returns none
// when nothing is asked for. The error is a [*WishError].
func ParseAddress(local, separator, prefix string) ([]Wish, error) {
	if separator == "" || !strings.Contains(local, separator) {
		return nil, nil
	}
	if n := len(local); n > 2 && local[0] == '"' && local[n-1] == '"' {
		local = local[1 : n-1] // needless quotes, or not: what is asked for stands in both
	}
	asks := func(tag string) bool { return len(tag) >= len(prefix) && strings.EqualFold(tag[:len(prefix)], prefix) }
	_, rest, more := strings.Cut(local, separator)
	for more && !asks(rest) { // most tags are not for us: they cost nothing
		_, rest, more = strings.Cut(rest, separator)
	}
	if !more {
		return nil, nil
	}
	var wishes []Wish
	tags := strings.Split(rest, separator)
	for i, tag := range tags {
		if !asks(tag) {
			continue
		}
		if strings.ContainsAny(separator, "-.") { // it stands in faults, too: they go on to the end
			for _, more := range tags[i+1:] {
				if asks(more) {
					break
				}
				tag += separator + more
			}
		}
		for item := range itemsOf(strings.ToLower(tag[len(prefix):])) {
			w, err := parseWish(item)
			if err != nil {
				return nil, err
			}
			wishes = append(wishes, w)
		}
	}
	return wishes, agree(wishes)
}

// itemsOf splits at the dots before a letter: one before a digit is in a number,
// 5.1.1 or 1.5s.
func itemsOf(list string) func(func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := range len(list) {
			if list[i] == '.' && (i+1 == len(list) || list[i+1] < '0' || list[i+1] > '9') {
				if !yield(list[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(list[start:])
	}
}

// parseWish reads one fault; of the words that it begins with, the longest is
// meant.
func parseWish(text string) (Wish, error) {
	w, best := Wish{Text: text}, -1
	for i, known := range wishWords {
		rest, ok := strings.CutPrefix(text, known.word)
		if ok && (rest == "" || rest[0] == '-') && (best < 0 || len(known.word) > len(wishWords[best].word)) {
			best = i
		}
	}
	if best < 0 {
		return w, &WishError{text, "is unknown; there are " + wishNames()}
	}
	known := wishWords[best]
	w.Protocol = known.protocol
	arg := strings.TrimPrefix(text[len(known.word):], "-")
	if text == known.word+"-" {
		return w, &WishError{text, "is not complete: write " + known.form}
	}
	if wrong := known.read(&w, arg); wrong != "" {
		return w, &WishError{text, wrong + ": write " + known.form + ", such as " + known.example}
	}
	return w, nil
}

func wishNames() string {
	words := make([]string, len(wishWords))
	for i, w := range wishWords {
		words[i] = w.word
	}
	return strings.Join(words, " ")
}

// agree finds wishes that need another one.
func agree(wishes []Wish) error {
	for _, w := range wishes {
		if w.Do.Keep && !slices.ContainsFunc(wishes, func(o Wish) bool { return o.Do.Ends() && slices.Contains(o.At, End) }) {
			return &WishError{w.Text, "goes with end-CODE, drop-end or reset-end"}
		}
	}
	return nil
}

// doing takes no argument.
func doing(at Point, do Action) func(*Wish, string) string {
	return func(w *Wish, arg string) string {
		w.At, w.Do = []Point{at}, do
		return noArgument(arg)
	}
}

func noArgument(arg string) string {
	if arg != "" {
		return "takes nothing behind it"
	}
	return ""
}

// refusing takes a reply code, with or without an enhanced one.
func refusing(at Point) func(*Wish, string) string {
	return func(w *Wish, arg string) string {
		code, enhanced, more := strings.Cut(arg, "-")
		n, err := strconv.Atoi(code)
		if err != nil || len(code) != 3 || n < 400 || n > 599 {
			return "needs a reply code from 400 to 599"
		}
		if more && (!isEnhanced.MatchString(enhanced) || enhanced[0] != code[0]) {
			return "has no enhanced code of its class behind the reply code, such as " + code[:1] + ".7.1"
		}
		w.At, w.Do.Reply = []Point{at}, &Reply{Code: n, Enhanced: enhanced}
		return ""
	}
}

// denying answers -ERR. It takes no argument.
func denying(resp string, at ...Point) func(*Wish, string) string {
	return func(w *Wish, arg string) string {
		w.At, w.Do.Reply = at, &Reply{Resp: resp}
		return noArgument(arg)
	}
}

// numbered takes the number of the command, or none for each.
func numbered(at Point, do Action) func(*Wish, string) string {
	return func(w *Wish, arg string) (wrong string) {
		w.At, w.Do = []Point{at}, do
		if arg != "" {
			w.Nth, wrong = number(arg)
		}
		return wrong
	}
}

func number(arg string) (int64, string) {
	n, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || n < 1 || n > maxAbove || arg[0] == '+' {
		return 0, fmt.Sprintf("needs a number from 1 to %d", maxAbove)
	}
	return n, ""
}

func readLimit(w *Wish, arg string) (wrong string) {
	w.At, w.Do.Reply = []Point{own}, &Reply{Code: 451, Enhanced: "4.7.1", Text: "Too many messages in a minute, try again later (fault of address)"}
	w.Limit, wrong = number(arg)
	return wrong
}

func readDSN(w *Wish, arg string) string {
	w.At, w.Do.DSN = []Point{Rcpt}, arg
	if !isEnhanced.MatchString(arg) {
		return "needs a status (RFC 3463)"
	}
	return ""
}

func readSlow(w *Wish, arg string) string {
	w.At = []Point{own}
	if err := w.Do.Throttle.UnmarshalText([]byte(arg)); err != nil || w.Do.Throttle == 0 {
		return "needs octets in a second"
	}
	return ""
}

func readSize(w *Wish, arg string) string {
	w.At, w.Do.Size = []Point{List}, cmp.Or(arg, "+7")
	if arg != "" && (!isSize(arg) || arg[0] == '+' || arg[0] == '-') {
		return "needs a number of octets"
	}
	return ""
}

// placed reads the name of a point that an address has a say at.
func (w *Wish) placed(name string) bool {
	p := Point(name)
	switch {
	case slices.Contains([]Point{Mail, Rcpt, Data, End}, p):
		w.Protocol, w.At = SMTP, []Point{p}
	case p == Login:
		w.Protocol, w.At = POP3, logins
	case slices.Contains([]Point{Capa, Stat, List, UIDL, Retr, Top, Dele, Rset, Noop, Quit}, p):
		w.Protocol, w.At = POP3, []Point{p}
	default:
		return false
	}
	return true
}

const noPlace = "needs a point: mail, rcpt, data, end; login, capa, stat, list, uidl, retr, top, dele, rset, noop, quit"

func closing(do Action) func(*Wish, string) string {
	return func(w *Wish, arg string) string {
		if w.Do = do; !w.placed(arg) {
			return noPlace
		}
		return ""
	}
}

func readDelay(w *Wish, arg string) string {
	w.At = []Point{own}
	if point, rest, ok := strings.Cut(arg, "-"); ok {
		if !w.placed(point) {
			return noPlace
		}
		arg = rest
	}
	err := w.Do.Delay.UnmarshalText([]byte(arg))
	if err != nil || w.Do.Delay <= 0 || w.Do.Delay > maxDelay {
		return "needs a time up to " + maxDelay.String()
	}
	return ""
}
