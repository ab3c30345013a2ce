// Package webui serves the HTTP API (/v1) and the page that shows mail in a
// browser. The page is a client of the API like any other.
//
// What always holds:
//
//   - A GET or HEAD changes nothing, not even whether a message was seen.
//   - Every error is a problem document (RFC 9457) that says what to do.
//     Unknown query parameters are errors.
//   - Lists and events carry summaries. Content is read for one message at a
//     time, as a stream.
//   - Nothing that came by mail runs in the page's origin: HTML and parts are
//     served with a Content-Security-Policy of their own that puts them into
//     a sandbox, also when they are opened directly.
//   - Nothing is loaded from another host unless the reader asks for it.
//
// The API is described by the OpenAPI 3.1 document at /v1/openapi.json, which
// is made from the code.
//
// Files: server.go has the life cycle, routes.go the way a request takes:
// root.go, safety.go, auth.go and cors.go say who may ask for what; problem.go
// has the errors. api.go, routes_v1.go and routes_more.go register the
// operations, document.go describes them. Reading: list.go, message.go with
// summary.go and detail.go for its JSON, content.go for raw octets and parts,
// frame.go and rewrite.go for a message's HTML, mailboxes.go, sessions.go.
// Waiting: wait.go, quiet.go, events.go with eventfilter.go. Changing:
// change.go, bulk.go, deliver.go and delivermail.go, inboxes.go, snapshots.go.
// About the server: info.go, health.go, metrics.go. For browsers: page.go and
// docs.go; compat.go mounts the APIs of Mailpit and MailHog.
package webui
