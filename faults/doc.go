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
//   - Asking where there are no rules costs an atomic load, and a look for the
//     separator in addresses if they may ask for faults. A nil *Set has no rules
//     and takes none, a nil *Conn has no faults.
//
// Files: point.go has where, whom.go for whom, action.go and reply.go what,
// often.go how often, rule.go the rule; value.go the texts of times and sizes;
// decode.go reads rules, check.go says what is wrong with one, warning.go why one
// can never fire; set.go holds the rules, conn.go asks them; address.go reads
// addresses, wished.go asks them, memory.go remembers who has been here before;
// persona.go has how other servers behave.
package faults
