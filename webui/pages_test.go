package webui

import (
	"fmt"
	"testing"
)

func TestPages(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for i := range 25 {
		f.put(note(fmt.Sprintf("note %d", i)), "a@x.test", fmt.Sprintf("u%d@app.test", i%2))
	}
	for query, total := range map[string]int64{
		"":                             25,
		"&mailbox=u0@app.test":         13,
		"&q=subject:1":                 12,
		"&q=subject:1&mailbox=*@x.org": 0,
	} {
		p := into[Pages](t, f.get("/v1/pages?size=10"+query), 200)
		if p.Total != total || p.Size != 10 || p.Cursor != 25 || int64(len(p.Pages)) != (total+9)/10 {
			t.Errorf("%s: %+v, want a total of %d", query, p, total)
		}
		// The way of reading a page that the description tells of.
		seen := map[uint64]bool{}
		for n, start := range p.Pages {
			after := uint64(0)
			if n+1 < len(p.Pages) {
				after = p.Pages[n+1]
			}
			l := into[List](t, f.get(fmt.Sprintf("/v1/messages?before=%d&after=%d&limit=%d%s", start+1, after, p.Size, query)), 200)
			if len(l.Messages) == 0 || l.Messages[0].Seq != start || n+1 < len(p.Pages) && len(l.Messages) != p.Size {
				t.Errorf("%s: page %d, which begins with %d, is %+v", query, n, start, l.Messages)
			}
			for _, m := range l.Messages {
				seen[m.Seq] = true
			}
		}
		if int64(len(seen)) != total {
			t.Errorf("%s: the pages have %d messages, want %d", query, len(seen), total)
		}
	}
	wantProblem(t, f.get("/v1/pages?q=nosuch:x"), 400, "not a field")
	if a := f.get("/v1/pages?size=0"); a.StatusCode/100 != 4 {
		t.Errorf("a size of 0: %d", a.StatusCode)
	}
}

// TestDeleteBefore: what came after somebody looked is not deleted.
func TestDeleteBefore(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for i := range 6 {
		f.put(note(fmt.Sprintf("note %d", i)), "a@x.test", fmt.Sprintf("u%d@app.test", i%2))
	}
	wantProblem(t, f.do("DELETE", "/v1/messages?before=3", ""), 400, "Say what to delete")
	wantProblem(t, f.do("DELETE", "/v1/messages?before=3&all=true", ""), 400, "mailbox=*")
	if n := f.total(); n != 6 {
		t.Fatalf("%d messages are left, want all 6", n)
	}
	if d := into[Deleted](t, f.do("DELETE", "/v1/messages?before=4&mailbox=u0@app.test", ""), 200); d.Deleted != 2 {
		t.Errorf("%d deleted, want 2", d.Deleted)
	}
	if d := into[Deleted](t, f.do("DELETE", "/v1/messages?before=6&mailbox=*", ""), 200); d.Deleted != 3 || f.total() != 1 {
		t.Errorf("%d deleted, %d left; want 3, 1", d.Deleted, f.total())
	}
}
