package faults

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// TestFrequencies asks once a second; x is a fault.
func TestFrequencies(t *testing.T) {
	t.Parallel()
	for often, want := range map[string]string{
		`{}`:                                         "xxxxxxxxxxxx",
		`{"next":3}`:                                 "xxx.........",
		`{"after":3}`:                                "...xxxxxxxxx",
		`{"every":3}`:                                "..x..x..x..x",
		`{"after":1,"next":1}`:                       ".x..........",
		`{"after":2,"every":2,"next":3}`:             "...x.x.x....",
		`{"above":3,"per":"1m"}`:                     "...xxxxxxxxx",
		`{"above":2,"per":"4s"}`:                     "..xx..xx..xx",
		`{"above":2,"per":"4s","after":1}`:           "...x..xx..xx",
		`{"above":2,"per":"4s","next":3}`:            "..xx..x.....",
		`{"until":"2026-11-21T10:00:05Z"}`:           "xxxxx.......",
		`{"until":"2026-11-21T10:00:05Z","every":2}`: ".x.x........",
		`{"probability":1}`:                          "xxxxxxxxxxxx",
		`{"probability":0.5}`:                        ".xx.xxx.x.x.",
		`{"probability":0.5,"seed":1}`:               "....xxx....x",
		`{"probability":0.5,"seed":1,"next":2}`:      "....xx......",
	} {
		t.Run(often, func(t *testing.T) {
			t.Parallel()
			for range 2 { // the same each time
				clock := newClock()
				set := newSet(clock)
				add(t, set, `{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":451}},"often":`+often+`}`)
				var got strings.Builder
				for range len(want) {
					mark := "."
					if rcpt(set.Conn(SMTP, "127.0.0.1:5", "s1"), "a@b.test") != nil {
						mark = "x"
					}
					got.WriteString(mark)
					clock.add(time.Second)
				}
				if got.String() != want {
					t.Errorf("fired %s, want %s", &got, want)
				}
				r := set.List("")[0]
				if r.Matched != int64(len(want)) || r.Hits != int64(strings.Count(want, "x")) || r.LastHit.IsZero() {
					t.Errorf("matched %d, hits %d, last %v; want %d, %d and a time", r.Matched, r.Hits, r.LastHit, len(want), strings.Count(want, "x"))
				}
			}
		})
	}
}

func TestProbabilityIsOne(t *testing.T) {
	t.Parallel()
	for _, seed := range []int64{0, 1, 2, -7, 1 << 60} {
		hits := 0
		const all = 100_000
		for n := range int64(all) {
			if draw(seed, n) < 0.3 {
				hits++
			}
		}
		if hits < 29_000 || hits > 31_000 {
			t.Errorf("seed %d: %d of %d, want about 3 in 10", seed, hits, all)
		}
	}
}

func TestSessionsCountForThemselves(t *testing.T) {
	t.Parallel()
	set := newSet(newClock())
	add(t, set, `{"protocol":"pop3","at":"retr","do":{"truncate":"half"},"often":{"after":1,"next":1,"session":true}}`)
	for range 3 {
		c := set.Conn(POP3, "127.0.0.1:5", "s1")
		for i, want := range []bool{false, true, false, false} {
			if f := c.At(Occasion{Point: Retr, User: "alice"}); (f != nil) != want {
				t.Errorf("RETR %d: %v, want a fault: %t", i+1, told(f), want)
			}
		}
	}
	if r := set.List("")[0]; r.Hits != 3 || r.Matched != 12 {
		t.Errorf("hits %d of %d, want 3 of 12", r.Hits, r.Matched)
	}
}

// TestNextIsExact has many sessions compete for a few faults, while rules come
// and go.
func TestNextIsExact(t *testing.T) {
	t.Parallel()
	set := newSet(newClock())
	add(t, set, `{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":451}},"often":{"next":3}}`)
	add(t, set, `{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":452}},"often":{"every":7}}`)
	add(t, set, `{"protocol":"smtp","at":"rcpt","do":{"reply":{"code":450}},"often":{"above":100,"per":"1h"}}`)
	const sessions, commands = 50, 40
	counts := make(chan map[int]int, sessions)
	var running sync.WaitGroup
	for range sessions {
		running.Go(func() {
			c, got := set.Conn(SMTP, "127.0.0.1:5", "s1"), map[int]int{}
			for range commands {
				if f := rcpt(c, "a@b.test"); f != nil {
					got[f.Do.Reply.Code]++
				}
			}
			counts <- got
		})
	}
	running.Go(func() {
		for range 50 {
			r, err := set.Add(Rule{Owner: "other", Protocol: SMTP, At: []Point{Rcpt}, For: Whom{Recipient: "x@x.test"}, Do: Action{Close: true}})
			if err == nil {
				err = set.Delete(r.ID)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	running.Wait()
	close(counts)
	all := map[int]int{}
	for got := range counts {
		for code, n := range got {
			all[code] += n
		}
	}
	const rest = sessions*commands - 3
	if want := rest / 7; all[451] != 3 || all[452] != want || all[450] != rest-want-100 {
		t.Errorf("fired %v, want 451 3 times, 452 %d times, 450 %d times", all, want, rest-want-100)
	}
}

func BenchmarkAsk(b *testing.B) {
	o := Occasion{Point: Rcpt, Helo: "app.test", Mail: true, Sender: "app@app.test", Recipients: []string{"alice@app.test"}}
	b.Run("no rule", func(b *testing.B) {
		c := New(Options{}).Conn(SMTP, "127.0.0.1:5", "s1")
		b.ReportAllocs()
		for b.Loop() {
			c.At(o)
		}
	})
	b.Run("no rule, addresses", func(b *testing.B) {
		c := newSet(newClock()).Conn(SMTP, "127.0.0.1:5", "s1")
		b.ReportAllocs()
		for b.Loop() {
			c.At(o)
		}
	})
	b.Run("rule elsewhere", func(b *testing.B) {
		set := newSet(newClock())
		add(b, set, `{"protocol":"smtp","at":"data","do":{"close":true}}`)
		c := set.Conn(SMTP, "127.0.0.1:5", "s1")
		b.ReportAllocs()
		for b.Loop() {
			c.At(o)
		}
	})
	b.Run("100 rules", func(b *testing.B) {
		set := newSet(newClock())
		for range 100 {
			add(b, set, `{"protocol":"smtp","at":"rcpt","for":{"recipient":"*bob*@app.test"},"do":{"close":true}}`)
		}
		c := set.Conn(SMTP, "127.0.0.1:5", "s1")
		b.ReportAllocs()
		for b.Loop() {
			c.At(o)
		}
	})
}
