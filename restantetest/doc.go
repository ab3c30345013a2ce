// Package restantetest gives Go tests mail to wait for: a server of their own or
// one that runs already, a fresh address for each test, and failures that say
// what came instead.
//
//	func TestSignUp(t *testing.T) {
//		srv := restantetest.Start(t)
//		inbox := srv.Inbox(t)
//		signUp(srv.SMTPAddr(), inbox.Address) // the program under test
//		msg := inbox.Wait(t, "subject:verify")
//		open(msg.Link("/verify"))
//	}
//
// What always holds:
//
//   - There is nothing to clean up and nothing to sleep for: servers and inboxes
//     go with the test, and a wait ends the moment the mail is there.
//   - No two calls of [Server.Inbox] give the same address, so that parallel
//     tests never see each other's mail, on one server or on many.
//   - What goes wrong ends the test with a text that says why. A test that fails
//     logs the mail that arrived and the SMTP sessions that failed meanwhile.
//
// Methods that take a test fail that one; those of a [Message] fail the test that
// waited for it. As with t.FailNow, they are for the test's own goroutine.
//
// Files: server.go starts and connects, inbox.go waits, message.go reads, report.go
// is what a failed test logs.
package restantetest
