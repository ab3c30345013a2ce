package webui

import (
	"context"
	"net/http"
)

type changeInput struct {
	MessagePath
	Body struct {
		Seen *bool     `json:"seen,omitempty" doc:"Mark as seen or unseen."`
		Tags *[]string `json:"tags,omitempty" maxItems:"100" doc:"Replaces the tags."`
	}
}

func (s *Server) changeMessage(ctx context.Context, in *changeInput) (*jsonBody[Summary], error) {
	if in.Body.Seen == nil && in.Body.Tags == nil {
		return nil, problemf(http.StatusBadRequest, "Nothing to change: give seen, tags or both.")
	}
	if in.Body.Tags != nil {
		if err := checkTags(*in.Body.Tags); err != nil {
			return nil, err
		}
	}
	m, err := s.store.Message(in.ID)
	if err != nil {
		return nil, err
	}
	if in.Body.Seen != nil {
		if err := s.store.SetSeen(ctx, *in.Body.Seen, m.Seq); err != nil {
			return nil, err
		}
	}
	if in.Body.Tags != nil {
		if err := s.store.SetTags(ctx, m.Seq, *in.Body.Tags); err != nil {
			return nil, err
		}
	}
	if m, err = s.store.MessageBySeq(m.Seq); err != nil {
		return nil, err
	}
	return &jsonBody[Summary]{Body: summaryOf(m)}, nil
}

const maxTag = 100 // octets

func checkTags(tags []string) error {
	for i, t := range tags {
		if t == "" || len(t) > maxTag {
			return problemf(http.StatusBadRequest, "Tag %d is empty or longer than %d octets.", i+1, maxTag)
		}
	}
	return nil
}

func (s *Server) deleteMessage(ctx context.Context, in *MessagePath) (*struct{}, error) {
	m, err := s.store.Message(in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Delete(ctx, m.Seq); err != nil {
		return nil, err
	}
	return nil, nil
}
