package webui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"restante/mailstore"
)

// problem is an error as clients see it (RFC 9457). Its type is about:blank:
// the status says what kind it is, Detail what to do.
type problem = huma.ErrorModel

func problemf(status int, format string, args ...any) *problem {
	return &problem{
		Status: status,
		Title:  http.StatusText(status),
		Detail: fmt.Sprintf(format, args...),
	}
}

// writeProblem answers where no operation of the API is concerned.
func writeProblem(w http.ResponseWriter, p *problem) {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers only
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// problemOf turns an error of the store into what the client can act on. What
// it cannot is logged here, once, and is an internal error.
func (s *Server) problemOf(ctx context.Context, err error) error {
	var p *problem
	var told huma.StatusError
	var malformed *mailstore.QueryError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &told):
		return told
	case errors.As(err, &malformed):
		return queryProblem(malformed)
	case errors.Is(err, mailstore.ErrNotFound):
		return problemf(http.StatusNotFound, "There is no such message. It was deleted, or removed by retention, or never here: GET /v1/messages lists what there is.")
	case errors.Is(err, mailstore.ErrNoMailbox):
		return problemf(http.StatusNotFound, "There is no such mailbox: nothing was ever delivered to it.")
	case errors.Is(err, mailstore.ErrAmbiguous):
		return problemf(http.StatusConflict, "%v. Give the whole address.", err)
	case errors.Is(err, mailstore.ErrClosed):
		return problemf(http.StatusServiceUnavailable, "The server is shutting down. Try again when it is back.")
	case errors.Is(err, mailstore.ErrFull):
		return problemf(http.StatusInsufficientStorage, "The disk is full: make room and try again.")
	case ctx.Err() != nil:
		return problemf(http.StatusServiceUnavailable, "The request was given up.")
	}
	s.log.Error("request failed", "err", err)
	return problemf(http.StatusInternalServerError, "Internal error: the server's log says more.")
}

// queryProblem points at the place in the text.
func queryProblem(e *mailstore.QueryError) *problem {
	p := problemf(http.StatusBadRequest, "The query %q cannot be read at octet %d: %s.", e.Text, e.Offset, e.Reason)
	p.Errors = []*huma.ErrorDetail{{
		Message:  e.Reason,
		Location: fmt.Sprintf("query.q[%d]", e.Offset),
		Value:    e.Text,
	}}
	return p
}

const maxEcho = 200 // octets of what was wrong, which may be a whole body

// explain rewrites the summary that huma gives a failed validation: it says
// what is wrong and what would be right.
func explain(ctx huma.Context, _ string, body any) (any, error) {
	p, ok := body.(*problem)
	if !ok || len(p.Errors) == 0 || p.Detail != "validation failed" {
		return body, nil
	}
	var wrong []string
	for _, e := range p.Errors {
		if e == nil {
			continue
		}
		wrong = append(wrong, e.Location+": "+e.Message)
		if v, ok := e.Value.(string); ok && len(v) > maxEcho {
			e.Value = strings.ToValidUTF8(v[:maxEcho], "") + "…"
		}
	}
	if p.Status == http.StatusUnprocessableEntity { // see asked
		p.Status = http.StatusBadRequest
	}
	p.Title = http.StatusText(p.Status)
	p.Detail = strings.Join(wrong, "; ") + "."
	if strings.Contains(p.Detail, "unknown query parameter") {
		p.Detail += " " + knownParameters(ctx.Operation())
	}
	return p, nil
}

func knownParameters(op *huma.Operation) string {
	var names []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "It takes none."
	}
	return "It takes " + strings.Join(names, ", ") + "."
}

// asked is a request as huma sees it. It answers 400 where huma would tell a
// request that cannot be read (400) from one that can but is not valid (422).
type asked struct{ humaContext }

type humaContext = huma.Context

// Header gives media types in lower case, as huma knows them (RFC 9110 §8.3.1).
func (c asked) Header(name string) string {
	value := c.humaContext.Header(name)
	if name == "Content-Type" {
		value = strings.ToLower(value)
	}
	return value
}

func (c asked) SetStatus(status int) {
	if status == http.StatusUnprocessableEntity {
		status = http.StatusBadRequest
	}
	c.humaContext.SetStatus(status)
}

// Unwrap is for humago.
func (c asked) Unwrap() huma.Context { return c.humaContext }
