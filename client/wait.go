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

	defaultQuiet   = 300 * time.Millisecond
	serverMaxQuiet = time.Minute // the longest that the server takes

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
		found, err := c.waitOnce(ctx, v)
		if err == nil && len(found) >= n {
			return found, nil
		}
		var nothing *NoMatch
		switch {
		case err == nil:
			continue // some were deleted before the server could read them
		case !errors.As(err, &nothing):
			return nil, err
		}
		failed = append(failed, nothing.FailedSessions...)
		if time.Until(end) <= 0 || slice < c.maxWait {
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

func (c *Client) waitOnce(ctx context.Context, v url.Values) ([]*Message, error) {
	var answer struct {
		Messages []*Message `json:"messages"`
	}
	err := c.get(ctx, "/v1/wait", v, &answer)
	if err != nil {
		return nil, noMatchOf(err)
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
	After *uint64       // the cursor, as in [WaitOptions]; nil is from now on
	For   time.Duration // 0 is 300 milliseconds
}

// Quiet returns nil when nothing that matches arrives: none after the cursor and
// none while it waits, and at the end of that time no SMTP session was at work
// that might still bring it. Else the error is a [*NotQuiet], as soon as a message
// matches.
func (c *Client) Quiet(ctx context.Context, q Query, o QuietOptions) error {
	left := cmp.Or(o.For, defaultQuiet)
	if left > c.maxQuiet && o.After == nil {
		page, err := c.List(ctx, Query{}, ListOptions{Limit: 1})
		if err != nil {
			return err
		}
		o.After = &page.Cursor
	}
	for {
		slice := min(left, c.maxQuiet)
		left -= slice
		err := c.quietOnce(ctx, q, o.After, slice)
		var not *NotQuiet
		busy := errors.As(err, &not) && len(not.Messages) == 0
		if left <= 0 || err != nil && !busy {
			return err
		}
	}
}

func (c *Client) quietOnce(ctx context.Context, q Query, after *uint64, window time.Duration) error {
	v := q.values()
	v.Set("for", window.String())
	if after != nil {
		v.Set("after", strconv.FormatUint(*after, 10))
	}
	err := c.get(ctx, "/v1/quiet", v, nil)
	var problem *Error
	if !errors.As(err, &problem) || problem.Status != http.StatusConflict {
		return err
	}
	e := &NotQuiet{Query: q, problem: problem}
	if json.Unmarshal(problem.body, e) != nil || len(e.Messages)+e.Busy == 0 {
		return err // a mailbox that two could be meant by is a 409 as well
	}
	return e
}
