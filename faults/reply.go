package faults

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// Reply is what a client is answered.
type Reply struct {
	Code     int    `json:"code,omitempty" minimum:"200" maximum:"599" doc:"SMTP: the reply code."`
	Enhanced string `json:"enhanced,omitempty" maxLength:"11" doc:"SMTP: the enhanced status code; missing: one that goes with the code."`
	Resp     string `json:"resp,omitempty" maxLength:"40" doc:"POP3: the response code of an -ERR, such as IN-USE or SYS/TEMP."`
	Text     string `json:"text,omitempty" maxLength:"400" doc:"The rest of the line; missing: one that goes with the code."`
}

// Line is the reply as it is sent, without its line ending: "451 4.3.0 text" in
// SMTP, "-ERR [IN-USE] text" in POP3. That of a [Fault] is complete.
func (r *Reply) Line() string {
	var b strings.Builder
	if r.Code > 0 {
		b.WriteString(strconv.Itoa(r.Code))
		if r.Enhanced != "" {
			b.WriteString(" " + r.Enhanced)
		}
	} else {
		b.WriteString("-ERR")
		if r.Resp != "" {
			b.WriteString(" [" + r.Resp + "]")
		}
	}
	return b.String() + " " + r.Text
}

var (
	isEnhanced = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}$`) // RFC 3463 §2
	isResp     = regexp.MustCompile(`^[!-.0-Z^-~]+(/[!-.0-Z^-~]+)*$`)  // RFC 2449 §8
)

// customary are the enhanced status code and the text that go with a reply code.
var customary = map[int]struct{ enhanced, text string }{
	421: {"4.3.2", "Service not available, closing the connection"},
	450: {"4.2.1", "Mailbox busy"},
	451: {"4.3.0", "Local error in processing"},
	452: {"4.3.1", "Insufficient system storage"},
	454: {"4.7.0", "Temporarily not available"},
	500: {"5.5.2", "Syntax error"},
	501: {"5.5.4", "Syntax error in parameters"},
	502: {"5.5.1", "Command not implemented"},
	503: {"5.5.1", "Bad sequence of commands"},
	504: {"5.5.4", "Parameter not implemented"},
	530: {"5.7.0", "Authentication required"},
	534: {"5.7.9", "Authentication mechanism is too weak"},
	535: {"5.7.8", "Authentication credentials invalid"},
	550: {"5.1.1", "Mailbox unavailable"},
	551: {"5.1.6", "User not local"},
	552: {"5.2.2", "Exceeded storage allocation"},
	553: {"5.1.3", "Mailbox name not allowed"},
	554: {"5.6.0", "Transaction failed"},
	555: {"5.5.4", "Parameters not recognized"},
}

// respTexts are the texts that go with a response code (RFC 2449 §8.1, RFC 3206).
var respTexts = map[string]string{
	"IN-USE":      "the maildrop is open in another session",
	"LOGIN-DELAY": "the last login was too short a time ago",
	"SYS/TEMP":    "temporary failure, try again later",
	"SYS/PERM":    "permanent failure",
	"AUTH":        "invalid user name or password",
}

// completed fills in what a reply leaves open; by says whose fault it is.
func (r Reply) completed(at Point, by string) *Reply {
	by = " (fault of " + by + ")"
	if r.Code == 0 {
		r.Text = cmp.Or(r.Text, cmp.Or(respTexts[strings.ToUpper(r.Resp)], "refused")+by)
		return &r
	}
	usual := customary[r.Code]
	class := r.Code / 100
	if at == Connect || at == Ehlo || class == 3 {
		r.Enhanced = "" // RFC 2034 §4: not there
	} else if r.Enhanced == "" {
		r.Enhanced = cmp.Or(usual.enhanced, strconv.Itoa(class)+".0.0")
		if r.Code == 550 && at != Rcpt {
			r.Enhanced = "5.7.1" // about no mailbox
		}
	}
	if r.Text == "" {
		said := cmp.Or(usual.text, map[int]string{2: "OK", 3: "Go ahead", 4: "Try again later", 5: "Refused"}[class])
		if r.Code == 550 && at != Rcpt {
			said = "Requested action not taken"
		}
		r.Text = said + by
	}
	return &r
}
