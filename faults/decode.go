package faults

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"restante/internal/repeats"
)

// FieldError says what is wrong with one field of a rule.
type FieldError struct {
	Field  string // its place: "do.reply.code", "at[0]"; "" is the whole rule
	Value  any    // what stands there; nil when nothing does
	Reason string // with what is allowed
}

func (e FieldError) Error() string {
	if e.Field == "" {
		return e.Reason
	}
	return e.Field + ": " + e.Reason
}

// InvalidError is a rule that cannot be taken. It has everything that is wrong
// with it.
type InvalidError struct{ Fields []FieldError }

func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "; ")
}

// complaints are gathered while a rule is read or checked.
type complaints []FieldError

func (c *complaints) add(field string, value any, format string, args ...any) {
	*c = append(*c, FieldError{Field: field, Value: value, Reason: fmt.Sprintf(format, args...)})
}

func (c complaints) err() error {
	if len(c) == 0 {
		return nil
	}
	return &InvalidError{Fields: c}
}

// DecodeRule reads a rule from JSON. What only a server knows (id, matched, hits,
// lastHit, warning) is passed over, so that a rule that was listed can be given
// back. The error is an [*InvalidError]; it says nothing yet of values that do
// not go together, see [Set.Add].
func DecodeRule(text []byte) (r Rule, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if err = d.Decode(&tree); err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = fmt.Errorf("something follows the rule")
		}
	}
	var c complaints
	if err != nil {
		c.add("", nil, "the rule is not JSON: %v", err)
		return r, c.err()
	}
	repeats.Members(text, func(path, _ string) { c.add(path, nil, "is given twice") })
	c.decode(tree, reflect.ValueOf(&r).Elem(), "")
	r.ID, r.Matched, r.Hits, r.LastHit, r.Warning = "", 0, 0, time.Time{}, ""
	return r, c.err()
}

// decode puts a value of JSON into one of Go. null is as good as nothing.
func (c *complaints) decode(from any, into reflect.Value, field string) {
	if from == nil {
		return
	}
	if into.Kind() == reflect.Pointer {
		v := reflect.New(into.Type().Elem())
		c.decode(from, v.Elem(), field)
		into.Set(v)
		return
	}
	if t, ok := into.Addr().Interface().(*time.Time); ok {
		text, _ := from.(string)
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			c.add(field, from, "want a moment such as 2026-11-21T10:00:00Z")
		}
		*t = at
		return
	}
	if t, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		c.decodeText(from, t, field)
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		c.decodeObject(from, into, field)
	case reflect.Slice:
		c.decodeList(from, into, field)
	case reflect.String:
		text, ok := from.(string)
		if !ok {
			c.add(field, from, "want a text")
		}
		into.SetString(text)
	case reflect.Bool:
		on, ok := from.(bool)
		if !ok {
			c.add(field, from, "want true or false")
		}
		into.SetBool(on)
	case reflect.Float64:
		n, _ := from.(json.Number)
		v, err := n.Float64()
		if err != nil {
			c.add(field, from, "want a number")
		}
		into.SetFloat(v)
	default:
		n, _ := from.(json.Number)
		v, err := strconv.ParseInt(n.String(), 10, into.Type().Bits())
		if err != nil {
			c.add(field, from, "want a whole number")
		}
		into.SetInt(v)
	}
}

func (c *complaints) decodeText(from any, into encoding.TextUnmarshaler, field string) {
	var text string
	switch from := from.(type) {
	case string:
		text = from
	case json.Number:
		text = from.String()
	default:
		c.add(field, from, "want a text or a number")
		return
	}
	if err := into.UnmarshalText([]byte(text)); err != nil {
		c.add(field, from, "%v", err)
	}
}

func (c *complaints) decodeList(from any, into reflect.Value, field string) {
	list, ok := from.([]any)
	if !ok {
		list = []any{from} // one needs no brackets
	}
	into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	for i, v := range list {
		at := field
		if ok {
			at = fmt.Sprintf("%s[%d]", field, i)
		}
		if v == nil {
			c.add(at, nil, "want a text")
		}
		c.decode(v, into.Index(i), at)
	}
}

func (c *complaints) decodeObject(from any, into reflect.Value, field string) {
	object, ok := from.(map[string]any)
	if !ok {
		c.add(field, from, "want an object with %s", strings.Join(names(into.Type()), ", "))
		return
	}
	t := into.Type()
	for _, name := range slices.Sorted(maps.Keys(object)) {
		v, at := object[name], name
		if field != "" {
			at = field + "." + name
		}
		i := fieldNamed(t, name)
		if i < 0 {
			c.add(at, nil, "there is no such field; there are %s", strings.Join(names(t), ", "))
			continue
		}
		if t.Field(i).Tag.Get("readOnly") != "" {
			continue
		}
		before := len(*c)
		c.decode(v, into.Field(i), at)
		if v != nil && len(*c) == before && meansNothing(into.Field(i)) && name != "seed" {
			c.add(at, v, "want more than 0, or nothing at all")
		}
	}
}

// meansNothing tells a number that is as good as missing: a rule for the next 0
// would fire each time.
func meansNothing(v reflect.Value) bool { return (v.CanInt() || v.CanFloat()) && v.IsZero() }

// fieldNamed is the index of the field of a struct that has a name in JSON, or -1.
func fieldNamed(t reflect.Type, name string) int {
	for i := range t.NumField() {
		if jsonName(t.Field(i)) == name {
			return i
		}
	}
	return -1
}

// names are those of a struct's fields in JSON, without the read-only ones.
func names(t reflect.Type) []string {
	var all []string
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("readOnly") == "" {
			all = append(all, jsonName(t.Field(i)))
		}
	}
	return all
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
