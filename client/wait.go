package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	defaultWait   = 10 * time.Second
	serverMaxWait = 5 * time.Minute // the longest that the server takes

	// A wait ends this much before its context, so that the server can still
	// say what came instead.
	minMargin, maxMargin = 20 * time.Millisecond, 500 * time.Millisecond
)

// WaitOptions say from when on and how long to wait.
type WaitOptions struct {
	// After is the cursor: only messages with a higher seq count. It is in every
	// Page, and each message's Seq is one. 0: all that are stored count too.
	After uint64

	// Timeout is how long to wait, at most; 0 is until a little before the
	// context's deadline, or 10 seconds when it has none. A deadline that comes
	// first shortens it.
	Timeout time.Duration
}

// Wait returns the oldest message that matches: at once when it is there, else the
// moment it arrives. When none came in time the error is a [*NoMatch].
func (c *Client) Wait(ctx context.Context, q Query, o WaitOptions) (*Message, error) {
	found, err := c.WaitN(ctx, 1, q, o)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// WaitN is [Client.Wait] for n messages, at most 1,000, oldest first.
func (c *Client) WaitN(ctx context.Context, n int, q Query, o WaitOptions) ([]*Message, error) {
	if n < 1 {
		return nil, fmt.Errorf("wait for %d messages: it must be one at least", n)
	}
	begin := time.Now()
	end := begin.Add(timeoutOf(ctx, o.Timeout))
	v := q.values()
	setUint(v, "after", o.After)
	v.Set("count", strconv.Itoa(n))

	var failed []Session
	for {
		// Every call begins at the same cursor, so that there is no gap between
		// them and the last one has counted everything.
		slice := min(max(time.Until(end), 0), c.maxWait)
		v.Set("timeout", slice.String())
		found, err := c.waitOnce(ctx, v, n)
		var nothing *NoMatch
		if !errors.As(err, &nothing) {
			return found, err
		}
		failed = append(failed, nothing.FailedSessions...)
		if left := time.Until(end); left <= 0 || slice < c.maxWait {
			nothing.Query, nothing.Count, nothing.Waited, nothing.FailedSessions = q, n, time.Since(begin), failed
			return nil, nothing
		}
	}
}

// timeoutOf is how long to wait in a context.
func timeoutOf(ctx context.Context, timeout time.Duration) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return cmp.Or(timeout, defaultWait)
	}
	left := time.Until(deadline)
	left -= min(max(left/20, minMargin), maxMargin)
	if timeout > 0 {
		left = min(left, timeout)
	}
	return max(left, 0)
}

func (c *Client) waitOnce(ctx context.Context, v url.Values, n int) ([]*Message, error) {
	var answer struct {
		Messages []*Message `json:"messages"`
	}
	err := c.get(ctx, "/v1/wait", v, &answer)
	if err != nil {
		return nil, noMatchOf(err)
	}
	if len(answer.Messages) < n {
		return nil, fmt.Errorf("GET /v1/wait: %d messages came, %d were asked for", len(answer.Messages), n)
	}
	return answer.Messages, nil
}

// noMatchOf makes a *NoMatch of the error that says so; others stay as they are.
func noMatchOf(err error) error {
	var problem *Error
	if !errors.As(err, &problem) || problem.Status != http.StatusRequestTimeout {
		return err
	}
	var d struct {
		Arrived int       `json:"arrived"`
		Matched []Summary `json:"matched"`
		Nearest *struct {
			Message *Summary `json:"message"`
			Reason  string   `json:"reason"`
		} `json:"nearest"`
		FailedSessions []Session `json:"failedSessions"`
		Cursor         uint64    `json:"cursor"`
	}
	if json.Unmarshal(problem.body, &d) != nil {
		return err
	}
	e := &NoMatch{Arrived: d.Arrived, Matched: d.Matched, FailedSessions: d.FailedSessions, Cursor: d.Cursor, problem: problem}
	if d.Nearest != nil {
		e.Nearest, e.Reason = d.Nearest.Message, d.Nearest.Reason
	}
	return e
}

// QuietOptions say from when on and how long it has to be quiet.
type QuietOptions struct {
	After uint64        // the cursor; 0 is from now on
	For   time.Duration // 0 is 300 milliseconds
}

// Quiet returns nil when nothing that matches arrives: none after the cursor and
// none while it waits, and at the end of that time no SMTP session was at work
// that might still bring it. Else the error is a [*NotQuiet], as soon as a message
// matches.
func (c *Client) Quiet(ctx context.Context, q Query, o QuietOptions) error {
	v := q.values()
	setUint(v, "after", o.After)
	if o.For > 0 {
		v.Set("for", o.For.String())
	}
	err := c.get(ctx, "/v1/quiet", v, nil)
	var problem *Error
	if !errors.As(err, &problem) || problem.Status != http.StatusConflict {
		return err
	}
	var d struct {
		Messages []Summary `json:"messages"`
		Sessions []Session `json:"sessions"`
	}
	if json.Unmarshal(problem.body, &d) != nil || len(d.Messages)+len(d.Sessions) == 0 {
		return err // a mailbox that two could be meant by is a 409 as well
	}
	return &NotQuiet{Query: q, Messages: d.Messages, Sessions: d.Sessions, problem: problem}
}
