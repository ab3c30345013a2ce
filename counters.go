package restante

import (
	"restante/pop3d"
	"restante/smtpd"
	"restante/webui"
)

// smtpCounters tells /metrics what an SMTP server counted. Every reason to
// refuse is told, those that have not occurred as 0.
func smtpCounters(s *smtpd.Server) func() webui.SMTPCounters {
	return func() webui.SMTPCounters {
		c := s.Counters()
		for _, reason := range smtpd.Reasons() {
			c.Refused[reason] += 0
		}
		return webui.SMTPCounters(c)
	}
}

// pop3Counters tells /metrics what a POP3 server counted.
func pop3Counters(s *pop3d.Server) func() webui.POP3Counters {
	return func() webui.POP3Counters { return webui.POP3Counters(s.Counters()) }
}
