package webui

import (
	"strconv"
	"strings"
	"testing"

	"restante/mailstore"
)

func TestEventFilters(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	query := f.followAt(t.Context(), "/v1/events?q=subject:lunch", "")
	mailbox := f.followAt(t.Context(), "/v1/events?mailbox=carol%40app.test", "")
	domain := f.followAt(t.Context(), "/v1/events?mailbox=*%40App.test&q=from:ana", "")

	other := f.put("Subject: Other\n\n", "eve@b.test", "dan@b.test")
	lunch := f.put(plain, "ana@example.test", "bob@app.test", "dan@app.test")
	carol := f.put("Subject: For Carol\nFrom: ana@b.test\n\n", "", "Carol+x@app.test", "dan@app.test")
	for _, c := range []struct {
		name   string
		events <-chan event
		want   []mailstore.Receipt
	}{
		{"query", query, []mailstore.Receipt{lunch}},
		{"mailbox", mailbox, []mailstore.Receipt{carol}},
		{"domain", domain, []mailstore.Receipt{lunch, carol}},
	} {
		for _, want := range c.want {
			e := next(t, c.events)
			for e.kind == "" { // a place to go on from
				e = next(t, c.events)
			}
			if e.kind != "stored" || !strings.Contains(e.data, want.ID) {
				t.Errorf("%s: got %+v, want %s stored", c.name, e, want.ID)
			}
		}
	}

	// Marks of what does not match pass by; of deletions only the mailbox is known.
	at := "/v1/messages/"
	f.do("PATCH", at+other.ID, `{"seen":true}`, "Content-Type: application/json")
	f.do("PATCH", at+lunch.ID, `{"seen":true}`, "Content-Type: application/json")
	if err := f.store.DeleteFrom(t.Context(), "bob@app.test", []uint64{lunch.Seq}); err != nil {
		t.Fatal(err)
	}
	if err := f.store.DeleteFrom(t.Context(), "carol@app.test", []uint64{carol.Seq}); err != nil {
		t.Fatal(err)
	}
	f.store.RecordSession(&mailstore.Session{ID: f.store.NewSessionID(), Protocol: "smtp"})
	kinds := func(events <-chan event) (got string) {
		for {
			e := next(t, events)
			if e.kind != "" {
				got += " " + e.kind
			}
			if e.kind == "session" {
				return got
			}
		}
	}
	if got, want := kinds(query), " seen deleted deleted session"; got != want {
		t.Errorf("query: got%s, want%s", got, want)
	}
	if got, want := kinds(mailbox), " deleted session"; got != want {
		t.Errorf("mailbox: got%s, want%s", got, want)
	}
}

// TestEventFiltersMoveOn holds that a stream which shows nothing knows where to
// go on, and that after is as good as Last-Event-ID.
func TestEventFiltersMoveOn(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	events := f.followAt(t.Context(), "/v1/events?q=subject:never", "")
	f.put(plain, "", "bob@app.test")
	id := next(t, events)
	if id.kind != "" || id.data != "" || id.id == "" {
		t.Fatalf("got %+v, want an id and nothing else", id)
	}
	last := f.put("Subject: Last\n\n", "", "bob@app.test")
	e := next(t, f.followAt(t.Context(), "/v1/events?after="+id.id, ""))
	n, err := strconv.Atoi(id.id)
	if err != nil || e.kind != "stored" || e.id != strconv.Itoa(n+1) || !strings.Contains(e.data, last.ID) {
		t.Errorf("after %s got %+v, want the message stored last", id.id, e)
	}
	if a := f.get("/v1/events?q=nofield:x"); a.StatusCode != 400 {
		t.Errorf("a query that cannot be read: got %d, want 400", a.StatusCode)
	}
	wantProblem(t, f.get("/v1/events?query=x"), 400, "unknown query parameter", "It takes q, mailbox, after")
}
