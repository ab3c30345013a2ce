package webui

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"restante/internal/mbox"
	"restante/internal/parties"
	"restante/mailstore"
)

const importDescription = "The body is a message (message/rfc822) or a mailbox file (application/mbox, mboxrd); which of the two is seen from how it begins. " +
	"Each message is delivered with its octets as they are. Its recipients are to, else those in Delivered-To and X-Original-To, else those in To, Cc and Bcc; " +
	"its sender is from, else that of the mailbox file's \"From \" line, of Return-Path, of From. " +
	"What cannot be delivered is passed over, and told."

type importInput struct {
	From string   `query:"from" maxLength:"1000" doc:"Reverse-path of everything."`
	To   []string `query:"to,explode" maxItems:"100000" doc:"Forward-paths of everything: give it once for each."`
}

// Imported is what an import did.
type Imported struct {
	Imported int             `json:"imported" doc:"Messages that were delivered."`
	Failed   int             `json:"failed" doc:"Messages that were not."`
	IDs      []string        `json:"ids" doc:"Of those that were delivered, the first 1,000."`
	Failures []ImportFailure `json:"failures" doc:"Of those that were not, the first 100."`
}

// ImportFailure tells why a message was not delivered.
type ImportFailure struct {
	Message int    `json:"message" doc:"Which one of the body: 1 is the first."`
	Reason  string `json:"reason"`
}

const (
	maxImportIDs      = 1000
	maxImportFailures = 100
)

// importMessages reads the body itself, because it is a stream.
func (s *Server) importMessages(_ context.Context, in *importInput) (*huma.StreamResponse, error) {
	return streamed(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(bodyTypes("/v1/import"), mediaType(r)) {
			writeProblem(w, problemf(http.StatusUnsupportedMediaType, "The body must be a message or a mailbox file: Content-Type message/rfc822, or application/mbox."))
			return
		}
		out, err := s.importBody(patientBody(w, r, 0), r, in)
		s.answer(w, r, http.StatusOK, out, err)
	}), nil
}

// importBody delivers each message of the body. The error is one that ends the
// import, and says how far it came.
func (s *Server) importBody(body io.Reader, r *http.Request, in *importInput) (*Imported, error) {
	out := &Imported{IDs: []string{}, Failures: []ImportFailure{}}
	from := bufio.NewReader(body)
	next, err := s.letters(from)
	for number := 1; err == nil; number++ {
		var separator string
		var content []byte
		if separator, content, err = next(); err == io.EOF {
			return out, nil
		}
		if errors.Is(err, mbox.ErrTooLong) {
			err = problemf(http.StatusRequestEntityTooLarge, "The message is larger than %d octets, the limit of this server.", s.importLimit())
		}
		var done *Delivered
		if err == nil {
			done, err = s.importOne(r, in, separator, content)
		}
		p, ours := errors.AsType[*problem](err)
		switch {
		case err == nil:
			if out.Imported++; len(out.IDs) < maxImportIDs {
				out.IDs = append(out.IDs, done.ID)
			}
		case ours:
			if out.Failed++; len(out.Failures) < maxImportFailures {
				out.Failures = append(out.Failures, ImportFailure{number, p.Detail})
			}
			err = nil
		}
	}
	if p, ok := errors.AsType[*problem](err); ok {
		return nil, p
	}
	if !errors.Is(err, mailstore.ErrFull) && !errors.Is(err, mailstore.ErrClosed) {
		s.log.Debug("an import broke off", "remote", r.RemoteAddr, "err", err)
		return nil, problemf(http.StatusBadRequest, "The body broke off. %d messages had been imported.", out.Imported)
	}
	return nil, err
}

// importLimit bounds a message, in octets: it is held in memory.
func (s *Server) importLimit() int64 {
	return cmp.Or(s.cfg.Settings.Limits.MessageBytes, maxMailJSON)
}

// letters gives the messages of a body one after the other, with the address in
// the line before each; at the end io.EOF.
func (s *Server) letters(body *bufio.Reader) (next func() (string, []byte, error), err error) {
	most := s.importLimit()
	begin, err := body.Peek(len("From "))
	switch {
	case len(begin) == 0 && err == io.EOF:
		return nil, problemf(http.StatusBadRequest, "The body is empty: it must be a message or a mailbox file. Nothing was imported.")
	case err != nil && err != io.EOF:
		return nil, err
	case mbox.IsSeparator(begin):
		return mbox.NewReader(body, most).Next, nil
	}
	read := false
	return func() (string, []byte, error) {
		if read {
			return "", nil, io.EOF
		}
		read = true
		content, err := io.ReadAll(io.LimitReader(body, most+1))
		if err == nil && int64(len(content)) > most {
			err = mbox.ErrTooLong
		}
		return "", content, err
	}, nil
}

// importOne delivers a message. A problem concerns this message alone.
func (s *Server) importOne(r *http.Request, in *importInput, separator string, content []byte) (*Delivered, error) {
	if len(content) == 0 {
		return nil, problemf(http.StatusBadRequest, "The message is empty.")
	}
	env := requestEnvelope(r)
	from, to := parties.Of(content, separator)
	env.ReversePath = from
	if in.From != "" {
		env.ReversePath = in.From
	}
	if len(in.To) > 0 {
		to = in.To
	}
	if len(to) == 0 {
		return nil, problemf(http.StatusBadRequest, "The message names no recipient.")
	}
	if err := s.address(&env, to); err != nil {
		return nil, err
	}
	incoming := s.store.NewIncoming()
	defer incoming.Abort()
	if _, err := incoming.Write(content); err != nil {
		return nil, err
	}
	return s.finish(r, incoming, env)
}

// describeImport tells the document of the body and the answer, which are
// streams to huma.
func describeImport(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	item := api.OpenAPI().Paths["/v1/import"]
	op := *item.Post
	text := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"message/rfc822": text, "application/mbox": text}}
	op.Responses = maps.Clone(op.Responses)
	op.Responses["200"] = &huma.Response{
		Description: "OK",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeFor[Imported](), true, "")}},
	}
	item.Post = &op
}
