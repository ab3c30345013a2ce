package mailstore

// Fault is something that a server broke on purpose.
type Fault struct {
	Session  string // ID of the session
	Protocol string // "smtp", "pop3"
	Point    string // of the session: "rcpt", "retr"
	Rule     string // ID of the rule; "" when an address asked for it
	Owner    string // the rule's
	Action   string // what was done: "451", "delay 3s, close"
}

// NoteFault tells subscribers of a fault. It does not wait for the disk.
func (s *Store) NoteFault(f Fault) {
	if err := s.forget(&faultMutation{&f}); err != nil && err != ErrClosed {
		s.opts.Log.Warn("no event of a fault", "session", f.Session, "err", err)
	}
}

type faultMutation struct{ fault *Fault }

func (*faultMutation) weight() int { return 0 }

func (m *faultMutation) apply(t *txn) error {
	t.emit(Event{Type: Faulted, Fault: m.fault})
	return nil
}
