package client_test

import (
	"fmt"
	"strings"
	"testing"

	"restante/client"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	var ids []string
	for i := range 6 {
		mail(t, srv, "alice@app.test", fmt.Sprint("m", i), "text")
		ids = append(ids, must(c.Latest(ctx, client.Query{}))(t).ID)
	}
	left := func() string {
		t.Helper()
		return subjects(must(c.List(ctx, client.Query{}, client.ListOptions{Oldest: true}))(t).Messages)
	}
	for _, step := range []struct {
		what  string
		do    func() (int, error)
		n     int
		left  string
		fails string
	}{
		{"no ids", func() (int, error) { return c.Delete(ctx) }, 0, "m0 m1 m2 m3 m4 m5", ""},
		{"two ids", func() (int, error) { return c.Delete(ctx, ids[1], ids[3]) }, 2, "m0 m2 m4 m5", ""},
		{"the empty query", func() (int, error) { return c.DeleteWhere(ctx, client.Query{}) }, 0, "m0 m2 m4 m5", "DeleteAll"},
		{"a blank one", func() (int, error) { return c.DeleteWhere(ctx, client.Query{Text: " \t"}) }, 0, "m0 m2 m4 m5", "DeleteAll"},
		{"a wrong one", func() (int, error) { return c.DeleteWhere(ctx, client.Query{Text: "no:field"}) }, 0, "m0 m2 m4 m5", "400"},
		{"a subject", func() (int, error) { return c.DeleteWhere(ctx, client.Query{Subject: "m4"}) }, 1, "m0 m2 m5", ""},
		{"another mailbox", func() (int, error) { return c.DeleteWhere(ctx, client.Query{Mailbox: "bob@app.test"}) }, 0, "m0 m2 m5", ""},
		{"all", func() (int, error) { return c.DeleteAll(ctx) }, 3, "", ""},
		{"all of nothing", func() (int, error) { return c.DeleteAll(ctx) }, 0, "", ""},
	} {
		n, err := step.do()
		if step.fails == "" && err != nil || step.fails != "" && (err == nil || !strings.Contains(err.Error(), step.fails)) {
			t.Errorf("%s: %v", step.what, err)
		}
		if got := left(); n != step.n || got != step.left {
			t.Errorf("%s: %d went and %q are left, want %d and %q", step.what, n, got, step.n, step.left)
		}
	}
}

func TestDeleteOfManyAndOfNone(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	var ids []string
	for range 3 {
		mail(t, srv, "alice@app.test", "m", "text")
		ids = append(ids, must(c.Latest(ctx, client.Query{}))(t).ID)
	}
	// More ids than one request takes; most are not there.
	many := []string{ids[0]}
	for i := range 500 {
		many = append(many, fmt.Sprint(1000+i))
	}
	many = append(many, ids[1])
	if n, err := c.Delete(ctx, many...); n != 2 || err != nil {
		t.Errorf("%d went, %v", n, err)
	}
	if n, err := c.Delete(ctx, ids[2]); n != 1 || err != nil {
		t.Errorf("%d went, %v", n, err)
	}
}

func TestMarkAndTag(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	mail(t, srv, "alice@app.test", "a", "text")
	mail(t, srv, "alice@app.test", "b", "text")
	a, b := must(c.Get(ctx, "1"))(t).ID, must(c.Get(ctx, "2"))(t).ID
	if n, err := c.Mark(ctx, true, a, b); n != 2 || err != nil {
		t.Errorf("marked %d, %v", n, err)
	}
	if n, err := c.Mark(ctx, false, b); n != 1 || err != nil {
		t.Errorf("unmarked %d, %v", n, err)
	}
	if n, err := c.Tag(ctx, []string{"x", "y"}, a, b); n != 2 || err != nil {
		t.Errorf("tagged %d, %v", n, err)
	}
	if n, err := c.Tag(ctx, nil, b); n != 1 || err != nil {
		t.Errorf("untagged %d, %v", n, err)
	}
	if n, err := c.Mark(ctx, true); n != 0 || err != nil {
		t.Errorf("marked %d of none, %v", n, err)
	}
	ma, mb := must(c.Get(ctx, a))(t), must(c.Get(ctx, b))(t)
	if !ma.Seen || mb.Seen || fmt.Sprint(ma.Tags, mb.Tags) != "[x y] []" {
		t.Errorf("seen %v %v, tags %v %v", ma.Seen, mb.Seen, ma.Tags, mb.Tags)
	}
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	for _, to := range []string{"alice@app.test", "alice@app.test", "bob@app.test", "al@app.test"} {
		mail(t, srv, to, "hi", "text")
	}
	names := func(prefix string) string {
		t.Helper()
		var all []string
		for _, m := range collect(t, c.Mailboxes(ctx, prefix)) {
			all = append(all, fmt.Sprint(m.Name, ":", m.Messages))
		}
		return strings.Join(all, " ")
	}
	if got := names(""); got != "al@app.test:1 alice@app.test:2 bob@app.test:1" {
		t.Errorf("mailboxes are %s", got)
	}
	if got := names("ali"); got != "alice@app.test:2" {
		t.Errorf("mailboxes with ali are %s", got)
	}
	m := must(c.Mailbox(ctx, "alice@app.test"))(t)
	if m.Messages != 2 || m.Unseen != 2 || m.Newest != 2 || m.Octets == 0 || m.Received.IsZero() || m.Inbox {
		t.Errorf("alice's is %+v", m)
	}
	if n, err := c.MarkMailbox(ctx, "alice@app.test"); n != 2 || err != nil {
		t.Errorf("marked %d, %v", n, err)
	}
	if m := must(c.Mailbox(ctx, "alice@app.test"))(t); m.Unseen != 0 {
		t.Errorf("alice's is %+v", m)
	}
	if n, err := c.DeleteMailbox(ctx, "alice@app.test"); n != 2 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	if got := names(""); got != "al@app.test:1 bob@app.test:1" {
		t.Errorf("mailboxes are %s", got)
	}
}

// More mailboxes than a page has.
func TestMailboxPages(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	ctx := limited(t)
	var to []string
	for i := range 800 {
		to = append(to, fmt.Sprintf("user%04d@app.test", i))
	}
	must(c.Deliver(ctx, "a@app.test", to[:400], strings.NewReader("Subject: x\r\n\r\n")))(t)
	must(c.Deliver(ctx, "a@app.test", to[400:], strings.NewReader("Subject: x\r\n\r\n")))(t)
	all := collect(t, c.Mailboxes(ctx, "user"))
	if len(all) != len(to) {
		t.Fatalf("%d mailboxes, want %d", len(all), len(to))
	}
	for i, m := range all {
		if m.Name != to[i] {
			t.Fatalf("mailbox %d is %s, want %s", i, m.Name, to[i])
		}
	}
}
