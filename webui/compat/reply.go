package compat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"restante/mailstore"
)

// refusal is an error that the client is told in plain text, as both originals
// do.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// answer makes errors of a handler into answers: those of the store into what
// the client can act on; what it cannot is logged here, once.
func (s *server) answer(handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := handle(w, r)
		if err == nil {
			return
		}
		e := s.refusalOf(r, err)
		h := w.Header()
		h.Del("Content-Length")
		h.Del("Content-Disposition")
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(e.status)
		_, _ = io.WriteString(w, e.text)
	}
}

func (s *server) refusalOf(r *http.Request, err error) *refusal {
	var e *refusal
	var malformed *mailstore.QueryError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &malformed):
		return &refusal{http.StatusBadRequest, "The search cannot be read: " + malformed.Reason + "."}
	case errors.Is(err, mailstore.ErrNotFound):
		return &refusal{http.StatusNotFound, "There is no such message: it was deleted, or removed by retention, or never here."}
	case errors.Is(err, mailstore.ErrClosed):
		return &refusal{http.StatusServiceUnavailable, "The server is shutting down."}
	case errors.Is(err, mailstore.ErrFull):
		return &refusal{http.StatusInsufficientStorage, "The disk is full: make room and try again."}
	case errors.Is(err, mailstore.ErrOverCap):
		return &refusal{http.StatusRequestEntityTooLarge, "The message is larger than the store may ever be."}
	case r.Context().Err() != nil:
		return &refusal{http.StatusServiceUnavailable, "The request was given up."}
	}
	s.log.Error("request failed", "err", err, "path", r.URL.Path)
	return &refusal{http.StatusInternalServerError, "Internal error: the server's log says more."}
}

func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(append(body, '\n'))
	return gone(err)
}

// writeOK is Mailpit's answer to changes.
func writeOK(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, "ok")
	return gone(err)
}

// gone is for errors of writing an answer that has begun: the only way to tell
// is to break the connection.
func gone(err error) error {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

const maxJSON = 1 << 20 // octets of a body that names messages or tags

// readJSON reads a body that must be exactly one JSON object with known names.
// Anything else is a 400 that changes nothing.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, after := d.Token(); after != io.EOF {
			return refuse(http.StatusBadRequest, "The body goes on after its JSON object; nothing was changed.")
		}
		return nil
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusRequestEntityTooLarge, "The body is larger than %d octets; nothing was changed.", limit)
	}
	if errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, "The body is empty, a JSON object is expected; nothing was changed.")
	}
	return refuse(http.StatusBadRequest, "The body is not the JSON that is expected (%v); nothing was changed.", err)
}

// stream writes a JSON array item by item into an object.
type stream struct {
	w     http.ResponseWriter
	items int
}

// begin writes head, an object, up to the opening of the array called name.
// An empty name begins a bare array.
func beginStream(w http.ResponseWriter, contentType, name string, head any) (*stream, error) {
	open := []byte("[")
	if name != "" {
		body, err := json.Marshal(head)
		if err != nil {
			return nil, err
		}
		open = append(body[:len(body)-1], `,"`+name+`":[`...)
	}
	w.Header().Set("Content-Type", contentType)
	_, err := w.Write(open)
	return &stream{w: w}, gone(err)
}

func (st *stream) item(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return gone(err)
	}
	if st.items > 0 {
		body = append([]byte{','}, body...)
	}
	st.items++
	_, err = st.w.Write(body)
	return gone(err)
}

// end closes the array, then writes the rest of the object as it is given.
func (st *stream) end(rest string) error {
	_, err := io.WriteString(st.w, "]"+rest+"\n")
	return gone(err)
}

// list makes an empty list of nil, so that JSON has [] and never null.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
