package webui

import "context"

// Settings are those of the server that clients may want to know.
type Settings struct {
	Hostname     string    `json:"hostname"`
	Limits       Limits    `json:"limits"`
	Retention    Retention `json:"retention"`
	Durability   string    `json:"durability" enum:"commit,none"`
	Ephemeral    bool      `json:"ephemeral" doc:"The store is gone when the server ends."`
	Naming       string    `json:"naming" enum:"full,local,domain" doc:"Which part of an address names its mailbox."`
	Separator    string    `json:"separator" doc:"Between local part and tag."`
	AuthRequired bool      `json:"authRequired" doc:"SMTP clients must log in."`
	Users        bool      `json:"users" doc:"Only certain users are let in."`
	POP3Lock     string    `json:"pop3Lock" enum:"shared,exclusive"`
	Persona      string    `json:"persona" doc:"The server that this one behaves as; empty: itself."`
	Personas     []string  `json:"personas" doc:"Those there are, for fault rules at connect."`
}

// Limits of the server; 0 is none.
type Limits struct {
	MessageBytes int64 `json:"messageBytes" doc:"Largest message, in octets."`
	Recipients   int   `json:"recipients" doc:"Of one message."`
	Connections  int   `json:"connections"`
}

// Retention is how much is kept; 0 and an empty age are no cap.
type Retention struct {
	Caps
	Mailbox Caps `json:"mailbox" doc:"Of each mailbox."`
}

// Caps are those of the store or of a mailbox.
type Caps struct {
	MaxMessages int64  `json:"maxMessages"`
	MaxAge      string `json:"maxAge"`
	MaxBytes    int64  `json:"maxBytes"`
}

// Info is what a client needs to know to use this server.
type Info struct {
	Version    string   `json:"version"`
	SMTP       string   `json:"smtp" doc:"Address to send mail to; empty when off."`
	POP3       string   `json:"pop3" doc:"Address to fetch mail from; empty when off."`
	HTTP       string   `json:"http" doc:"Address of the API and the page."`
	SMTPS      string   `json:"smtps" doc:"SMTP with TLS from the first octet; empty when off."`
	POP3S      string   `json:"pop3s" doc:"POP3 with TLS from the first octet; empty when off."`
	HTTPS      string   `json:"https" doc:"The API and the page with TLS; empty when off."`
	StartTLS   bool     `json:"starttls" doc:"STARTTLS and STLS are offered."`
	Everywhere []string `json:"everywhere" doc:"Listeners on every interface (smtp, pop3, …), whose address is given as the loopback one: others reach them under any name of this machine."`
	Settings
	Counts   Counts `json:"counts"`
	Sessions Open   `json:"sessionsOpen"`
}

// Counts are those of the whole store.
type Counts struct {
	Messages   int64  `json:"messages"`
	Unseen     int64  `json:"unseen"`
	Bytes      int64  `json:"bytes"`
	Newest     uint64 `json:"newest" doc:"The cursor: the newest seq that was ever given."`
	Pruned     int64  `json:"pruned"`
	PrunedUpTo uint64 `json:"prunedUpTo"`
}

// Open counts the sessions that there are now.
type Open struct {
	SMTP int `json:"smtp"`
	POP3 int `json:"pop3"`
}

func (s *Server) getInfo(context.Context, *struct{}) (*jsonBody[Info], error) {
	t, err := s.store.Totals()
	if err != nil {
		return nil, err
	}
	out := Info{
		Version: s.version(),
		SMTP:    s.cfg.SMTP, POP3: s.cfg.POP3, HTTP: s.cfg.HTTP,
		SMTPS: s.cfg.SMTPS, POP3S: s.cfg.POP3S, HTTPS: s.cfg.HTTPS,
		StartTLS:   s.cfg.TLS != nil,
		Everywhere: list(s.cfg.Wide),
		Settings:   s.cfg.Settings,
		Counts: Counts{Messages: t.Messages, Unseen: t.Unseen, Bytes: t.Bytes, Newest: t.Newest,
			Pruned: t.Pruned, PrunedUpTo: t.PrunedUpTo},
	}
	out.Personas = list(out.Personas)
	if s.cfg.Open != nil {
		out.Sessions.SMTP, out.Sessions.POP3 = s.cfg.Open()
	}
	return &jsonBody[Info]{Body: out}, nil
}
