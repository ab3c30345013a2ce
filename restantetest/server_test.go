package restantetest_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"restante"
	"restante/client"
	"restante/restantetest"
)

// dial opens an SMTP session. say sends a line and reads its reply.
func dial(t testing.TB, srv *restantetest.Server) (conn net.Conn, say func(line string)) {
	t.Helper()
	conn, err := net.Dial("tcp", srv.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(conn)
	reply := func() {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Error(err)
				return
			}
			if len(line) < 4 || line[3] == ' ' {
				return
			}
		}
	}
	reply()
	return conn, func(line string) {
		fmt.Fprintf(conn, "%s\r\n", line)
		reply()
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	const limit = 12345 // no other test has it
	var c *client.Client
	tr := try(t, 0, func(t restantetest.TB) {
		srv := restantetest.Start(t, func(c *restante.Config) { c.MaxMessageSize = limit })
		conn, err := net.Dial("tcp", srv.SMTPAddr())
		if err != nil {
			t.Fatalf("%v", err)
		}
		conn.Close()
		c = srv.Client()
		info, err := c.Info(t.Context())
		if err != nil || info.Limits.MessageBytes != limit || info.POP3 != srv.POP3Addr() || "http://"+info.HTTP != srv.URL() {
			t.Fatalf("the info is %+v, %v", info, err)
		}
	})
	if tr.failed || tr.log.Len() > 0 {
		t.Errorf("it failed: %s %s", tr.fatal, &tr.log)
	}
	// Another test's server may have its port by now.
	if info, err := c.Info(t.Context()); err == nil && info.Limits.MessageBytes == limit {
		t.Error("it still runs after the test")
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	tr := try(t, 0, func(t restantetest.TB) {
		restantetest.Start(t, func(c *restante.Config) { c.SMTP = "nonsense" })
	})
	wants(t, tr.fatal, "start restante: ", "nonsense")
	tr = try(t, 0, func(t restantetest.TB) {
		restantetest.Start(t, func(c *restante.Config) { c.HTTP = "off" })
	})
	wants(t, tr.fatal, "start restante: the tests need HTTP")
}

// Connect is asked in processes of their own, since tests run in parallel.
func TestConnect(t *testing.T) {
	t.Parallel()
	if os.Getenv("RESTANTE_CONNECT_TEST") != "" {
		srv := restantetest.Connect(t)
		inbox := srv.Inbox(t)
		send(t, srv, inbox.Address, "hello", "text")
		fmt.Println("GOT", inbox.Wait(t).Subject)
		return
	}
	run := func(url string) string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestConnect$")
		cmd.Env = append(os.Environ(), "RESTANTE_CONNECT_TEST=1", "RESTANTE_URL="+url)
		out, _ := cmd.CombinedOutput() // what it says is the result
		return string(out)
	}
	srv := restantetest.Start(t)
	wants(t, run(srv.URL()), "GOT hello")
	inboxes, err := srv.Client().Inboxes(t.Context())
	page, err2 := srv.Client().List(t.Context(), client.Query{}, client.ListOptions{})
	if err != nil || err2 != nil || len(inboxes) > 0 || len(page.Messages) > 0 {
		t.Errorf("left are %+v and %+v, %v, %v", inboxes, page, err, err2)
	}
	wants(t, run("http://127.0.0.1:1"), "connect to restante: no restante at http://127.0.0.1:1")
	wants(t, run("nonsense"), "connect to restante: the URL of restante is")
}

func TestFailedTestLogs(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	send(t, srv, "old@app.test", "long ago", "text")
	var a, b string
	tr := try(t, 0, func(tt restantetest.TB) {
		one, two := srv.Inbox(tt), srv.Inbox(tt)
		a, b = one.Address, two.Address
		send(tt, srv, a, "read", "text")
		send(tt, srv, a, "not read", "text")
		send(tt, srv, "ali@app.test", "gone astray", "text")
		conn, say := dial(t, srv)
		say("EHLO app.test")
		say("MAIL FROM:<shop@app.test>")
		say("RCPT TO:<not an address>")
		ended, err := srv.Client().Events(tt.Context(), client.Query{}, 0)
		if err != nil {
			tt.Fatalf("%v", err)
		}
		conn.Close()
		for e := range ended {
			if e.Type == client.Ended && e.Session.Failed {
				break
			}
		}
		one.Wait(tt, "subject:read")
		tt.Fatalf("on purpose")
	})
	text := tr.log.String()
	wants(t, text,
		"mail for "+a+":\n", `"read" from <shop@app.test> to `+a+"\n", `"not read" from <shop@app.test> to `+a+" (no wait returned it)\n",
		"mail for "+b+": none\n",
		"mail for others since:\n", `"gone astray" from <shop@app.test> to ali@app.test`,
		"SMTP sessions that failed since:\n", "\n\t\tclient: RCPT TO:<not an address>\n\t\tserver: 5")
	if strings.Contains(text, "long ago") || strings.Count(text, "what there was") != 1 {
		t.Errorf("the log is\n%s", text)
	}
	if tr.fatal != "on purpose" {
		t.Errorf("it failed with %s", tr.fatal)
	}
	if all, err := srv.Client().Inboxes(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("inboxes are left: %+v, %v", all, err)
	}
}

func TestPassedTestLogsNothing(t *testing.T) {
	t.Parallel()
	srv := restantetest.Start(t)
	tr := try(t, 0, func(t restantetest.TB) { send(t, srv, srv.Inbox(t).Address, "never read", "text") })
	if tr.failed || tr.log.Len() > 0 {
		t.Errorf("it says %s %s", tr.fatal, &tr.log)
	}
}
