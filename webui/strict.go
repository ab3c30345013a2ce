package webui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// refuseRepeated answers requests that give a parameter several times which has one
// value: of "DELETE ?mailbox=a&mailbox=b" neither half would be what was asked for.
func refuseRepeated(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if r.URL.RawQuery != "" {
		given := r.URL.Query()
		for _, p := range ctx.Operation().Parameters {
			if n := len(given[p.Name]); n > 1 && p.In == "query" && (p.Explode == nil || !*p.Explode) {
				writeProblem(w, problemf(http.StatusBadRequest, "query.%s: given %d times, want one value.", p.Name, n))
				return
			}
		}
	}
	next(ctx)
}

// jsonFormat is JSON in which a member is there once: RFC 8259 §4 leaves open which
// of two counts.
var jsonFormat = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if err := json.Unmarshal(data, v); err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		return once(d)
	},
}

// once reads a value, which must be well-formed, and tells of a member that is there
// twice.
func once(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil || token != json.Delim('{') && token != json.Delim('[') {
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		if token == json.Delim('{') {
			name, err := d.Token()
			if err != nil {
				return err
			}
			member := fmt.Sprint(name)
			if seen[member] {
				return fmt.Errorf("%s is there twice", member)
			}
			seen[member] = true
		}
		if err := once(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
