package compat

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"restante/mailstore"
)

// tagIndex counts the messages that each tag has. The store has no such index
// and every list of Mailpit names all tags, so the counts are kept until
// something changes. In a store so large that counting takes long they may lag
// behind changes that are not made through this API.
type tagIndex struct {
	mu      sync.Mutex
	counts  map[string]int // nil: to be counted
	version uint64
	until   time.Time // may lag till then
}

const (
	tagsQuick = 10 * time.Millisecond // counting that takes no longer is done after every change
	tagsShare = 20                    // else it takes one part of so many of the time at most
)

// names lists all tags.
func (t *tagIndex) names(ctx context.Context, s *server) ([]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil || t.version != s.version() && time.Now().After(t.until) {
		if err := t.count(ctx, s); err != nil {
			return nil, err
		}
	}
	return list(slices.Sorted(maps.Keys(t.counts))), nil
}

// all counts now.
func (t *tagIndex) all(ctx context.Context, s *server) (map[string]int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.count(ctx, s); err != nil {
		return nil, err
	}
	return maps.Clone(t.counts), nil
}

func (t *tagIndex) count(ctx context.Context, s *server) error {
	begun := time.Now()
	t.counts, t.version, t.until = nil, s.version(), time.Time{}
	counts := make(map[string]int)
	for m, err := range s.matches(ctx, &search{}, span{}, largePage) {
		if err != nil {
			return err
		}
		for _, tag := range m.Tags {
			counts[tag]++
		}
	}
	t.counts = counts
	if took := time.Since(begun); took > tagsQuick {
		t.until = time.Now().Add(tagsShare * took)
	}
	return nil
}

func (t *tagIndex) forget() {
	t.mu.Lock()
	t.counts = nil
	t.mu.Unlock()
}

func (s *server) listTags(w http.ResponseWriter, r *http.Request) error {
	counts, err := s.tags.all(r.Context(), s)
	if err != nil {
		return err
	}
	return writeJSON(w, list(slices.Sorted(maps.Keys(counts))))
}

// setTags replaces the tags of messages.
func (s *server) setTags(w http.ResponseWriter, r *http.Request) error {
	var body struct{ IDs, Tags []string }
	if err := readJSON(w, r, maxJSON, &body); err != nil {
		return err
	}
	if len(body.IDs) == 0 {
		return refuse(http.StatusBadRequest, "The body names no messages (IDs); nothing was changed.")
	}
	tags := cleanTags(body.Tags)
	seqs, err := s.seqsOf(body.IDs)
	if err != nil {
		return err
	}
	defer s.tags.forget()
	for _, seq := range seqs {
		if err := s.store.SetTags(r.Context(), seq, tags); err != nil && !errors.Is(err, mailstore.ErrNotFound) {
			return err
		}
	}
	return writeOK(w)
}

// cleanTags strips what Mailpit has not in tags.
func cleanTags(tags []string) (clean []string) {
	for _, tag := range tags {
		tag = strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-._@ ", r) {
				return r
			}
			return -1
		}, tag)
		if tag = strings.Join(strings.Fields(tag), " "); tag != "" {
			clean = append(clean, tag)
		}
	}
	return clean
}

func (s *server) renameTag(w http.ResponseWriter, r *http.Request) error {
	var body struct{ Name string }
	if err := readJSON(w, r, maxJSON, &body); err != nil {
		return err
	}
	clean := cleanTags([]string{body.Name})
	if len(clean) == 0 {
		return refuse(http.StatusBadRequest, "The new name (Name) is empty; nothing was changed.")
	}
	return s.replaceTag(w, r, clean)
}

func (s *server) deleteTag(w http.ResponseWriter, r *http.Request) error {
	return s.replaceTag(w, r, nil)
}

// replaceTag puts other tags in the place of the one that the path names.
func (s *server) replaceTag(w http.ResponseWriter, r *http.Request, with []string) error {
	tag := r.PathValue("tag")
	q, err := mailstore.ParseQuery(term("tag:", tag, false))
	if err != nil {
		return err
	}
	seqs, err := s.seqs(r.Context(), &search{any: []*mailstore.Query{q}})
	if err != nil {
		return err
	}
	if len(seqs) == 0 {
		return refuse(http.StatusNotFound, "No message has the tag %q.", tag)
	}
	defer s.tags.forget()
	for _, seq := range seqs {
		m, err := s.store.MessageBySeq(seq)
		if err == nil {
			other := slices.DeleteFunc(m.Tags, func(t string) bool { return strings.EqualFold(t, tag) })
			err = s.store.SetTags(r.Context(), seq, append(other, with...))
		}
		if err != nil && !errors.Is(err, mailstore.ErrNotFound) {
			return err
		}
	}
	return writeOK(w)
}
