package configs

import (
	"fmt"
	"reflect"
	"strings"
)

// Complete fills in every zero field, and then checks the whole: the error is a
// [*ValueError] or, when settings contradict each other, a [*SettingError].
//
// A zero field means what suits a server inside a test: for SMTP, POP3 and HTTP
// a free port of 127.0.0.1, for Data an ephemeral store, for a cap or a limit
// that may be 0 none, for the log nothing. Any other zero field means the
// setting's default.
func (c Config) Complete() (Config, error) {
	if c.Data == "" {
		c.Ephemeral = true
	}
	v := reflect.ValueOf(&c).Elem()
	for _, s := range Settings() {
		field := v.Field(s.index)
		if field.IsZero() && field.Kind() != reflect.Bool {
			if err := s.parse(s.Zero, "", field); err != nil {
				return c, err
			}
		}
		if !s.allows(field) {
			return c, &ValueError{Setting: s.Name, Value: format(field), Allowed: s.Allowed()}
		}
	}
	return c, c.agree()
}

// agree checks the settings that need each other.
func (c *Config) agree() error {
	fail := func(setting, format string, args ...any) error {
		return &SettingError{setting, fmt.Errorf(format, args...)}
	}
	files := c.TLSCert != "" || c.TLSKey != ""
	switch {
	case c.TLS == "files" && (c.TLSCert == "" || c.TLSKey == ""):
		return fail("tls", "files needs both tls-cert and tls-key")
	case c.TLS != "files" && files:
		return fail("tls", "tls-cert and tls-key are used only with files, and it is %s", c.TLS)
	}
	if c.FaultAddresses == "on" && strings.Contains(c.FaultPrefix, c.Separator) {
		return fail("fault-prefix", "%q has the separator %q in it: choose another one, or set fault-addresses off", c.FaultPrefix, c.Separator)
	}
	for _, l := range []struct{ name, address string }{
		{"smtps", c.SMTPS}, {"pop3s", c.POP3S}, {"https", c.HTTPS},
	} {
		if l.address != Off && c.TLS == Off {
			return fail(l.name, "%s needs a certificate: set tls to self-signed or files", l.address)
		}
	}
	return nil
}
