package smtpd

import (
	"fmt"
	"strings"
	"testing"

	gomessage "github.com/emersion/go-message"

	"restante/faults"
	"restante/mailstore"
)

// Reports are in the mailbox of the reverse-path before the client has its answer.
func TestReports(t *testing.T) {
	t.Parallel()
	const content = "From: app@x.test\r\nTo: alice@y.test\r\nSubject: Hello\r\nMessage-ID: <1@x.test>\r\n\r\nbody\r\n"
	for _, tt := range []struct {
		name  string
		mail  string
		rcpts []string
		field string // of the content besides
		rule  string
		dash  bool     // is what sets sub-addresses apart
		want  []string // media type and something that stands in each report
	}{
		{name: "bounce", mail: "<app+x@x.test> RET=HDRS ENVID=e+2B1", rcpts: []string{"<alice+fault.dsn-5.1.1@y.test> ORCPT=rfc822;Alice@y.test"},
			want: []string{"delivery-status|Original-Envelope-Id: e+1|Original-Recipient: rfc822;Alice@y.test|Action: failed|Status: 5.1.1|text/rfc822-headers"}},
		{name: "two bounces in one", mail: "<app@x.test>", rcpts: []string{"<a+fault.dsn-5.1.1@y.test>", "<fine@y.test>", "<b+fault.dsn-5.2.2@y.test>"},
			want: []string{"delivery-status|rfc822;a+fault|Status: 5.1.1|rfc822;b+fault|Status: 5.2.2|message/rfc822|body"}},
		{name: "never", mail: "<app@x.test>", rcpts: []string{"<alice+fault.dsn-5.1.1@y.test> NOTIFY=NEVER"}},
		{name: "null", mail: "<>", rcpts: []string{"<alice+fault.dsn-5.1.1@y.test>"}},
		{name: "late", mail: "<app@x.test>", rcpts: []string{"<alice+fault.delayed-dsn@y.test>"},
			want: []string{"delivery-status|Action: delayed|Status: 4.4.1|Will-Retry-Until: "}},
		{name: "reply", mail: "<app@x.test>", rcpts: []string{"<alice+fault.autoreply@y.test>"},
			want: []string{"text/plain|Auto-Submitted: auto-replied|Subject: Auto: Hello|In-Reply-To: <1@x.test>"}},
		{name: "reply behind a dash", mail: "<app@x.test>", rcpts: []string{"<alice-fault.autoreply@y.test>"}, dash: true,
			want: []string{"text/plain|Auto-Submitted: auto-replied|From: <alice-fault.autoreply@y.test>"}},
		{name: "no reply to a machine", mail: "<app@x.test>", rcpts: []string{"<alice+fault.autoreply@y.test>"}, field: "Auto-Submitted: auto-generated\r\n"},
		{name: "bounce to a machine", mail: "<app@x.test>", rcpts: []string{"<alice+fault.dsn-5.1.1@y.test>"}, field: "Auto-Submitted: auto-generated\r\n",
			want: []string{"delivery-status|Status: 5.1.1"}},
		{name: "complaint", mail: "<app@x.test>", rcpts: []string{"<alice+fault.complaint@y.test>"},
			want: []string{"feedback-report|Feedback-Type: abuse|Original-Rcpt-To: <alice+fault.complaint@y.test>|Source-IP: 127.0.0.1"}},
		{name: "all of them", mail: "<app@x.test>", rcpts: []string{"<alice+fault.complaint.dsn-5.1.1.autoreply@y.test>"},
			want: []string{"delivery-status|Status: 5.1.1", "text/plain|auto-replied", "feedback-report|Feedback-Type: abuse"}},
		{name: "by rule", mail: "<app@x.test>", rcpts: []string{"<a@y.test>", "<b@y.test>"}, rule: `{"at":["end"],"for":{"sender":"app@*"},"do":{"dsn":"5.7.1"}}`,
			want: []string{"delivery-status|rfc822;a@y.test|rfc822;b@y.test|Status: 5.7.1"}},
		{name: "success", mail: "<app@x.test>", rcpts: []string{"<a@y.test> NOTIFY=SUCCESS"}, rule: `{"at":["rcpt"],"do":{"dsn":"2.1.5"}}`,
			want: []string{"delivery-status|Action: delivered|Status: 2.1.5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var rules []string
			if tt.rule != "" {
				rules = append(rules, tt.rule)
			}
			r := faultyRig(t, Config{}, rules...)
			if tt.dash {
				r = newRig(t, Config{Faults: faults.New(faults.Options{Addresses: true, Separator: "-"})})
			}
			c := r.ready()
			c.ask("MAIL FROM:"+tt.mail, "250 ")
			for _, rcpt := range tt.rcpts {
				c.ask("RCPT TO:"+rcpt, "250 ")
			}
			c.ask("DATA", "354 ")
			c.send(tt.field + content + ".\r\n")
			c.want("250 2.0.0 OK")
			r.wantMessages(int64(1 + len(tt.want)))
			for i, want := range tt.want {
				m, report := r.message(uint64(2 + i))
				kind, parts, _ := strings.Cut(want, "|")
				e, err := gomessage.Read(strings.NewReader(report))
				if err != nil {
					t.Fatal(err)
				}
				mediaType, params, _ := e.Header.ContentType()
				if mediaType != kind && (mediaType != "multipart/report" || params["report-type"] != kind) {
					t.Errorf("report %d is %s %v, want %s", i, mediaType, params, kind)
				}
				for part := range strings.SplitSeq(parts, "|") {
					if !strings.Contains(report, part) {
						t.Errorf("report %d has no %q:\n%s", i, part, report)
					}
				}
				if m.Envelope.ReversePath != "" || fmt.Sprint(m.Mailboxes()) != "[app@x.test]" {
					t.Errorf("report %d came from %q for %v", i, m.Envelope.ReversePath, m.Mailboxes())
				}
			}
			c.ask("QUIT", "221 ")
			s := r.session()
			if len(s.Messages) != 1 || s.Failed || len(s.Faults) == 0 {
				t.Errorf("the session is %+v", s)
			}
			reported, refused := 0, 0
			for _, l := range s.Transcript {
				if l.From == mailstore.Note && strings.HasPrefix(l.Text, "delivered a") {
					reported++
				} else if l.From == mailstore.Note && strings.HasPrefix(l.Text, "no ") {
					refused++
				}
			}
			if reported != len(tt.want) || len(tt.want) == 0 && refused != 1 {
				t.Errorf("%d reports and %d refusals are in the transcript: %v", reported, refused, s.Transcript)
			}
		})
	}
}
