package webui

import (
	"maps"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// registerMore puts what brings mail in, and what is not about mail, on api and
// mux.
func (s *Server) registerMore(api huma.API, mux *http.ServeMux) {
	register(s, api, created(operation("deliverMessage", http.MethodPost, "/v1/messages",
		"Deliver a message", deliverDescription)), s.deliverMessage)
	describeDelivery(api)
	register(s, api, operation("importMessages", http.MethodPost, "/v1/import",
		"Import messages", importDescription), s.importMessages)
	describeImport(api)
	register(s, api, operation("listPages", http.MethodGet, "/v1/pages",
		"Count messages, and find the pages of a list", pagesDescription), s.listPages)
	s.registerMetrics(mux)
	s.registerAutoconfig(mux)
}

// describeDelivery tells the document of the body and the answer, which are
// streams to huma: told before, it would read the body.
func describeDelivery(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	item := api.OpenAPI().Paths["/v1/messages"]
	op := *item.Post
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"message/rfc822":   {Schema: &huma.Schema{Type: huma.TypeString, Description: "The message as it would be sent."}},
		"application/json": {Schema: schemas.Schema(reflect.TypeFor[Mail](), true, "")},
	}}
	op.Responses = maps.Clone(op.Responses)
	op.Responses["201"] = &huma.Response{
		Description: "Created",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeFor[Delivered](), true, "")}},
	}
	item.Post = &op
}
