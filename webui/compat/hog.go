package compat

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"restante/mailstore"
	"restante/mailstore/message"
)

const (
	maxHogPage = 250  // messages of a page, as in MailHog
	maxHogList = 1000 // of /api/v1/messages, as in MailHog
	hogType    = "text/json"
)

// forMailHog tells at GET /api/v1/messages, which both APIs have in different
// shapes, whether MailHog's is wanted: the client says that it takes the media
// type that only MailHog has, or calls itself after it.
func forMailHog(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), hogType) ||
		strings.Contains(strings.ToLower(r.UserAgent()), "mailhog")
}

// hogList is MailHog's GET /api/v1/messages.
func (s *server) hogList(w http.ResponseWriter, r *http.Request) error {
	at, err := s.locate(r.Context(), &search{}, 0)
	if err != nil {
		return err
	}
	st, err := beginStream(w, hogType, "", nil)
	if err != nil {
		return err
	}
	if err := s.hogItems(st, r, &search{}, at, maxHogList); err != nil {
		return err
	}
	return st.end("")
}

// hogItems writes whole messages, one at a time in memory.
func (s *server) hogItems(st *stream, r *http.Request, q *search, at place, limit int64) error {
	for m, err := range s.page(r.Context(), q, at, limit) {
		if err != nil {
			return gone(err)
		}
		item, err := s.hogOf(m)
		if errors.Is(err, mailstore.ErrNotFound) {
			continue
		} else if err != nil {
			return gone(err)
		}
		if err := st.item(item); err != nil {
			return err
		}
	}
	return nil
}

type hogHead struct {
	Total int64 `json:"total"`
	Start int64 `json:"start"`
}

func (s *server) hogMessages(w http.ResponseWriter, r *http.Request) error {
	return s.hogPage(w, r, &search{})
}

func (s *server) hogPage(w http.ResponseWriter, r *http.Request, q *search) error {
	start, limit := pageOf(r)
	at, err := s.locate(r.Context(), q, start)
	if err != nil {
		return err
	}
	st, err := beginStream(w, "application/json", "items", hogHead{Total: at.count, Start: start})
	if err != nil {
		return err
	}
	if err := s.hogItems(st, r, q, at, min(limit, maxHogPage)); err != nil {
		return err
	}
	return st.end(fmt.Sprintf(`,"count":%d}`, st.items))
}

// hogKinds are MailHog's kinds of search, by the fields of the store of which
// one must hold the text.
var hogKinds = map[string][]string{
	"from":       {"from:"}, // the reverse-path is among what it looks at
	"to":         {"rcpt:", "to:"},
	"containing": {""},
}

func (s *server) hogSearch(w http.ResponseWriter, r *http.Request) error {
	kind, text := r.FormValue("kind"), strings.TrimSpace(r.FormValue("query"))
	fields, ok := hogKinds[kind]
	if !ok || text == "" {
		return refuse(http.StatusBadRequest, "A search needs kind=from, to or containing, and a query.")
	}
	b := &builder{}
	b.key = "hog\x00" + kind + "\x00" + text
	var some []string
	for _, field := range fields {
		some = append(some, term(field, text, false))
	}
	b.some = [][]string{some}
	q, err := b.build()
	if err != nil {
		return err
	}
	return s.hogPage(w, r, q)
}

func (s *server) hogMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.Message(r.PathValue("id"))
	if err != nil {
		return err
	}
	out, err := s.hogOf(m)
	if err != nil {
		return err
	}
	return writeJSON(w, out)
}

func (s *server) hogDelete(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.Message(r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := s.store.Delete(r.Context(), m.Seq); err != nil {
		return err
	}
	s.tags.forget()
	w.WriteHeader(http.StatusOK) // with an empty body, which clients rely on
	return nil
}

// hogDownload gives the octets that arrived. MailHog makes the header anew, in
// an order that changes.
func (s *server) hogDownload(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.Message(r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", `attachment; filename="`+m.ID+`.eml"`)
	return s.copyRaw(w, r, m)
}

// hogPart gives a part of the outermost multipart, decoded. Parts are counted
// from 0.
func (s *server) hogPart(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.Message(r.PathValue("id"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("part"))
	if err != nil || n < 0 {
		return refuse(http.StatusNotFound, "Parts are numbered from 0.")
	}
	c, err := s.store.Content(m.Seq)
	if err != nil {
		return err
	}
	defer c.Close()
	part, body, err := message.OpenPart(c, strconv.Itoa(n+1))
	if errors.Is(err, message.ErrNoPart) || err == nil && part.Path == "" {
		return refuse(http.StatusNotFound, "The message has no part %d.", n)
	}
	if err != nil {
		return err
	}
	contentType, _ := served(part)
	name := part.Name
	if name == "" {
		name = fmt.Sprintf("%s-part-%d", m.ID, n)
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", disposition("attachment", name))
	h.Set("Content-Security-Policy", partPolicy)
	if r.Method == http.MethodHead {
		return nil
	}
	return s.copyOut(w, r, body, m.ID)
}

// hogOutgoing lists the servers that mail could be released to: none.
func (s *server) hogOutgoing(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := io.WriteString(w, "{}\n")
	return gone(err)
}
