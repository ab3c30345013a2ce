package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"restante/mailstore"
)

func TestWhom(t *testing.T) {
	t.Parallel()
	o := Occasion{
		Point: End, Helo: "App.test", User: "bob", Mail: true, Sender: "app@app.test",
		Recipients: []string{"carol@app.test", "Alice+x@app.test"},
		Message:    func(q *mailstore.Query) bool { return q.String() == "subject:hello" },
	}
	null := o
	null.Sender = ""
	for _, tt := range []struct {
		whom string
		o    Occasion
		want bool
	}{
		{`{}`, o, true},
		{`{"recipient":"alice+x@app.test"}`, o, true},
		{`{"recipient":"alice*"}`, o, true},
		{`{"recipient":"*@app.test"}`, o, true},
		{`{"recipient":"alice@app.test"}`, o, false},
		{`{"mailbox":"carol@*"}`, o, true},
		{`{"sender":"app@app.test","recipient":"carol@app.test"}`, o, true},
		{`{"sender":"app@app.test","recipient":"dan@app.test"}`, o, false},
		{`{"sender":"a??@app.test"}`, o, true},
		{`{"sender":"a?@app.test"}`, o, false},
		{`{"sender":"<>"}`, o, false},
		{`{"sender":"<>"}`, null, true},
		{`{"sender":"*"}`, null, true},
		{`{"sender":"*"}`, Occasion{Point: End}, false},
		{`{"helo":"app.TEST","user":"BOB","remote":"127.*"}`, o, true},
		{`{"remote":"10.*"}`, o, false},
		{`{"user":"*"}`, Occasion{Point: End}, false},
		{`{"query":"subject:hello"}`, o, true},
		{`{"query":"subject:bye"}`, o, false},
		{`{"query":"subject:hello"}`, Occasion{Point: End}, false},
	} {
		set := newSet(newClock())
		add(t, set, `{"protocol":"smtp","at":["end"],"for":`+tt.whom+`,"do":{"reply":{"code":451}}}`)
		if got := set.Conn(SMTP, "127.0.0.1:5", "s1").At(tt.o) != nil; got != tt.want {
			t.Errorf("%s: fires %t, want %t", tt.whom, got, tt.want)
		}
	}
}

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"?", "", false}, {"?", "é", true}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "axxbyy", false},
		{"**a", "aaa", true}, {"*aab", "aaab", true}, {"a", "ab", false}, {"", "", true}, {"", "a", false},
		{strings.Repeat("*a", 100) + "b", strings.Repeat("a", 5000), false},
	} {
		if got := newGlob(tt.pattern).matches(tt.text); got != tt.want {
			t.Errorf("%q matches %q: %t, want %t", tt.pattern, tt.text, got, tt.want)
		}
	}
}

// FuzzGlob holds the matcher against the definition, which is slow.
func FuzzGlob(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("*@app.test", "alice@app.test")
	var slow func(p, t []rune) bool
	slow = func(p, t []rune) bool {
		switch {
		case len(p) == 0:
			return len(t) == 0
		case p[0] == '*':
			return slow(p[1:], t) || len(t) > 0 && slow(p, t[1:])
		}
		return len(t) > 0 && (p[0] == '?' || p[0] == t[0]) && slow(p[1:], t[1:])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 12 || !utf8.ValidString(pattern+text) {
			return
		}
		if got, want := glob(pattern).matches(text), slow([]rune(pattern), []rune(text)); got != want {
			t.Errorf("%q matches %q: %t, want %t", pattern, text, got, want)
		}
	})
}

func TestTextOfFaults(t *testing.T) {
	t.Parallel()
	set := newSet(newClock())
	add(t, set, `{"protocol":"smtp","at":["rcpt"],"for":{"recipient":"a@*"},"do":{"reply":{"code":451},"delay":"2s"}}`)
	c := set.Conn(SMTP, "127.0.0.1:5", "s1")
	for to, want := range map[string]string{
		"a@x.test":                 "rule f1, RCPT, delay 2s, 451",
		"b+fault.drop-rcpt@x.test": "address, RCPT, close",
	} {
		f := rcpt(c, to)
		if f == nil {
			t.Fatalf("%s: no fault", to)
		}
		if f.What() != want || f.String() != "fault: "+want {
			t.Errorf("%s: %q and %q, want %q with and without \"fault: \"", to, f.String(), f.What(), want)
		}
	}
}

func TestRulesInOrder(t *testing.T) {
	t.Parallel()
	set := newSet(newClock())
	a := add(t, set, `{"owner":"t1","protocol":"smtp","at":"rcpt","for":{"recipient":"a@*"},"do":{"reply":{"code":451}},"often":{"next":1}}`)
	b := add(t, set, `{"owner":"t2","protocol":"smtp","at":["rcpt"],"do":{"close":true}}`)
	c := set.Conn(SMTP, "127.0.0.1:5", "s1")
	ask := func(to, want string) {
		t.Helper()
		if got := told(rcpt(c, to)); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
	ask("b@x.test", "fault: rule f2, RCPT, close")
	ask("a@x.test", "fault: rule f1, RCPT, 451")
	ask("a@x.test", "fault: rule f2, RCPT, close")
	ask("a+fault.rcpt-452@x.test", "fault: address, RCPT, 452") // goes before
	if a, err := set.Get(a.ID); err != nil || a.Matched != 2 || a.Hits != 1 {
		t.Errorf("f1: %v, matched %d, hits %d; want 2 and 1", err, a.Matched, a.Hits)
	}
	b.Do.Close, b.Do.Reset = false, true
	if b, err := set.Replace(b.ID, b); err != nil || b.ID != "f2" || b.Hits != 0 {
		t.Errorf("replaced: %+v, %v", b, err)
	}
	ask("b@x.test", "fault: rule f2, RCPT, reset")
	if n := set.DeleteOwned("t2"); n != 1 || len(set.List("")) != 1 || len(set.List("t2")) != 0 {
		t.Errorf("%d rules of t2 went, %d stay", n, len(set.List("")))
	}
	ask("b@x.test", "")
	if n := set.DeleteOwned(""); n != 0 {
		t.Errorf("%d rules of nobody went", n)
	}
	for _, err := range []error{set.Delete("f2"), func() error { _, err := set.Get("f2"); return err }(), func() error { _, err := set.Replace("f2", b); return err }()} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("f2 is gone: %v", err)
		}
	}
	if n := set.DeleteAll(); n != 1 || set.current.Load() != nil {
		t.Errorf("%d rules went, want 1 and an empty set", n)
	}
	counts := map[Count]bool{}
	for _, n := range set.Counts() {
		counts[n] = true
	}
	want := map[Count]bool{{SMTP, Rcpt, "reply", 2}: true, {SMTP, Rcpt, "close", 2}: true, {SMTP, Rcpt, "reset", 1}: true}
	if !reflect.DeepEqual(counts, want) {
		t.Errorf("counted %v, want %v", counts, want)
	}
}

func TestRulesExpire(t *testing.T) {
	t.Parallel()
	clock := newClock()
	set := newSet(clock)
	for _, ttl := range []string{"", `,"ttl":"1m"`, `,"ttl":"never"`, `,"expires":"2026-11-21T10:00:30Z"`} {
		add(t, set, `{"protocol":"smtp","at":"rcpt","do":{"close":true}`+ttl+`}`)
	}
	c := set.Conn(SMTP, "127.0.0.1:5", "s1")
	for _, tt := range []struct {
		after time.Duration
		want  string
	}{{0, "f1 f2 f3 f4"}, {29 * time.Second, "f1 f2 f3 f4"}, {time.Second, "f1 f2 f3"}, {30 * time.Second, "f1 f3"}, {time.Hour, "f3"}} {
		clock.add(tt.after)
		if f := rcpt(c, "a@x.test"); f == nil || f.Rule != strings.Fields(tt.want)[0] {
			t.Errorf("%s fired, want the first of %s", told(f), tt.want)
		}
		var ids []string
		for _, r := range set.List("") {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != tt.want {
			t.Errorf("there are %s, want %s", got, tt.want)
		}
	}
	stale := newSet(clock)
	add(t, stale, `{"protocol":"smtp","at":"rcpt","do":{"close":true},"ttl":"1s"}`)
	clock.add(time.Second)
	if f := rcpt(stale.Conn(SMTP, "127.0.0.1:5", "s1"), "a@x.test"); f != nil || stale.current.Load() != nil {
		t.Errorf("an expired rule fired (%s), or is asked still", told(f))
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		`{"protocol":"smtp","at":"connect","for":{"sender":"a*"},"do":{"close":true}}`:                        "never matches at connect: the sender is not known there",
		`{"protocol":"smtp","at":["rcpt","end"],"for":{"query":"subject:x"},"do":{"close":true}}`:             "never matches at rcpt: the query is not known there",
		`{"protocol":"smtp","at":"mail","for":{"recipient":"a@x.test"},"do":{"close":true}}`:                  "never matches at mail: the recipient is not known there",
		`{"protocol":"pop3","at":"retr","for":{"sender":"a@x.test"},"do":{"close":true}}`:                     "never matches at retr: the sender is not known there",
		`{"protocol":"smtp","at":"ehlo","do":{"hide":["starttls","xclient"]}}`:                                "hides XCLIENT, which is not offered; there are STARTTLS, UIDL",
		`{"protocol":"smtp","at":"rcpt","do":{"close":true},"expires":"2026-11-21T09:00:00Z"}`:                "never matches: it expired at 2026-11-21T09:00:00Z",
		`{"protocol":"smtp","at":"rcpt","do":{"close":true},"often":{"until":"2026-11-21T10:00:00Z"}}`:        "never fires: until is past",
		`{"protocol":"smtp","at":"noop","do":{"close":true}}`:                                                 "never fires: rule f1 is before it and always fires",
		`{"protocol":"smtp","at":"noop","for":{"remote":"127.0.0.1"},"do":{"close":true},"often":{"next":1}}`: "never fires: rule f1 is before it and always fires",
		`{"protocol":"smtp","at":"noop","do":{"close":true},"ttl":"never"}`:                                   "",
		`{"protocol":"smtp","at":["noop","rset"],"do":{"close":true}}`:                                        "",
		`{"protocol":"pop3","at":"noop","do":{"close":true}}`:                                                 "",
		`{"protocol":"smtp","at":"vrfy","for":{"remote":"10.*"},"do":{"close":true}}`:                         "never fires: rule f2 is before it and always fires",
		`{"protocol":"smtp","at":"vrfy","for":{"remote":"11.*"},"do":{"close":true}}`:                         "",
		`{"protocol":"smtp","at":"quit","for":{"sender":"a@*","recipient":"b@*"},"do":{"close":true}}`:        "",
		`{"protocol":"pop3","at":["utf8","capa"],"for":{"user":"a"},"do":{"close":true}}`:                     "",
		`{"protocol":"smtp","at":"rcpt","for":{"recipient":"alice"},"do":{"close":true}}`:                     "never matches: the recipient is an address without brackets, such as alice@app.test",
		`{"protocol":"smtp","at":"rcpt","for":{"sender":"<a@x.test>"},"do":{"close":true}}`:                   "never matches: the sender is an address without brackets, such as alice@app.test",
		`{"protocol":"smtp","at":"rcpt","for":{"sender":"<>","recipient":"Postmaster"},"do":{"close":true}}`:  "",
		`{"protocol":"smtp","at":"rcpt","for":{"remote":"localhost"},"do":{"close":true}}`:                    "never matches: the remote is an IP address, without a port",
		`{"protocol":"smtp","at":"rcpt","for":{"remote":"::1"},"do":{"close":true}}`:                          "",
		`{"protocol":"smtp","at":"rcpt","for":{"mailbox":"a+b@x.test"},"do":{"close":true}}`:                  "never matches: the mailbox is a@x.test for such an address",
		`{"protocol":"smtp","at":"rcpt","for":{"mailbox":"A@x.test"},"do":{"close":true}}`:                    "",
		`{"protocol":"smtp","at":"starttls","do":{"close":true}}`:                                             "",
		`{"protocol":"pop3","at":"stls","do":{"close":true}}`:                                                 "never matches at stls: TLS is not offered",
		`{"protocol":"pop3","at":"connect","do":{"refuseTLS":true}}`:                                          "refuses TLS, which is not offered",
	} {
		set := newSet(newClock())
		add(t, set, `{"protocol":"smtp","at":"noop","do":{"delay":"1s"}}`)
		add(t, set, `{"protocol":"smtp","at":"vrfy","for":{"remote":"10.*"},"do":{"delay":"1s"}}`)
		if r := add(t, set, rule); r.Warning != want {
			t.Errorf("%s\nwarning %q, want %q", rule, r.Warning, want)
		}
	}
}

// A rule that is added a moment later also lives a moment longer.
func TestWarningsOfRulesThatEnd(t *testing.T) {
	t.Parallel()
	for ttl, want := range map[string]string{"1h": "never fires: rule f1 is before it and always fires", "2h": "", "never": ""} {
		clock := newClock()
		set := newSet(clock)
		add(t, set, `{"protocol":"smtp","at":"noop","do":{"close":true}}`)
		clock.add(time.Minute)
		if r := add(t, set, `{"protocol":"smtp","at":"noop","do":{"delay":"1s"},"ttl":"`+ttl+`"}`); r.Warning != want {
			t.Errorf("%s: warning %q, want %q", ttl, r.Warning, want)
		}
	}
}

// A warning is about the rules that there are now.
func TestWarningsAreOfNow(t *testing.T) {
	t.Parallel()
	const everybody, some = `{"protocol":"smtp","at":"noop","do":{"close":true}}`, `{"protocol":"smtp","at":"noop","do":{"close":true},"often":{"next":1}}`
	const shadowed = "never fires: rule f1 is before it and always fires"
	clock := newClock()
	set := newSet(clock)
	add(t, set, some)
	add(t, set, `{"protocol":"smtp","at":"noop","do":{"delay":"1s"},"often":{"until":"2026-11-21T10:01:00Z"}}`)
	want := func(when, warning string) {
		t.Helper()
		if r, err := set.Get("f2"); err != nil || r.Warning != warning {
			t.Errorf("%s: warning %q, %v, want %q", when, r.Warning, err, warning)
		}
	}
	want("behind one that fires once", "")
	for _, text := range []string{everybody, some, everybody} {
		r, err := DecodeRule([]byte(text))
		if err == nil {
			_, err = set.Replace("f1", r)
		}
		if err != nil {
			t.Fatal(err)
		}
		want("behind "+text, map[string]string{everybody: shadowed}[text])
	}
	clock.add(time.Minute)
	want("after until", "never fires: until is past; "+shadowed)
	set.Delete("f1")
	want("alone", "never fires: until is past")
}

func TestMalformedRulesNameTheField(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		`{`:    ": the rule is not JSON",
		`[]`:   ": want an object with name, owner, protocol, at",
		`{} 1`: ": the rule is not JSON: something follows",
		`{"protocol":"smtp","at":["rcpt"],"protocol":"pop3","do":{"close":true}}`:               "protocol: is given twice",
		`{"protocol":"smtp","at":["rcpt"],"do":{"close":true,"reply":{"code":450,"code":550}}}`: "do.reply.code: is given twice",
		`{"protocol":"smtp","at":[{},{"a":[],"a":1}],"do":{"close":true}}`:                      "at[1].a: is given twice",
		`{"protocol":"imap"}`:                                                                            "protocol: want smtp or pop3",
		`{"protocol":"smtp","do":{"close":true}}`:                                                        "at: where? Give one or more of connect",
		`{"protocol":"smtp","at":["rcpt","retr"],"do":{"close":true}}`:                                   "at[1]: smtp has no such point; it has connect",
		`{"protocol":"smtp","at":"rcpt"}`:                                                                "do: what?",
		`{"protocol":"smtp","at":"rcpt","doo":{}}`:                                                       "doo: there is no such field; there are name, owner",
		`{"protocol":"smtp","at":"rcpt","do":{"reply":451}}`:                                             "do.reply: want an object with code, enhanced, resp, text",
		`{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":"451"}}}`:                                  "do.reply.code: want a whole number",
		`{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":700}}}`:                                    "do.reply.code: want a reply code from 200 to 599",
		`{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":451,"enhanced":"5.1.1"}}}`:                 "do.reply.enhanced: want a code such as 4.7.1",
		`{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":451,"text":"a\r\nb"}}}`:                    "do.reply.text: want one line",
		`{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":451,"resp":"IN-USE"}}}`:                    "do.reply.resp: smtp has no",
		`{"protocol":"pop3","at":"retr","do":{"reply":{"code":451}}}`:                                    "do.reply.code: pop3 has no reply codes",
		`{"protocol":"pop3","at":"retr","do":{"reply":{"resp":"[X]"}}}`:                                  "do.reply.resp: want a response code without brackets",
		`{"protocol":"smtp","at":"rcpt","do":{"delay":"fast"}}`:                                          `do.delay: "fast" is no time`,
		`{"protocol":"smtp","at":"rcpt","do":{"delay":"2h"}}`:                                            "do.delay: want a time up to 1h",
		`{"protocol":"smtp","at":"rcpt","do":{"throttle":"fast"}}`:                                       `do.throttle: "fast" is no number of octets`,
		`{"protocol":"smtp","at":"rcpt","do":{"truncate":10}}`:                                           "do.truncate: is possible at data only, and at has rcpt",
		`{"protocol":"smtp","at":"data","do":{"truncate":"half"}}`:                                       "do.truncate: half is for responses of POP3",
		`{"protocol":"smtp","at":"rcpt","do":{"size":"+7"}}`:                                             "do.size: is possible in pop3 only",
		`{"protocol":"pop3","at":"list","do":{"size":"seven"}}`:                                          "do.size: want +7, -3 or 100",
		`{"protocol":"pop3","at":"uidl","do":{"uid":"none"}}`:                                            "do.uid: want change, duplicate or missing",
		`{"protocol":"smtp","at":"ehlo","do":{"hide":["SIZE 10"]}}`:                                      "do.hide[0]: want the name of a capability",
		`{"protocol":"smtp","at":"rcpt","do":{"dsn":"550"}}`:                                             "do.dsn: want a status such as 5.1.1",
		`{"protocol":"smtp","at":"end","do":{"keep":true}}`:                                              "do.keep: goes with reply, close or reset",
		`{"protocol":"smtp","at":"end","do":{"close":true,"reset":true}}`:                                "do.reset: the connection is closed or reset",
		`{"protocol":"smtp","at":"connect","do":{"persona":"posfix"}}`:                                   "do.persona: there is no such persona; there are postfix",
		`{"protocol":"smtp","at":"end","for":{"query":"is:old"},"do":{"close":true}}`:                    "for.query: at octet 3: is:old is unknown",
		`{"protocol":"smtp","at":"end","for":{"from":"a"},"do":{"close":true}}`:                          "for.from: there is no such field; there are sender",
		`{"protocol":"smtp","at":"end","do":{"close":true},"often":{"next":-1}}`:                         "often.next: want a number from 1 on",
		`{"protocol":"smtp","at":"end","do":{"close":true},"often":{"next":0}}`:                          "often.next: want more than 0",
		`{"protocol":"smtp","at":"end","do":{"close":true},"often":{"probability":0}}`:                   "often.probability: want more than 0",
		`{"protocol":"smtp","at":"end","do":{"close":true},"ttl":"0s"}`:                                  "ttl: want more than 0",
		`{"protocol":"smtp","at":"end","do":{"close":true},"zoo":1,"ant":1}`:                             "ant: there is no such field",
		`{"protocol":"smtp","at":"end","do":{"close":true},"often":{"above":3}}`:                         "often.per: above needs a window",
		`{"protocol":"smtp","at":"end","do":{"close":true},"often":{"probability":2}}`:                   "often.probability: want a number from 0 to 1",
		`{"protocol":"smtp","at":"end","do":{"close":true},"often":{"until":"soon"}}`:                    "often.until: want a moment such as",
		`{"protocol":"smtp","at":"end","do":{"close":true},"ttl":"-1s"}`:                                 `ttl: "-1s" is no time`,
		`{"protocol":"smtp","at":"end","do":{"close":true},"ttl":"1m","expires":"2026-11-21T10:00:00Z"}`: "expires: give ttl or expires",
		`{"protocol":"smtp","at":"end","do":{"close":true},"owner":"` + strings.Repeat("x", 101) + `"}`:  "owner: want a text of 100 octets",
	} {
		set := newSet(newClock())
		r, err := DecodeRule([]byte(rule))
		if err == nil {
			_, err = set.Add(r)
		}
		invalid, ok := errors.AsType[*InvalidError](err)
		if !ok {
			t.Errorf("%s: %v, want an InvalidError", rule, err)
			continue
		}
		first := invalid.Fields[0]
		if got := first.Field + ": " + first.Reason; !strings.HasPrefix(got, want) {
			t.Errorf("%s:\n%s, want\n%s", rule, got, want)
		}
		if len(set.List("")) > 0 {
			t.Errorf("%s: is there all the same", rule)
		}
	}
}

// TestListedRulesCanBeGivenBack reads a rule with everything in it as it is
// listed.
func TestListedRulesCanBeGivenBack(t *testing.T) {
	t.Parallel()
	set := newSet(newClock())
	r := add(t, set, `{"name":"n","owner":"o","protocol":"SMTP","at":["RCPT","end"],"for":{"sender":"a","recipient":"b","mailbox":"c","user":"d","helo":"e","remote":"f"},
		"do":{"reply":{"code":451,"enhanced":"4.1.1","text":"t"},"delay":"1s","throttle":"1k"},
		"often":{"next":1,"every":2,"after":3,"above":4,"per":"1m","probability":0.5,"seed":6,"until":"2027-01-01T00:00:00Z","session":true},"ttl":"10m"}`)
	listed, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeRule(listed)
	if err == nil {
		again, err = set.Replace(r.ID, again)
	}
	if err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("%v, read back as\n%+v, want\n%+v", err, again, r)
	}
	if want := []Point{Rcpt, End}; !reflect.DeepEqual(r.At, want) || r.Protocol != SMTP || r.Do.Throttle != 1024 {
		t.Errorf("%+v: spelt wrong", r)
	}
	login := add(t, set, `{"protocol":"pop3","at":["login","auth"],"do":{"close":true}}`)
	if !reflect.DeepEqual(login.At, logins) {
		t.Errorf("login is %v, want %v", login.At, logins)
	}
}

func TestNilSetAndConn(t *testing.T) {
	t.Parallel()
	var set *Set
	if _, err := set.Add(Rule{}); err == nil {
		t.Error("a nil set takes a rule")
	}
	if f := set.Conn(SMTP, "127.0.0.1:5", "s1").At(Occasion{Point: Rcpt}); f != nil || set.List("") != nil || set.DeleteAll() != 0 || set.Counts() != nil {
		t.Errorf("a nil set has %v", f)
	}
}

func TestMemoryForgets(t *testing.T) {
	t.Parallel()
	var m memory
	for i := range memorySize {
		m.stranger(fmt.Sprint(i))
	}
	if m.stranger("0") || !m.stranger("new") {
		t.Error("0 was met, new was not")
	}
	if m.stranger("0") || !m.stranger("1") || m.recent.Len() != memorySize || len(m.known) != memorySize {
		t.Errorf("remembers %d, %d; want %d with 0 and without 1", m.recent.Len(), len(m.known), memorySize)
	}
}

func FuzzDecodeRule(f *testing.F) {
	f.Add(`{"protocol":"smtp","at":["rcpt"],"for":{"recipient":"a*"},"do":{"reply":{"code":451},"delay":"1s","truncate":"half"},"often":{"next":1}}`)
	f.Add(`{"protocol":"pop3","at":"login","do":{"throttle":1e3,"hide":[null]},"ttl":"never","expires":"x"}`)
	f.Add(`{"protocol":"smtp","at":"rcpt","for":{"recipient":"a*","query":"subject:x"},"do":{"delay":"1m30s","reply":{"code":451}},"often":{"above":3,"per":"1h","seed":0},"ttl":"never"}`)
	f.Add(`{"protocol":"pop3","at":["login","retr"],"do":{"truncate":"half","throttle":"1k"},"often":{"probability":0.5,"until":"2026-11-21T10:00:00Z"},"expires":"2027-11-21T10:00:00Z"}`)
	f.Fuzz(func(t *testing.T, text string) {
		set := newSet(newClock())
		r, err := DecodeRule([]byte(text))
		if err == nil {
			r, err = set.Add(r)
		}
		if err != nil {
			if _, ok := errors.AsType[*InvalidError](err); !ok {
				t.Fatalf("%v is no InvalidError", err)
			}
			return
		}
		listed, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeRule(listed)
		if err == nil {
			again, err = set.Replace(r.ID, again)
		}
		if err != nil || fmt.Sprint(again.At, again.For, again.Often, again.Do.String()) != fmt.Sprint(r.At, r.For, r.Often, r.Do.String()) {
			t.Fatalf("%s\nreads back as %+v, %v", listed, again, err)
		}
	})
}
