package webui

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"restante/mailstore"
)

// Snapshot is a point that the store, or a mailbox, can be put back to.
type Snapshot struct {
	ID       string    `json:"id"`
	Name     string    `json:"name" doc:"As it was given."`
	Mailbox  string    `json:"mailbox" doc:"Empty: the whole store."`
	Created  time.Time `json:"created"`
	Messages int64     `json:"messages"`
	Cursor   uint64    `json:"cursor" doc:"Newest seq when it was made."`
}

type createSnapshotInput struct {
	Body *struct {
		Mailbox string `json:"mailbox,omitempty" maxLength:"1024" doc:"Only this mailbox; missing: the whole store."`
		Name    string `json:"name,omitempty" maxLength:"200" doc:"For people."`
	}
}

func (s *Server) createSnapshot(ctx context.Context, in *createSnapshotInput) (*jsonBody[Snapshot], error) {
	var name, mailbox string
	if in.Body != nil {
		name, mailbox = in.Body.Name, in.Body.Mailbox
	}
	if mailbox == "*" || strings.HasPrefix(mailbox, "*@") {
		return nil, problemf(http.StatusBadRequest, "A snapshot is of one mailbox, or without mailbox of the whole store: %q is neither. None was made.", mailbox)
	}
	p, err := s.store.NewSnapshot(ctx, name, mailbox)
	if err != nil {
		return nil, err
	}
	return &jsonBody[Snapshot]{Body: Snapshot(*p)}, nil
}

// SnapshotList is all snapshots.
type SnapshotList struct {
	Snapshots []Snapshot `json:"snapshots"`
}

func (s *Server) listSnapshots(context.Context, *struct{}) (*jsonBody[SnapshotList], error) {
	snapshots, err := s.store.Snapshots()
	if err != nil {
		return nil, err
	}
	out := SnapshotList{Snapshots: make([]Snapshot, len(snapshots))}
	for i, p := range snapshots {
		out.Snapshots[i] = Snapshot(*p)
	}
	return &jsonBody[SnapshotList]{Body: out}, nil
}

type snapshotPath struct {
	ID string `path:"id" maxLength:"100"`
}

// Restored says what putting back changed.
type Restored struct {
	Removed  int `json:"removed" doc:"Messages that had arrived since."`
	Restored int `json:"restored" doc:"Messages that were deleted and returned."`
}

func (s *Server) restoreSnapshot(ctx context.Context, in *snapshotPath) (*jsonBody[Restored], error) {
	removed, restored, err := s.store.Restore(ctx, in.ID)
	if err != nil {
		return nil, noSnapshot(err)
	}
	return &jsonBody[Restored]{Body: Restored{Removed: removed, Restored: restored}}, nil
}

func (s *Server) deleteSnapshot(ctx context.Context, in *snapshotPath) (*struct{}, error) {
	return nil, noSnapshot(s.store.DeleteSnapshot(ctx, in.ID))
}

func noSnapshot(err error) error {
	if errors.Is(err, mailstore.ErrNotFound) {
		return problemf(http.StatusNotFound, "There is no such snapshot. GET /v1/snapshots lists those there are.")
	}
	return err
}
