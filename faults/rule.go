package faults

import "time"

// Rule is one fault: where, for whom, what, and how often.
type Rule struct {
	ID    string `json:"id,omitempty" readOnly:"true" doc:"Given by the server: f1, f2, …"`
	Name  string `json:"name,omitempty" maxLength:"100" doc:"For people."`
	Owner string `json:"owner,omitempty" maxLength:"100" doc:"Who added it: a test removes its own rules by this."`

	Protocol string  `json:"protocol" enum:"smtp,pop3"`
	At       []Point `json:"at" minItems:"1" doc:"Points of the session. smtp: connect, ehlo, starttls, auth, mail, rcpt, data, end (of data), rset, vrfy, noop, quit. pop3: connect, capa, stls, user, pass, apop, auth, stat, list, uidl, retr, top, dele, rset, noop, utf8, lang, quit; login is pass, apop and auth."`
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
