package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Snapshot is a point that the store, or one mailbox, can be put back to.
type Snapshot struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Mailbox  string    `json:"mailbox"` // "" is the whole store
	Created  time.Time `json:"created"`
	Messages int64     `json:"messages"` // that it holds
	Cursor   uint64    `json:"cursor"`   // the newest seq when it was made
}

// Snapshot keeps the state of a mailbox, or of the whole store for "", under a
// name that may be empty.
func (c *Client) Snapshot(ctx context.Context, mailbox, name string) (*Snapshot, error) {
	var ask struct {
		Mailbox string `json:"mailbox,omitempty"`
		Name    string `json:"name,omitempty"`
	}
	ask.Mailbox, ask.Name = mailbox, name
	s := new(Snapshot)
	if err := c.send(ctx, http.MethodPost, "/v1/snapshots", nil, ask, s); err != nil {
		return nil, err
	}
	return s, nil
}

// Snapshots lists the snapshots.
func (c *Client) Snapshots(ctx context.Context) ([]Snapshot, error) {
	var answer struct {
		Snapshots []Snapshot `json:"snapshots"`
	}
	err := c.get(ctx, "/v1/snapshots", nil, &answer)
	return answer.Snapshots, err
}

// Restore puts back what a snapshot kept, and returns how many messages that came
// since were removed and how many that went were restored. The snapshot stays.
func (c *Client) Restore(ctx context.Context, id string) (removed, restored int, err error) {
	var answer struct {
		Removed  int `json:"removed"`
		Restored int `json:"restored"`
	}
	err = c.send(ctx, http.MethodPost, snapshotPath(id)+"/restore", nil, struct{}{}, &answer)
	return answer.Removed, answer.Restored, err
}

// DeleteSnapshot forgets a snapshot. Mail that is in the store stays.
func (c *Client) DeleteSnapshot(ctx context.Context, id string) error {
	return c.send(ctx, http.MethodDelete, snapshotPath(id), nil, nil, nil)
}

func snapshotPath(id string) string { return "/v1/snapshots/" + url.PathEscape(id) }
