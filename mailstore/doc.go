// Package mailstore keeps mail: messages, mailboxes, the sessions that brought
// and fetched them, search, events and retention. It knows no network protocol.
//
// A [Message] is content (the octets that arrived, never edited) and what the
// server knows about it: the [Envelope], trace fields, what its header says. It
// is stored once and delivered to one [Mailbox] per forward-path; when its last
// delivery goes, the message goes. A message has a seq, a number in commit order
// that is never reused, and an ID made from it, which is also its POP3 unique-id.
//
// What always holds:
//
//   - [Incoming.Deliver] returns after the message is durable (see [Durability])
//     and visible to every reader and subscriber that asks afterwards.
//   - All changes are made by one goroutine, in order, in batches: whatever was
//     asked for while the last commit ran is the next one. A batch is applied
//     whole or not at all.
//   - No transaction is open while a caller does something with what it read.
//     Content is read chunk by chunk.
//   - Nothing kept in memory grows with the number of messages.
//   - A cap of [Retention] is never exceeded: the oldest goes in the same commit.
//   - A file that can not be read is refused and left as it is. Only a commit that
//     a power failure tore, which nobody was told of, is taken back.
//
// The files: mail.go has the types; store.go opens and closes a store, file.go opens
// its file and looks at it before; committer.go, transaction.go and mutation.go make
// changes, seal.go makes them durable, sync_linux.go waits for the disk; incoming.go
// and content.go take and give content, compress.go cuts it into chunks; record.go
// is the format of a message's record; mailbox.go names mailboxes, delivery.go lists
// what is in them, maildrop.go opens them for POP3; query.go parses searches,
// match.go decides them, signature.go and sigblock.go make them fast, list.go runs
// them; wait.go waits, waiters.go finds who does, events.go tells; session.go keeps
// transcripts, fetch.go leads from messages to them; inbox.go makes disposable
// inboxes, snapshot.go puts the store back; measure.go counts; retention.go prunes;
// compact.go rewrites the file.
package mailstore
