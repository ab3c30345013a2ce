package repeats

import (
	"slices"
	"testing"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"a":1,"b":[{"a":1e999},{"a":3}],"c":{"a":4}}`: nil,
		`["a","a"]`:                            nil,
		`{"do":{"reply":{"code":1,"code":2}}}`: {"do.reply.code code"},
		`{"at":[{},{"a":[],"a":1}],"at":2}`:    {"at[1].a a", "at at"},
		`[{"a":1,"\u0061":2,"a":3}]`:           {"[0].a a", "[0].a a"},
	} {
		var got []string
		Members([]byte(text), func(path, name string) { got = append(got, path+" "+name) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
