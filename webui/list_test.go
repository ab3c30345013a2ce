package webui

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestListShowsSummariesNewestFirst(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	first := f.put(plain, "ana@example.test", "bob@app.test", "hidden@app.test")
	second := f.put(strings.Replace(plain, "Lunch", "=?utf-8?q?D=C3=AEner?=", 1), "", "bob@app.test")

	got := into[List](t, f.get("/v1/messages"), 200)
	if len(got.Messages) != 2 || got.Messages[0].Seq != second.Seq || got.Messages[1].Seq != first.Seq {
		t.Fatalf("got %+v, want seqs %d, %d", got.Messages, second.Seq, first.Seq)
	}
	if got.Messages[0].Subject != "Dîner" || got.Messages[0].Sender != "" {
		t.Errorf("newest is %+v", got.Messages[0])
	}
	m := got.Messages[1]
	if m.ID != first.ID || m.From[0] != (Address{"Ana", "ana@example.test"}) || m.Preview != "At noon?" || m.Seen {
		t.Errorf("summary is %+v", m)
	}
	if strings.Join(m.Recipients, " ") != "bob@app.test hidden@app.test" || len(m.Mailboxes) != 2 {
		t.Errorf("recipients %q, mailboxes %q", m.Recipients, m.Mailboxes)
	}
	if got.Cursor != second.Seq || got.Total != 2 || got.Unseen != 2 || got.Next != 0 || got.Bytes == 0 {
		t.Errorf("totals are %+v", got)
	}
}

func TestListHasNoNulls(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	f.put("\n", "", "bob@app.test")
	if body := f.get("/v1/messages").body; strings.Contains(body, "null") {
		t.Errorf("a list without fields has null: %s", body)
	}
	if body := f.get("/v1/messages?q=subject:nothing").body; !strings.Contains(body, `"messages":[]`) {
		t.Errorf("an empty list is %s", body)
	}
}

func TestListPagesBothWays(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for i := range 7 {
		f.put(fmt.Sprintf("Subject: %d\n\nx\n", i), "a@b.test", "c@d.test")
	}
	walk := func(order, by string) string {
		var subjects []string
		path := "/v1/messages?limit=3&order=" + order
		for range 10 {
			page := into[List](t, f.get(path), 200)
			for _, m := range page.Messages {
				subjects = append(subjects, m.Subject)
			}
			if page.Next == 0 {
				break
			}
			path = fmt.Sprintf("/v1/messages?limit=3&order=%s&%s=%d", order, by, page.Next)
		}
		return strings.Join(subjects, "")
	}
	if got := walk("newest", "before"); got != "6543210" {
		t.Errorf("newest first: got %s", got)
	}
	if got := walk("oldest", "after"); got != "0123456" {
		t.Errorf("oldest first: got %s", got)
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	f.put("Subject: one\n\nx\n", "a@b.test", "alice@app.test")
	f.put("Subject: two\n\nx\n", "a@b.test", "bob@app.test")
	f.put("Subject: three\n\nx\n", "a@b.test", "bob@other.test")
	for query, want := range map[string]string{
		"mailbox=bob@app.test":              "two",
		"mailbox=*@app.test":                "two one",
		"mailbox=*":                         "three two one",
		"q=subject:one":                     "one",
		"q=rcpt:bob":                        "three two",
		"q=rcpt:bob&mailbox=*@other.test":   "three",
		"after=1":                           "three two",
		"before=3":                          "two one",
		"after=1&before=3":                  "two",
		"q=" + url.QueryEscape("-rcpt:bob"): "one",
	} {
		var subjects []string
		for _, m := range into[List](t, f.get("/v1/messages?"+query), 200).Messages {
			subjects = append(subjects, m.Subject)
		}
		if got := strings.Join(subjects, " "); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestListRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	wantProblem(t, f.get("/v1/messages?mailbox=x&form=y"), 400, "form", "unknown", "It takes q, mailbox, after")
	wantProblem(t, f.get("/v1/messages?limit=0"), 400, "query.limit")
	wantProblem(t, f.get("/v1/messages?limit=1001"), 400, "query.limit", "1000")
	wantProblem(t, f.get("/v1/messages?limit=ten"), 400, "query.limit", "integer")
	wantProblem(t, f.get("/v1/messages?after=-1"), 400, "query.after")
	wantProblem(t, f.get("/v1/messages?order=sideways"), 400, "query.order", "newest")
	wantProblem(t, f.get("/v1/messages?q=subject:a&limit=1&q=subject:b"), 400, "query.q", "2 times")
}

func TestListPointsAtTheFaultOfAQuery(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	a := f.get("/v1/messages?q=" + url.QueryEscape("from:ana colour:red"))
	wantProblem(t, a, 400, "colour:", "octet 9")
	p := into[problem](t, a, 400)
	if len(p.Errors) != 1 || p.Errors[0].Location != "query.q[9]" || p.Errors[0].Value != "from:ana colour:red" {
		t.Errorf("errors are %+v", p.Errors)
	}
}
