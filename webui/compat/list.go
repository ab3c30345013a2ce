package compat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"restante/mailstore"
)

// listHead is what stands before the messages in Mailpit's lists.
type listHead struct {
	Total          int64    `json:"total"`
	Unread         int64    `json:"unread"`
	MessagesCount  int64    `json:"messages_count"`
	MessagesUnread int64    `json:"messages_unread"`
	Start          int64    `json:"start"`
	Tags           []string `json:"tags"`
}

const defaultLimit = 50 // of both APIs

// pageOf reads start and limit. What is no number is the default, as in both
// originals.
func pageOf(r *http.Request) (start, limit int64) {
	limit = defaultLimit
	if n, err := strconv.ParseInt(r.FormValue("start"), 10, 64); err == nil && n > 0 {
		start = n
	}
	if n, err := strconv.ParseInt(r.FormValue("limit"), 10, 64); err == nil && n > 0 {
		limit = n
	}
	return start, limit
}

func (s *server) listMessages(w http.ResponseWriter, r *http.Request) error {
	if forMailHog(r) {
		return s.hogList(w, r)
	}
	return s.writeList(w, r, "")
}

func (s *server) searchMessages(w http.ResponseWriter, r *http.Request) error {
	text, err := queryOf(r)
	if err != nil {
		return err
	}
	return s.writeList(w, r, text)
}

// queryOf is the query parameter, which must be there.
func queryOf(r *http.Request) (string, error) {
	text := strings.TrimSpace(r.FormValue("query"))
	if text == "" {
		return "", refuse(http.StatusBadRequest, "A search needs a query: ?query=subject:hello")
	}
	return text, nil
}

// searchOf parses a search in the zone that the request names.
func searchOf(r *http.Request, text string) (*search, error) {
	zone := time.Local
	if name := r.FormValue("tz"); name != "" {
		if z, err := time.LoadLocation(name); err == nil {
			zone = z
		}
	}
	return parseSearch(text, zone)
}

func (s *server) writeList(w http.ResponseWriter, r *http.Request, text string) error {
	q, err := searchOf(r, text)
	if err != nil {
		return err
	}
	before, err := s.beforeOf(r)
	if err != nil {
		return err
	}
	start, limit := pageOf(r)
	at, err := s.locateBelow(r.Context(), q, start, before)
	if err != nil {
		return err
	}
	tags, err := s.tags.names(r.Context(), s)
	if err != nil {
		return err
	}
	st, err := beginStream(w, "application/json", "messages", listHead{
		Total: at.totals.Messages, Unread: at.totals.Unseen,
		MessagesCount: at.count, MessagesUnread: at.unseen, Start: start, Tags: tags,
	})
	if err != nil {
		return err
	}
	for m, err := range s.page(r.Context(), q, at, limit) {
		if err != nil {
			return gone(err)
		}
		sum, err := s.summaryOf(m)
		if errors.Is(err, mailstore.ErrNotFound) {
			continue
		} else if err != nil {
			return gone(err)
		}
		if err := st.item(sum); err != nil {
			return err
		}
	}
	return st.end(fmt.Sprintf(`,"count":%d}`, st.items))
}

// beforeOf reads where a list that must not move while it is paged begins: a
// time, as in Mailpit, or the ID of the last message that the client has.
func (s *server) beforeOf(r *http.Request) (span, error) {
	value := r.FormValue("before")
	if value == "" {
		return span{}, nil
	}
	if m, err := s.store.Message(value); err == nil {
		return span{before: m.Seq}, nil
	}
	at, ok := parseDate(value, time.Local)
	if !ok {
		return span{}, nil // ignored, as in Mailpit
	}
	seq, err := s.receivedBefore(r.Context(), at)
	return span{before: seq}, err
}

// receivedBefore is the seq that bounds the messages received before a time.
func (s *server) receivedBefore(ctx context.Context, at time.Time) (uint64, error) {
	q, err := mailstore.ParseQuery("before:" + at.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return 0, err
	}
	page, err := s.store.List(ctx, mailstore.ListOptions{Query: q, Limit: 1})
	if err != nil || len(page.Messages) == 0 {
		return 1, err
	}
	return page.Messages[0].Seq + 1, nil
}
