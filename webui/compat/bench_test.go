package compat

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"restante/mailstore"
)

// BenchmarkLists measures a page and a poll in a store of 50,000 messages.
func BenchmarkLists(b *testing.B) {
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	for i := range 50_000 {
		in := store.NewIncoming()
		fmt.Fprintf(in, "From: a@b.test\r\nTo: u%d@app.test\r\nSubject: n %d\r\n\r\nSome text that is not long.\r\n", i%100, i)
		if _, err := in.Deliver(b.Context(), mailstore.Envelope{ForwardPaths: []mailstore.ForwardPath{{Address: fmt.Sprintf("u%d@app.test", i%100)}}}); err != nil {
			b.Fatal(err)
		}
	}
	h := New(store, nil, Info{})
	for name, path := range map[string]func(i int) string{
		"first page":    func(int) string { return "/api/v1/messages" },
		"any page":      func(i int) string { return fmt.Sprintf("/api/v1/messages?start=%d", i*50%50_000) },
		"page of match": func(i int) string { return fmt.Sprintf("/api/v1/search?query=to:app.test&start=%d", i*50%50_000) },
		"poll":          func(int) string { return "/api/v1/search?query=to:u42@app.test&limit=1" },
		"poll unread":   func(int) string { return "/api/v1/search?query=is:unread+to:u42@app.test&limit=1" },
	} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", path(i), nil))
				if w.Code != http.StatusOK {
					body, _ := io.ReadAll(w.Body)
					b.Fatalf("%d: %s", w.Code, body)
				}
				i++
			}
		})
	}
	b.Run("search anew", func(b *testing.B) {
		i := 0
		s := &server{store: store}
		for b.Loop() {
			q, err := parseSearch(fmt.Sprintf("to:u42 -subject:never%d", i), time.UTC)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.locate(b.Context(), q, 0); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
}
