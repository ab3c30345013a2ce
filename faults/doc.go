// Package faults decides what goes wrong: for whom, where, how and how often.
// It breaks nothing itself. An SMTP or POP3 server asks it at each point of a
// session, and does what it is told.
//
//	set := faults.New(faults.Options{…})
//	rule, err := set.Add(faults.Rule{Protocol: "smtp", At: []faults.Point{faults.Rcpt}, …})
//
//	conn := set.Conn("smtp", remote, session) // one for each connection
//	if f := conn.At(faults.Occasion{Point: faults.Rcpt, Sender: from, Recipients: []string{to}}); f != nil {
//		note(f.String()) // "fault: rule f3, RCPT, 451"
//		do(f.Do)
//	}
//
// Five nouns: a [Rule] says where, for whom, what and how often; a [Set] holds
// the rules of a server; an [Occasion] is a command that a client has given, with
// what is known about it; a [Fault] is what to do about it; an [Action] is what
// rules and faults have in common.
//
// Faults also stand in addresses, where they need no rule: see [ParseAddress].
//
// What always holds:
//
//   - The same rules and the same commands give the same faults: what looks
//     random is drawn from a seed.
//   - A server asks once for each command. Rules are tried in order, and the
//     first that fires is the fault; what an address asks for goes before.
//   - A rule for the next three fires three times, however many sessions ask at
//     once.
//   - A rule that has expired never fires, and is gone from lists.
//   - Asking where there are no rules costs an atomic load. All methods of a nil
//     *Set and a nil *Conn do nothing.
//
// Files: point.go has where, whom.go for whom, action.go what, often.go how often,
// rule.go the rule; value.go the texts of times and sizes; decode.go reads rules
// from JSON and YAML, check.go says what is wrong with one, warning.go why one
// can never match; set.go holds the rules, conn.go asks them; address.go reads
// addresses, memory.go remembers who has been here before.
package faults
