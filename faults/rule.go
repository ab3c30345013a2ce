package faults

import "time"

// Rule is one fault: where, for whom, what, and how often.
type Rule struct {
	ID    string `json:"id,omitempty" readOnly:"true" doc:"Given by the server: f1, f2, …"`
	Name  string `json:"name,omitempty" maxLength:"100" doc:"For people."`
	Owner string `json:"owner,omitempty" maxLength:"100" doc:"Who added it: a test removes its own rules by this."`

	Protocol string  `json:"protocol" enum:"smtp,pop3"`
	At       []Point `json:"at" minItems:"1" doc:"Points of the session. smtp: connect, ehlo, starttls, auth, mail, rcpt, data, end (of data), rset, vrfy, noop, quit. pop3: connect, capa, stls, user, pass, apop, auth, stat, list, uidl, retr, top, dele, rset, noop, utf8, quit; login is pass, apop and auth."`
	For      Whom    `json:"for,omitzero" doc:"All that is given must hold; nothing given is everybody."`
	Do       Action  `json:"do"`
	Often    Often   `json:"often,omitzero" doc:"Nothing given is each time."`

	TTL     Duration  `json:"ttl,omitzero" doc:"When it goes by itself: 10m, 2h, or never; missing: 1h."`
	Expires time.Time `json:"expires,omitzero" doc:"The same as a moment."`

	Matched int64     `json:"matched" readOnly:"true" doc:"How many times where and for whom held."`
	Hits    int64     `json:"hits" readOnly:"true" doc:"How many times it fired."`
	LastHit time.Time `json:"lastHit,omitzero" readOnly:"true"`
	Warning string    `json:"warning,omitempty" readOnly:"true" doc:"Why it can never match."`
}

// Whom is who a rule is for. Each text is compared without regard to case; * in
// it is any text, ? any one character.
type Whom struct {
	Sender    string `json:"sender,omitempty" doc:"SMTP: the reverse-path; <> is the null one."`
	Recipient string `json:"recipient,omitempty" doc:"SMTP: a forward-path; at data and end, any of them."`
	Mailbox   string `json:"mailbox,omitempty" doc:"That of the recipient, or the maildrop."`
	User      string `json:"user,omitempty" doc:"Who has logged in, or is about to."`
	Helo      string `json:"helo,omitempty" doc:"SMTP: the name of HELO or EHLO."`
	Remote    string `json:"remote,omitempty" doc:"The client's IP address."`
	Query     string `json:"query,omitempty" doc:"A search that the message must match; smtp end, pop3 retr, top and dele."`
}

// Often is how often a rule fires. Where several are given, they are asked in the
// order until, above, after, every, probability, next, and each counts only what
// the one before it let through.
type Often struct {
	Next        int64     `json:"next,omitempty" minimum:"1" doc:"So many times, and then no more."`
	Every       int64     `json:"every,omitempty" minimum:"1" doc:"Each so manieth time: 3 is the third, the sixth, …"`
	After       int64     `json:"after,omitempty" minimum:"1" doc:"Not the first so many times."`
	Above       int64     `json:"above,omitempty" minimum:"1" maximum:"10000" doc:"Only when so many were let pass within the time that per says."`
	Per         Duration  `json:"per,omitzero" doc:"The window of above, such as 1m."`
	Probability float64   `json:"probability,omitempty" doc:"By chance, such as 0.3; the same sequence each time."`
	Seed        int64     `json:"seed,omitempty" doc:"Another sequence."`
	Until       time.Time `json:"until,omitzero" doc:"Not from this moment on."`
	Session     bool      `json:"session,omitempty" doc:"Count in each session for itself."`
}
