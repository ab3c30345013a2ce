package restante

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"restante/configs"
	"restante/faults"
	"restante/mailstore"
)

// newFaults makes the set of fault rules with those that the settings have. A
// rule that cannot be taken is a [*configs.SettingError].
func (s *Server) newFaults() (*faults.Set, error) {
	cfg := &s.cfg
	separator := cfg.Separator
	if separator == "none" {
		separator = ""
	}
	set := faults.New(faults.Options{
		Addresses:    cfg.FaultAddresses == "on",
		Prefix:       cfg.FaultPrefix,
		Separator:    separator,
		MailboxFor:   func(address string) string { return s.store.MailboxFor(address) },
		Capabilities: capabilities(cfg.TLS != "off"),
		Personas:     s.personaNames,
		Fired: func(f *faults.Fault, session string) {
			s.store.NoteFault(mailstore.Fault{Session: session, Protocol: f.Protocol, Point: string(f.Point),
				Rule: f.Rule, Owner: f.Owner, Action: f.Do.String()})
		},
	})
	var errs []error
	for _, r := range cfg.Faults {
		rule, err := faults.DecodeRule(r.JSON)
		if err == nil {
			if rule.TTL == 0 && rule.Expires.IsZero() {
				rule.TTL = faults.Never
			}
			rule, err = set.Add(rule)
		}
		invalid, ok := errors.AsType[*faults.InvalidError](err)
		switch {
		case ok:
			for _, f := range invalid.Fields {
				errs = append(errs, fmt.Errorf("%s: %s", r.Place(f.Field), f.Reason))
			}
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", r.Place(""), err))
		case rule.Warning != "":
			s.log.Warn("a fault rule is useless", "rule", r.Place(""), "why", rule.Warning)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &configs.SettingError{Setting: "faults", Err: err}
	}
	return set, nil
}

// personaNames are the personas that there are.
func (s *Server) personaNames() []string { return slices.Sorted(maps.Keys(s.personas)) }

// capabilities are what EHLO and CAPA can list.
func capabilities(tls bool) func(protocol string) []string {
	known := map[string][]string{
		faults.SMTP: {"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME", "DSN", "SIZE", "LIMITS", "AUTH", "HELP"},
		faults.POP3: {"TOP", "UIDL", "USER", "SASL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE", "LOGIN-DELAY", "UTF8", "LANG", "IMPLEMENTATION"},
	}
	if tls {
		known[faults.SMTP] = append(known[faults.SMTP], "STARTTLS")
		known[faults.POP3] = append(known[faults.POP3], "STLS")
	}
	return func(protocol string) []string { return known[protocol] }
}

// Faults is the set of fault rules, for programs that have the server inside.
func (s *Server) Faults() *faults.Set { return s.faults }
