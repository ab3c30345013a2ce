package compat

import (
	"context"
	"errors"
	"iter"

	"restante/mailstore"
)

// span bounds a list by seqs; 0 is no bound.
type span struct {
	before uint64 // only below
	after  uint64 // only above
}

const largePage = 1000 // messages that are read at once to be passed over

// matches yields what a search finds, newest first, reading pages of some
// messages. A message that is deleted meanwhile is left out.
func (s *server) matches(ctx context.Context, q *search, in span, page int) iter.Seq2[*mailstore.Message, error] {
	return func(yield func(*mailstore.Message, error) bool) {
		queries := q.any
		if len(queries) == 0 {
			queries = []*mailstore.Query{nil}
		}
		heads := make([]*head, len(queries))
		for i, query := range queries {
			heads[i] = &head{s: s, o: mailstore.ListOptions{Query: query, Before: in.before, After: in.after, Limit: page}}
		}
		for {
			m, err := newest(ctx, heads)
			if err != nil {
				yield(nil, err)
				return
			}
			if m == nil {
				return
			}
			kept, err := q.keeps(s, m)
			if err != nil || kept {
				if !yield(m, err) || err != nil {
					return
				}
			}
		}
	}
}

func (q *search) keeps(s *server, m *mailstore.Message) (bool, error) {
	for _, keep := range q.keep {
		switch ok, err := keep(s, m); {
		case errors.Is(err, mailstore.ErrNotFound):
			return false, nil
		case err != nil || !ok:
			return false, err
		}
	}
	return true, nil
}

// head is where one of several queries has come to.
type head struct {
	s    *server
	o    mailstore.ListOptions
	page []*mailstore.Message
	done bool
}

// newest takes the newest message of all heads; nil at the end.
func newest(ctx context.Context, heads []*head) (*mailstore.Message, error) {
	var best *mailstore.Message
	for _, h := range heads {
		if err := h.fill(ctx); err != nil {
			return nil, err
		}
		if len(h.page) > 0 && (best == nil || h.page[0].Seq > best.Seq) {
			best = h.page[0]
		}
	}
	if best == nil {
		return nil, nil
	}
	for _, h := range heads {
		if len(h.page) > 0 && h.page[0].Seq == best.Seq {
			h.page = h.page[1:]
		}
	}
	return best, nil
}

func (h *head) fill(ctx context.Context) error {
	if len(h.page) > 0 || h.done {
		return nil
	}
	p, err := h.s.store.List(ctx, h.o)
	if err != nil {
		return err
	}
	h.page, h.o.Before, h.done = p.Messages, p.Next, p.Next == 0
	return nil
}
