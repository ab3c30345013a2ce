// Package script plays conversation files against running servers: test
// support for smtpd, pop3d and the whole server.
//
// A script is read line by line; blank lines and lines starting with # say
// nothing. A connection has a name, which is its key in [Addrs]; name#2 is a
// second connection to the same address. Connections open on first use.
//
//	smtp S: 220 * ESMTP *       one line from the server, ending in CRLF; * matches anything
//	smtp S...: 250 SIZE *       a whole SMTP reply of that code; with text: one of its lines matches
//	pop3 S+: +OK *              a whole multi-line POP3 response: the first line matches, read up to "."
//	pop3 has: SASL * PLAIN*     a line of the reply that S... or S+ read last matches
//	pop3 lacks: STLS            none does
//	smtp S| 250 OK\r\n          exactly these octets (Go escapes)
//	smtp S: <closed>            the server closed the connection, and said nothing more
//	smtp C: EHLO client.test    sends the line and CRLF
//	smtp C| EHLO a\r\nNOOP\r\n  sends exactly these octets (Go escapes)
//	smtp C< testdata/big.eml    sends a file as it is; relative to the directory of the test
//	smtp starttls               TLS handshake, client side, on the open connection
//	smtps tls                   opens the connection and does the handshake at once
//	smtp close                  closes the connection
//	http GET /v1/messages 200 *"total":1*      method, path, status, body
//	http POST /v1/wait `{"query":"x"}` 200 *   with a body, sent as application/json
//	let ID = id=(\S+)           captures from what was received last; $ID stands for it from here on
//
// To check a multi-line POP3 response line by line, write one S: for each line
// and "S: ." at its end.
//
// Every read and write has a deadline of ten seconds. A failure names the line
// of the script, what was wanted, what came, and the conversation so far.
//
// script.go reads the file, player.go knows the verbs, conn.go is a connection.
package script
