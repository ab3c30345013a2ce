package message

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, want string // RFC 3339, "" for unreadable
		good     bool
	}{
		{"Mon, 06 Oct 2025 10:00:00 +0200", "2025-10-06T10:00:00+02:00", true},
		{"Mon, 6 Oct 2025 10:00:00 +0200", "2025-10-06T10:00:00+02:00", true},
		{"6 Oct 2025 10:00:00 +0000", "2025-10-06T10:00:00Z", true},
		{"6 Oct 2025 10:00 -0130", "2025-10-06T10:00:00-01:30", true},
		{"Mon, 06 Oct 2025 10:00:00 +0200 (CEST)", "2025-10-06T10:00:00+02:00", true},
		{"Mon , 06 Oct 2025 10:00:00 +0200", "2025-10-06T10:00:00+02:00", true},
		{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00", true},
		{"Thu,\t13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30", true},
		{"21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z", true},
		{"21 Nov 25 09:55:06 EST", "2025-11-21T09:55:06-05:00", true},
		{"21 Nov 101 09:55:06 PDT", "2001-11-21T09:55:06-07:00", true},
		{"21 Nov 97 09:55:06 Z", "1997-11-21T09:55:06Z", true},
		{"31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00Z", true},

		{"Mon 06 Oct 2025 10:00:00 +0200", "2025-10-06T10:00:00+02:00", false},
		{"Monday, 6 October 2025 10:00:00 +0200", "2025-10-06T10:00:00+02:00", false},
		{"6 Oct 2025 10:00:00", "2025-10-06T10:00:00Z", false},
		{"6 Oct 2025 10:00:00 +02:00", "2025-10-06T10:00:00+02:00", false},
		{"6 Oct 2025 10:00:00 GMT+0200", "2025-10-06T10:00:00+02:00", false},
		{"6 Oct 2025 10:00:00 CEST", "2025-10-06T10:00:00Z", false}, // unknown zones count as +0000
		{"6 Oct 2025 8:00:00 +0000", "2025-10-06T08:00:00Z", false},
		{"31 Feb 2025 10:00:00 +0000", "2025-03-03T10:00:00Z", false},
		{"2025-10-06T10:00:00+02:00", "2025-10-06T10:00:00+02:00", false},
		{"2025-10-06 10:00:00 +0200", "2025-10-06T10:00:00+02:00", false},
		{"2025-10-06 10:00:00", "2025-10-06T10:00:00Z", false},
		{"Mon Oct  6 10:00:00 2025", "2025-10-06T10:00:00Z", false},
		{"Mon Oct 06 10:00:00 +0200 2025", "2025-10-06T10:00:00+02:00", false},

		{"", "", false},
		{"now", "", false},
		{"32 Oct 2025 10:00:00 +0000", "", false},
		{"6 Oct 2025 25:00:00 +0000", "", false},
		{"6 Foo 2025 10:00:00 +0000", "", false},
		{"%DATE%", "", false},
	} {
		got, good := parseDate(tt.in)
		if tt.want == "" {
			if !got.IsZero() || good {
				t.Errorf("%q: got %v, %v; want nothing", tt.in, got, good)
			}
			continue
		}
		if s := got.Format(time.RFC3339); s != tt.want || good != tt.good {
			t.Errorf("%q: got %s, %v; want %s, %v", tt.in, s, good, tt.want, tt.good)
		}
	}
}
