package webui

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const rfc822 = "Content-Type: message/rfc822"

func limited(bytes int64, recipients int) Config {
	return Config{Settings: Settings{Limits: Limits{MessageBytes: bytes, Recipients: recipients}}}
}

func TestDeliverOctets(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	odd := "Subject: odd\r\n\r\n.\r\n..\nbare LF\rbare CR\x00\xff no end"
	a := f.do("POST", "/v1/messages?from=ana@example.test&to=Bob%2Bx@App.test&to=<eve@app.test>&to=bob@app.test", odd, rfc822, "Authorization: Basic dXNlcjpwYXNz")
	got := into[Delivered](t, a, 201)
	if got.Seq != 1 || got.ID == "" || !slices.Equal(got.Mailboxes, []string{"bob@app.test", "eve@app.test"}) {
		t.Errorf("got %+v", got)
	}
	if raw := f.get("/v1/messages/" + got.ID + "/raw"); raw.body != odd {
		t.Errorf("raw is %q, want %q", raw.body, odd)
	}
	m := into[Message](t, f.get("/v1/messages/"+got.ID), 200)
	e := m.Envelope
	if e.Sender != "ana@example.test" || !slices.Equal(m.Recipients, []string{"Bob+x@App.test", "eve@app.test", "bob@app.test"}) ||
		e.Helo != "http" || e.User != "user" || !strings.HasPrefix(e.Remote, "127.0.0.1:") {
		t.Errorf("envelope is %+v, to %q", e, m.Recipients)
	}
	if len(m.Trace) != 2 || !strings.Contains(m.Trace[1].Value, "from http ([127.0.0.1])") {
		t.Errorf("trace is %+v", m.Trace)
	}
}

func TestDeliverLarge(t *testing.T) {
	t.Parallel()
	f := start(t, limited(5<<20, 0))
	large := plain + strings.Repeat(strings.Repeat("x", 998)+"\r\n", 4000)
	got := into[Delivered](t, f.do("POST", "/v1/messages?to=a@app.test", large, rfc822), 201)
	if raw := f.get("/v1/messages/" + got.ID + "/raw"); raw.body != large {
		t.Errorf("got %d other octets, want %d", len(raw.body), len(large))
	}
}

func TestDeliverWhatIsNone(t *testing.T) {
	t.Parallel()
	f := start(t, limited(1000, 2))
	const json = "Content-Type: application/json"
	good := `"from":"a@b.test","to":["c@d.test"]`
	for _, c := range []struct {
		query, body, contentType string
		status                   int
		words                    string
	}{
		{"", plain, rfc822, 400, "to at least once"},
		{"?from=a@b.test", plain, rfc822, 400, "to at least once"},
		{"?to=a@b.test", "", rfc822, 400, "empty"},
		{"?to=", plain, rfc822, 400, "to at least once"},
		{"?to=a@b.test&to=%20", plain, rfc822, 400, "no address"},
		{"?to=a@b.test%0d%0aX:y", plain, rfc822, 400, "no address"},
		{"?to=two@b.test,c@b.test", plain, rfc822, 400, "no address"},
		{"?to=@b.test", plain, rfc822, 400, "no address"},
		{"?to=a@", plain, rfc822, 400, "no address"},
		{"?to=<a@b.test", plain, rfc822, 400, "no address"},
		{"?from=x<y&to=a@b.test", plain, rfc822, 400, "from"},
		{"?to=a@b.test&to=b@b.test&to=c@b.test", plain, rfc822, 400, "the limit is 2"},
		{"?to=a@b.test&cc=b@b.test", plain, rfc822, 400, "unknown query parameter"},
		{"?to=a@b.test", strings.Repeat("x", 1001), rfc822, 413, "larger than 1000"},
		{"?to=a@b.test", plain, "Content-Type: text/plain", 415, ""},
		{"?to=a@b.test", plain, "Content-Type: ", 415, ""},
		{"?to=a@b.test", "{" + good + "}", json, 400, "query"},
		{"", "", json, 400, "JSON"},
		{"", "null", json, 400, "no from"},
		{"", "[]", json, 400, "JSON"},
		{"", "{" + good + "} {}", json, 400, "behind"},
		{"", "{" + good + `,"too":[]}`, json, 400, "too"},
		{"", `{"to":["c@d.test"]}`, json, 400, "no from"},
		{"", `{"from":"a@b.test"}`, json, 400, "no recipients"},
		{"", `{"from":"nobody","to":["c@d.test"]}`, json, 400, `\"nobody\"`},
		{"", `{"from":{"address":"A <a@b.test>"},"to":["c@d.test"]}`, json, 400, "from"},
		{"", `{"from":{"adress":"a@b.test"},"to":["c@d.test"]}`, json, 400, "adress"},
		{"", `{"from":"a@b.test","cc":[{"address":"c@d.test\r\nX: y"}]}`, json, 400, "cc"},
		{"", "{" + good + `,"replyTo":["x y z"]}`, json, 400, "x y z"},
		{"", "{" + good + `,"headers":{"Subject":"x"}}`, json, 400, "Subject"},
		{"", "{" + good + `,"headers":{"X-A":"b\r\nBcc: z@z.test"}}`, json, 400, "X-A"},
		{"", "{" + good + `,"attachments":[{"name":"a","content":"***"}]}`, json, 400, "base64"},
		{"", "{" + good + `,"attachments":[{"content":"","type":"no"}]}`, json, 400, "media type"},
		{"", "{" + good + `,"text":"` + strings.Repeat("long ", 250) + `"}`, json, 413, "larger than 1000"},
		{"", "{" + good + `,"text":"` + strings.Repeat("x", jsonRoom+2000) + `"}`, json, 413, "larger than 1000"},
		{"", "{" + good + `,"envelope":{"to":["x@y.test","y@y.test","z@y.test"]}}`, json, 400, "the limit is 2"},
	} {
		a := f.do("POST", "/v1/messages"+c.query, c.body, c.contentType)
		wantProblem(t, a, c.status)
		if !strings.Contains(a.body, c.words) {
			t.Errorf("%s %.60s: %s does not say %s", c.query, c.body, a.body, c.words)
		}
	}
	if l := into[List](t, f.get("/v1/messages"), 200); l.Cursor != 0 {
		t.Errorf("%d were stored", l.Cursor)
	}
}

// A client that has told its length is answered before it sends all of it.
func TestDeliverTooLargeIsToldAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t, limited(1000, 0))
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(deadline))
	fmt.Fprint(conn, "POST /v1/messages?to=a@b.test HTTP/1.1\r\nHost: localhost\r\nContent-Type: message/rfc822\r\nContent-Length: 1000000\r\n\r\nSubject: x\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("got %d, want 413", resp.StatusCode)
	}
}

// What breaks off is not delivered.
func TestDeliverBrokenOff(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(deadline))
	fmt.Fprint(conn, "POST /v1/messages?to=a@b.test HTTP/1.1\r\nHost: localhost\r\nContent-Type: message/rfc822\r\nContent-Length: 1000\r\n\r\nSubject: x\r\n")
	_ = conn.(*net.TCPConn).CloseWrite()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 400 {
			t.Errorf("got %d %s, want 400", resp.StatusCode, body)
		}
	}
	if l := into[List](t, f.get("/v1/messages"), 200); l.Cursor != 0 {
		t.Errorf("%d were stored", l.Cursor)
	}
}

func TestDeliverMail(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	body := `{"from":{"name":"Jöhn Doe","address":"john@example.test"},"to":["Jane <jane@app.test>",{"address":"x@app.test"}],
		"cc":["cc@app.test"],"bcc":["hidden@app.test"],"replyTo":["reply@example.test"],
		"subject":"Grüße, and a line that is long enough to be folded somewhere on its way","date":"2026-01-31T10:00:00Z",
		"text":"Line one\nZeile zwei: ü","html":"<p>Hi <img src=\"cid:logo\"></p>","headers":{"X-Order":"4711"},
		"attachments":[{"name":"logo.png","type":"image/png","contentId":"logo","content":"` + base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\nxx")) + `"},
		{"name":"grüße.bin","content":"aGVsbG8="}]}`
	got := into[Delivered](t, f.do("POST", "/v1/messages", body, "Content-Type: application/json; charset=utf-8"), 201)
	if !slices.Equal(got.Mailboxes, []string{"jane@app.test", "x@app.test", "cc@app.test", "hidden@app.test"}) {
		t.Errorf("mailboxes are %q", got.Mailboxes)
	}
	m := into[Message](t, f.get("/v1/messages/"+got.ID), 200)
	fields := map[string]string{}
	for _, h := range m.Headers {
		fields[h.Name] = h.Value
	}
	for what, c := range map[string]struct{ got, want any }{
		"sender":  {m.Sender, "john@example.test"},
		"from":    {m.From[0], Address{"Jöhn Doe", "john@example.test"}},
		"to":      {fmt.Sprint(m.To), "[{Jane jane@app.test} { x@app.test}]"},
		"hidden":  {fmt.Sprint(m.Hidden), "[hidden@app.test]"},
		"subject": {m.Subject, "Grüße, and a line that is long enough to be folded somewhere on its way"},
		"text":    {strings.TrimSpace(m.Text), "Line one\nZeile zwei: ü"},
		"html":    {strings.TrimSpace(m.HTML), `<p>Hi <img src="cid:logo"></p>`},
		"date":    {m.Date.UTC().Format(time.RFC3339), "2026-01-31T10:00:00Z"},
		"order":   {fields["X-Order"], "4711"},
		"bcc":     {fields["Bcc"], ""},
		"reply":   {fields["Reply-To"], "<reply@example.test>"},
		"defects": {fmt.Sprint(m.Defects), "[]"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", what, c.got, c.want)
		}
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "grüße.bin" {
		t.Errorf("attachments are %+v", m.Attachments)
	}
	if logo := m.Parts[0].Parts[0].Parts[1]; logo.Type != "image/png" || logo.ContentID != "logo" || logo.Octets != 10 {
		t.Errorf("what the HTML shows is %+v", logo)
	}
	if a := f.get("/v1/messages/" + got.ID + "/parts/2"); a.body != "hello" {
		t.Errorf("part 2 is %q", a.body)
	}
}

func TestDeliverMailUnderAnotherEnvelope(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for body, want := range map[string]string{
		`{"from":"a@b.test","to":["c@d.test"],"envelope":{"from":"","to":["e@f.test"]}}`:    " [e@f.test]",
		`{"from":"a@b.test","to":["c@d.test"],"envelope":{"from":"bounce@b.test"}}`:         "bounce@b.test [c@d.test]",
		`{"from":"a@b.test","bcc":["c@d.test"],"envelope":{"to":["<e@f.test>","root"]}}`:    "a@b.test [e@f.test root]",
		`{"envelope":{"from":"a@b.test","to":["e@f.test"]},"text":"nobody is named in it"}`: "a@b.test [e@f.test]",
	} {
		got := into[Delivered](t, f.do("POST", "/v1/messages", body, "Content-Type: application/json"), 201)
		m := into[Message](t, f.get("/v1/messages/"+got.ID), 200)
		if envelope := fmt.Sprint(m.Sender, " ", m.Recipients); envelope != want {
			t.Errorf("%s: envelope is %s, want %s", body, envelope, want)
		}
	}
}
