package webui

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// operations are what the document has, no more and no less: a route that is added or
// goes is a change of the API.
var operations = []string{
	"GET /livez", "GET /readyz",
	"GET /v1/events", "GET /v1/info", "POST /v1/import",
	"GET /v1/faults", "POST /v1/faults", "DELETE /v1/faults",
	"GET /v1/faults/{id}", "PUT /v1/faults/{id}", "DELETE /v1/faults/{id}",
	"GET /v1/inboxes", "POST /v1/inboxes", "GET /v1/inboxes/{id}", "DELETE /v1/inboxes/{id}",
	"GET /v1/mailboxes", "GET /v1/mailboxes/{name}", "PATCH /v1/mailboxes/{name}", "DELETE /v1/mailboxes/{name}",
	"GET /v1/messages", "POST /v1/messages", "PATCH /v1/messages", "DELETE /v1/messages",
	"GET /v1/messages/{id}", "PATCH /v1/messages/{id}", "DELETE /v1/messages/{id}",
	"GET /v1/messages/{id}/raw", "GET /v1/messages/{id}/eml", "GET /v1/messages/{id}/text", "GET /v1/messages/{id}/html",
	"GET /v1/messages/{id}/headers", "GET /v1/messages/{id}/parts/{path}",
	"GET /v1/pages", "GET /v1/quiet", "GET /v1/wait",
	"GET /v1/sessions", "GET /v1/sessions/{id}", "GET /v1/sessions/{id}/attempts/{number}",
	"GET /v1/snapshots", "POST /v1/snapshots", "DELETE /v1/snapshots/{id}", "POST /v1/snapshots/{id}/restore",
}

type document struct {
	OpenAPI string
	Servers []struct{ URL string }
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		RequestBody struct{ Content map[string]any }
		Responses   map[string]struct{ Content map[string]any }
		Security    []map[string][]string
	}
	Components struct {
		Schemas map[string]struct{ Properties map[string]any }
	}
	Security []map[string][]string
}

func TestDocumentIsTheAPI(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	d := into[document](t, f.get("/v1/openapi.json"), 200)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") || len(d.Servers) != 1 || d.Servers[0].URL != "/" {
		t.Errorf("it is OpenAPI %q for %+v", d.OpenAPI, d.Servers)
	}
	var there []string
	ids := map[string]bool{}
	for path, methods := range d.Paths {
		for method, o := range methods {
			route := strings.ToUpper(method) + " " + path
			there = append(there, route)
			if o.Summary == "" || ids[o.OperationID] {
				t.Errorf("%s: id %q, summary %q", route, o.OperationID, o.Summary)
			}
			ids[o.OperationID] = true
			if len(o.Responses) < 2 {
				t.Errorf("%s: has no answer besides its error", route)
			}
		}
	}
	slices.Sort(there)
	want := slices.Sorted(slices.Values(operations))
	if !slices.Equal(there, want) {
		t.Errorf("it has\n%s\nwant\n%s", strings.Join(there, "\n"), strings.Join(want, "\n"))
	}
}

// What the document has is served: none of it is a path or method that is not
// there.
func TestDocumentIsServed(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for _, route := range operations {
		method, path, _ := strings.Cut(route, " ")
		if path == "/v1/events" || path == "/v1/wait" {
			path += "?q=%22" // refused, and so not waited for
		}
		path = strings.NewReplacer("{id}", "none", "{name}", "none", "{path}", "1", "{number}", "0").Replace(path)
		a := f.do(method, path, "")
		if a.StatusCode == http.StatusMethodNotAllowed || strings.Contains(a.body, "There is nothing at") {
			t.Errorf("%s: got %d %s", route, a.StatusCode, a.body)
		}
	}
}

// Everything below /v1 is in the document, because it goes through huma: only
// the document itself is put on the mux by hand.
func TestNothingIsBesideTheDocument(t *testing.T) {
	t.Parallel()
	files := gotoken.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		p, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(p, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || method.Sel.Name != "HandleFunc" && method.Sel.Name != "Handle" {
				return true
			}
			found++
			if pattern, ok := call.Args[0].(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(pattern.Value)
				if strings.Contains(text, "/v1") && text != "GET /v1/openapi.json" {
					t.Errorf("%s: %q is not in the document", files.Position(call.Pos()), text)
				}
			}
			return true
		})
	}
	if found < 4 {
		t.Errorf("found %d patterns: the test looks in the wrong place", found)
	}
}

func TestDocumentOfProblemsAndBodies(t *testing.T) {
	t.Parallel()
	d := into[document](t, start(t, Config{}).get("/v1/openapi.json"), 200)
	for path, status := range map[string]string{"/v1/wait": "408", "/v1/quiet": "409"} {
		if d.Paths[path]["get"].Responses[status].Content["application/problem+json"] == nil {
			t.Errorf("%s: nothing is said of %s", path, status)
		}
	}
	for _, member := range []string{"title", "detail", "status", "nearest", "failedSessions", "arrived"} {
		if d.Components.Schemas["WaitProblem"].Properties[member] == nil {
			t.Errorf("WaitProblem has no %s", member)
		}
	}
	post := d.Paths["/v1/messages"]["post"]
	if post.RequestBody.Content["message/rfc822"] == nil || post.RequestBody.Content["application/json"] == nil || post.Responses["201"].Content["application/json"] == nil {
		t.Errorf("of POST /v1/messages it says %+v", post)
	}
}

func TestDocumentOfCredentials(t *testing.T) {
	t.Parallel()
	open := into[document](t, start(t, Config{}).get("/v1/openapi.json"), 200)
	if len(open.Security) != 3 || len(open.Security[0]) != 0 {
		t.Errorf("an open server asks for %v", open.Security)
	}
	closed := into[document](t, start(t, Config{Tokens: []string{"secret"}}).get("/v1/openapi.json", "Authorization: Bearer secret"), 200)
	if len(closed.Security) != 2 || len(closed.Paths["/livez"]["get"].Security) != 1 {
		t.Errorf("a closed server asks for %v, at /livez %v", closed.Security, closed.Paths["/livez"]["get"].Security)
	}
}
