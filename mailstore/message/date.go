package message

import (
	"net/mail"
	"strings"
	"time"
)

// dateLayouts are what programs write instead of RFC 5322 §3.3.
var dateLayouts = []string{
	time.RFC3339,
	time.ANSIC,
	time.UnixDate,
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04:05",
	"Mon, 2 Jan 2006 15:04:05 -07:00",
	"Mon, 2 Jan 2006 15:04:05 GMT-0700",
	"Mon, 2 Jan 2006 15:04:05",
	"2 Jan 2006 15:04:05",
	"Mon, 2 January 2006 15:04:05 -0700",
	"Monday, 2 January 2006 15:04:05 -0700",
	"Monday, 2 Jan 2006 15:04:05 -0700",
	"Mon Jan 2 15:04:05 2006 -0700",
	"Mon, Jan 2 2006 15:04:05 -0700",
}

// parseDate reads a date; good is false when it is not as RFC 5322 writes it, zero when it
// cannot be read at all.
func parseDate(s string) (t time.Time, good bool) {
	t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s)
	if err == nil {
		return t, true
	}
	if len(s) > 200 {
		return time.Time{}, false
	}
	if t, err = mail.ParseDate(s); err == nil {
		return t, true
	}
	s = strings.Join(strings.Fields(stripComments(s)), " ")
	for _, layout := range dateLayouts {
		if t, err = time.Parse(layout, s); err == nil {
			return t, false
		}
	}
	return time.Time{}, false
}
