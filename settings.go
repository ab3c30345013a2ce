package restante

import (
	"time"

	"restante/webui"
)

// apiSettings are those that the API tells its clients.
func apiSettings(cfg *Config, personas []string) webui.Settings {
	return webui.Settings{
		Hostname: cfg.Hostname,
		Limits:   webui.Limits{MessageBytes: int64(cfg.MaxMessageSize), Recipients: cfg.MaxRecipients, Connections: cfg.MaxConnections},
		Retention: webui.Retention{
			Caps:    caps(cfg.MaxMessages, cfg.MaxAge, int64(cfg.MaxBytes)),
			Mailbox: caps(cfg.MailboxMaxMessages, cfg.MailboxMaxAge, int64(cfg.MailboxMaxBytes)),
		},
		Durability:   cfg.Durability,
		Ephemeral:    cfg.Ephemeral,
		Naming:       cfg.Naming,
		Separator:    cfg.Separator,
		AuthRequired: cfg.SMTPAuth == "required",
		Users:        cfg.UsersFile != "",
		POP3Lock:     cfg.POP3Lock,
		Persona:      cfg.Persona,
		Personas:     personas,
	}
}

func caps(messages int64, age time.Duration, octets int64) webui.Caps {
	c := webui.Caps{MaxMessages: messages, MaxBytes: octets}
	if age > 0 {
		c.MaxAge = age.String()
	}
	return c
}
