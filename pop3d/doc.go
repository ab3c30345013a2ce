// Package pop3d serves maildrops by POP3: RFC 1939 with the extensions of
// RFC 2449 (CAPA), 2595 (STLS), 3206 (response codes), 5034 (SASL), 6856
// (UTF8, LANG) and 8314 (implicit TLS).
//
// A session is a snapshot: messages, their numbers, sizes and unique-ids are
// those at login. DELE marks; marks take effect after QUIT and in no other
// way. A message that was removed elsewhere meanwhile answers -ERR to RETR and
// TOP, and is no error at QUIT.
//
// RETR sends a message's trace fields and content with bare LF as CRLF, ended
// by CRLF; the octets announced are those sent, without byte-stuffing. Content
// is streamed: a session holds one block of it, whatever its size. A message
// with UTF-8 in its header is sent as it is, also to a client that did not say
// UTF8: what is tested here is what was sent.
//
// Any credentials open any maildrop unless [Config.Users] says otherwise; then
// APOP and CRAM-MD5, which need to know the password, are not offered.
// Commands may end in a bare LF, for those who type.
//
// A session runs on one goroutine, which the server waits for. Its record,
// with the transcript, goes to the store when it ends.
//
//	server.go         the life of a server: listeners, sessions, locks
//	session.go        the life of a session, errors as responses
//	command.go        the table of commands, and their parser
//	authorization.go  USER, PASS, APOP, STLS: until a maildrop is open
//	sasl.go           AUTH and its mechanisms
//	capability.go     CAPA, UTF8, LANG
//	transaction.go    STAT, LIST, UIDL, DELE, RSET, NOOP, and QUIT
//	retrieval.go      RETR and TOP
//	stuffing.go       contents as multi-line responses
//	output.go         responses on their way, in blocks
//	wire.go           lines from the client, TLS
//	socket.go         time-outs and the interruption of a wait
//	faults.go         what goes wrong on purpose
//	transcript.go     what is recorded, without contents and secrets
package pop3d
