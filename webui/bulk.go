package webui

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"restante/mailstore"
)

// maxIDs is how many messages one request may name.
const maxIDs = 10_000

type changeManyInput struct {
	Body struct {
		IDs  []string  `json:"ids" minItems:"1" maxItems:"10000"`
		Seen *bool     `json:"seen,omitempty" doc:"Mark as seen or unseen."`
		Tags *[]string `json:"tags,omitempty" maxItems:"100" doc:"Replaces the tags."`
	}
}

// Changed says how many messages were there to be changed.
type Changed struct {
	Changed int `json:"changed"`
}

func (s *Server) changeMessages(ctx context.Context, in *changeManyInput) (*jsonBody[Changed], error) {
	if in.Body.Seen == nil && in.Body.Tags == nil {
		return nil, problemf(http.StatusBadRequest, "Nothing to change: give seen, tags or both.")
	}
	if in.Body.Tags != nil {
		if err := checkTags(*in.Body.Tags); err != nil {
			return nil, err
		}
	}
	seqs, err := s.seqsOf(in.Body.IDs)
	if err != nil {
		return nil, err
	}
	if in.Body.Seen != nil && len(seqs) > 0 {
		if err := s.store.SetSeen(ctx, *in.Body.Seen, seqs...); err != nil && !errors.Is(err, mailstore.ErrNotFound) {
			return nil, err
		}
	}
	if in.Body.Tags != nil {
		for _, seq := range seqs {
			if err := s.store.SetTags(ctx, seq, *in.Body.Tags); err != nil && !errors.Is(err, mailstore.ErrNotFound) {
				return nil, err
			}
		}
	}
	return &jsonBody[Changed]{Body: Changed{Changed: len(seqs)}}, nil
}

// seqsOf gives the seqs of those of the messages that are there.
func (s *Server) seqsOf(ids []string) ([]uint64, error) {
	var seqs []uint64
	for _, id := range ids {
		m, err := s.store.Message(id)
		if errors.Is(err, mailstore.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		seqs = append(seqs, m.Seq)
	}
	return seqs, nil
}

type deleteManyInput struct {
	ID          []string `query:"id,explode" maxItems:"10000" doc:"A message; may be given several times."`
	Q           string   `query:"q" maxLength:"4000" doc:"Those that match this search."`
	Mailbox     string   `query:"mailbox" maxLength:"1000" doc:"Those in this mailbox; with q, those of them that match. They go from all their mailboxes."`
	All         bool     `query:"all" doc:"Everything."`
	ContentType string   `header:"Content-Type" hidden:"true"`
	RawBody     []byte   `contentType:"application/json" required:"false"`
}

// Deleted says how many messages there were.
type Deleted struct {
	Deleted int `json:"deleted"`
}

func (s *Server) deleteMessages(ctx context.Context, in *deleteManyInput) (*jsonBody[Deleted], error) {
	ids, err := in.ids()
	if err != nil {
		return nil, err
	}
	query, err := parseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	targets := 0
	for _, given := range [...]bool{len(ids) > 0, in.Q != "" || in.Mailbox != "", in.All} {
		if given {
			targets++
		}
	}
	if targets != 1 {
		return nil, problemf(http.StatusBadRequest, "Say what to delete: id (several times, or ids in a JSON body), or q and mailbox, or all=true, and only one of the three. Nothing was deleted.")
	}
	var n int
	switch {
	case in.All:
		n, err = s.store.DeleteAll(ctx)
	case len(ids) > 0:
		var seqs []uint64
		if seqs, err = s.seqsOf(ids); err == nil {
			n, err = s.store.Delete(ctx, seqs...)
		}
	default:
		n, err = s.store.DeleteMatching(ctx, mailstore.ListOptions{Query: query, Mailbox: in.Mailbox})
	}
	if err != nil {
		return nil, err
	}
	return &jsonBody[Deleted]{Body: Deleted{Deleted: n}}, nil
}

// ids are those of the query and of a body, which is {"ids":[…]} if there is one.
func (in *deleteManyInput) ids() ([]string, error) {
	if len(in.RawBody) == 0 {
		return in.ID, nil
	}
	var body struct {
		IDs []string `json:"ids"`
	}
	if err := json.Unmarshal(in.RawBody, &body); err != nil || len(body.IDs) == 0 {
		return nil, problemf(http.StatusBadRequest, `The body cannot be read: want {"ids":["…"]} with at least one, or no body. Nothing was deleted.`)
	}
	if len(body.IDs) > maxIDs {
		return nil, problemf(http.StatusBadRequest, "More than %d ids at a time. Nothing was deleted.", maxIDs)
	}
	return append(in.ID, body.IDs...), nil
}
