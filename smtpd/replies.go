package smtpd

import (
	"errors"
	"strconv"
	"strings"

	"github.com/emersion/go-smtp"

	"restante/mailstore"
)

// What is said, with enhanced status codes (RFC 3463) except where RFC 2034 §4
// wants none: in the greeting, in replies to HELO and EHLO, and in 3yz replies.
// A refusal tells the reader what to do.
const (
	accepted      = "250 2.0.0 OK id="
	replyMail     = "250 2.1.0 Sender OK"
	replyRcpt     = "250 2.1.5 Recipient OK"
	replyData     = "354 Send the message, end it with <CRLF>.<CRLF>"
	replyReset    = "250 2.0.0 Reset"
	replyNoop     = "250 2.0.0 OK"
	replyQuit     = "221 2.0.0 Bye"
	replyVrfy     = "252 2.1.5 Cannot verify, but mail for any address is accepted here"
	replyStartTLS = "220 2.0.0 Ready for the TLS handshake"
	replyHelp     = "214-2.0.0 Restante keeps the mail that you send here and delivers it nowhere else.\n" +
		"214-2.0.0 Commands: HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP AUTH STARTTLS\n" +
		"214 2.0.0 A message: EHLO name, MAIL FROM:<a@b>, RCPT TO:<c@d>, DATA, the text, a line with a dot"

	replyUnknown       = "500 5.5.2 Unknown command; HELP lists what is understood"
	replyControl       = "501 5.5.2 A control or 8-bit character in a command"
	replyNoArgument    = "501 5.5.4 This command takes no argument"
	replyNoName        = "501 Give your host name: EHLO host.example"
	replyOddName       = "501 A control or 8-bit character in a host name"
	replyVrfyWhom      = "501 5.5.4 Verify whom? VRFY address"
	replyNoExpn        = "502 5.5.1 There are no mailing lists to expand here"
	replyObsolete      = "502 5.5.1 Not implemented: obsolete since RFC 2821"
	replyHelloFirst    = "503 5.5.1 Send EHLO first"
	replyMailFirst     = "503 5.5.1 Send MAIL first"
	replyRcptFirst     = "503 5.5.1 No recipient was accepted: send RCPT first"
	replyNested        = "503 5.5.1 Nested MAIL: end the message that was begun, or send RSET"
	replyInTransaction = "503 5.5.1 Not in the middle of a message: end it, or send RSET"
	replyChunking      = "503 5.5.1 Not between chunks: send BDAT with LAST, or RSET"
	replyBinary        = "503 5.5.1 A message with BODY=BINARYMIME needs BDAT, not DATA" // RFC 3030 §3

	replyMailSyntax  = "501 5.5.4 Syntax: MAIL FROM:<address> [parameter=value ...]"
	replyRcptSyntax  = "501 5.5.4 Syntax: RCPT TO:<address> [parameter=value ...]"
	replyNeedsUTF8   = "553 5.6.7 The address is not ASCII: give MAIL the parameter SMTPUTF8"
	replyRcptsFull   = "452 4.5.3 Too many recipients: send the message to these, then again to the others"
	replyBdatSyntax  = "501 5.5.4 Syntax: BDAT octets [LAST]"
	replyAuthFirst   = "530 5.7.0 Authentication required: send AUTH first"
	replyAuthAlready = "503 5.5.1 Already authenticated; a new connection can authenticate again"
	replyAuthSyntax  = "501 5.5.4 Syntax: AUTH mechanism [initial-response]"
	replyAuthOK      = "235 2.7.0 Authentication succeeded"
	replyAuthUnknown = "504 5.5.4 Unknown mechanism; EHLO lists those that are understood"
	replyAuthFailed  = "535 5.7.8 User name or password is wrong"
	replyAuthBroken  = "501 5.5.2 Malformed authentication response"
	replyAuthInitial = "501 5.7.0 This mechanism takes no initial response" // RFC 4954 §4
	replyAuthBase64  = "501 5.5.2 The authentication response is not base64"
	replyAuthLong    = "500 5.5.6 The authentication response is too long" // RFC 4954 §6
	replyAuthCancel  = "501 5.7.0 Authentication cancelled"
	replyNoTLS       = "502 5.5.1 TLS is off on this server"
	replyTLSAlready  = "503 5.5.1 TLS is already active"

	replyBarred       = "503 5.5.1 This connection was refused: send QUIT" // RFC 5321 §3.1
	replyGarbage      = "500 5.5.2 This is not TLS"
	replyTLSFirst     = "530 5.7.0 Must issue a STARTTLS command first" // RFC 3207 §4
	replyMessagesFull = "451 4.7.0 Too many messages over one connection: open another"
	replyTooFast      = "451 4.7.1 Too many messages in a short time: try again later"
)

// Replies that end the connection. The host name comes after the code (RFC 5321
// §4.2.2), see [Server.said].
const (
	replyCrowded     = "421 4.3.2 %s Too many connections, try again later"
	replyShutdown    = "421 4.3.2 %s The server is shutting down, try again later"
	replyIdle        = "421 4.4.2 %s Nothing was heard for too long, closing"
	replyHTTP        = "421 4.7.0 %s This is SMTP and not HTTP, closing"
	replyNotTLS      = "421 4.7.0 %s This port begins in plaintext: use STARTTLS or no TLS, closing"
	replyChunkCount  = "421 4.5.2 %s The size of the chunk cannot be read, nor where it ends, closing"
	replyInternal    = "421 4.3.0 %s Internal error, closing"
	replyStoreClosed = "421 4.3.2 %s The store is closed, try again later"
)

func (s *Server) said(reply string) string {
	return strings.Replace(reply, "%s", s.cfg.Hostname, 1)
}

// replyLong is for command lines over the limit (RFC 5321 §4.5.3.1.9).
func replyLong(limit int) string {
	return "500 5.5.2 Line too long: a command has at most " + octets(int64(limit)) + ", content comes after DATA"
}

// replyLarge is for messages over the limit (RFC 1870 §6).
func replyLarge(limit int64) string {
	return "552 5.3.4 Message too large: at most " + octets(limit) + " are accepted here"
}

// correct turns a refusal of the engine's into what the RFCs say: a malformed
// parameter is 501 and not 500 (RFC 5321 §4.2.4).
func correct(c *command, reply string) string {
	if rest, ok := strings.CutPrefix(reply, "500 "); ok && c.wanted {
		return "501 " + rest
	}
	return reply
}

// reject makes an error of a reply, for the engine.
func reject(reply string) *smtp.SMTPError {
	code, rest, _ := strings.Cut(reply, " ")
	n, _ := strconv.Atoi(code)
	class := n / 100
	enhanced, text, _ := strings.Cut(rest, " ")
	e := smtp.EnhancedCode{class, 0, 0}
	if f := strings.Split(enhanced, "."); len(f) == 3 {
		e[1], _ = strconv.Atoi(f[1])
		e[2], _ = strconv.Atoi(f[2])
	}
	return &smtp.SMTPError{Code: n, EnhancedCode: e, Message: text}
}

// explain turns an error of the store into a reply.
func (w *wire) explain(err error) string {
	switch {
	case errors.Is(err, errTooLarge):
		return w.tooLarge()
	case errors.Is(err, mailstore.ErrOverCap):
		return "552 5.3.4 Message too large: it is larger than all mail together may be here"
	case errors.Is(err, mailstore.ErrFull):
		w.server.log.Warn("mail refused", "session", w.id, "err", err)
		return "452 4.3.1 Insufficient system storage: the disk is full, make room and send again"
	}
	w.server.log.Error("cannot store a message", "session", w.id, "err", err)
	return "451 4.3.0 Internal error: the message was not stored, the server's log says why"
}
