package webui

import (
	"context"

	"restante/mailstore"
)

type listInput struct {
	Q       string `query:"q" maxLength:"4000" doc:"A search, such as: from:alice subject:\"your order\" is:unseen"`
	Mailbox string `query:"mailbox" maxLength:"1000" doc:"Only this mailbox: a name, *@domain, or * for all."`
	After   uint64 `query:"after" doc:"Only messages with a higher seq."`
	Before  uint64 `query:"before" doc:"Only messages with a lower seq; 0 is no bound."`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Messages in a page."`
	Order   string `query:"order" enum:"newest,oldest" default:"newest"`
}

// List is a page of messages.
type List struct {
	Messages   []Summary `json:"messages"`
	Next       uint64    `json:"next" doc:"Give it as before (with order=oldest: as after) to get the next page; 0 at the end."`
	Cursor     uint64    `json:"cursor" doc:"The newest seq that was ever given: later mail has a higher one."`
	Revision   uint64    `json:"revision" doc:"Number of the newest event: with it as after, /v1/events tells all that has happened since."`
	Total      int64     `json:"total" doc:"Messages in the whole store."`
	Unseen     int64     `json:"unseen" doc:"Unseen messages in the whole store."`
	Bytes      int64     `json:"bytes" doc:"Octets of all messages in the store."`
	Pruned     int64     `json:"pruned" doc:"Messages that retention has removed since the store was made."`
	PrunedUpTo uint64    `json:"prunedUpTo" doc:"The highest seq that retention has removed; 0 is none."`
}

func (s *Server) listMessages(ctx context.Context, in *listInput) (*jsonBody[List], error) {
	query, err := parseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	page, err := s.store.List(ctx, mailstore.ListOptions{
		Query:   query,
		Mailbox: in.Mailbox,
		After:   in.After,
		Before:  in.Before,
		Oldest:  in.Order == "oldest",
		Limit:   in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := List{
		Messages:   make([]Summary, len(page.Messages)),
		Next:       page.Next,
		Cursor:     page.Totals.Newest,
		Revision:   page.Totals.Revision,
		Total:      page.Totals.Messages,
		Unseen:     page.Totals.Unseen,
		Bytes:      page.Totals.Bytes,
		Pruned:     page.Totals.Pruned,
		PrunedUpTo: page.Totals.PrunedUpTo,
	}
	for i, m := range page.Messages {
		out.Messages[i] = summaryOf(m)
	}
	return &jsonBody[List]{Body: out}, nil
}

// parseQuery gives nil, which matches everything, for no text.
func parseQuery(text string) (*mailstore.Query, error) {
	if text == "" {
		return nil, nil
	}
	return mailstore.ParseQuery(text)
}
