package webui

import (
	"context"
	"errors"
	"net/http"

	"restante/mailstore"
)

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
	ID      []string `query:"id,explode" maxItems:"10000" doc:"A message; may be given several times."`
	Q       string   `query:"q" maxLength:"4000" doc:"Those that match this search."`
	Mailbox string   `query:"mailbox" maxLength:"1000" doc:"Those in this mailbox; with q, those of them that match. They go from all their mailboxes."`
	Before  uint64   `query:"before" doc:"With q or mailbox: only those with a lower seq, so that what arrived since it was looked at stays; 0 is no bound."`
	All     bool     `query:"all" doc:"Everything."`
	Body    *struct {
		IDs []string `json:"ids" minItems:"1" maxItems:"10000" doc:"Instead of id."`
	}
}

// Deleted says how many messages there were.
type Deleted struct {
	Deleted int `json:"deleted"`
}

func (s *Server) deleteMessages(ctx context.Context, in *deleteManyInput) (*jsonBody[Deleted], error) {
	ids := in.ID
	if in.Body != nil {
		ids = append(ids, in.Body.IDs...)
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
	if in.Before > 0 && in.Q == "" && in.Mailbox == "" {
		return nil, problemf(http.StatusBadRequest, "before bounds q and mailbox; for all messages up to there give mailbox=* with it. Nothing was deleted.")
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
		n, err = s.store.DeleteMatching(ctx, mailstore.ListOptions{Query: query, Mailbox: in.Mailbox, Before: in.Before})
	}
	if err != nil {
		return nil, err
	}
	return &jsonBody[Deleted]{Body: Deleted{Deleted: n}}, nil
}
