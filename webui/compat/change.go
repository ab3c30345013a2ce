package compat

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"restante/mailstore"
)

// deleteMessages deletes the messages of a list of IDs. Without any body it
// deletes all: that is how both APIs and their clients do it. Mailpit also
// deletes all when the body cannot be read or the list is empty; here that is
// a 400.
func (s *server) deleteMessages(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength == 0 && r.Header.Get("Content-Type") == "" {
		_, err := s.store.DeleteAll(r.Context())
		if err == nil && (forMailHog(r) || r.Header.Get("Accept") == "") {
			// MailHog's answer has no body, and its clients read any as JSON.
			s.tags.forget()
			return nil
		}
		return s.deleted(w, err)
	}
	var body struct{ IDs []string }
	if err := readJSON(w, r, maxJSON, &body); err != nil {
		return err
	}
	if len(body.IDs) == 0 {
		return refuse(http.StatusBadRequest, "The body names no messages; nothing was deleted. To delete all, send no body.")
	}
	seqs, err := s.seqsOf(body.IDs)
	if err != nil {
		return err
	}
	_, err = s.store.Delete(r.Context(), seqs...)
	return s.deleted(w, err)
}

// deleted answers after mail was deleted, and its tags perhaps with it.
func (s *server) deleted(w http.ResponseWriter, err error) error {
	s.tags.forget()
	if err != nil {
		return err
	}
	return writeOK(w)
}

// seqsOf finds messages by ID. Those that are gone are passed over, as in
// Mailpit.
func (s *server) seqsOf(ids []string) ([]uint64, error) {
	var seqs []uint64
	for _, id := range ids {
		m, err := s.store.Message(id)
		switch {
		case err == nil:
			seqs = append(seqs, m.Seq)
		case !errors.Is(err, mailstore.ErrNotFound):
			return nil, err
		}
	}
	return seqs, nil
}

func (s *server) deleteSearch(w http.ResponseWriter, r *http.Request) error {
	text, err := queryOf(r)
	if err != nil {
		return err
	}
	seqs, err := s.found(r, text)
	if err != nil {
		return err
	}
	_, err = s.store.Delete(r.Context(), seqs...)
	return s.deleted(w, err)
}

// found lists what a search finds that is to be changed. Terms that say nothing
// are ignored when a search lists; here that would change more than was meant.
func (s *server) found(r *http.Request, text string) ([]uint64, error) {
	q, err := searchOf(r, text)
	if err != nil {
		return nil, err
	}
	if len(q.ignored) > 0 || q.everything() {
		return nil, refuse(http.StatusBadRequest, "The search has a term that says nothing (%q); nothing was changed.", q.ignored)
	}
	return s.seqs(r.Context(), q)
}

func (s *server) seqs(ctx context.Context, q *search) ([]uint64, error) {
	var seqs []uint64
	for m, err := range s.matches(ctx, q, span{}, largePage) {
		if err != nil {
			return nil, err
		}
		seqs = append(seqs, m.Seq)
	}
	slices.Sort(seqs)
	return seqs, nil
}

// setRead marks messages by ID or by search, all when it is given neither.
func (s *server) setRead(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		IDs    []string
		Read   bool
		Search string
	}
	if err := readJSON(w, r, maxJSON, &body); err != nil {
		return err
	}
	if len(body.IDs) > 0 && body.Search != "" {
		return refuse(http.StatusBadRequest, "Give IDs or Search, not both; nothing was changed.")
	}
	var seqs []uint64
	var err error
	switch {
	case len(body.IDs) > 0:
		seqs, err = s.seqsOf(body.IDs)
	case body.Search != "":
		seqs, err = s.found(r, body.Search)
	default:
		seqs, err = s.unlike(r.Context(), body.Read)
	}
	if err != nil {
		return err
	}
	if len(seqs) > 0 {
		if err := s.store.SetSeen(r.Context(), body.Read, seqs...); err != nil && !errors.Is(err, mailstore.ErrNotFound) {
			return err
		}
	}
	return writeOK(w)
}

// unlike lists the messages that are not yet marked so.
func (s *server) unlike(ctx context.Context, read bool) ([]uint64, error) {
	text := "is:seen"
	if read {
		text = "is:unseen"
	}
	q, err := mailstore.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	return s.seqs(ctx, &search{any: []*mailstore.Query{q}})
}
