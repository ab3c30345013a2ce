package faults

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestAddressesOfSMTP asks at every point of a transaction and tells what fired.
func TestAddressesOfSMTP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, to, want string }{
		{"app@x.test", "alice@x.test", ""},
		{"app@x.test", "alice+news@x.test", ""},
		{"app@x.test", "fault.rcpt-550@x.test", ""},
		{"app@x.test", "alice+fault.rcpt-550@x.test", "RCPT, 550"},
		{"app@x.test", "Alice+FAULT.Rcpt-550-5.7.1@x.test", "RCPT, 550"},
		{"app@x.test", "alice+news+fault.data-451@x.test", "DATA, 451"},
		{"app@x.test", `"alice+fault.end-554"@x.test`, "end of data, 554"},
		{"app@x.test", "alice+fault.delay-3s@x.test", "RCPT, delay 3s"},
		{"app@x.test", "alice+fault.delay-1.5s.rcpt-451-4.2.1@x.test", "RCPT, delay 1.5s, 451"},
		{"app@x.test", "alice+fault.delay-end-1m.data-451+fault.drop-end@x.test", "DATA, 451; end of data, delay 1m, close"},
		{"app@x.test", "alice+fault.drop-rcpt@x.test", "RCPT, close"},
		{"app@x.test", "alice+fault.reset-data@x.test", "DATA, reset"},
		{"app@x.test", "alice+fault.keep.drop-end@x.test", "end of data, keep, close"},
		{"app@x.test", "alice+fault.slow-1k@x.test", "RCPT, throttle 1024/s"},
		{"app@x.test", "alice+fault.dsn-5.1.1@x.test", "RCPT, dsn 5.1.1"},
		{"app@x.test", "alice+fault.delayed-dsn.autoreply@x.test", "RCPT, delayed dsn, autoreply"},
		{"app@x.test", "alice+fault.complaint@x.test", "RCPT, complaint"},
		{"app@x.test", "alice+fault.greylist@x.test", "RCPT, 451"},
		{"app@x.test", "alice+fault.retr-drop-2@x.test", ""}, // she fetches with it
		{"app+fault.mail-451@x.test", "alice@x.test", "MAIL, 451"},
		{"app+fault.rcpt-550@x.test", "alice@x.test", "RCPT, 550"},
		{"app+fault.delay-1s@x.test", "alice+fault.rcpt-452@x.test", "MAIL, delay 1s; RCPT, 452"},
		{"app+fault.delay-rcpt-1s@x.test", "alice+fault.rcpt-452@x.test", "RCPT, delay 1s, 452"},

		{"app@x.test", "alice+fault.rcpt@x.test", "RCPT, 553"},
		{"app@x.test", "alice+fault.rcpt-250@x.test", "RCPT, 553"},
		{"app@x.test", "alice+fault.rcpt-451-5.1.1@x.test", "RCPT, 553"},
		{"app@x.test", "alice+fault.mail-451@x.test", "RCPT, 553"},
		{"app@x.test", "alice+fault.auth-535@x.test", "RCPT, 553"},
		{"app@x.test", "alice+fault.nonsense@x.test", "RCPT, 553"},
		{"app@x.test", "alice+fault.@x.test", "RCPT, 553"},
		{"app@x.test", "alice+fault.keep@x.test", "RCPT, 553"},
		{"app+fault.drop@x.test", "alice@x.test", "MAIL, 553"},
	} {
		c := newSet(newClock()).Conn(SMTP, "127.0.0.1:5", "s1")
		var got []string
		for _, p := range points[SMTP] {
			o := Occasion{Point: p, Helo: "app.test"}
			switch p {
			case Rcpt, Data, End:
				o.Recipients = []string{"carol@x.test", tt.to}
				if p == Rcpt {
					o.Recipients = o.Recipients[1:]
				}
				fallthrough
			case Mail:
				o.Mail, o.Sender = true, tt.from
			}
			if f := c.At(o); f != nil {
				what, ok := strings.CutPrefix(f.String(), "fault: address, ")
				if !ok {
					t.Errorf("%s: %q", tt.to, f)
				}
				got = append(got, what)
			}
		}
		if got := strings.Join(got, "; "); got != tt.want {
			t.Errorf("from %s to %s: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}

// TestAddressesOfPOP3 logs in and gives every command twice.
func TestAddressesOfPOP3(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]string{
		"alice@x.test":                               "",
		"alice+fault.rcpt-550@x.test":                "",
		"alice+fault.in-use":                         "PASS, -ERR [IN-USE]",
		"alice+fault.sys-temp@x.test":                "PASS, -ERR [SYS/TEMP]",
		"alice+fault.login-delay@x.test":             "PASS, -ERR [LOGIN-DELAY]",
		"alice+fault.slow-100@x.test":                "PASS, throttle 100/s",
		"alice+fault.delay-1s@x.test":                "PASS, delay 1s",
		"alice+fault.retr-drop-2@x.test":             "RETR, truncate half",
		"alice+fault.retr-drop@x.test":               "RETR, truncate half; RETR, truncate half",
		"alice+fault.retr-err-1.dele-err-2@x.test":   "RETR, -ERR [SYS/TEMP]; DELE, -ERR",
		"alice+fault.list-size@x.test":               "LIST, size +7; LIST, size +7",
		"alice+fault.list-size-12@x.test":            "LIST, size 12; LIST, size 12",
		"alice+fault.no-uidl@x.test":                 "CAPA, hide UIDL; UIDL, -ERR; CAPA, hide UIDL; UIDL, -ERR",
		"alice+fault.no-top@x.test":                  "CAPA, hide TOP; TOP, -ERR; CAPA, hide TOP; TOP, -ERR",
		"alice+fault.no-capa@x.test":                 "CAPA, -ERR; CAPA, -ERR",
		"alice+fault.uid-change@x.test":              "UIDL, uid change; UIDL, uid change",
		"alice+fault.uid-duplicate@x.test":           "UIDL, uid duplicate; UIDL, uid duplicate",
		"alice+fault.uid-missing.quit-err":           "UIDL, uid missing; QUIT, -ERR; UIDL, uid missing; QUIT, -ERR",
		"alice+fault.drop-dele.delay-stat-2s@x.test": "STAT, delay 2s; DELE, close; STAT, delay 2s; DELE, close",
		"alice+fault.retr-drop-0@x.test":             "USER, -ERR [AUTH]; PASS, -ERR [AUTH]",
		"alice+fault.nonsense@x.test":                "USER, -ERR [AUTH]; PASS, -ERR [AUTH]",
	} {
		c := newSet(newClock()).Conn(POP3, "127.0.0.1:5", "s1")
		var got []string
		ask := func(p Point) {
			if f := c.At(Occasion{Point: p, User: user, Mailbox: "alice@x.test"}); f != nil {
				got = append(got, strings.TrimPrefix(f.String(), "fault: address, "))
			}
		}
		ask(User)
		ask(Pass)
		for range 2 {
			for _, p := range []Point{Capa, Stat, List, UIDL, Retr, Top, Dele, Rset, Noop, Quit} {
				if !strings.Contains(want, "USER") {
					ask(p)
				}
			}
		}
		if got := strings.Join(got, "; "); got != want {
			t.Errorf("%s: %q, want %q", user, got, want)
		}
	}
}

func TestAddressesOfAuth(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]string{
		"alice@x.test":                      "",
		"alice+fault.auth-454@x.test":       "454 4.7.0 Temporarily not available (fault of address)",
		"alice+fault.auth-535-5.7.8":        "535 5.7.8 Authentication credentials invalid (fault of address)",
		"alice+fault.rcpt-550@x.test":       "", // she sends as this
		"alice+fault.retr-drop-2@x.test":    "",
		"alice+fault.auth@x.test":           `501 5.5.4 fault "auth" needs a reply code from 400 to 599: write auth-CODE, such as auth-454`,
		"alice+fault.auth-535.mail-550@x.y": "535 5.7.8 Authentication credentials invalid (fault of address)",
	} {
		got := ""
		if f := newSet(newClock()).Conn(SMTP, "127.0.0.1:5", "s1").At(Occasion{Point: Auth, User: user}); f != nil {
			got = f.Do.Reply.Line()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", user, got, want)
		}
	}
}

// TestExamplesAreRead reads what AddressFaults tells the page and the book.
func TestExamplesAreRead(t *testing.T) {
	t.Parallel()
	for _, f := range AddressFaults() {
		wishes, err := ParseAddress("alice+fault."+f.Example, "+", DefaultPrefix)
		if err != nil || len(wishes) == 0 {
			t.Errorf("%s: %v, %d faults", f.Example, err, len(wishes))
		}
		if f.Says == "" || !strings.HasPrefix(f.Form, strings.TrimRight(f.Form[:3], "-")) {
			t.Errorf("%+v: not described", f)
		}
	}
}

func TestRepliesOfAddresses(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"a+fault.rcpt-550@x.test":       "550 5.1.1 Mailbox unavailable (fault of address)",
		"a+fault.rcpt-550-5.2.1@x.test": "550 5.2.1 Mailbox unavailable (fault of address)",
		"a+fault.rcpt-499@x.test":       "499 4.0.0 Try again later (fault of address)",
		"a+fault.greylist@x.test":       "451 4.7.1 Greylisted, try again later (fault of address)",
		"a+fault.mail-550@x.test":       `553 5.1.3 fault "mail-550" is for the sender's address: MAIL comes before RCPT`,
		"a+fault.limit-x@x.test":        `553 5.1.3 fault "limit-x" needs a number from 1 to 10000: write limit-N, such as limit-3`,
		"a+fault.rpct-550@x.test": `553 5.1.3 fault "rpct-550" is unknown; there are mail rcpt data end auth keep greylist limit dsn delayed-dsn autoreply complaint drop reset delay slow ` +
			`in-use sys-temp login-delay list-size uid-change uid-duplicate uid-missing no-uidl no-top no-capa retr-drop retr-err dele-err quit-err`,
	} {
		f := rcpt(newSet(newClock()).Conn(SMTP, "127.0.0.1:5", "s1"), to)
		if f == nil || f.Do.Reply == nil || f.Do.Reply.Line() != want {
			t.Errorf("%s: %v, want\n%s", to, told(f), want)
			if f != nil && f.Do.Reply != nil {
				t.Error(f.Do.Reply.Line())
			}
		}
	}
}

func TestGreylistAndLimitOfAddresses(t *testing.T) {
	t.Parallel()
	clock := newClock()
	set := newSet(clock)
	c, other := set.Conn(SMTP, "127.0.0.1:5", "s1"), set.Conn(SMTP, "127.0.0.2:5", "s2")
	ask := func(c *Conn, to, want string) {
		t.Helper()
		if got := told(rcpt(c, to)); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
	const refused = "fault: address, RCPT, 451"
	ask(c, "a+fault.greylist@x.test", refused)
	ask(c, "A+fault.greylist@x.test", "")
	ask(other, "a+fault.greylist@x.test", refused)
	ask(c, "b+fault.greylist@x.test", refused)
	for range 3 {
		ask(c, "a+fault.limit-3@x.test", "")
	}
	ask(other, "a+fault.limit-3@x.test", refused)
	ask(c, "b+fault.limit-3@x.test", "")
	for range 2 { // a sender of the same address is counted for itself, and so is each of two limits
		mail := Occasion{Point: Mail, Mail: true, Sender: "c+fault.limit-2.limit-3@x.test"}
		if got := told(c.At(mail)); got != "" {
			t.Errorf("MAIL: %q", got)
		}
		ask(c, mail.Sender, "")
	}
	clock.add(time.Minute)
	ask(c, "a+fault.limit-3@x.test", "")
}

func TestAddressesAreASetting(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o    Options
		to   string
		want bool
	}{
		{Options{Addresses: true, Separator: "+"}, "a+fault.rcpt-550@x.test", true},
		{Options{Addresses: false, Separator: "+"}, "a+fault.rcpt-550@x.test", false},
		{Options{Addresses: true, Separator: ""}, "a+fault.rcpt-550@x.test", false},
		{Options{Addresses: true, Separator: "--"}, "a--fault.rcpt-550@x.test", true},
		{Options{Addresses: true, Separator: "-"}, "a-fault.greylist@x.test", true},
		{Options{Addresses: true, Separator: "+", Prefix: "break_"}, "a+break_rcpt-550@x.test", true},
		{Options{Addresses: true, Separator: "+", Prefix: "break_"}, "a+fault.rcpt-550@x.test", false},
	} {
		if f := rcpt(New(tt.o).Conn(SMTP, "127.0.0.1:5", "s1"), tt.to); (f != nil) != tt.want {
			t.Errorf("%+v: %s gives %q, want a fault: %t", tt.o, tt.to, told(f), tt.want)
		}
	}
}

// A separator may stand in what is asked for, too.
func TestSeparatorsInFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ local, separator, prefix, want string }{
		{"a-news-fault.delay-1s.rcpt-550-5.1.1-fault.drop-end", "-", "fault.", "delay-1s rcpt-550-5.1.1 drop-end"},
		{"a.x_rcpt-550-5.1.1.drop-end", ".", "x_", "rcpt-550-5.1.1 drop-end"},
		{"a--fault.rcpt-550--news", "--", "fault.", ""},
		{"a+fault.rcpt-550+news", "+", "fault.", "rcpt-550"},
	} {
		wishes, err := ParseAddress(tt.local, tt.separator, tt.prefix)
		var got []string
		for _, w := range wishes {
			got = append(got, w.Text)
		}
		if strings.Join(got, " ") != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s: %q, %v; want %s", tt.local, got, err, tt.want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, w := range wishWords {
		f.Add("alice+fault."+w.example, "+", "fault.")
	}
	f.Add(`"a+fault.delay-1.5s.rcpt-550-5.1.1"+fault.x`, "+", "fault.")
	f.Fuzz(func(t *testing.T, local, separator, prefix string) {
		wishes, err := ParseAddress(local, separator, prefix)
		if w, ok := errors.AsType[*WishError](err); err != nil && (!ok || len("553 5.1.3 \r\n"+w.Error()) > 512 || !printable(w.Error())) {
			t.Fatalf("%q: an error that is no reply: %v", local, err)
		}
		for _, w := range wishes {
			if err == nil && (w.Do.nothing() && !w.Do.Keep && !w.Do.Greylist || len(w.At) == 0 || w.Do.Delay > maxDelay) {
				t.Fatalf("%q: %+v does nothing, or too much", local, w)
			}
		}
	})
}

// Addresses that ask for nothing cost nothing: it is so with nearly all mail. It is
// not parallel, because allocations are counted for all.
func TestNoFaultAllocatesNothing(t *testing.T) {
	if testing.CoverMode() != "" {
		t.Skip("counting changes what is counted")
	}
	set := newSet(newClock())
	c := set.Conn(SMTP, "127.0.0.1:5", "s1")
	to := []string{"alice+tag+more@app.test", "bob@app.test"}
	for _, p := range Points(SMTP) {
		if n := testing.AllocsPerRun(100, func() { c.At(Occasion{Point: p, Mail: true, Sender: "app+x@app.test", Recipients: to}) }); n != 0 {
			t.Errorf("%s: %v allocations", p, n)
		}
	}
}
