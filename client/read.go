package client

import (
	"context"
	"fmt"
	"io"
	"net/url"
)

// messagePath is a path of the API below a message.
func messagePath(id, rest string) string {
	return "/v1/messages/" + url.PathEscape(id) + rest
}

// Get returns a message by its id. [ErrNotFound] when it is not there, or not any
// more.
func (c *Client) Get(ctx context.Context, id string) (*Message, error) {
	m := new(Message)
	if err := c.get(ctx, messagePath(id, ""), nil, m); err != nil {
		return nil, err
	}
	return m, nil
}

// Latest returns the newest message that matches, [ErrNotFound] when there is
// none. It does not wait: see [Client.Wait].
func (c *Client) Latest(ctx context.Context, q Query) (*Message, error) {
	m := new(Message)
	if err := c.get(ctx, messagePath("latest", ""), q.values(), m); err != nil {
		return nil, err
	}
	return m, nil
}

// Raw opens the octets that arrived, exactly. The caller closes them.
func (c *Client) Raw(ctx context.Context, id string) (io.ReadCloser, error) {
	return c.open(ctx, messagePath(id, "/raw"))
}

// EML opens the message as POP3 serves it: trace fields, then the octets that
// arrived. The caller closes it.
func (c *Client) EML(ctx context.Context, id string) (io.ReadCloser, error) {
	return c.open(ctx, messagePath(id, "/eml"))
}

// Text returns the text of a message, decoded.
func (c *Client) Text(ctx context.Context, id string) (string, error) {
	return c.text(ctx, messagePath(id, "/text"))
}

// HTML returns the HTML of a message as it is shown: with the addresses of its
// own parts in place. [ErrNotFound] when it has none. As it was sent it is in
// [Message].
func (c *Client) HTML(ctx context.Context, id string) (string, error) {
	return c.text(ctx, messagePath(id, "/html"))
}

// Part opens a part of a message, decoded. Its path is in Message.Parts and
// Message.Attachments. The caller closes it.
func (c *Client) Part(ctx context.Context, id, path string) (io.ReadCloser, error) {
	return c.open(ctx, messagePath(id, "/parts/"+url.PathEscape(path)))
}

func (c *Client) text(ctx context.Context, path string) (string, error) {
	body, err := c.open(ctx, path)
	if err != nil {
		return "", err
	}
	defer body.Close()
	octets, err := io.ReadAll(body)
	if err != nil {
		return "", fmt.Errorf("GET %s: %w", path, err)
	}
	return string(octets), nil
}
