package webui

import (
	"context"
	"net/http"
	"strings"
	"time"

	"restante/mailstore"
)

// Mailbox is a mailbox with its counters.
type Mailbox struct {
	Name     string    `json:"name"`
	Messages int64     `json:"messages"`
	Unseen   int64     `json:"unseen"`
	Octets   int64     `json:"octets" doc:"As POP3 sends them."`
	Newest   uint64    `json:"newest" doc:"Seq of the newest message that was delivered to it."`
	Received time.Time `json:"received" doc:"When that was."`
	Inbox    bool      `json:"inbox" doc:"A disposable inbox."`
}

// MailboxList is a page of mailboxes.
type MailboxList struct {
	Mailboxes []Mailbox `json:"mailboxes"`
	Next      string    `json:"next" doc:"Give it as after to get the next page; empty at the end."`
}

type mailboxesInput struct {
	After  string `query:"after" maxLength:"1024" doc:"Begin behind this name."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Prefix string `query:"prefix" maxLength:"1024" doc:"Only names that begin so."`
}

func (s *Server) listMailboxes(_ context.Context, in *mailboxesInput) (*jsonBody[MailboxList], error) {
	prefix := strings.ToLower(in.Prefix)
	inboxes, err := s.inboxNames()
	if err != nil {
		return nil, err
	}
	out := MailboxList{Mailboxes: []Mailbox{}}
	after := in.After
	if after < prefix {
		// The name right before the first that begins with prefix, if it is one.
		if m, err := s.store.Mailbox(prefix); err == nil {
			out.Mailboxes = append(out.Mailboxes, mailboxOf(m, inboxes))
		}
		after = prefix
	}
	rows, err := s.store.Mailboxes(after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	for _, m := range rows {
		if !strings.HasPrefix(m.Name, prefix) {
			break
		}
		if len(out.Mailboxes) == in.Limit {
			out.Next = out.Mailboxes[in.Limit-1].Name
			break
		}
		out.Mailboxes = append(out.Mailboxes, mailboxOf(m, inboxes))
	}
	return &jsonBody[MailboxList]{Body: out}, nil
}

func mailboxOf(m mailstore.Mailbox, inboxes map[string]bool) Mailbox {
	return Mailbox{Name: m.Name, Messages: m.Messages, Unseen: m.Unseen, Octets: m.Octets,
		Newest: m.Newest, Received: m.Received, Inbox: inboxes[m.Name]}
}

// inboxNames are the mailboxes of disposable inboxes.
func (s *Server) inboxNames() (map[string]bool, error) {
	inboxes, err := s.store.Inboxes()
	names := make(map[string]bool, len(inboxes))
	for _, b := range inboxes {
		names[b.Mailbox] = true
	}
	return names, err
}

type mailboxPath struct {
	Name string `path:"name" maxLength:"1024" doc:"A mailbox: an address or the name that lists show."`
}

func (s *Server) getMailbox(_ context.Context, in *mailboxPath) (*jsonBody[Mailbox], error) {
	m, err := s.store.Mailbox(s.store.MailboxFor(in.Name))
	if err != nil {
		return nil, err
	}
	inboxes, err := s.inboxNames()
	if err != nil {
		return nil, err
	}
	return &jsonBody[Mailbox]{Body: mailboxOf(m, inboxes)}, nil
}

type changeMailboxInput struct {
	Name string `path:"name" maxLength:"1024" doc:"A mailbox: an address or the name that lists show."`
	Body struct {
		Seen *bool `json:"seen" doc:"Mark all of its messages as seen or unseen."`
	}
}

func (s *Server) changeMailbox(ctx context.Context, in *changeMailboxInput) (*jsonBody[Changed], error) {
	if in.Body.Seen == nil {
		return nil, problemf(http.StatusBadRequest, "Nothing to change: give seen.")
	}
	text := "is:unseen"
	if !*in.Body.Seen {
		text = "is:seen"
	}
	query, err := mailstore.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	name := s.store.MailboxFor(in.Name)
	if _, err := s.store.Mailbox(name); err != nil {
		return nil, err
	}
	totals, err := s.store.Totals()
	if err != nil {
		return nil, err
	}
	changed := 0
	before := totals.Newest + 1 // not what arrives meanwhile
	for {
		page, err := s.store.List(ctx, mailstore.ListOptions{Query: query, Mailbox: name, Before: before, Limit: 1000})
		if err != nil {
			return nil, err
		}
		seqs := make([]uint64, len(page.Messages))
		for i, m := range page.Messages {
			seqs[i] = m.Seq
		}
		if len(seqs) > 0 {
			if err := s.store.SetSeen(ctx, *in.Body.Seen, seqs...); err != nil {
				return nil, err
			}
		}
		changed += len(seqs)
		if page.Next == 0 {
			return &jsonBody[Changed]{Body: Changed{Changed: changed}}, nil
		}
		before = page.Next
	}
}

func (s *Server) deleteMailbox(ctx context.Context, in *mailboxPath) (*jsonBody[Deleted], error) {
	name := in.Name
	if name == "*" {
		return nil, problemf(http.StatusBadRequest, "To delete everything: DELETE /v1/messages?all=true. Nothing was deleted.")
	}
	if !strings.HasPrefix(name, "*@") {
		name = s.store.MailboxFor(name)
	}
	n, err := s.store.DeleteMailbox(ctx, name)
	if err != nil {
		return nil, err
	}
	return &jsonBody[Deleted]{Body: Deleted{Deleted: n}}, nil
}
