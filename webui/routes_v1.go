package webui

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// registerV1 puts the operations that test suites use on api.
func (s *Server) registerV1(api huma.API) {
	const messages, message = "/v1/messages", "/v1/messages/{id}"
	register(s, api, operation("changeMessages", http.MethodPatch, messages,
		"Change what is noted about several messages", "Whether they were seen, and their tags. Those that are gone are passed over."), s.changeMessages)
	register(s, api, operation("deleteMessages", http.MethodDelete, messages,
		"Delete messages", "Those with the given ids, those that a query or a mailbox has, or all with all=true. Without any of them nothing is deleted."), s.deleteMessages)
	register(s, api, stream(operation("getEML", http.MethodGet, message+"/eml",
		"Get the trace fields and the octets that arrived", "What POP3 serves, with the line endings that arrived."), "message/rfc822"), s.getEML)
	register(s, api, stream(operation("getText", http.MethodGet, message+"/text",
		"Get the text", "404 when the message has none."), "text/plain"), s.getText)
	register(s, api, operation("getHeaders", http.MethodGet, message+"/headers",
		"Get the header", "In order, as sent and decoded."), s.getHeaders)

	const mailboxes, mailbox = "/v1/mailboxes", "/v1/mailboxes/{name}"
	register(s, api, operation("listMailboxes", http.MethodGet, mailboxes,
		"List mailboxes", "Those that hold something, by name."), s.listMailboxes)
	register(s, api, operation("getMailbox", http.MethodGet, mailbox, "Get a mailbox", ""), s.getMailbox)
	register(s, api, operation("changeMailbox", http.MethodPatch, mailbox,
		"Mark a mailbox's messages as seen or unseen", ""), s.changeMailbox)
	register(s, api, operation("deleteMailbox", http.MethodDelete, mailbox,
		"Empty a mailbox", "What is in other mailboxes too stays there."), s.deleteMailbox)

	const inboxes, inbox = "/v1/inboxes", "/v1/inboxes/{id}"
	register(s, api, created(operation("createInbox", http.MethodPost, inboxes,
		"Make a disposable inbox", "An address that was never given before, with all that an app and a mail client need to be told.")), s.createInbox)
	register(s, api, operation("listInboxes", http.MethodGet, inboxes, "List disposable inboxes", ""), s.listInboxes)
	register(s, api, operation("getInbox", http.MethodGet, inbox, "Get a disposable inbox", ""), s.getInbox)
	register(s, api, operation("deleteInbox", http.MethodDelete, inbox, "Delete a disposable inbox and its mail", ""), s.deleteInbox)

	register(s, api, operation("wait", http.MethodGet, "/v1/wait",
		"Wait for messages", waitDescription), s.wait)
	register(s, api, noContent(operation("quiet", http.MethodGet, "/v1/quiet",
		"Make sure that nothing was sent", quietDescription)), s.quiet)

	register(s, api, operation("listSessions", http.MethodGet, "/v1/sessions",
		"List SMTP and POP3 sessions", "Those that have ended, newest first. The newest 1,000 are kept unless the server is set otherwise."), s.listSessions)
	register(s, api, operation("getSession", http.MethodGet, "/v1/sessions/{id}",
		"Get a session with its transcript", "Secrets and content are left out of it."), s.getSession)

	register(s, api, stream(operation("getAttempt", http.MethodGet, "/v1/sessions/{id}/attempts/{number}",
		"Get what a refused transaction brought", "The octets that arrived, the first 64 KiB at most."), "message/rfc822"), s.getAttempt)

	const snapshots, snapshot = "/v1/snapshots", "/v1/snapshots/{id}"
	register(s, api, created(operation("createSnapshot", http.MethodPost, snapshots,
		"Note how the store is now", "Or one mailbox of it, to put it back to this point later.")), s.createSnapshot)
	register(s, api, operation("listSnapshots", http.MethodGet, snapshots, "List snapshots", "Oldest first."), s.listSnapshots)
	register(s, api, operation("restoreSnapshot", http.MethodPost, snapshot+"/restore",
		"Put the store back to a snapshot", "What arrived since goes, what was deleted returns with its id, marks and tags are as they were."), s.restoreSnapshot)
	register(s, api, noContent(operation("deleteSnapshot", http.MethodDelete, snapshot, "Forget a snapshot", "")), s.deleteSnapshot)
}

// created says that the operation answers 201.
func created(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusCreated
	return op
}
