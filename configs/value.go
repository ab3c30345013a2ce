package configs

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Size is a number of octets. Its text form is a number with or without one of
// the units B, KB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers
// of 1024), whatever their case.
type Size int64

// ValueError is a value that a setting does not allow.
type ValueError struct {
	Setting string // its name
	Source  string // where the value stands, as the user knows it: --smtp, RESTANTE_SMTP, restante.yaml:3: smtp
	Value   string
	Allowed string // in words
}

func (e *ValueError) Error() string {
	source := e.Source
	if source == "" {
		source = e.Setting
	}
	return fmt.Sprintf("%s: %q is not allowed; it takes %s", source, e.Value, e.Allowed)
}

// SettingError is a setting that cannot be used for another reason than its
// value's form: it contradicts another one, or what it names is not there.
type SettingError struct {
	Setting string // its name
	Err     error
}

func (e *SettingError) Error() string { return e.Setting + ": " + e.Err.Error() }
func (e *SettingError) Unwrap() error { return e.Err }

// form is a kind of text that some settings ask for.
type form struct {
	allowed string
	check   func(string) bool
}

// forms has the kinds of text by their name in the form tag.
var forms = map[string]form{
	"":                  {"a text that is not empty", func(s string) bool { return s != "" }},
	"address":           {"host:port or off", func(s string) bool { return isAddress(s, false) }},
	"address or socket": {"host:port, unix:/path or off", func(s string) bool { return isAddress(s, true) }},
	"file":              {"the name of a file", func(s string) bool { return s != "" }},
	"origins":           {"origins such as https://app.test:3000 with commas between them, or *", areOrigins},
	"path":              {"a path such as /mail", isPath},
	"hosts":             {"host names with commas between them", areHosts},
	"hostname":          {"a host name or an IP address", isHostname},
	"name":              {"a name", func(s string) bool { return s != "" }},
	"directory":         {"the name of a directory", func(s string) bool { return s != "" }},
	"prefix":            {"letters, digits, dots, dashes and underscores, such as fault.", isPrefix},
	"separator":         {"one or more punctuation characters other than @, or none", isSeparator},
}

var durationType = reflect.TypeFor[time.Duration]()

var errNotAllowed = errors.New("not allowed")

// parse reads text into target, which has the setting's type, and holds it
// against the setting's limits. source is where the text stands.
func (s Setting) parse(text, source string, target reflect.Value) error {
	fail := &ValueError{Setting: s.Name, Source: source, Value: text, Allowed: s.Allowed()}
	var err error
	switch target.Type() {
	case durationType:
		var d time.Duration
		d, err = parseDuration(text)
		target.SetInt(int64(d))
	case reflect.TypeFor[Size]():
		var n Size
		n, err = parseSize(text)
		target.SetInt(int64(n))
	default:
		switch target.Kind() {
		case reflect.Bool:
			var b bool
			b, err = strconv.ParseBool(strings.ToLower(text))
			target.SetBool(b)
		case reflect.Int, reflect.Int64:
			var n int64
			n, err = strconv.ParseInt(text, 10, 64)
			target.SetInt(n)
		default:
			target.SetString(s.place(text))
		}
	}
	if err != nil || !s.allows(target) {
		return fail
	}
	return nil
}

// place is the text of a setting with ~ as the user's home directory, where it
// names a file.
func (s Setting) place(text string) string {
	switch s.Form {
	case "file", "directory":
		return underHome(text)
	case "address or socket":
		if path, ok := Socket(text); ok {
			return "unix:" + underHome(path)
		}
	}
	return text
}

// allows holds a value of the setting's type against its limits.
func (s Setting) allows(v reflect.Value) bool {
	switch {
	case s.OneOf != nil:
		for _, word := range s.OneOf {
			if word == v.String() {
				return true
			}
		}
		return false
	case v.Kind() == reflect.String:
		if v.String() == "" && s.Default == "" {
			return true
		}
		return forms[s.Form].check(v.String())
	case v.CanInt():
		return (s.Min == "" || v.Int() >= s.bound(s.Min)) && (s.Max == "" || v.Int() <= s.bound(s.Max))
	}
	return true
}

// bound reads a limit's tag; a test reads them all once.
func (s Setting) bound(text string) int64 {
	v := reflect.New(s.typ).Elem()
	if err := (Setting{typ: s.typ}).parse(text, "", v); err != nil {
		panic("configs: limit of " + s.Name + ": " + err.Error())
	}
	return v.Int()
}

// format is the opposite of parse.
func format(v reflect.Value) string {
	switch v.Type() {
	case durationType:
		return formatDuration(time.Duration(v.Int()))
	case reflect.TypeFor[Size]():
		return Size(v.Int()).String()
	}
	return fmt.Sprint(v.Interface())
}

// sizeUnits are the units of a size, each longer one before its endings.
var sizeUnits = []struct {
	name   string
	octets float64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

func parseSize(text string) (Size, error) {
	number, octets := text, 1.0
	for _, u := range sizeUnits {
		if n := len(text) - len(u.name); n > 0 && strings.EqualFold(text[n:], u.name) {
			number, octets = strings.TrimSpace(text[:n]), u.octets
			break
		}
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil && octets == 1 {
		return Size(n), nil
	}
	if strings.Trim(number, "0123456789.") != "" {
		return 0, errNotAllowed // no exponents, hexadecimal numbers, Inf
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n*octets >= math.MaxInt64 {
		return 0, errNotAllowed
	}
	return Size(n * octets), nil
}

// String is the size in the largest binary unit that divides it.
func (n Size) String() string {
	for _, u := range sizeUnits[:4] {
		if octets := Size(u.octets); n != 0 && n%octets == 0 {
			return strconv.FormatInt(int64(n/octets), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(n), 10)
}

const day = 24 * time.Hour

// parseDuration knows days besides the units of time.ParseDuration, as in 30d
// or 1d12h.
func parseDuration(text string) (time.Duration, error) {
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseInt(days, 10, 64)
	if err != nil || n < 0 || n > int64(math.MaxInt64/day) {
		return 0, errNotAllowed
	}
	if rest == "" {
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, errNotAllowed
	}
	sum := time.Duration(n)*day + d
	if sum < 0 {
		return 0, errNotAllowed
	}
	return sum, nil
}

func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	if d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func isSeparator(s string) bool {
	if s == "none" {
		return true
	}
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || r == '@' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' {
			return false
		}
	}
	return s != ""
}

func isPrefix(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}
