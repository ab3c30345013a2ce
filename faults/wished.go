package faults

import (
	"slices"
	"strings"
)

// role is what an address is to a command.
type role int

const (
	sender role = iota
	recipient
	user // of AUTH, or of a maildrop
)

// wished tells what addresses ask for on an occasion, nil for nothing. Several
// wishes at one point are one fault.
func (c *Conn) wished(o *Occasion) *Fault {
	var do Action
	switch {
	case c.protocol == POP3:
		c.maildrop(&do, o)
	case o.Point == Auth:
		c.consider(&do, o, user, o.User)
	case o.Point == Mail || o.Point == Rcpt || o.Point == Data || o.Point == End:
		c.consider(&do, o, sender, o.Sender)
		for _, r := range o.Recipients {
			c.consider(&do, o, recipient, r)
		}
	}
	if do.nothing() {
		return nil
	}
	f := &Fault{Protocol: c.protocol, Point: o.Point, Do: do}
	f.complete()
	return f
}

// nothing is an action with no field set, but for one that only goes with others.
func (a *Action) nothing() bool { return a.Delay == 0 && !a.Greylist && a.kind() == "delay" }

// consider adds what an address asks for on an occasion to an action of SMTP.
func (c *Conn) consider(do *Action, o *Occasion, as role, address string) {
	wishes, err := c.set.wishesOf(address)
	if err == nil {
		err = misplaced(wishes, as)
	}
	home := [...]Point{sender: Mail, recipient: Rcpt, user: Auth}[as]
	if err != nil {
		if o.Point == home {
			status := [...]string{sender: "5.1.7", recipient: "5.1.3", user: "5.5.4"}[as]
			code := 553
			if as == user {
				code = 501
			}
			do.Reply = &Reply{Code: code, Enhanced: status, Text: err.Error()}
		}
		return
	}
	for _, w := range wishes {
		at := w.At[0]
		if at == own {
			at = home
		}
		if w.Protocol == POP3 || at != o.Point ||
			w.Limit > 0 && c.set.limits.admits(string(home)+" "+w.Text+" "+strings.ToLower(address), c.set.opts.Now(), int(w.Limit), limitWindow) ||
			w.Do.Greylist && !c.set.greylist.stranger(c.triple(o)) {
			continue
		}
		do.add(&w.Do)
	}
}

// misplaced finds a wish that can never come true because the command it is
// about was before the address was given, or is about something else.
func misplaced(wishes []Wish, as role) error {
	for _, w := range wishes {
		switch {
		case w.Protocol == POP3:
		case as == recipient && slices.Contains(w.At, Mail):
			return &WishError{w.Text, "is for the sender's address: MAIL comes before RCPT"}
		case as != user && slices.Contains(w.At, Auth):
			return &WishError{w.Text, "is for the user name of AUTH"}
		}
	}
	return nil
}

// maildrop adds what a POP3 user name asks for.
func (c *Conn) maildrop(do *Action, o *Occasion) {
	if o.User == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	login := slices.Contains(logins, o.Point)
	if o.User != c.user {
		c.user, c.asked = o.User, nil
		var err error
		if c.wishes, err = c.set.wishesOf(o.User); err != nil && (login || o.Point == User) {
			c.user = ""
			do.Reply = &Reply{Resp: "AUTH", Text: err.Error()}
			return
		}
	}
	if len(c.wishes) == 0 {
		return
	}
	if c.asked == nil {
		c.asked = map[Point]int64{}
	}
	c.asked[o.Point]++
	for _, w := range c.wishes {
		here := slices.Contains(w.At, o.Point) || w.At[0] == own && login
		if here && w.Protocol != SMTP && (w.Nth == 0 || w.Nth == c.asked[o.Point]) {
			do.add(&w.Do)
		}
		if o.Point == Capa {
			do.Hide = append(do.Hide, w.hides()...)
		}
	}
}

// hides are the capabilities that a wish takes away along with their command.
func (w *Wish) hides() []string {
	switch {
	case w.Do.Reply == nil:
	case slices.Contains(w.At, UIDL):
		return []string{"UIDL"}
	case slices.Contains(w.At, Top):
		return []string{"TOP"}
	}
	return nil
}

// wishesOf reads an address or a user name.
func (s *Set) wishesOf(address string) ([]Wish, error) {
	local := address
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		local = address[:i]
	}
	return ParseAddress(local, s.opts.Separator, s.opts.Prefix)
}

// triple is whom a greylist knows: client, sender and recipient.
func (c *Conn) triple(o *Occasion) string {
	return strings.ToLower(c.remote + "\x00" + o.Sender + "\x00" + strings.Join(o.Recipients, "\x00"))
}
