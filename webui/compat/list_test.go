package compat

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestListShape(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.putRich()
	if err := f.store.SetTags(t.Context(), r.Seq, []string{"z", "a"}); err != nil {
		t.Fatal(err)
	}
	got := into[map[string]any](f, "/api/v1/messages")
	for name, want := range map[string]any{"total": 1., "unread": 1., "count": 1., "messages_count": 1., "messages_unread": 1., "start": 0.} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if tags := fmt.Sprint(got["tags"]); tags != "[a z]" {
		t.Errorf("tags are %s, want [a z]", tags)
	}
	m := got["messages"].([]any)[0].(map[string]any)
	for name, want := range map[string]string{
		"ID": fmt.Sprintf("%q", r.ID), "MessageID": `"rich@example.test"`, "Read": "false",
		"From":    `{"Address":"ana@example.test","Name":"Ana Lima"}`,
		"To":      `[{"Address":"bob@app.test","Name":"Bob"},{"Address":"carl@app.test","Name":""}]`,
		"Cc":      `[{"Address":"dora@app.test","Name":""}]`,
		"Bcc":     `[{"Address":"eve@hidden.test","Name":""}]`,
		"ReplyTo": `[{"Address":"help@example.test","Name":"Help"}]`,
		"Subject": `"Grüße"`, "Username": `""`, "Tags": `["a","z"]`, "Attachments": "1",
		"Size": fmt.Sprint(len(strings.ReplaceAll(rich, "\n", "\r\n"))),
	} {
		if text, err := json.Marshal(m[name]); err != nil || string(text) != want {
			t.Errorf("%s is %s, want %s (%v)", name, text, want, err)
		}
	}
	if s := m["Snippet"].(string); !strings.HasPrefix(s, "Schön, see https://") {
		t.Errorf("Snippet is %q", s)
	}
}

// TestListNoNulls: clients iterate without asking.
func TestListNoNulls(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, path := range []string{"/api/v1/messages", "/api/v1/search?query=x", "/api/v1/tags", "/api/v2/messages"} {
		if body := f.want(200, "GET", path, ""); strings.Contains(body, "null") {
			t.Errorf("%s of nothing: %s", path, body)
		}
	}
	r := f.put("\nnothing in the header\n", "", "bob@app.test")
	for _, path := range []string{"/api/v1/messages", "/api/v1/message/" + r.ID} {
		if body := f.want(200, "GET", path, ""); strings.Contains(body, "null") {
			t.Errorf("%s of an empty header: %s", path, body)
		}
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	f := start(t)
	for i := range 60 {
		f.note(fmt.Sprint(i))
	}
	if got := into[pitList](f, "/api/v1/messages"); got.Count != 50 || got.Messages[0].Subject != "59" {
		t.Errorf("the first page has %d from %s, want 50 from 59", got.Count, got.Messages[0].Subject)
	}
	for path, want := range map[string]string{
		"/api/v1/messages?limit=3":                   "59 58 57",
		"/api/v1/messages?start=3&limit=2":           "56 55",
		"/api/v1/messages?start=58":                  "1 0",
		"/api/v1/messages?start=60":                  "",
		"/api/v1/messages?start=-1&limit=1":          "59",
		"/api/v1/messages?start=x&limit=1":           "59",
		"/api/v1/search?query=to:bob&start=57":       "2 1 0",
		"/api/v1/search?query=subject:1&limit=2":     "51 41",
		"/api/v1/search?query=-subject:5&limit=2":    "49 48",
		"/api/v1/search?query=addressed:bob&limit=2": "59 58",
	} {
		if got := into[pitList](f, path).subjects(); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// TestListBefore: pages that begin below a message do not move when mail comes.
func TestListBefore(t *testing.T) {
	t.Parallel()
	f := start(t)
	for i := range 6 {
		f.note(fmt.Sprint(i))
	}
	first := into[pitList](f, "/api/v1/messages?limit=3")
	f.note("late")
	last := first.Messages[2].ID
	for path, want := range map[string]string{
		"/api/v1/messages?limit=3&before=" + last:              "2 1 0",
		"/api/v1/messages?limit=3&start=1&before=" + last:      "1 0",
		"/api/v1/search?query=to:bob&limit=2&before=" + last:   "2 1",
		"/api/v1/messages?limit=1&before=2099-01-01T00:00:00Z": "late",
		"/api/v1/messages?limit=1&before=2001-01-01":           "",
		"/api/v1/messages?limit=1&before=nonsense":             "late",
	} {
		if got := into[pitList](f, path).subjects(); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// TestOffsetsStayRight pages a large store while mail comes, goes and is
// marked, and holds every page against a plain model.
func TestOffsetsStayRight(t *testing.T) {
	t.Parallel()
	f := start(t)
	type entry struct {
		seq    uint64
		odd    bool
		unseen bool
	}
	var model []entry // newest first
	add := func(n int) {
		for range n {
			odd := len(model)%2 == 1
			subject := "even"
			if odd {
				subject = "odd"
			}
			model = slices.Insert(model, 0, entry{f.note(subject).Seq, odd, true})
		}
	}
	add(2600)
	random := rand.New(rand.NewPCG(1, 2))
	queries := []struct {
		path string
		has  func(entry) bool
	}{
		{"/api/v1/messages?", func(entry) bool { return true }},
		{"/api/v1/search?query=subject:odd", func(e entry) bool { return e.odd }},
		{"/api/v1/search?query=-subject:odd", func(e entry) bool { return !e.odd }},
		{"/api/v1/search?query=is:unread", func(e entry) bool { return e.unseen }},
		{"/api/v1/search?query=addressed:bob+subject:odd", func(e entry) bool { return e.odd }},
	}
	for round := range 12 {
		for _, q := range queries {
			var want []entry
			unseen := int64(0)
			for _, e := range model {
				if q.has(e) {
					want = append(want, e)
					if e.unseen {
						unseen++
					}
				}
			}
			at := random.IntN(len(want))
			got := into[pitList](f, fmt.Sprintf("%s&start=%d&limit=3", q.path, at))
			if got.MessagesCount != int64(len(want)) || got.MessagesUnread != unseen {
				t.Fatalf("round %d, %s: %d matches, %d unread, want %d and %d", round, q.path, got.MessagesCount, got.MessagesUnread, len(want), unseen)
			}
			for i, m := range got.Messages {
				if id := f.store.ID(want[at+i].seq); m.ID != id {
					t.Fatalf("round %d, %s, start %d: message %d is %s, want %s", round, q.path, at, i, m.ID, id)
				}
			}
		}
		switch round % 4 {
		case 0:
			add(3)
		case 1:
			add(1100)
		case 2:
			i := random.IntN(len(model))
			if _, err := f.store.Delete(t.Context(), model[i].seq); err != nil {
				t.Fatal(err)
			}
			model = slices.Delete(model, i, i+1)
			add(1)
		case 3:
			a, b := random.IntN(len(model)), random.IntN(len(model))
			for _, i := range []int{a, b} {
				model[i].unseen = !model[i].unseen
				if err := f.store.SetSeen(t.Context(), !model[i].unseen, model[i].seq); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestOffsetsRemember: a page deep in a list does not walk there again, and a
// search that is repeated does not look at all mail again.
func TestOffsetsRemember(t *testing.T) {
	t.Parallel()
	f := start(t)
	for range 2500 {
		f.note("x")
	}
	s := &server{store: f.store}
	all, err := parseSearch("", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	some, err := parseSearch("subject:x", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []*search{all, some} {
		if _, err := s.locate(t.Context(), q, 2400); err != nil {
			t.Fatal(err)
		}
		known := s.lists.recent[len(s.lists.recent)-1]
		known.count += 10_000 // is kept only if nothing is counted anew
		f.note("x")
		at, err := s.locate(t.Context(), q, 2400)
		if err != nil {
			t.Fatal(err)
		}
		if at.skip >= largePage {
			t.Errorf("%s: 2,400 is %d messages behind a known place, want less than %d", q.key, at.skip, largePage)
		}
		if q == some && at.count != 12_502 {
			t.Errorf("the search counted %d, want 12,502: it looked at all mail again", at.count)
		}
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.want(404, "GET", "/api/v1/nothing", "")
	f.want(404, "GET", "/api/v3/messages", "")
	f.want(405, "POST", "/api/v1/messages", "{}")
	f.want(404, "GET", "/api/v1/message/latest", "")
	f.want(404, "GET", "/api/v1/message/"+url.PathEscape("../x"), "")
}
