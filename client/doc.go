// Package client is for Go programs that read, await and deliver mail on a
// Restante that runs elsewhere. It imports the standard library only. For Go
// tests, package restantetest is on top of it.
//
//	c, err := client.FromEnv() // RESTANTE_URL, or http://127.0.0.1:8025
//	if err != nil { … }
//	msg, err := c.Wait(ctx, client.Query{To: "alice@app.test", Subject: "Verify"}, client.WaitOptions{})
//	if err != nil { … } // its text says what came instead
//	fmt.Println(msg.Links[0].Href)
//
// Four nouns: a [Client] asks one instance; a [Query] says which messages; a
// [Summary] is what lists have of a message and a [Message] all that is known
// about it; an [Inbox] is a fresh address of one's own.
//
// What always holds:
//
//   - A Client holds no state: it may be copied, and used by many goroutines.
//   - Reading changes nothing, not even whether a message was seen.
//   - Nothing is deleted without saying what: [Client.DeleteAll] is a method of
//     its own, and [Client.DeleteWhere] refuses the empty query.
//   - An answer that is no success is an [*Error] with what to do about it. A
//     wait in vain is a [*NoMatch] and a [Client.Quiet] that was not is a
//     [*NotQuiet]. errors.Is(err, ErrNotFound) is what is not there.
//   - A call ends when its context does. Only [Client.Wait], [Client.WaitN] and
//     [Client.Quiet] have a time of their own.
//
// Files: client.go has the client and its options, error.go the errors, query.go
// the queries; message.go and mailbox.go have the shapes of mail, list.go,
// read.go and change.go what is done with it; wait.go waits, deliver.go
// delivers, inbox.go makes addresses; events.go and sse.go follow what happens,
// session.go reads sessions, fault.go breaks things on purpose, snapshot.go keeps and puts back, info.go asks about
// the server.
package client
