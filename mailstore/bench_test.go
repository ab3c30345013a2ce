package mailstore

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkSearch looks through 20,000 messages of 2 KB, of which one in a
// thousand has the word that is looked for.
func BenchmarkSearch(b *testing.B) {
	s := openTest(b, Options{Ephemeral: true})
	const n = 20_000
	for i := range n {
		subject, word := fmt.Sprintf("Order %08d confirmed", i), ""
		switch i % 1000 {
		case 0:
			subject += " xylophone"
		case 500:
			word = "marzipan "
		}
		deliver(b, s, mail(subject, word+benchMail(2048)[300:]), fmt.Sprintf("user%d@example.com", i%100))
	}
	for _, tt := range []struct {
		name string
		o    ListOptions
		want int
	}{
		{"newest", ListOptions{}, 50},
		{"mailbox", ListOptions{Mailbox: "user7@example.com"}, 50},
		{"subject", ListOptions{Query: query(b, "subject:xylophone")}, n / 1000},
		{"body", ListOptions{Query: query(b, "marzipan")}, n / 1000},
		{"nowhere", ListOptions{Query: query(b, "body:nowhereatall")}, 0},
		{"larger", ListOptions{Query: query(b, "larger:1M")}, 0},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				page, err := s.List(context.Background(), tt.o)
				if err != nil || len(page.Messages) != tt.want {
					b.Fatalf("%d messages, %v; want %d", len(page.Messages), err, tt.want)
				}
			}
		})
	}
	b.Run("maildrop", func(b *testing.B) {
		for b.Loop() {
			if d, err := s.Maildrop("*"); err != nil || len(d.Entries) != n {
				b.Fatal(d, err)
			}
		}
	})
}
