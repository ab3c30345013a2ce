// Package restante is a mail server for development and tests as a Go value:
// SMTP takes mail in, a store keeps it, POP3 and HTTP give it out. No mail ever
// leaves it.
//
// [Start] binds every address before it returns; [Server.Shutdown] ends all of
// it, and nothing runs and nothing is left behind when it returns. The zero
// [Config] is a server for a test, on free ports of the loopback interface and
// with a store that goes with it:
//
//	srv, err := restante.Start(restante.Config{})
//	if err != nil { … }
//	defer srv.Close()
//	// send to srv.SMTPAddr(), then look into srv.Store() or at srv.URL()
//
// Any number of servers run in one process. This is the one package that knows
// all the others: it wires configs, mailstore, smtpd, pop3d and webui, which do
// not know each other.
//
//   - server.go     Start, addresses, Shutdown
//   - listen.go     listeners and sockets
//   - store.go      the store of a configuration, and what its errors mean
//   - owner*.go     which process has a port or a file
//   - tls.go        the certificate that clients see
//   - authority.go  the local authority behind a self-signed one
//   - users.go      the htpasswd file
//   - version.go    the version that was built
package restante
