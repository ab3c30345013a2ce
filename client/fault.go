package client

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// FaultRule is something that the server breaks on purpose: where, for whom, what
// and how often. Times are texts such as 300ms, 3s and 1m, sizes such as 1000, 1k
// and 2MiB. docs/faults.md explains each field.
type FaultRule struct {
	ID    string `json:"id,omitempty"` // the server's
	Name  string `json:"name,omitempty"`
	Owner string `json:"owner,omitempty"` // see [Client.DeleteFaultsOf]

	Protocol string      `json:"protocol"` // smtp, pop3
	At       []string    `json:"at"`       // rcpt, data, retr, …
	For      FaultFor    `json:"for,omitzero"`
	Do       FaultAction `json:"do"`
	Often    FaultOften  `json:"often,omitzero"` // the zero value is each time

	TTL     string    `json:"ttl,omitempty"`    // "" is an hour, unless Expires is set; "never"
	Expires time.Time `json:"expires,omitzero"` // zero in an answer is never

	Matched int64     `json:"matched,omitempty"` // the server's, like all that follow
	Hits    int64     `json:"hits,omitempty"`
	LastHit time.Time `json:"lastHit,omitzero"`
	Warning string    `json:"warning,omitempty"` // why it can never fire
}

// FaultFor is whom a rule is for: all that is set must hold. * and ? in a text
// stand for other characters.
type FaultFor struct {
	Sender    string `json:"sender,omitempty"`
	Recipient string `json:"recipient,omitempty"`
	Mailbox   string `json:"mailbox,omitempty"`
	User      string `json:"user,omitempty"`
	Helo      string `json:"helo,omitempty"`
	Remote    string `json:"remote,omitempty"` // IP address
	Query     string `json:"query,omitempty"`  // see [Query]
}

// FaultAction is what goes wrong.
type FaultAction struct {
	Reply      *FaultReply `json:"reply,omitempty"`
	Delay      string      `json:"delay,omitempty"`
	Throttle   string      `json:"throttle,omitempty"` // octets in a second
	Close      bool        `json:"close,omitempty"`
	Reset      bool        `json:"reset,omitempty"`
	Truncate   string      `json:"truncate,omitempty"` // octets, or half
	Keep       bool        `json:"keep,omitempty"`
	Hide       []string    `json:"hide,omitempty"` // capabilities
	Size       string      `json:"size,omitempty"` // +7, -3, 100
	UID        string      `json:"uid,omitempty"`  // change, duplicate, missing
	RefuseTLS  bool        `json:"refuseTLS,omitempty"`
	DSN        string      `json:"dsn,omitempty"` // 5.1.1
	DelayedDSN bool        `json:"delayedDSN,omitempty"`
	Autoreply  bool        `json:"autoreply,omitempty"`
	Complaint  bool        `json:"complaint,omitempty"`
	Greylist   bool        `json:"greylist,omitempty"`
	Persona    string      `json:"persona,omitempty"`
}

// FaultReply is what a client is answered.
type FaultReply struct {
	Code     int    `json:"code,omitempty"`     // SMTP
	Enhanced string `json:"enhanced,omitempty"` // SMTP
	Resp     string `json:"resp,omitempty"`     // POP3: IN-USE, SYS/TEMP, …
	Text     string `json:"text,omitempty"`
}

// FaultOften is how often a rule fires. Where several are set, they are asked in
// the order until, above, after, every, probability, next, and each counts only
// what the one before it let through.
type FaultOften struct {
	Next        int64     `json:"next,omitempty"`
	Every       int64     `json:"every,omitempty"`
	After       int64     `json:"after,omitempty"`
	Above       int64     `json:"above,omitempty"` // within Per
	Per         string    `json:"per,omitempty"`
	Probability float64   `json:"probability,omitempty"`
	Seed        int64     `json:"seed,omitempty"` // of Probability
	Until       time.Time `json:"until,omitzero"`
	Session     bool      `json:"session,omitempty"` // count in each session
}

// Fault is something that the server broke on purpose.
type Fault struct {
	Session  string `json:"session"`  // ID of the session
	Protocol string `json:"protocol"` // smtp, pop3
	Point    string `json:"point"`    // rcpt, retr, …
	Rule     string `json:"rule"`     // ID; "" when an address asked for it
	Owner    string `json:"owner"`    // the rule's
	Action   string `json:"action"`   // what was done: 451, "delay 3s, close"
}

// Faults lists fault rules in the order in which they are asked: those of an
// owner, or all for "".
func (c *Client) Faults(ctx context.Context, owner string) ([]FaultRule, error) {
	var answer struct {
		Rules []FaultRule `json:"rules"`
	}
	query := url.Values{}
	if owner != "" {
		query.Set("owner", owner)
	}
	err := c.get(ctx, faultsPath, query, &answer)
	return answer.Rules, err
}

// Fault reads a rule with what it has counted.
func (c *Client) Fault(ctx context.Context, id string) (*FaultRule, error) {
	r := new(FaultRule)
	if err := c.get(ctx, faultPath(id), nil, r); err != nil {
		return nil, err
	}
	return r, nil
}

// AddFault adds a rule behind those there are, and returns it with its ID. Look
// at its Warning: it says why the rule can never fire. What is malformed is an
// [*Error] that names the field.
func (c *Client) AddFault(ctx context.Context, rule FaultRule) (*FaultRule, error) {
	r := new(FaultRule)
	if err := c.send(ctx, http.MethodPost, faultsPath, nil, rule, r); err != nil {
		return nil, err
	}
	return r, nil
}

// AddFaultJSON is [Client.AddFault] for a rule as /v1/faults takes it.
func (c *Client) AddFaultJSON(ctx context.Context, rule []byte) (*FaultRule, error) {
	r := new(FaultRule)
	return r, c.json(ctx, call{
		method: http.MethodPost, path: faultsPath, body: bytes.NewReader(rule), header: http.Header{"Content-Type": {"application/json"}},
	}, r)
}

// ReplaceFault puts a rule in the place of another one, which keeps its ID and
// counts anew.
func (c *Client) ReplaceFault(ctx context.Context, id string, rule FaultRule) (*FaultRule, error) {
	r := new(FaultRule)
	if err := c.send(ctx, http.MethodPut, faultPath(id), nil, rule, r); err != nil {
		return nil, err
	}
	return r, nil
}

// DeleteFault removes a rule.
func (c *Client) DeleteFault(ctx context.Context, id string) error {
	return c.send(ctx, http.MethodDelete, faultPath(id), nil, nil, nil)
}

// DeleteFaultsOf removes the rules of an owner, and returns how many there were.
func (c *Client) DeleteFaultsOf(ctx context.Context, owner string) (int, error) {
	if owner == "" {
		return 0, errors.New("delete fault rules: whose? DeleteAllFaults removes all")
	}
	return c.deleteFaults(ctx, url.Values{"owner": {owner}})
}

// DeleteAllFaults removes all rules, also those of others.
func (c *Client) DeleteAllFaults(ctx context.Context) (int, error) {
	return c.deleteFaults(ctx, url.Values{"all": {"true"}})
}

func (c *Client) deleteFaults(ctx context.Context, which url.Values) (int, error) {
	var answer struct {
		Deleted int `json:"deleted"`
	}
	err := c.send(ctx, http.MethodDelete, faultsPath, which, nil, &answer)
	return answer.Deleted, err
}

const faultsPath = "/v1/faults"

func faultPath(id string) string { return faultsPath + "/" + url.PathEscape(id) }
