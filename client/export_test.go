package client

import "time"

// WithMaxWait makes long waits of short calls.
func WithMaxWait(d time.Duration) Option {
	return func(c *Client) { c.maxWait, c.maxQuiet = d, d }
}

// WithSilence gives up event streams that are silent for so long.
func WithSilence(d time.Duration) Option {
	return func(c *Client) { c.silence = d }
}
