package webui

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"restante/mailstore"
)

// Inbox is a disposable inbox: an address of its own, and where to send and to
// fetch.
type Inbox struct {
	ID      string     `json:"id" doc:"The local part of its address."`
	Address string     `json:"address"`
	Mailbox string     `json:"mailbox"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires,omitempty" doc:"When it goes with its mail; missing: never."`
	Cursor  uint64     `json:"cursor" doc:"Newest seq when it was made."`
	SMTP    *Access    `json:"smtp,omitempty" doc:"Missing when SMTP is off or on a socket."`
	POP3    *Access    `json:"pop3,omitempty" doc:"Missing when POP3 is off."`
	SMTPS   *Access    `json:"smtps,omitempty" doc:"SMTP with TLS from the first octet."`
	POP3S   *Access    `json:"pop3s,omitempty" doc:"POP3 with TLS from the first octet."`
}

// Access is what a program must be told to use a server.
type Access struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	User     string `json:"user"`
	Password string `json:"password"`
	TLS      string `json:"tls" enum:",starttls,tls" doc:"Empty: in plaintext."`
}

type createInboxInput struct {
	Body *struct {
		Prefix string `json:"prefix,omitempty" maxLength:"32" doc:"Begins its address: letters, digits, - and _."`
		TTL    string `json:"ttl,omitempty" doc:"How long it lives, such as 10m; missing: until it is deleted."`
		Domain string `json:"domain,omitempty" maxLength:"255" doc:"Missing: inbox.test."`
	}
}

func (s *Server) createInbox(ctx context.Context, in *createInboxInput) (*jsonBody[Inbox], error) {
	var o mailstore.InboxOptions
	if in.Body != nil {
		o.Prefix, o.Domain = in.Body.Prefix, in.Body.Domain
	}
	if in.Body != nil && in.Body.TTL != "" {
		var err error
		if o.TTL, err = time.ParseDuration(in.Body.TTL); err != nil || o.TTL <= 0 {
			return nil, problemf(http.StatusBadRequest, "ttl %q is no time to live: write 90s, 10m or 2h.", in.Body.TTL)
		}
	}
	b, err := s.store.NewInbox(ctx, o)
	if _, bad := errors.AsType[*mailstore.InboxError](err); bad {
		return nil, problemf(http.StatusBadRequest, "The inbox was not made: %v.", err)
	}
	if err != nil {
		return nil, err
	}
	return &jsonBody[Inbox]{Body: s.inboxOf(b)}, nil
}

func (s *Server) inboxOf(b *mailstore.Inbox) Inbox {
	out := Inbox{ID: b.ID, Address: b.Address, Mailbox: b.Mailbox, Created: b.Created, Cursor: b.Cursor}
	if !b.Expires.IsZero() {
		out.Expires = &b.Expires
	}
	upgrade := ""
	if s.cfg.TLS != nil {
		upgrade = "starttls"
	}
	out.SMTP, out.POP3 = access(s.cfg.SMTP, upgrade, b), access(s.cfg.POP3, upgrade, b)
	out.SMTPS, out.POP3S = access(s.cfg.SMTPS, "tls", b), access(s.cfg.POP3S, "tls", b)
	return out
}

// access is how to use the server at an address; nil when it has no port.
func access(address, tls string, b *mailstore.Inbox) *Access {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil
	}
	return &Access{Host: host, Port: number, User: b.Address, Password: b.Password, TLS: tls}
}

// InboxList is all disposable inboxes.
type InboxList struct {
	Inboxes []Inbox `json:"inboxes"`
}

func (s *Server) listInboxes(context.Context, *struct{}) (*jsonBody[InboxList], error) {
	inboxes, err := s.store.Inboxes()
	if err != nil {
		return nil, err
	}
	out := InboxList{Inboxes: make([]Inbox, len(inboxes))}
	for i, b := range inboxes {
		out.Inboxes[i] = s.inboxOf(b)
	}
	return &jsonBody[InboxList]{Body: out}, nil
}

type inboxPath struct {
	ID string `path:"id" maxLength:"300" doc:"An inbox's id, or its address."`
}

func (s *Server) getInbox(_ context.Context, in *inboxPath) (*jsonBody[Inbox], error) {
	b, err := s.store.Inbox(in.ID)
	if err != nil {
		return nil, noInbox(err)
	}
	return &jsonBody[Inbox]{Body: s.inboxOf(b)}, nil
}

func (s *Server) deleteInbox(ctx context.Context, in *inboxPath) (*jsonBody[Deleted], error) {
	n, err := s.store.DeleteInbox(ctx, in.ID)
	if err != nil {
		return nil, noInbox(err)
	}
	return &jsonBody[Deleted]{Body: Deleted{Deleted: n}}, nil
}

func noInbox(err error) error {
	if errors.Is(err, mailstore.ErrNotFound) {
		return problemf(http.StatusNotFound, "There is no such inbox: it was deleted, has expired, or never was. GET /v1/inboxes lists those there are.")
	}
	return err
}
