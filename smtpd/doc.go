// Package smtpd receives mail over SMTP (RFC 5321) and puts it into a
// [restante/mailstore.Store].
//
// github.com/emersion/go-smtp is the engine: it drives the mail transaction and
// parses the values of the ESMTP parameters. Between the engine and the socket stands a wire, one per
// connection, which the engine takes for the connection itself. Engine and wire
// run on one goroutine: when the engine reads its next command, the wire reads
// the client's command lines, answers what it can answer or must refuse, and
// hands over one command at a time. So these things always hold:
//
//   - Commands are judged by one table of verb and state, in the order in which
//     they came, and at most one is inside the engine.
//   - Content never passes through the engine. It is kept exactly as it came:
//     only CRLF "." CRLF ends DATA, a chunk of BDAT is counted and never
//     interpreted, lines may have any length, and a refused message is read to its
//     end before it is answered.
//   - A message is delivered when its end was read, and only then. 250 is said
//     after the store has it, with its ID and seq.
//   - Above the wire everything is plaintext: TLS is the wire's.
//   - Every connection leaves a session record with its transcript, without
//     secrets and content.
//
// The files, from the socket up:
//
//	server.go      life cycle: Serve, ServeTLS, Shutdown, connection limit
//	wire.go        the connection that the engine sees: commands in, replies out
//	input.go       buffers, lines, time-outs
//	starttls.go    TLS handshakes
//	commands.go    the table of verbs and states, and the small commands
//	mail.go        MAIL and RCPT: parameters, and what the engine is given
//	path.go        reverse-paths and forward-paths
//	auth.go        AUTH: the exchange
//	sasl.go        its mechanisms
//	content.go     DATA: unstuffing, size, delivery
//	bdat.go        BDAT: chunks
//	session.go     the engine's view of the session: envelope and policy
//	ehlo.go        what is advertised
//	replies.go     what is said
//	transcript.go  the session record
//	attempt.go     transactions that brought no message
//
// And what goes wrong on purpose (package faults decides what):
//
//	faults.go      faults at each point, and what they do
//	pause.go       delays, throttles, resets
//	refusetls.go   handshakes that fail
//	report.go      bounces and other answers to a message that was accepted
//	persona.go     the server as somebody else
//	strict.go      what a strict server refuses
package smtpd
