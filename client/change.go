package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// maxIDs is how many ids one request names, so that its line stays short.
const maxIDs = 200

// Delete deletes messages from all their mailboxes and returns how many were
// there. With no ids it deletes nothing.
func (c *Client) Delete(ctx context.Context, ids ...string) (int, error) {
	deleted := 0
	for some := range slices.Chunk(ids, maxIDs) {
		n, err := c.deleteMessages(ctx, url.Values{"id": some})
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

// DeleteWhere deletes the messages that match and returns how many they were. The
// empty query is an error: see [Client.DeleteAll].
func (c *Client) DeleteWhere(ctx context.Context, q Query) (int, error) {
	v := q.values()
	if len(v) == 0 {
		return 0, errors.New("delete where: the query is empty; DeleteAll deletes everything")
	}
	return c.deleteMessages(ctx, v)
}

// DeleteAll deletes every message and returns how many they were.
func (c *Client) DeleteAll(ctx context.Context) (int, error) {
	return c.deleteMessages(ctx, url.Values{"all": {"true"}})
}

func (c *Client) deleteMessages(ctx context.Context, v url.Values) (int, error) {
	return c.delete(ctx, "/v1/messages", v)
}

// delete deletes and reads how many messages went.
func (c *Client) delete(ctx context.Context, path string, v url.Values) (int, error) {
	var answer struct {
		Deleted int `json:"deleted"`
	}
	err := c.send(ctx, http.MethodDelete, path, v, nil, &answer)
	return answer.Deleted, err
}

// change is what is noted about messages.
type change struct {
	IDs  []string  `json:"ids,omitempty"`
	Seen *bool     `json:"seen,omitempty"`
	Tags *[]string `json:"tags,omitempty"`
}

// Mark marks messages as seen or unseen and returns how many were there.
func (c *Client) Mark(ctx context.Context, seen bool, ids ...string) (int, error) {
	return c.change(ctx, change{Seen: &seen}, ids)
}

// Tag replaces the tags of messages and returns how many were there. No tags
// takes all away.
func (c *Client) Tag(ctx context.Context, tags []string, ids ...string) (int, error) {
	if tags == nil {
		tags = []string{}
	}
	return c.change(ctx, change{Tags: &tags}, ids)
}

func (c *Client) change(ctx context.Context, what change, ids []string) (int, error) {
	changed := 0
	for some := range slices.Chunk(ids, maxIDs) {
		what.IDs = some
		n, err := c.patch(ctx, "/v1/messages", what)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// patch changes and reads how many messages it was.
func (c *Client) patch(ctx context.Context, path string, what change) (int, error) {
	var answer struct {
		Changed int `json:"changed"`
	}
	err := c.send(ctx, http.MethodPatch, path, nil, what, &answer)
	return answer.Changed, err
}
