package webui

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"restante/mailstore"
)

// BenchmarkListPage is the first page of a list of 100,000 messages, from the
// request to the last octet of the answer, without the network.
func BenchmarkListPage(b *testing.B) {
	store, err := mailstore.Open(mailstore.Options{Ephemeral: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	fill(b, store, 100_000)
	handler := New(Config{}, store, nil).Handler()
	for _, path := range []string{"/v1/messages", "/v1/messages?order=oldest", "/v1/messages?mailbox=user7@app.test"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost"+path, nil))
				if w.Code != http.StatusOK || w.Body.Len() < 10_000 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}

func fill(b *testing.B, store *mailstore.Store, n int) {
	body := strings.Repeat("All jobs ran, as they did the night before.\r\n", 40)
	var wait sync.WaitGroup
	for worker := range 32 {
		wait.Go(func() {
			for i := worker; i < n; i += 32 {
				in := store.NewIncoming()
				fmt.Fprintf(in, "From: Robot %d <robot@app.test>\r\nTo: user%d@app.test\r\nSubject: Nightly report %d\r\nMessage-ID: <%d@app.test>\r\n\r\n%s", i%7, i%50, i, i, body)
				_, err := in.Deliver(b.Context(), mailstore.Envelope{
					ReversePath: "robot@app.test", ForwardPaths: []mailstore.ForwardPath{{Address: fmt.Sprintf("user%d@app.test", i%50)}},
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
}
