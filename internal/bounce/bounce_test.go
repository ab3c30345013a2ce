package bounce

import (
	"bufio"
	"bytes"
	"io"
	"net/mail"
	"strings"
	"testing"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"

	"restante/mailstore"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// original is a message from app@x.test to alice, as the store has it.
func original(t testing.TB, content string, change func(*mailstore.Message)) *Original {
	t.Helper()
	m := &mailstore.Message{
		ID: "m1", Received: now.Add(-time.Second), Subject: "Hello", MessageID: "1@x.test", Trace: "Return-Path: <app@x.test>\r\n",
		To:       []mailstore.Address{{Address: "alice@y.test"}},
		From:     []mailstore.Address{{Address: "app@x.test"}},
		Envelope: mailstore.Envelope{ReversePath: "app@x.test", Helo: "client.test", Remote: "192.0.2.7:99", Session: "s1"},
	}
	if change != nil {
		change(m)
	}
	o := &Original{Message: m, Hostname: "mx.test", Separator: "+", Now: now, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
	if err := o.Read(); err != nil {
		t.Fatal(err)
	}
	return o
}

const content = "From: app@x.test\r\nTo: alice@y.test\r\nSubject: Hello\r\nMessage-ID: <1@x.test>\r\n\r\n.body\r\n--report\r\n"

type part struct {
	mediaType string
	encoding  string
	body      string
}

// parse reads a report back with another library than wrote it.
func parse(t testing.TB, o *Original, kind Kind, to ...Recipient) (*gomessage.Entity, []part) {
	t.Helper()
	var b bytes.Buffer
	if err := o.Write(&b, kind, to); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitAfterSeq(b.String(), "\n") {
		if line != "" && !strings.HasSuffix(line, "\r\n") && o.scan.encoding() != "binary" {
			t.Errorf("a line ends badly: %q", line)
		}
	}
	e, err := gomessage.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Date", "From", "To", "Message-Id"} {
		if e.Header.Get(name) == "" {
			t.Errorf("the report has no %s", name)
		}
	}
	if _, err := mail.ParseDate(e.Header.Get("Date")); err != nil {
		t.Error(err)
	}
	mr := e.MultipartReader()
	if mr == nil {
		return e, nil
	}
	var parts []part
	for {
		p, err := mr.NextPart()
		if err == io.EOF {
			return e, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		mediaType, _, _ := p.Header.ContentType()
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{mediaType, p.Header.Get("Content-Transfer-Encoding"), string(body)})
	}
}

// groups reads the groups of fields of a machine-readable part.
func groups(t testing.TB, body string) (list []textproto.Header) {
	t.Helper()
	for group := range strings.SplitSeq(strings.TrimRight(body, "\r\n"), "\r\n\r\n") {
		h, err := textproto.ReadHeader(bufio.NewReader(strings.NewReader(group + "\r\n\r\n")))
		if err != nil {
			t.Fatalf("%q: %v", group, err)
		}
		list = append(list, h)
	}
	return list
}

func alice(notify ...string) Recipient {
	return Recipient{Path: mailstore.ForwardPath{Address: "alice+fault.dsn-5.1.1@y.test", Mailbox: "alice@y.test", Notify: notify}, Status: "5.1.1"}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	o := original(t, content, func(m *mailstore.Message) { m.Envelope.EnvID = "QQ 314159" })
	to := alice()
	to.Path.ORcpt, to.Path.ORcptType = "Alice@y.test", "rfc822"
	other := Recipient{Path: mailstore.ForwardPath{Address: "jos\u00e9+x@y.test"}, Status: "5.2.2"}
	e, parts := parse(t, o, Failed, to, other)
	mediaType, params, _ := e.Header.ContentType()
	if mediaType != "multipart/report" || params["report-type"] != "delivery-status" || e.Header.Get("Auto-Submitted") != "auto-replied" || e.Header.Get("To") != "<app@x.test>" {
		t.Errorf("the header is %v", e.Header)
	}
	if len(parts) != 3 || parts[0].mediaType != "text/plain" || parts[1].mediaType != "message/delivery-status" || parts[2].mediaType != "message/rfc822" {
		t.Fatalf("the parts are %+v", parts)
	}
	if !strings.Contains(parts[0].body, "<alice+fault.dsn-5.1.1@y.test>: 550 5.1.1 ") {
		t.Errorf("the text is %q", parts[0].body)
	}
	if want := o.Message.Trace + content; parts[2].body != want {
		t.Errorf("returned %q, want %q", parts[2].body, want)
	}
	g := groups(t, parts[1].body)
	if len(g) != 3 {
		t.Fatalf("%d groups in %q", len(g), parts[1].body)
	}
	for _, tt := range []struct {
		group       int
		field, want string
	}{
		{0, "Original-Envelope-Id", "QQ 314159"}, {0, "Reporting-MTA", "dns; mx.test"}, {0, "Received-From-MTA", "dns; client.test"},
		{0, "Arrival-Date", "Wed, 04 Mar 2026 05:06:06 +0000"},
		{1, "Original-Recipient", "rfc822;Alice@y.test"}, {1, "Final-Recipient", "rfc822;alice+fault.dsn-5.1.1@y.test"}, {1, "Action", "failed"},
		{1, "Status", "5.1.1"}, {1, "Diagnostic-Code", "smtp; 550 5.1.1 Mailbox does not exist"}, {1, "Last-Attempt-Date", "Wed, 04 Mar 2026 05:06:07 +0000"},
		{1, "Will-Retry-Until", ""},
		{2, "Final-Recipient", `utf-8;jos\x{E9}\x{2B}x@y.test`}, {2, "Status", "5.2.2"}, {2, "Original-Recipient", ""},
		{2, "Diagnostic-Code", "smtp; 552 5.2.2 Mailbox is full"},
	} {
		if got := g[tt.group].Get(tt.field); got != tt.want {
			t.Errorf("group %d: %s is %q, want %q", tt.group, tt.field, got, tt.want)
		}
	}
	env := o.Envelope()
	if env.ReversePath != "" || len(env.ForwardPaths) != 1 || env.ForwardPaths[0].Address != "app@x.test" || env.Session != "s1" {
		t.Errorf("the envelope is %+v", env)
	}
}

func TestReturned(t *testing.T) {
	t.Parallel()
	head := content[:strings.Index(content, ".body")]
	for _, tt := range []struct {
		kind     Kind
		ret      string
		content  string
		want     string
		encoding string
	}{
		{Failed, "", content, content, "7bit"},
		{Failed, "FULL", content, content, "7bit"},
		{Failed, "HDRS", content, head, "7bit"},
		{Delayed, "FULL", content, head, "7bit"}, // RFC 3461 §4.3
		{Delivered, "FULL", content, head, "7bit"},
		{Failed, "", head + "\xe9\r\n", head + "\xe9\r\n", "8bit"},
		{Failed, "HDRS", head + "\xe9\r\n", head, "7bit"},
		{Failed, "", head + "a\nb", head + "a\nb", "binary"},
		{Failed, "", head + "\x00", head + "\x00", "binary"},
		{Failed, "", head + strings.Repeat("x", 999) + "\r\n", head + strings.Repeat("x", 999) + "\r\n", "binary"},
		{Failed, "HDRS", "no header at all", "no header at all", "7bit"},
		{Failed, "HDRS", "\r\nonly a body", "\r\n", "7bit"},
		{Failed, "HDRS", "A: b\n\nbody", "A: b\n\n", "binary"},
		{Failed, "", "", "", "7bit"},
	} {
		o := original(t, tt.content, func(m *mailstore.Message) { m.Envelope.Ret, m.Trace = tt.ret, "" })
		_, parts := parse(t, o, tt.kind, alice())
		if len(parts) != 3 {
			t.Fatalf("%+v: %d parts", tt, len(parts))
		}
		if got := parts[2]; got.body != tt.want || got.encoding != tt.encoding {
			t.Errorf("%v %s %q: returned %+v", tt.kind, tt.ret, tt.content, got)
		}
	}
	o := original(t, content, nil)
	_, parts := parse(t, o, Delayed, alice())
	if g := groups(t, parts[1].body)[1]; g.Get("Action") != "delayed" || g.Get("Will-Retry-Until") == "" {
		t.Errorf("of the delayed: %v", g)
	}
	_, parts = parse(t, o, Delivered, Recipient{Path: alice().Path, Status: "2.1.5"})
	if g := groups(t, parts[1].body)[1]; g.Get("Action") != "delivered" || g.Get("Status") != "2.1.5" || g.Get("Diagnostic-Code") != "" {
		t.Errorf("of the delivered: %v", g)
	}
}

// A header in UTF-8 makes another media type of the returned message, and so does
// the recipient in its trace fields.
func TestReturnedInUTF8(t *testing.T) {
	t.Parallel()
	const utf8Head = "From: app@x.test\r\nSubject: Gr\u00fc\u00dfe\r\n\r\n"
	const utf8Trace = "Received: by mx.test for <jos\u00e9@y.test>; Wed, 04 Mar 2026 05:06:06 +0000\r\n"
	for _, tt := range []struct {
		ret, trace, content string
		utf8                bool
		want                string
	}{
		{"", "", utf8Head + "x\r\n", true, "message/global 8bit"},
		{"HDRS", "", utf8Head + "x\r\n", true, "message/global-headers 8bit"},
		{"", utf8Trace, content, true, "message/global 8bit"},
		{"", "", content, true, "message/rfc822 7bit"},
		{"", "", content + "\u00fc\r\n", true, "message/rfc822 8bit"},
		{"", "", "Subject: Gr\xfc\xdfe\r\n\r\n", false, "message/rfc822 8bit"},
		{"HDRS", "", "Subject: Gr\xfc\xdfe\r\n\r\n", false, "text/rfc822-headers 8bit"},
	} {
		o := original(t, tt.content, func(m *mailstore.Message) {
			m.Envelope.Ret, m.Trace, m.Envelope.SMTPUTF8 = tt.ret, tt.trace, tt.utf8
		})
		for _, kind := range []Kind{Failed, Complaint} {
			if kind == Complaint && tt.ret == "HDRS" {
				continue // RET is about bounces
			}
			e, parts := parse(t, o, kind, alice())
			if got := parts[2].mediaType + " " + parts[2].encoding; got != tt.want {
				t.Errorf("kind %d of %q behind %q: %s, want %s", kind, tt.content, tt.trace, got, tt.want)
			}
			if whole := e.Header.Get("Content-Transfer-Encoding"); parts[2].encoding == "8bit" && whole != "8bit" {
				t.Errorf("kind %d of %q: all of it is %s", kind, tt.content, whole)
			}
		}
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	field := func(f string) string { return f + "\r\n" + content }
	for _, tt := range []struct {
		name    string
		kind    Kind
		content string
		path    mailstore.ForwardPath
		change  func(*mailstore.Message)
		want    string // "" is a report
	}{
		{"failure by default", Failed, content, alice().Path, nil, ""},
		{"failure asked for", Failed, content, alice("SUCCESS", "FAILURE").Path, nil, ""},
		{"never", Failed, content, alice("NEVER").Path, nil, "NOTIFY=NEVER"},
		{"only success", Failed, content, alice("SUCCESS").Path, nil, "NOTIFY=SUCCESS"},
		{"delay by default", Delayed, content, alice().Path, nil, ""},
		{"delay asked for", Delayed, content, alice("DELAY").Path, nil, ""},
		{"delay not asked for", Delayed, content, alice("FAILURE").Path, nil, "NOTIFY=FAILURE"},
		{"success by default", Delivered, content, alice().Path, nil, "NOTIFY does not ask"},
		{"success asked for", Delivered, content, alice("SUCCESS").Path, nil, ""},
		{"null reverse-path", Failed, content, alice().Path, func(m *mailstore.Message) { m.Envelope.ReversePath = "" }, "null"},
		{"complaint about a report", Complaint, content, alice().Path, func(m *mailstore.Message) { m.Envelope.ReversePath = "" }, "null"},
		{"report on a reply", Failed, field("Auto-Submitted: auto-replied; x=y"), alice().Path, nil, "auto-replied"},
		{"report on an app's message", Failed, field("Auto-Submitted: auto-generated"), alice().Path, nil, ""},
		{"complaint", Complaint, field("Auto-Submitted: auto-generated"), alice("NEVER").Path, nil, ""},
		{"reply", Autoreply, content, alice("NEVER").Path, nil, ""},
		{"reply to no", Autoreply, field("Auto-Submitted: no (really)"), alice().Path, nil, "no (really)"},
		{"reply to a person", Autoreply, field("Auto-Submitted: NO"), alice().Path, nil, ""},
		{"reply to an app", Autoreply, field("Auto-Submitted: auto-generated"), alice().Path, nil, "auto-generated"},
		{"reply to a list", Autoreply, field("List-Id: <l.x.test>"), alice().Path, nil, "List-Id"},
		{"reply to bulk", Autoreply, field("Precedence: Bulk"), alice().Path, nil, "Precedence is Bulk"},
		{"reply to a daemon", Autoreply, content, alice().Path, func(m *mailstore.Message) { m.Envelope.ReversePath = "MAILER-DAEMON@x.test" }, "no person"},
		{"reply to a list's owner", Autoreply, content, alice().Path, func(m *mailstore.Message) { m.Envelope.ReversePath = "owner-l@x.test" }, "no person"},
		{"reply to a list's request", Autoreply, content, alice().Path, func(m *mailstore.Message) { m.Envelope.ReversePath = "l-request@x.test" }, "no person"},
		{"reply by a hidden recipient", Autoreply, content, mailstore.ForwardPath{Address: "bob@y.test", Mailbox: "bob@y.test"}, nil, "does not name"},
		{"reply to null", Autoreply, content, alice().Path, func(m *mailstore.Message) { m.Envelope.ReversePath = "" }, "null"},
	} {
		got := original(t, tt.content, tt.change).Refusal(tt.kind, tt.path)
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: refused with %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAutoreply(t *testing.T) {
	t.Parallel()
	o := original(t, "References: <0@x.test>\r\n"+content, func(m *mailstore.Message) { m.Subject = "caf\u00e9\r\nBcc: x" })
	e, _ := parse(t, o, Autoreply, alice())
	subject, err := e.Header.Text("Subject")
	if err != nil || subject != "Auto: caf\u00e9  Bcc: x" {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	for name, want := range map[string]string{
		"From": "<alice+fault.dsn-5.1.1@y.test>", "To": "<app@x.test>", "In-Reply-To": "<1@x.test>", "References": "<0@x.test> <1@x.test>",
		"Auto-Submitted": "auto-replied", "Bcc": "",
	} {
		if got := e.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestComplaint(t *testing.T) {
	t.Parallel()
	o := original(t, content, func(m *mailstore.Message) { m.Envelope.Ret, m.Subject = "HDRS", strings.Repeat("\u00e9", 300) })
	e, parts := parse(t, o, Complaint, alice())
	mediaType, params, _ := e.Header.ContentType()
	if mediaType != "multipart/report" || params["report-type"] != "feedback-report" {
		t.Errorf("the header is %v", e.Header)
	}
	if subject, err := e.Header.Text("Subject"); err != nil || !strings.HasPrefix(subject, "FW: \u00e9\u00e9") || !strings.HasSuffix(subject, "\u00e9...") {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	if len(parts) != 3 || parts[1].mediaType != "message/feedback-report" || parts[2].mediaType != "message/rfc822" || parts[2].body != o.Message.Trace+content {
		t.Fatalf("the parts are %+v", parts)
	}
	g := groups(t, parts[1].body)[0]
	for name, want := range map[string]string{
		"Feedback-Type": "abuse", "Version": "1", "User-Agent": "Restante", "Original-Mail-From": "<app@x.test>", "Source-IP": "192.0.2.7",
		"Original-Rcpt-To": "<alice+fault.dsn-5.1.1@y.test>", "Reported-Domain": "x.test", "Reporting-MTA": "dns; mx.test",
	} {
		if got := g.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// Whatever is reported on, the report can be read and has the parts it must.
func FuzzReport(f *testing.F) {
	for _, c := range []string{content, "", "\r\n", "x", "Auto-Submitted: auto-replied\n\n", "Subject: =?utf-8?q?=E9?=\r\n a\r\n\r\n--report-\r\n\xff"} {
		f.Add(c, "a@b.test", "id\r\nX: y", "rfc822", "caf\u00e9\nX: y")
	}
	f.Fuzz(func(t *testing.T, content, address, envid, orcptType, subject string) {
		if !isKeyword(orcptType) {
			orcptType = "rfc822"
		}
		o := original(t, content, func(m *mailstore.Message) {
			m.Envelope.ReversePath, m.Envelope.EnvID, m.Envelope.Helo, m.Subject = "app@x.test", envid, subject, subject
		})
		to := Recipient{Path: mailstore.ForwardPath{Address: address, ORcpt: subject, ORcptType: orcptType}, Status: "5.1.1"}
		for _, kind := range []Kind{Failed, Delayed, Complaint} {
			var b bytes.Buffer
			if err := o.Write(&b, kind, []Recipient{to}); err != nil {
				t.Fatal(err)
			}
			e, err := gomessage.Read(&b)
			if err != nil {
				t.Fatal(err)
			}
			mr := e.MultipartReader()
			for i := range 3 {
				p, err := mr.NextPart()
				if err != nil {
					t.Fatalf("part %d: %v", i, err)
				}
				if body, err := io.ReadAll(p.Body); err != nil || i == 1 && strings.Count(strings.TrimRight(string(body), "\r\n"), "\r\n\r\n") > 1 {
					t.Fatalf("part %d is %q, %v", i, body, err)
				}
			}
			if _, err := mr.NextPart(); err != io.EOF {
				t.Fatalf("a fourth part: %v", err)
			}
		}
	})
}

// isKeyword keeps address types to what the SMTP server takes: keywords.
func isKeyword(kind string) bool {
	return kind != "" && strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
