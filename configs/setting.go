package configs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

type group struct{ key, title string }

// Setting is one setting as the tags of its field in [Config] describe it.
type Setting struct {
	Name     string // its flag without the dashes, and its key in the settings file
	Env      string // its variable
	Key      string // its key in the settings file
	Group    string // title of the group it belongs to
	Default  string // in its text form
	Zero     string // what a zero field means, in its text form
	Help     string
	OneOf    []string // the only values allowed, when there are any
	Form     string   // how a string must look, see value.go; "" is anything but nothing
	Min, Max string   // bounds of a number, in their text form; "" is none

	index int // of the field
	typ   reflect.Type
}

// Settings lists all settings, in the order of [Config].
func Settings() []Setting {
	var all []Setting
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("kong") == "-" {
			continue
		}
		s := Setting{
			Name: f.Tag.Get("name"), Env: f.Tag.Get("env"), Key: f.Tag.Get("yaml"),
			Group: groupTitle(f.Tag.Get("group")), Default: f.Tag.Get("default"),
			Help: f.Tag.Get("help"), Form: f.Tag.Get("form"),
			Min: f.Tag.Get("min"), Max: f.Tag.Get("max"),
			index: i, typ: f.Type,
		}
		if list := f.Tag.Get("oneof"); list != "" {
			s.OneOf = strings.Split(list, ",")
		}
		s.Zero = s.zero(f.Tag)
		all = append(all, s)
	}
	return all
}

// zero is the text of what a zero field means: what its tag says; else 0 where
// 0 is allowed; else the default.
func (s Setting) zero(tag reflect.StructTag) string {
	if zero, ok := tag.Lookup("zero"); ok {
		return zero
	}
	if s.Min == "0" {
		return "0"
	}
	return s.Default
}

// Lookup finds a setting by its name.
func Lookup(name string) (Setting, bool) {
	all := Settings()
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return all[i], true
}

// Text is the setting's value in c, as one would write it in the settings file.
func (s Setting) Text(c *Config) string {
	return format(reflect.ValueOf(c).Elem().Field(s.index))
}

// Allowed says in words what values the setting takes.
func (s Setting) Allowed() string {
	switch {
	case s.OneOf != nil:
		return listing(s.OneOf)
	case s.typ == nil:
		return "text"
	}
	switch s.typ {
	case reflect.TypeFor[bool]():
		return "true or false"
	case reflect.TypeFor[Size]():
		return "a size such as 500KB, 50MiB or 2GiB" + s.bounds()
	case durationType:
		return "a time such as 90s, 10m, 12h or 30d" + s.bounds()
	case reflect.TypeFor[int](), reflect.TypeFor[int64]():
		return "a whole number" + s.bounds()
	}
	return forms[s.Form].allowed
}

func (s Setting) bounds() string {
	switch {
	case s.Max != "":
		return fmt.Sprintf(", from %s to %s", s.Min, s.Max)
	case s.Min == "0":
		return ", or 0 for no limit"
	case s.Min != "":
		return fmt.Sprintf(", %s at least", s.Min)
	}
	return ""
}

// listing is "a, b or c".
func listing(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func groupTitle(key string) string {
	for _, g := range groups {
		if g.key == key {
			return g.title
		}
	}
	return ""
}
