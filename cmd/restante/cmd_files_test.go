package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"restante/internal/mbox"
)

// awkward are messages that a mailbox file has to be told apart from itself.
func awkward() []string {
	return []string{
		"",
		"\n",
		"\r\n",
		"x",
		"x\r",
		"Subject: no end",
		"Subject: a\r\n\r\nFrom here on\r\n>From there\r\n>>From far\r\n\r\nFrom an empty line\r\n",
		"Subject: b\n\nbare LF\nFrom x\n\n\n",
		"From the beginning\r\n",
		"Subject: c\r\n\r\n\r\n\r\n",
		"Subject: d\r\n\r\nends in LF\n\r\n\n",
		"Subject: e\r\n\r\n\x00\x80\xff lone \r CR\r\n",
		"Subject: f\r\n\r\n" + strings.Repeat("From long ", 20000),
	}
}

// corpus are real-world messages, where there are some.
func corpus(t *testing.T) (all []string) {
	t.Helper()
	names, err := filepath.Glob("../../../shared/corpus/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		all = append(all, readFile(t, name))
	}
	return all
}

func TestMailboxFile(t *testing.T) {
	t.Parallel()
	all := slices.Concat(awkward(), corpus(t))
	var b bytes.Buffer
	w := mbox.NewWriter(&b)
	for i, content := range all {
		if err := w.Add(fmt.Sprintf("app%d@app.test", i), time.Unix(0, 0), []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	r := mbox.NewReader(&b, 0)
	for i, content := range all {
		sender, got, err := r.Next()
		if err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if want := fmt.Sprintf("app%d@app.test", i); sender != want {
			t.Errorf("message %d is from %q, want %q", i, sender, want)
		}
		// What does not end in a line ending gets one.
		if string(got) != content && (strings.HasSuffix(content, "\n") || string(got) != content+"\n") {
			t.Errorf("message %d has %s", i, difference(string(got), content))
		}
	}
	if _, _, err := r.Next(); err == nil {
		t.Error("there is one more message")
	}
}

// Files of others: with other line endings, and with what does not belong there.
func TestMailboxFilesOfOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"no mailbox\n", nil},
		{"From a@app.test Tue Jan  6 10:11:12 2026\nSubject: a\n\nx\n\nFrom b@app.test Tue\nSubject: b\n\n", []string{"Subject: a\n\nx\n", "Subject: b\n"}},
		{"From a Tue\r\nSubject: a\r\n\r\nx\r\n\r\nFrom b Tue\r\nSubject: b\r\n\r\ny", []string{"Subject: a\r\n\r\nx\r\n", "Subject: b\r\n\r\ny"}},
		{"\n\nFrom a Tue\nSubject: a\n\nx\nFrom no empty line before it\n>From x\n", []string{"Subject: a\n\nx\nFrom no empty line before it\nFrom x\n"}},
	} {
		var got []string
		r := mbox.NewReader(strings.NewReader(tt.text), 0)
		for {
			_, content, err := r.Next()
			if err != nil {
				break
			}
			got = append(got, string(content))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestRoundTrip exports a store in every format and imports it into another one:
// the same octets, from the same sender, for the same recipients, in the same
// order.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i, content := range slices.Concat(awkward()[1:], corpus(t)) { // the API takes no empty one
		from := "app@app.test"
		if i%5 == 0 {
			from = ""
		}
		s.chunk(t, from, fmt.Sprintf("hidden%d@app.test", i), content)
	}
	want := s.all(t, "")
	seen := want[1].ID
	succeeds(t, s.command(t, "list", "--query", "id:"+seen)) // it is there
	s.patch(t, seen, `{"seen":true,"tags":["one","two words"]}`)

	for _, format := range []string{"eml", "mbox", "maildir"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			archive := filepath.Join(t.TempDir(), "archive")
			if out := s.does(t, "export", archive, "--format", format); out != fmt.Sprintf("exported %d messages\n", len(want)) {
				t.Errorf("printed %q", out)
			}
			fails(t, s.command(t, "export", archive, "--format", format), exitFailed, "export to a new")
			to := newSite(t)
			if out := to.does(t, "import", archive); out != fmt.Sprintf("imported %d messages\n", len(want)) {
				t.Errorf("printed %q", out)
			}
			got := to.all(t, "")
			if len(got) != len(want) {
				t.Fatalf("there are %d messages, want %d", len(got), len(want))
			}
			for i := range want {
				if a, b := to.raw(t, got[i].ID), s.raw(t, want[i].ID); a != b {
					t.Errorf("message %d has %s", i, difference(a, b))
				}
				if got[i].Sender != want[i].Sender || !slices.Equal(got[i].Recipients, want[i].Recipients) {
					t.Errorf("message %d is from %q to %q, want %q and %q", i, got[i].Sender, got[i].Recipients, want[i].Sender, want[i].Recipients)
				}
			}
			if marked := to.all(t, `is:seen tag:one tag:"two words"`); len(marked) != 1 || marked[0].Seq != got[1].Seq {
				t.Errorf("seen and tagged are %v, want the second message", marked)
			}
		})
	}
}

// patch changes a message through the API.
func (s *site) patch(t *testing.T, id, body string) {
	t.Helper()
	done(t, stdin(tool(t, t.TempDir(), "curl", "-sS", "--fail-with-body", "-X", "PATCH", "-H", "Content-Type: application/json", "--data-binary", body, s.ports["http"]+"/v1/messages/"+id), ""))
}

func TestImport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	dir := t.TempDir()
	at := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, name, text)
		return name
	}
	delivered := at("delivered.eml", "Return-Path: <bounce@app.test>\nDelivered-To: box@app.test\nTo: list@app.test\nSubject: delivered\n\n")
	plain := at("plain.eml", "From: App <app@app.test>\nTo: A <a@app.test>\nCc: b@app.test\nSubject: plain\n\nbare LF")
	lost := at("lost.eml", "From: app@app.test\nSubject: lost\n\n")

	s.does(t, "import", delivered, plain)
	if m := s.one(t, "subject:delivered"); m.Sender != "bounce@app.test" || !slices.Equal(m.Recipients, []string{"box@app.test"}) {
		t.Errorf("from %q to %q, want what the delivery left", m.Sender, m.Recipients)
	}
	m := s.one(t, "subject:plain")
	if m.Sender != "app@app.test" || !slices.Equal(m.Recipients, []string{"a@app.test", "b@app.test"}) || s.raw(t, m.ID) != readFile(t, plain) {
		t.Errorf("from %q to %q: %q", m.Sender, m.Recipients, s.raw(t, m.ID))
	}

	// One that cannot be delivered does not stop the others.
	code, out, said := run(t, s.command(t, "import", "--json", lost, filepath.Join(dir, "none"), plain))
	if code != exitFailed || out != "{\"imported\":1,\"failed\":2}\n" || !strings.Contains(said, lost+": it names no recipient") || !strings.Contains(said, "none: ") {
		t.Errorf("exit code %d, printed %q, said %q", code, out, said)
	}
	s.does(t, "import", "--to", "c@app.test, d@app.test", "--from", "", lost)
	if m := s.one(t, "subject:lost"); m.Sender != "" || !slices.Equal(m.Recipients, []string{"c@app.test", "d@app.test"}) {
		t.Errorf("from %q to %q, want what the flags say", m.Sender, m.Recipients)
	}

	// Standard input has one message, or a mailbox file.
	succeeds(t, stdin(s.command(t, "import", "-"), "To: stdin@app.test\nSubject: stdin\n\n"))
	s.one(t, "rcpt:=stdin@app.test")
	box := "From one@app.test Tue Jan  6 10:11:12 2026\nTo: box1@app.test\n\n\nFrom two@app.test Tue Jan  6 10:11:12 2026\nTo: box2@app.test\n\n>From x\n\n"
	succeeds(t, stdin(s.command(t, "import", "-"), box))
	if m := s.one(t, "rcpt:=box2@app.test"); m.Sender != "two@app.test" || s.raw(t, m.ID) != "To: box2@app.test\n\nFrom x\n" {
		t.Errorf("from %q: %q", m.Sender, s.raw(t, m.ID))
	}

	// A tree with a Maildir of another program's in it.
	at("tree/deep/a.mbox", strings.ReplaceAll(box, "box", "deep"))
	at("tree/Maildir/cur/1700000001.M1P1.host:2,FS", "To: cur@app.test\n\n")
	at("tree/Maildir/new/1700000000.M1P1.host", "To: new@app.test\n\n")
	at("tree/Maildir/tmp/1700000002.M1P1.host", "To: tmp@app.test\n\n")
	at("tree/Maildir/.Sent/cur/1700000003.M1P1.host:2,", "To: sent@app.test\n\n")
	at("tree/Maildir/.Sent/new/.keep", "")
	at("tree/README", "To: readme@app.test\n\n")
	if out := s.does(t, "import", filepath.Join(dir, "tree")); out != "imported 5 messages\n" {
		t.Errorf("printed %q", out)
	}
	for _, to := range []string{"deep1", "deep2", "new", "sent"} {
		s.one(t, "is:unseen rcpt:="+to+"@app.test")
	}
	s.one(t, "is:seen rcpt:=cur@app.test")
	if s.one(t, "rcpt:=new@app.test").Seq > s.one(t, "rcpt:=cur@app.test").Seq {
		t.Error("the messages of a Maildir are not in the order of their keys")
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.transmit(t, "app@app.test", "a@app.test", "Subject: a\r\n\r\nFrom x\r\n")
	s.transmit(t, "app@app.test", "b@app.test", "Subject: b\r\n\r\n")
	if out := s.does(t, "export", "-", "--format", "mbox", "--to", "a@app.test"); !strings.HasPrefix(out, "From app@app.test ") || !strings.HasSuffix(out, "Subject: a\r\n\r\n>From x\r\n\n") {
		t.Errorf("printed %q, want a mailbox file", out)
	}
	dir := filepath.Join(t.TempDir(), "new")
	if out := s.does(t, "export", dir, "--mailbox", "b@app.test", "--json"); out != "{\"exported\":1}\n" {
		t.Errorf("printed %q", out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(names) != 1 || readFile(t, names[0]) != "Subject: b\r\n\r\n" {
		t.Errorf("exported %q, %v", names, err)
	}
	fails(t, s.command(t, "export", "-"), exitUsage, "only --format mbox")
	fails(t, s.command(t, "export", filepath.Join(t.TempDir(), "x"), "--format", "zip"), exitUsage, "eml, mbox or maildir")
}
