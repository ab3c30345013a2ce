package webui

import (
	"context"

	"restante/mailstore"
)

const pagesDescription = "The messages that match, counted, and the highest seq of each page, newest first. " +
	"With it any part of a long list can be read without what comes before: page n is " +
	"`/v1/messages?before=` pages[n] + 1, `&after=` pages[n+1], `&limit=` size."

type pagesInput struct {
	Q       string `query:"q" maxLength:"4000" doc:"A search, such as: from:alice subject:\"your order\" is:unseen"`
	Mailbox string `query:"mailbox" maxLength:"1000" doc:"Only this mailbox: a name, *@domain, or * for all."`
	Size    int    `query:"size" minimum:"1" maximum:"1000" default:"100" doc:"Messages in a page."`
}

// Pages say where the pages of a list begin.
type Pages struct {
	Pages  []uint64 `json:"pages" doc:"The highest seq of each page, newest first."`
	Size   int      `json:"size" doc:"Messages in a page; the last may have fewer."`
	Total  int64    `json:"total" doc:"Messages that match."`
	Cursor uint64   `json:"cursor" doc:"The newest seq that was ever given: messages that came later are not counted."`
}

func (s *Server) listPages(ctx context.Context, in *pagesInput) (*jsonBody[Pages], error) {
	query, err := parseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	p, err := s.store.Pages(ctx, mailstore.ListOptions{Query: query, Mailbox: in.Mailbox}, in.Size)
	if err != nil {
		return nil, err
	}
	return &jsonBody[Pages]{Body: Pages{Pages: list(p.Starts), Size: in.Size, Total: p.Total, Cursor: p.Cursor}}, nil
}
