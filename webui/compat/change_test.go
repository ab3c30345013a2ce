package compat

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

const asJSON = "Content-Type: application/json"

// TestDeleteAll: without any body, as both APIs and their clients do it.
func TestDeleteAll(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.note("x")
	f.note("y")
	for _, c := range []struct{ header, want string }{
		{"Accept: */*", "ok"},
		{"Accept: text/json", ""},
		{"X-No-Accept: 1", ""}, // as the npm client mailhog, which reads any answer as JSON
	} {
		f.note("z")
		if got := f.want(200, "DELETE", "/api/v1/messages", "", c.header); got != c.want {
			t.Errorf("%s: the answer is %q, want %q", c.header, got, c.want)
		}
		if n := f.count(); n != 0 {
			t.Errorf("%s: %d messages are left, want 0", c.header, n)
		}
	}
}

func TestDeleteByID(t *testing.T) {
	t.Parallel()
	f := start(t)
	a, b := f.note("a"), f.note("b")
	f.note("c")
	f.want(200, "DELETE", "/api/v1/messages", fmt.Sprintf(`{"IDs":[%q,"gone",%q]}`, a.ID, b.ID), asJSON)
	if got := into[pitList](f, "/api/v1/messages").subjects(); got != "c" {
		t.Errorf("left is %q, want c", got)
	}
	f.want(200, "DELETE", "/api/v1/messages", `{"ids":["nobody"]}`)
	if f.count() != 1 {
		t.Errorf("deleting what is not there deleted something")
	}
}

// TestDeleteMisread: Mailpit deletes all mail on each of these.
func TestDeleteMisread(t *testing.T) {
	t.Parallel()
	f := start(t)
	r := f.note("x")
	for _, body := range []string{
		`{"IDs":[]}`, `{"IDs":null}`, `{}`, `[]`, `null`, `"` + r.ID + `"`, `{"IDs":"` + r.ID + `"}`, `{"ID":["` + r.ID + `"]}`,
		`{"IDs":["` + r.ID + `"]`, `{"IDs":["` + r.ID + `"]} {}`, `ids=` + r.ID, ` `, `not JSON`,
	} {
		a := f.do("DELETE", "/api/v1/messages", body)
		if a.StatusCode != 400 {
			t.Errorf("%.60s: got %d, want 400: %s", body, a.StatusCode, a.body)
		}
		if f.count() != 1 {
			t.Fatalf("%.60s deleted mail", body)
		}
	}
	f.want(413, "DELETE", "/api/v1/messages", `{"IDs":["`+strings.Repeat("x", maxJSON)+`"]}`)
	// A body was announced and none came.
	f.want(400, "DELETE", "/api/v1/messages", "", asJSON)
	if f.count() != 1 {
		t.Error("an empty JSON body deleted mail")
	}
}

func TestDeleteSearch(t *testing.T) {
	t.Parallel()
	f := start(t)
	for i := range 5 {
		f.note(fmt.Sprintf("n%d", i))
	}
	f.want(200, "DELETE", "/api/v1/search?query=subject:n1", "")
	f.want(200, "DELETE", "/api/v1/search?query="+url.QueryEscape("subject:n2 to:bob"), "")
	f.want(200, "DELETE", "/api/v1/search?query=subject:n9", "")
	if got := into[pitList](f, "/api/v1/messages").subjects(); got != "n4 n3 n0" {
		t.Errorf("left is %q, want n4 n3 n0", got)
	}
	// Terms that say nothing would make this a deletion of more than was meant.
	for _, query := range []string{"to:", "before:yesteryear", `subject:n4 from:""`, "***", `""`, "-"} {
		f.want(400, "DELETE", "/api/v1/search?query="+url.QueryEscape(query), "")
	}
	if n := f.count(); n != 3 {
		t.Errorf("%d messages are left, want 3", n)
	}
}

func TestSetRead(t *testing.T) {
	t.Parallel()
	f := start(t)
	a := f.note("a")
	f.note("b")
	f.note("c")
	unread := func() string { return into[pitList](f, "/api/v1/search?query=is:unread").subjects() }
	for _, c := range []struct{ body, want string }{
		{fmt.Sprintf(`{"IDs":[%q],"Read":true}`, a.ID), "c b"},
		{`{"Search":"subject:b","Read":true}`, "c"},
		{fmt.Sprintf(`{"IDs":[%q],"Read":false}`, a.ID), "c a"},
		{`{"Read":true}`, ""},
		{`{"Read":false}`, "c b a"},
		{`{"IDs":["nobody"],"Read":true}`, "c b a"},
		{`{}`, "c b a"},
	} {
		if got := f.want(200, "PUT", "/api/v1/messages", c.body, asJSON); got != "ok" {
			t.Errorf("%s: the answer is %q", c.body, got)
		}
		if got := unread(); got != c.want {
			t.Errorf("after %s unread are %q, want %q", c.body, got, c.want)
		}
	}
	for _, body := range []string{"", " ", "x", `{"Read":"yes"}`, `{"Seen":true}`, `{"IDs":["a"],"Search":"b","Read":true}`, `{"Search":"to:","Read":true}`} {
		f.want(400, "PUT", "/api/v1/messages", body, asJSON)
	}
	if got := unread(); got != "c b a" {
		t.Errorf("refused changes left unread %q, want c b a", got)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	f := start(t)
	a, b := f.note("a"), f.note("b")
	tags := func() string { return fmt.Sprint(into[[]string](f, "/api/v1/tags")) }
	of := func(id string) string { return fmt.Sprint(into[detail](f, "/api/v1/message/"+id).Tags) }
	f.want(200, "PUT", "/api/v1/tags", fmt.Sprintf(`{"IDs":[%q,%q],"Tags":["Two  words","one","<x>;y"]}`, a.ID, b.ID), asJSON)
	if tags() != "[Two words one xy]" || of(b.ID) != "[Two words one xy]" {
		t.Errorf("tags are %s, of b %s", tags(), of(b.ID))
	}
	if got := fmt.Sprint(into[pitList](f, "/api/v1/messages").Tags); got != "[Two words one xy]" {
		t.Errorf("the list has tags %s", got)
	}
	f.want(200, "PUT", "/api/v1/tags", fmt.Sprintf(`{"IDs":[%q]}`, a.ID), asJSON)
	if of(a.ID) != "[]" {
		t.Errorf("without Tags, a has %s, want none", of(a.ID))
	}
	f.want(200, "PUT", "/api/v1/tags/"+url.PathEscape("Two words"), `{"Name":"three"}`, asJSON)
	if of(b.ID) != "[one three xy]" {
		t.Errorf("after renaming b has %s", of(b.ID))
	}
	f.want(200, "DELETE", "/api/v1/tags/one", "")
	if tags() != "[three xy]" || f.count() != 2 {
		t.Errorf("after deleting a tag: %s, %d messages", tags(), f.count())
	}
	f.want(404, "DELETE", "/api/v1/tags/one", "")
	f.want(404, "PUT", "/api/v1/tags/one", `{"Name":"x"}`, asJSON)
	for _, body := range []string{"", "{}", `{"Tags":["x"]}`, `{"IDs":[],"Tags":["x"]}`, `{"IDs":"x"}`} {
		f.want(400, "PUT", "/api/v1/tags", body, asJSON)
	}
	f.want(400, "PUT", "/api/v1/tags/xy", `{"Name":";"}`, asJSON)
	// A tag goes with the last message that has it, whoever changes it.
	if err := f.store.SetTags(t.Context(), a.Seq, []string{"elsewhere"}); err != nil {
		t.Fatal(err)
	}
	f.want(200, "DELETE", "/api/v1/messages", fmt.Sprintf(`{"IDs":[%q]}`, b.ID), asJSON)
	if tags() != "[elsewhere]" {
		t.Errorf("tags are %s, want [elsewhere]", tags())
	}
}
