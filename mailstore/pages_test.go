package mailstore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
)

// TestPages: each page is what a list from its cursor has, with and without
// query and mailbox, also after deletions.
func TestPages(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Ephemeral: true})
	const n = 700 // more than a block of signatures
	for i := range n {
		deliver(t, s, mail(fmt.Sprintf("Order %d", i), fmt.Sprintf("Hello %d.", i%10)), fmt.Sprintf("user%d@example.com", i%3))
	}
	for seq := uint64(1); seq <= n; seq += 7 {
		if _, err := s.Delete(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		o    ListOptions
	}{
		{"all", ListOptions{}},
		{"mailbox", ListOptions{Mailbox: "user1@example.com"}},
		{"domain", ListOptions{Mailbox: "*@example.com"}},
		{"query", ListOptions{Query: query(t, "subject:1")}},
		{"query in mailbox", ListOptions{Query: query(t, "subject:2"), Mailbox: "user2@example.com"}},
		{"query of the content", ListOptions{Query: query(t, `body:"Hello 3"`)}},
		{"bounded", ListOptions{After: 100, Before: 300}},
		{"nothing", ListOptions{Mailbox: "nobody@example.com"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := tt.o
			all.Limit = maxLimit
			list, err := s.List(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			for _, size := range []int{1, 7, 100, 1000} {
				p, err := s.Pages(t.Context(), tt.o, size)
				if err != nil {
					t.Fatal(err)
				}
				var want []uint64
				for i, m := range list.Messages {
					if i%size == 0 {
						want = append(want, m.Seq)
					}
				}
				if p.Total != int64(len(list.Messages)) || p.Cursor != n || !slices.Equal(p.Starts, want) {
					t.Errorf("size %d: total %d, cursor %d, %d pages; want %d, %d, %d", size, p.Total, p.Cursor, len(p.Starts), len(list.Messages), n, len(want))
				}
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Pages(ctx, ListOptions{Query: query(t, "Hello")}, 10); err != context.Canceled {
		t.Errorf("with a client that has gone: %v", err)
	}
}

func BenchmarkPages(b *testing.B) {
	s := openTest(b, Options{Ephemeral: true})
	const n = 100_000
	ctx := b.Context()
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := w; i < n; i += 64 {
				deliver(b, s, mail(fmt.Sprintf("Order %d", i), benchMail(1500)[300:]), fmt.Sprintf("user%d@example.com", i%100))
			}
		})
	}
	wg.Wait()
	for _, tt := range []struct {
		name string
		o    ListOptions
	}{
		{"all", ListOptions{}},
		{"mailbox", ListOptions{Mailbox: "user7@example.com"}},
		{"unseen", ListOptions{Query: query(b, "is:unseen")}},
		{"subject", ListOptions{Query: query(b, "subject:Order")}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Pages(ctx, tt.o, 100); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
