package message

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date. good is false when it is not as RFC 5322 §3.3 and §4.3 write it, and t is
// zero when it cannot be read at all.
func parseDate(s string) (t time.Time, good bool) {
	if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s); err == nil {
		return fixed(t), true
	}
	const longest = 200
	if len(s) > longest {
		return time.Time{}, false
	}
	words := strings.FieldsFunc(stripComments(s), func(r rune) bool { return r == ' ' || r == '\t' })
	if t, good, ok := fromWords(words); ok {
		return t, good
	}
	s = strings.Join(words, " ")
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return fixed(t), false
		}
	}
	return time.Time{}, false
}

// dateLayouts are what programs write instead.
var dateLayouts = []string{
	time.RFC3339,
	time.ANSIC,
	time.UnixDate,
	time.RubyDate,
	"Mon Jan 2 15:04:05 MST -0700 2006",
	"Mon Jan 2 15:04:05 2006 -0700",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04:05 -07:00",
	"2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	"2006-01-02",
	"Mon, Jan 2, 2006 15:04:05 -0700",
	"Mon, Jan 2 2006 15:04:05 -0700",
	"January 2, 2006 15:04:05 -0700",
	"Jan 2, 2006 15:04:05 -0700",
}

// fixed takes the local zone that time.Parse may have found off t.
func fixed(t time.Time) time.Time {
	_, offset := t.Zone()
	return inZone(t, offset)
}

func inZone(t time.Time, offset int) time.Time {
	if offset == 0 {
		return t.UTC()
	}
	return t.In(time.FixedZone("", offset))
}

// fromWords reads [day-name ","] day month year hour ":" minute [":" second] zone.
func fromWords(words []string) (t time.Time, good, ok bool) {
	s := strings.Join(words, " ")
	good = true
	if name, rest, found := strings.Cut(s, ","); found {
		if len(strings.TrimSpace(name)) != 3 {
			good = false
		}
		s = strings.TrimSpace(rest)
	}
	words = strings.Fields(s)
	if len(words) > 0 && (words[0][0] < '0' || words[0][0] > '9') {
		words, good = words[1:], false // a day-name without its comma
	}
	if len(words) < 4 {
		return t, false, false
	}
	day, err := strconv.Atoi(words[0])
	month := monthOf(words[1])
	year, err2 := strconv.Atoi(words[2])
	if err != nil || err2 != nil || month == 0 || day < 1 || day > 31 || year < 0 || year > 9999 {
		return t, false, false
	}
	if len(words[1]) != 3 {
		good = false
	}
	switch { // RFC 5322 §4.3
	case len(words[2]) == 2 && year < 50:
		year += 2000
	case len(words[2]) <= 3:
		year += 1900
	}
	clock, zone := splitClock(words[3:])
	hour, minute, second, goodClock, ok := parseClock(clock)
	if !ok {
		return t, false, false
	}
	offset, goodZone := parseZone(zone)
	t = time.Date(year, month, day, hour, minute, second, 0, time.FixedZone("", offset))
	if time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Day() != day {
		good = false // 31 February
	}
	return inZone(t, offset), good && goodClock && goodZone, true
}

// splitClock parts the time of day, which may contain spaces around its colons, from the zone.
func splitClock(words []string) (clock, zone string) {
	n := 0
	for n < len(words) {
		clock += words[n]
		n++
		if n == len(words) || !strings.HasSuffix(clock, ":") && !strings.HasPrefix(words[n], ":") {
			break
		}
	}
	return clock, strings.Join(words[n:], " ")
}

func parseClock(s string) (hour, minute, second int, good, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, 0, 0, false, false
	}
	good = true
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 {
			return 0, 0, 0, false, false
		}
		if len(p) != 2 {
			good = false
		}
		n[i] = v
	}
	if n[0] > 23 || n[1] > 59 || n[2] > 60 { // 60 is a leap second
		return 0, 0, 0, false, false
	}
	return n[0], n[1], n[2], good, true
}

func monthOf(s string) time.Month {
	if len(s) < 3 {
		return 0
	}
	for m := time.January; m <= time.December; m++ {
		if name := m.String(); strings.EqualFold(s, name[:3]) || strings.EqualFold(s, name) {
			return m
		}
	}
	return 0
}

// parseZone returns the offset in seconds east; zones nobody knows are +0000, as RFC 5322 §4.3 says.
func parseZone(s string) (offset int, good bool) {
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "GMT"), "UTC")
	if len(digits) == 6 && digits[3] == ':' {
		digits = digits[:3] + digits[4:]
	}
	if len(digits) == 5 && (digits[0] == '+' || digits[0] == '-') {
		if n, err := strconv.Atoi(digits[1:]); err == nil && n >= 0 && n%100 < 60 && n/100 < 24 {
			offset = (n/100*60 + n%100) * 60
			if digits[0] == '-' {
				offset = -offset
			}
			return offset, digits == s
		}
	}
	switch strings.ToUpper(s) {
	case "UT", "GMT", "Z":
		return 0, true
	case "EST", "CDT":
		return -5 * 3600, true
	case "EDT":
		return -4 * 3600, true
	case "CST", "MDT":
		return -6 * 3600, true
	case "MST", "PDT":
		return -7 * 3600, true
	case "PST":
		return -8 * 3600, true
	}
	return 0, len(s) == 1 && isLetter(s[0]) // military zones, whose sign nobody knows
}
