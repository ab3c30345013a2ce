package compat

import (
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strconv"

	"restante/mailstore"
	"restante/mailstore/message"
)

// latest stands for the newest message in Mailpit's paths; with ?query= for the
// newest that a search finds.
const latest = "latest"

// asked finds the message that the path names.
func (s *server) asked(r *http.Request) (*mailstore.Message, error) {
	return s.named(r, r.PathValue("id"))
}

func (s *server) named(r *http.Request, id string) (*mailstore.Message, error) {
	if id != latest {
		return s.store.Message(id)
	}
	q, err := searchOf(r, r.FormValue("query"))
	if err != nil {
		return nil, err
	}
	for m, err := range s.matches(r.Context(), q, span{}, 1) {
		return m, err
	}
	return nil, mailstore.ErrNotFound
}

func (s *server) parse(m *mailstore.Message) (*message.Message, error) {
	c, err := s.store.Content(m.Seq)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	r := &errorReader{r: c}
	parsed := message.Parse(r)
	return parsed, r.err
}

// errorReader keeps what went wrong while reading: parsing never fails.
type errorReader struct {
	r   io.Reader
	err error
}

func (e *errorReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != nil && err != io.EOF {
		e.err = err
	}
	return n, err
}

// getMessage does not mark the message as read, as Mailpit does: a GET changes
// nothing here.
func (s *server) getMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.asked(r)
	if err != nil {
		return err
	}
	d, err := s.detailOf(m)
	if err != nil {
		return err
	}
	return writeJSON(w, d)
}

// getHeaders gives all fields by name, in its canonical case.
func (s *server) getHeaders(w http.ResponseWriter, r *http.Request) error {
	m, err := s.asked(r)
	if err != nil {
		return err
	}
	c, err := s.parse(m)
	if err != nil {
		return err
	}
	fields := make(map[string][]string)
	for _, f := range c.Header {
		if f.Name != "" {
			name := textproto.CanonicalMIMEHeaderKey(f.Name)
			fields[name] = append(fields[name], unfolded(f))
		}
	}
	return writeJSON(w, fields)
}

// getRaw gives exactly the octets that arrived.
func (s *server) getRaw(w http.ResponseWriter, r *http.Request) error {
	m, err := s.asked(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if r.FormValue("dl") == "1" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+m.ID+`.eml"`)
	}
	return s.copyRaw(w, r, m)
}

func (s *server) copyRaw(w http.ResponseWriter, r *http.Request, m *mailstore.Message) error {
	c, err := s.store.Content(m.Seq)
	if err != nil {
		return err
	}
	defer c.Close()
	w.Header().Set("Content-Length", strconv.FormatInt(m.Size, 10))
	if r.Method == http.MethodHead {
		return nil
	}
	return s.copyOut(w, r, c, m.ID)
}

// copyOut streams to the client.
func (s *server) copyOut(w http.ResponseWriter, r *http.Request, from io.Reader, id string) error {
	_, err := io.Copy(w, from)
	if err != nil && r.Context().Err() == nil && !errors.Is(err, mailstore.ErrNotFound) {
		s.log.Warn("content cut short", "id", id, "err", err)
	}
	return gone(err)
}
