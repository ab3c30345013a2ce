package compat

import (
	"errors"

	"restante/mailstore"
)

// frame is what Mailpit's WebSocket says.
type frame struct {
	Type string
	Data any
}

type readFrame struct {
	ID   string
	Read bool
}

type tagsFrame struct {
	ID   string
	Tags []string
}

type idFrame struct{ ID string }

type statsFrame struct {
	Total   int64
	Unread  int64
	Version string
}

// pitTeller speaks as Mailpit: new, update, delete, truncate, prune, stats.
type pitTeller struct{ s *server }

func (t *pitTeller) tell(to *wire, events []mailstore.Event) error {
	gone, err := t.emptied(events)
	if err != nil {
		return err
	}
	for _, e := range events {
		if gone && e.Type == mailstore.Deleted {
			continue // told together, below
		}
		f, ok := t.frameOf(e)
		if !ok {
			continue
		}
		if err := to.json(f); err != nil {
			return err
		}
	}
	if gone {
		return to.json(frame{Type: "truncate"})
	}
	return nil
}

// emptied says whether something was deleted and nothing is left.
func (t *pitTeller) emptied(events []mailstore.Event) (bool, error) {
	for _, e := range events {
		if e.Type == mailstore.Deleted {
			totals, err := t.s.store.Totals()
			return err == nil && totals.Messages == 0, err
		}
	}
	return false, nil
}

func (t *pitTeller) frameOf(e mailstore.Event) (frame, bool) {
	switch e.Type {
	case mailstore.Stored:
		sum, err := t.s.summaryOf(e.Message)
		if errors.Is(err, mailstore.ErrNotFound) {
			err = nil // deleted since; what else is known is told
		}
		sum.ReplyTo = list(sum.ReplyTo)
		return frame{"new", sum}, err == nil
	case mailstore.Seen:
		return frame{"update", readFrame{e.ID, e.Seen}}, true
	case mailstore.Tagged:
		return frame{"update", tagsFrame{e.ID, list(e.Tags)}}, true
	case mailstore.Deleted:
		if _, err := t.s.store.MessageBySeq(e.Seq); err == nil {
			return frame{}, false // it is still in other mailboxes
		}
		return frame{"delete", idFrame{e.ID}}, true
	case mailstore.Pruned, mailstore.Resync:
		return frame{Type: "prune"}, true // read the list again
	}
	return frame{}, false
}

func (t *pitTeller) tick(to *wire) error {
	totals, err := t.s.store.Totals()
	if err != nil {
		return err
	}
	return to.json(frame{"stats", statsFrame{totals.Messages, totals.Unseen, t.s.info.Version}})
}

// hogTeller tells new messages, whole, as MailHog.
type hogTeller struct{ s *server }

func (t *hogTeller) tell(to *wire, events []mailstore.Event) error {
	for _, e := range events {
		if e.Type != mailstore.Stored {
			continue
		}
		m, err := t.s.hogOf(e.Message)
		if errors.Is(err, mailstore.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := to.json(m); err != nil {
			return err
		}
	}
	return nil
}

func (t *hogTeller) tick(*wire) error { return nil }
