package webui

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"restante/faults"
)

const addFaultDescription = "It is asked behind those there are. It goes by itself, after an hour if neither ttl nor expires is given. " +
	"Where the rule can never fire, the answer has a warning."

// registerFaults puts the fault rules on api.
func (s *Server) registerFaults(api huma.API) {
	const rules, rule = "/v1/faults", "/v1/faults/{id}"
	register(s, api, operation("listFaults", http.MethodGet, rules,
		"List fault rules", "In the order in which they are asked, with what they have done; and the faults that an address can ask for."), s.listFaults)
	register(s, api, created(operation("addFault", http.MethodPost, rules, "Add a fault rule", addFaultDescription)), s.addFault)
	register(s, api, operation("deleteFaults", http.MethodDelete, rules,
		"Remove fault rules", "Those of an owner, or all with all=true. Without either nothing is removed."), s.deleteFaults)
	register(s, api, operation("getFault", http.MethodGet, rule, "Get a fault rule", ""), s.getFault)
	register(s, api, operation("replaceFault", http.MethodPut, rule,
		"Replace a fault rule", "It keeps its id and its place, and counts from 0."), s.replaceFault)
	register(s, api, noContent(operation("deleteFault", http.MethodDelete, rule, "Remove a fault rule", "")), s.deleteFault)
	describeRule(api, rules, rule)
}

// describeRule tells the document of the bodies, which package faults reads: it
// says more of what is wrong.
func describeRule(api huma.API, rules, rule string) {
	doc := api.OpenAPI()
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[faults.Rule](), true, "")},
	}}
	doc.Paths[rules].Post.RequestBody = body
	doc.Paths[rule].Put.RequestBody = body
}

// FaultList is the fault rules, and what addresses can ask for.
type FaultList struct {
	Rules     []faults.Rule  `json:"rules"`
	Addresses FaultAddresses `json:"addresses"`
}

// FaultAddresses says how an address asks for a fault.
type FaultAddresses struct {
	On        bool           `json:"on" doc:"Addresses are looked at."`
	Separator string         `json:"separator" doc:"Sets the part apart that asks."`
	Prefix    string         `json:"prefix" doc:"How that part begins."`
	Faults    []AddressFault `json:"faults"`
}

// AddressFault is a fault that an address can ask for.
type AddressFault struct {
	Form     string `json:"form" doc:"How it is written, such as rcpt-CODE."`
	Example  string `json:"example" doc:"Such as rcpt-550."`
	Protocol string `json:"protocol" enum:",smtp,pop3" doc:"Empty: both."`
	Says     string `json:"says" doc:"What it does."`
}

type listFaultsInput struct {
	Owner string `query:"owner" maxLength:"100" doc:"Only the rules of this owner."`
}

func (s *Server) listFaults(_ context.Context, in *listFaultsInput) (*jsonBody[FaultList], error) {
	out := FaultList{Rules: list(s.cfg.Faults.List(in.Owner))}
	out.Addresses.On, out.Addresses.Separator, out.Addresses.Prefix = s.cfg.Faults.Addresses()
	for _, f := range faults.AddressFaults() {
		out.Addresses.Faults = append(out.Addresses.Faults, AddressFault(f))
	}
	return &jsonBody[FaultList]{Body: out}, nil
}

type ruleInput struct {
	RawBody []byte
}

func (s *Server) addFault(_ context.Context, in *ruleInput) (*jsonBody[faults.Rule], error) {
	rule, err := faults.DecodeRule(in.RawBody)
	if err == nil {
		rule, err = s.cfg.Faults.Add(rule)
	}
	return faultAnswer(rule, err)
}

// FaultPath names a fault rule. It is exported because huma looks into embedded
// structs only then.
type FaultPath struct {
	ID string `path:"id" maxLength:"30" doc:"A rule's id, such as f3."`
}

func (s *Server) getFault(_ context.Context, in *FaultPath) (*jsonBody[faults.Rule], error) {
	return faultAnswer(s.cfg.Faults.Get(in.ID))
}

type replaceFaultInput struct {
	FaultPath
	RawBody []byte
}

func (s *Server) replaceFault(_ context.Context, in *replaceFaultInput) (*jsonBody[faults.Rule], error) {
	rule, err := faults.DecodeRule(in.RawBody)
	if err == nil {
		rule, err = s.cfg.Faults.Replace(in.ID, rule)
	}
	return faultAnswer(rule, err)
}

func (s *Server) deleteFault(_ context.Context, in *FaultPath) (*struct{}, error) {
	return nil, faultProblem(s.cfg.Faults.Delete(in.ID))
}

type deleteFaultsInput struct {
	Owner string `query:"owner" maxLength:"100" doc:"The rules of this owner."`
	All   bool   `query:"all" doc:"All rules, also those of others."`
}

func (s *Server) deleteFaults(_ context.Context, in *deleteFaultsInput) (*jsonBody[Deleted], error) {
	if in.All == (in.Owner != "") {
		return nil, problemf(http.StatusBadRequest, "Say which rules to remove: those of an owner, or all=true, and only one of the two. Nothing was removed.")
	}
	if in.All {
		return &jsonBody[Deleted]{Body: Deleted{s.cfg.Faults.DeleteAll()}}, nil
	}
	return &jsonBody[Deleted]{Body: Deleted{s.cfg.Faults.DeleteOwned(in.Owner)}}, nil
}

func faultAnswer(rule faults.Rule, err error) (*jsonBody[faults.Rule], error) {
	if err != nil {
		return nil, faultProblem(err)
	}
	return &jsonBody[faults.Rule]{Body: rule}, nil
}

// faultProblem names each field that is wrong.
func faultProblem(err error) error {
	invalid, bad := errors.AsType[*faults.InvalidError](err)
	switch {
	case bad:
		p := problemf(http.StatusBadRequest, "The rule was not taken: %v.", err)
		for _, f := range invalid.Fields {
			place := "body"
			if f.Field != "" {
				place += "." + f.Field
			}
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: f.Reason, Location: place, Value: f.Value})
		}
		return p
	case errors.Is(err, faults.ErrNotFound):
		return problemf(http.StatusNotFound, "There is no such fault rule. It was removed, or has expired, or was never here: GET /v1/faults lists what there is.")
	case errors.Is(err, faults.ErrFull):
		return problemf(http.StatusConflict, "The rule was not taken: %v.", err)
	}
	return err
}

// FaultEvent is the data of the event fault.
type FaultEvent struct {
	Session  string `json:"session" doc:"ID of the session that it hit."`
	Protocol string `json:"protocol" enum:"smtp,pop3"`
	Point    string `json:"point" doc:"Of the session, such as rcpt."`
	Rule     string `json:"rule" doc:"ID of the rule; empty: an address asked for it."`
	Owner    string `json:"owner" doc:"The rule's."`
	Action   string `json:"action" doc:"What was done, such as 451."`
}
