// Package repeats finds members that an object of JSON has twice: RFC 8259 §4
// leaves open which of them counts, so that neither may be what was meant.
package repeats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Members calls found for each member of text that its object had before: path
// leads there ("do.reply.code", "at[1].a"), name is the member's ("code"). text
// must be JSON.
func Members(text []byte, found func(path, name string)) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	visit(d, "", found)
}

func visit(d *json.Decoder, path string, found func(path, name string)) {
	token, _ := d.Token()
	bracket, ok := token.(json.Delim)
	if !ok {
		return
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		at := fmt.Sprintf("%s[%d]", path, i)
		if bracket == '{' {
			token, _ := d.Token()
			name, _ := token.(string)
			at = strings.TrimPrefix(path+"."+name, ".")
			if seen[name] {
				found(at, name)
			}
			seen[name] = true
		}
		visit(d, at, found)
	}
	d.Token() // the closing one
}
