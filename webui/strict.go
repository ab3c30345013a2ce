package webui

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"restante/internal/repeats"
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
		var err error
		repeats.Members(data, func(_, name string) {
			if err == nil {
				err = fmt.Errorf("%s is there twice", name)
			}
		})
		return err
	},
}
