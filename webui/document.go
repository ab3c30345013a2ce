package webui

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// registerDocument puts the OpenAPI document of api on mux. It comes after all
// operations.
func (s *Server) registerDocument(api huma.API, mux *http.ServeMux) {
	s.describeSecurity(api.OpenAPI())
	describeProblem(api, "/v1/wait", http.StatusRequestTimeout, reflect.TypeFor[WaitProblem]())
	describeProblem(api, "/v1/quiet", http.StatusConflict, reflect.TypeFor[QuietProblem]())
	document := sync.OnceValues(func() ([]byte, error) { return json.Marshal(api.OpenAPI()) })
	mux.HandleFunc("GET /v1/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		body, err := document()
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})
}

// describeSecurity tells how clients say who they are, and whether they must.
func (s *Server) describeSecurity(doc *huma.OpenAPI) {
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"basic":  {Type: "http", Scheme: "basic"},
		"bearer": {Type: "http", Scheme: "bearer"},
	}
	doc.Security = []map[string][]string{{"basic": {}}, {"bearer": {}}}
	if s.cfg.Auth == nil && len(s.cfg.Tokens) == 0 {
		doc.Security = append([]map[string][]string{{}}, doc.Security...)
		return
	}
	for path := range openPaths {
		if item := doc.Paths[path]; item != nil && item.Get != nil {
			item.Get.Security = []map[string][]string{{}}
		}
	}
}

// describeProblem tells of a problem document of GET path that has more members
// than others, which are those of t.
func describeProblem(api huma.API, path string, status int, t reflect.Type) {
	schemas := api.OpenAPI().Components.Schemas
	ref := schemas.Schema(t, true, "")
	own, common := schemas.SchemaFromRef(ref.Ref), schemas.SchemaFromRef(schemas.Schema(reflect.TypeFor[problem](), true, "").Ref)
	for name, property := range common.Properties {
		if own.Properties[name] == nil {
			own.Properties[name] = property
		}
	}
	op := *api.OpenAPI().Paths[path].Get // a copy: huma has made what it needs of the other
	op.Responses = maps.Clone(op.Responses)
	op.Responses[strconv.Itoa(status)] = &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: ref}},
	}
	api.OpenAPI().Paths[path].Get = &op
}
