// Package compat answers in the shapes of Mailpit's API (/api/v1, /api/events,
// /view) and MailHog's (/api/v1/messages/{id}, /api/v2), so that test suites
// written for them need to change only the port. It is a thin layer over the
// store: it keeps nothing of its own but where lists go on.
//
// What always holds:
//
//   - A GET or HEAD changes nothing, also where the original marks as read.
//   - Everything is deleted only on a request without any body, as both APIs
//     document it, or on a search that says something. A body that cannot be
//     read, or names nothing, is a 400 and changes nothing.
//   - Nothing is ever sent on: release is refused. /api/v1/send delivers here.
//   - A page of a list costs what is on it, wherever it starts; a search that
//     is repeated looks at new mail only.
//   - One message's content is in memory at a time.
//
// docs/compatibility.md lists what differs from the originals and why.
//
// Files: compat.go has the routes, reply.go how answers and errors are written.
// Mailpit: query.go translates its searches, list.go lists and searches,
// change.go deletes and marks, tags.go, message.go, part.go, thumb.go, view.go,
// send.go with compose.go, checks.go what is not offered, app.go its
// settings; summary.go and detail.go are its JSON. MailHog: hog.go, with its
// JSON in hogmessage.go and hogmime.go. events.go streams to both, frames.go
// has what is said; matches.go runs a search, offsets.go remembers where its
// pages begin.
package compat
