package webui

import (
	"strings"
	"testing"
)

func TestMembersAreThereOnce(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":1,"b":[{"a":2},{"a":3}],"c":{"a":4}}`: "",
		`[{"a":1},{"a":1}]`:                         "",
		`["a","a"]`:                                 "",
		`"a"`:                                       "",
		`{"b":{"c":"a"},"a":"c"}`:                   "",
		`{"a":1,"b":2,"a":1}`:                       "a is there twice",
		`{"a":[{"x":{}},{"b":{"c":1,"c":2}}]}`:      "c is there twice",
		`{"é":1,"\u00e9":2}`:                        "é is there twice",
		`{"a":1}{}`:                                 "after top-level value",
		`{"a":`:                                     "unexpected end",
		``:                                          "unexpected end",
	} {
		var v any
		err := jsonFormat.Unmarshal([]byte(text), &v)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
