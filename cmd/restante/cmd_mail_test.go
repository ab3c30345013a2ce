package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

const verify = "From: App <app@app.test>\r\nTo: alice@app.test\r\nSubject: Verify =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour code is 471193. See http://app.test/verify?token=abc\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Your code is <b>471193</b>. <a href=\"http://app.test/verify?token=abc\">Verify</a></p>\r\n--b--\r\n"

func TestWait(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.transmit(t, "app@app.test", "alice@app.test", verify)
	choose := []string{"--to", "alice@app.test", "--subject", "verify gr"}
	for print, want := range map[string]string{
		"link": "http://app.test/verify?token=abc\n",
		"code": "471193\n",
		"id":   id + "\n",
		"raw":  verify,
		"html": "<p>Your code is <b>471193</b>. <a href=\"http://app.test/verify?token=abc\">Verify</a></p>\n",
		"text": "Your code is 471193. See http://app.test/verify?token=abc\n",
	} {
		if got := s.does(t, append([]string{"wait", "--print", print}, choose...)...); got != want && (print == "raw" || lf(got) != want) {
			t.Errorf("--print %s printed %q, want %q", print, got, want)
		}
	}
	for _, args := range [][]string{{"--print", "json"}, {"--json"}} {
		if m := decoded[arrived](t, s.does(t, append(append([]string{"wait"}, args...), choose...)...)); m.ID != id {
			t.Errorf("%q printed message %q, want %q", args, m.ID, id)
		}
	}
	if out := s.does(t, append([]string{"wait"}, choose...)...); !strings.Contains(out, "Subject:  Verify Grüße\n") || !strings.Contains(out, "Code:     471193\n") || !strings.Contains(out, "\n\nYour code is 471193.") {
		t.Errorf("printed\n%s", out)
	}

	// It is there the moment it comes, and what was there before is not it.
	began := time.Now()
	waiting := s.command(t, "wait", "--to", "alice@app.test", "--after", "1", "--count", "2", "--timeout", "1m", "--print", "id")
	came := make(chan string)
	go func() {
		out, _ := waiting.Output() // what it printed is looked at
		came <- string(out)
	}()
	second := s.transmit(t, "app@app.test", "alice@app.test", verify)
	third := s.transmit(t, "app@app.test", "alice@app.test", verify)
	if out := <-came; out != second+"\n"+third+"\n" {
		t.Errorf("printed %q, want %q and %q", out, second, third)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestWaitInVain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.transmit(t, "app@app.test", "ali@app.test", verify)
	choose := []string{"--to", "alice@app.test", "--subject", "Verify", "--timeout", "100ms"}
	code, stdout, stderr := run(t, s.command(t, append([]string{"wait"}, choose...)...))
	if code != exitFailed || stdout != "" {
		t.Errorf("exit code %d, printed %q, want 1 and nothing", code, stdout)
	}
	for _, want := range []string{"restante: no message for ", "nearest was " + id, "ali@app.test", "alice@app.test"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("said %q, want %q in it", stderr, want)
		}
	}
	fails(t, s.command(t, "wait", "--after", "now", "--timeout", "0s"), exitFailed, "nothing arrived")
	fails(t, s.command(t, "wait", "--count", "2", "--timeout", "100ms"), exitFailed, "came: "+id)
	plain := s.transmit(t, "app@app.test", "plain@app.test", "Subject: plain\r\n\r\nnothing\r\n")
	for _, print := range []string{"link", "code", "html"} {
		fails(t, s.command(t, "wait", "--to", "plain@app.test", "--print", print), exitFailed, plain)
	}
	fails(t, s.command(t, "wait", "--print", "everything"), exitUsage, "it takes link, code")
	fails(t, s.command(t, "wait", "--after", "yesterday"), exitUsage, "it takes a seq")
	fails(t, s.command(t, "wait", "--count", "0"), exitUsage, "--count is 0")
	fails(t, s.command(t, "wait", "--timeout", "soon"), exitUsage, "--timeout")
	fails(t, s.command(t, "wait", "--query", "nonsense:x", "--timeout", "100ms"), exitUsage, "nonsense:")
	if out := s.does(t, "wait", "--to", "ali@app.test", "--timeout", "0s", "--print", "id"); out != id+"\n" {
		t.Errorf("--timeout 0s printed %q, want what is there", out)
	}
}

// A signal ends a wait.
func TestWaitIsInterrupted(t *testing.T) {
	t.Parallel()
	needSignals(t)
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer server.Close()
	cmd := command(t, "wait", "--timeout", "5m", "--url", server.URL)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code is looked at
	if code := cmd.ProcessState.ExitCode(); code != exitForced {
		t.Errorf("exit code %d, want %d", code, exitForced)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if code, out, said := run(t, s.command(t, "list")); code != 0 || out != "" || said != "no mail\n" {
		t.Errorf("empty: exit code %d, printed %q, said %q", code, out, said)
	}
	first := s.transmit(t, "app@app.test", "alice@app.test", verify)
	second := s.transmit(t, "", "bob@app.test", "Subject: \x1b[31mred\x07\r\n\r\nx\r\n")
	out := s.does(t, "list")
	lines := strings.Split(out, "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "ID ") || !strings.HasPrefix(lines[1], second+" ") || !strings.HasPrefix(lines[2], first+" ") {
		t.Errorf("printed\n%s", out)
	}
	if strings.ContainsAny(out, "\x1b\x07") || !strings.Contains(lines[1], "<>") || !strings.HasSuffix(lines[2], "Verify Grüße") {
		t.Errorf("printed %q", out)
	}
	type page struct {
		Messages []arrived
		Cursor   uint64
		Next     uint64
	}
	for args, want := range map[string][]string{
		"":                                      {second, first},
		"--oldest":                              {first, second},
		"--limit=1":                             {second},
		"--limit=0 --oldest":                    {first, second},
		"--after=1":                             {second},
		"--before=2":                            {first},
		"--to=alice@app.test":                   {first},
		"--from=app@app.test":                   {first},
		"--mailbox=bob@app.test":                {second},
		"--subject=verify":                      {first},
		"--query=-subject:verify":               {second},
		"--to=lice@app.test":                    nil,
		"--to=@app.test --query=is:unseen":      {second, first},
		"--to=alice@app.test --query=tag:wrong": nil,
	} {
		got := decoded[page](t, s.does(t, append([]string{"list", "--json"}, strings.Fields(args)...)...))
		var ids []string
		for _, m := range got.Messages {
			ids = append(ids, m.ID)
		}
		if strings.Join(ids, " ") != strings.Join(want, " ") || got.Cursor != 2 {
			t.Errorf("%s: listed %q with cursor %d, want %q and 2", args, ids, got.Cursor, want)
		}
	}
	if _, _, said := run(t, s.command(t, "list", "--limit", "1")); !strings.Contains(said, "there is more") {
		t.Errorf("said %q, want that there is more", said)
	}
	if _, _, said := run(t, s.command(t, "list", "--to", "nobody@app.test")); said != "no mail of that kind; there are 2 messages\n" {
		t.Errorf("said %q", said)
	}
	fails(t, s.command(t, "list", "--limit", "-1"), exitUsage, "--limit")
	fails(t, s.command(t, "list", "--url", "ftp://x"), exitUsage, "ftp://x")
	fails(t, s.command(t, "list", "--url", "http://"+unused(t)), exitNobody, `start one with "restante", or name another with --url or RESTANTE_URL`)
}

// Many messages are more than a page of the API.
func TestListPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := dialSMTP(t, s.ports["smtp"])
	for range maxPage + 5 {
		if _, err := c.transmit("app@app.test", "a@app.test", "Subject: s\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[string]int{"0": maxPage + 5, "1002": 1002, "3": 3} {
		for _, order := range []string{"--oldest", "--limit=" + limit} {
			out := s.does(t, "list", "--json", order, "--limit="+limit)
			if got := decoded[struct{ Messages []arrived }](t, out); len(got.Messages) != want {
				t.Errorf("--limit %s %s: listed %d, want %d", limit, order, len(got.Messages), want)
			}
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fails(t, s.command(t, "show"), exitFailed, "there is no such mail")
	id := s.transmit(t, "app@app.test", "alice@app.test", verify)
	s.transmit(t, "app@app.test", "bob@app.test", "Subject: other\r\n\r\nOther.\r\n")
	for _, tt := range []struct{ args, want string }{
		{"--raw " + id, verify},
		{"--raw latest --to=alice@app.test", verify},
		{"--text", "Other.\n"},
		{"--html --subject=verify", "<a href="},
		{"--headers --subject=verify", "Subject: Verify Grüße\n"},
		{"--json " + id, `"id":"` + id + `"`},
		{id, "Link:     http://app.test/verify?token=abc\n"},
		{id, "To:       alice@app.test\n"},
		{"latest", "Sender:   <app@app.test> to bob@app.test\n"},
	} {
		out := s.does(t, append([]string{"show"}, strings.Fields(tt.args)...)...)
		if !strings.Contains(out, tt.want) || strings.Contains(tt.args, "--raw") && out != tt.want {
			t.Errorf("show %s printed %q, want %q", tt.args, out, tt.want)
		}
	}
	if unseen := s.all(t, "is:unseen"); len(unseen) != 2 {
		t.Errorf("%d messages are unseen after they were shown, want 2", len(unseen))
	}
	fails(t, s.command(t, "show", "nosuch"), exitFailed, "there is no message nosuch")
	fails(t, s.command(t, "show", "--html"), exitFailed, "no HTML")
	fails(t, s.command(t, "show", "--html", "--raw"), exitUsage, "do not go together")
	fails(t, s.command(t, "show", id, "--to", "a@app.test"), exitUsage, "do not go together")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var ids []string
	for _, to := range []string{"a", "a", "b", "c", "d"} {
		ids = append(ids, s.transmit(t, "app@app.test", to+"@app.test", "Subject: "+to+"\r\n\r\n"))
	}
	fails(t, s.command(t, "delete"), exitUsage, "delete what?")
	fails(t, s.command(t, "delete", ids[0], "--all"), exitUsage, "one of these")
	fails(t, s.command(t, "delete", "--all", "--to", "a@app.test"), exitUsage, "one of these")
	if left := s.all(t, ""); len(left) != 5 {
		t.Fatalf("%d messages are left, want all", len(left))
	}
	if out := s.does(t, "delete", ids[0]); out != "deleted 1 message\n" {
		t.Errorf("printed %q", out)
	}
	code, out, said := run(t, s.command(t, "delete", ids[0], ids[2], "--json"))
	if code != exitFailed || out != "{\"deleted\":1}\n" || !strings.Contains(said, "1 message of these IDs") {
		t.Errorf("exit code %d, printed %q, said %q", code, out, said)
	}
	s.does(t, "delete", "--query", "subject:c")
	if out := s.does(t, "delete", "--mailbox", "a@app.test"); out != "deleted 1 message\n" {
		t.Errorf("printed %q", out)
	}
	if out := s.does(t, "delete", "--to", "nobody@app.test"); out != "deleted 0 messages\n" {
		t.Errorf("printed %q", out)
	}
	if left := s.all(t, ""); len(left) != 1 || left[0].ID != ids[4] {
		t.Errorf("%v are left, want %s", left, ids[4])
	}
	if out := s.does(t, "delete", "--all"); out != "deleted 1 message\n" {
		t.Errorf("printed %q", out)
	}
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.transmit(t, "app@app.test", "alice@app.test", "Subject: s\r\n\r\n")
	s.transmit(t, "app@app.test", "alice@app.test", "Subject: s\r\n\r\n")
	s.transmit(t, "app@app.test", "bob@app.test", "Subject: s\r\n\r\n")
	out := s.does(t, "mailboxes")
	if lines := strings.Split(out, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "2 ") || !strings.HasSuffix(lines[1], " alice@app.test") {
		t.Errorf("printed\n%s", out)
	}
	got := decoded[struct {
		Mailboxes []struct {
			Name             string
			Messages, Unseen int
		}
	}](t, s.does(t, "mailboxes", "al", "--json")).Mailboxes
	if len(got) != 1 || got[0].Name != "alice@app.test" || got[0].Messages != 2 || got[0].Unseen != 2 {
		t.Errorf("as JSON it is %+v", got)
	}
}
