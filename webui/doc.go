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
// Files: server.go has the life cycle, routes.go the way a request takes,
// safety.go who may ask, problem.go the errors; api.go registers the
// operations, which are in list.go, message.go, change.go, events.go and
// health.go; content.go serves raw octets and parts, frame.go and rewrite.go
// a message's HTML; summary.go and detail.go are the JSON shapes; page.go
// serves assets.
package webui
