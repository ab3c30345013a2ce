package faults

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Action is what goes wrong: every field that is set, in the order delay,
// throttle, then the rest. With neither Reply, Close nor Reset the command is
// carried out.
type Action struct {
	Reply    *Reply   `json:"reply,omitempty" doc:"Answer this, and do not carry the command out."`
	Delay    Duration `json:"delay,omitzero" doc:"Wait so long before the answer: 300ms, 3s, 1m; 1h at most."`
	Throttle Octets   `json:"throttle,omitzero" doc:"From here on send and receive no more than so many octets in a second: 1000, 1k, 2MiB."`
	Close    bool     `json:"close,omitempty" doc:"Close the connection: behind the reply if there is one, else without a word."`
	Reset    bool     `json:"reset,omitempty" doc:"The same with a TCP reset."`
	Truncate *Cut     `json:"truncate,omitempty" doc:"Close the connection after so many octets of the content (smtp data) or the response (pop3), such as 1000, or half of the response."`
	Keep     bool     `json:"keep,omitempty" doc:"At end: store the message all the same, so that the client does not learn that it arrived."`

	Hide      []string `json:"hide,omitempty" doc:"Leave these capabilities out of the answer to EHLO or CAPA."`
	Size      string   `json:"size,omitempty" doc:"Say wrong sizes in LIST and STAT: +7 and -3 are beside the true one, 100 is in its place."`
	UID       UID      `json:"uid,omitempty" enum:"change,duplicate,missing" doc:"Say wrong unique-ids in UIDL: others than in the session before, the same twice, or none for the last message."`
	RefuseTLS bool     `json:"refuseTLS,omitempty" doc:"Let the TLS handshake fail."`

	DSN        string `json:"dsn,omitempty" doc:"Accept, then bounce to the reverse-path with this status, such as 5.1.1 (RFC 3464)."`
	DelayedDSN bool   `json:"delayedDSN,omitempty" doc:"Accept, then tell the reverse-path that delivery is late (RFC 3464)."`
	Autoreply  bool   `json:"autoreply,omitempty" doc:"Accept, then answer the reverse-path automatically (RFC 3834)."`
	Complaint  bool   `json:"complaint,omitempty" doc:"Accept, then send the reverse-path a complaint about abuse (RFC 5965)."`

	Greylist bool   `json:"greylist,omitempty" doc:"Refuse the first time that this client, sender and recipient meet: 451."`
	Persona  string `json:"persona,omitempty" doc:"At connect: behave as this persona for the whole session."`
}

// UID is a way to say wrong unique-ids.
type UID string

// The ways to say wrong unique-ids.
const (
	UIDChange    UID = "change"    // others than in any session before
	UIDDuplicate UID = "duplicate" // two messages have the same
	UIDMissing   UID = "missing"   // the last message has none
)

// Ends says whether the action takes the command's place: the server does not
// carry it out.
func (a *Action) Ends() bool { return a.Reply != nil || a.Close || a.Reset }

// String is the action in a few words, as in an outcome: "451", "delay 3s, close".
func (a *Action) String() string {
	var words []string
	add := func(on bool, word string) {
		if on {
			words = append(words, word)
		}
	}
	add(a.Delay > 0, "delay "+a.Delay.String())
	add(a.Throttle > 0, "throttle "+a.Throttle.String()+"/s")
	if r := a.Reply; r != nil {
		switch {
		case r.Code > 0:
			add(true, strconv.Itoa(r.Code))
		case r.Resp != "":
			add(true, "-ERR ["+r.Resp+"]")
		default:
			add(true, "-ERR")
		}
	}
	add(a.Keep, "keep")
	add(a.Close, "close")
	add(a.Reset, "reset")
	if a.Truncate != nil {
		add(true, "truncate "+a.Truncate.String())
	}
	add(len(a.Hide) > 0, "hide "+strings.Join(a.Hide, " "))
	add(a.Size != "", "size "+a.Size)
	add(a.UID != "", "uid "+string(a.UID))
	add(a.RefuseTLS, "refuse TLS")
	add(a.DSN != "", "dsn "+a.DSN)
	add(a.DelayedDSN, "delayed dsn")
	add(a.Autoreply, "autoreply")
	add(a.Complaint, "complaint")
	add(a.Greylist, "greylist")
	add(a.Persona != "", "persona "+a.Persona)
	return strings.Join(words, ", ")
}

// kind is the action in one word, for counting: what the client notices most.
func (a *Action) kind() string {
	switch {
	case a.Reply != nil:
		return "reply"
	case a.Reset:
		return "reset"
	case a.Close:
		return "close"
	case a.Truncate != nil:
		return "truncate"
	case a.RefuseTLS:
		return "refuse_tls"
	case a.DSN != "":
		return "dsn"
	case a.DelayedDSN:
		return "delayed_dsn"
	case a.Autoreply:
		return "autoreply"
	case a.Complaint:
		return "complaint"
	case a.UID != "":
		return "uid"
	case a.Size != "":
		return "size"
	case len(a.Hide) > 0:
		return "hide"
	case a.Persona != "":
		return "persona"
	case a.Throttle > 0:
		return "throttle"
	}
	return "delay"
}

// add sets what b has and a has not.
func (a *Action) add(b *Action) {
	if a.Reply == nil {
		a.Reply = b.Reply
	}
	if a.Truncate == nil {
		a.Truncate = b.Truncate
	}
	a.Delay, a.Throttle = cmp.Or(a.Delay, b.Delay), cmp.Or(a.Throttle, b.Throttle)
	a.Close, a.Reset, a.Keep = a.Close || b.Close, a.Reset || b.Reset, a.Keep || b.Keep
	a.Hide = append(slices.Clip(a.Hide), b.Hide...)
	a.Size, a.UID, a.DSN, a.Persona = cmp.Or(a.Size, b.Size), cmp.Or(a.UID, b.UID), cmp.Or(a.DSN, b.DSN), cmp.Or(a.Persona, b.Persona)
	a.RefuseTLS, a.DelayedDSN = a.RefuseTLS || b.RefuseTLS, a.DelayedDSN || b.DelayedDSN
	a.Autoreply, a.Complaint, a.Greylist = a.Autoreply || b.Autoreply, a.Complaint || b.Complaint, a.Greylist || b.Greylist
}
