package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	defaultURL = "http://127.0.0.1:8025"

	// Connections that are kept open for the next call. Tests wait in parallel.
	keptConnections = 64
)

// Client asks one instance of Restante. Make one with [New] or [FromEnv].
type Client struct {
	base *url.URL // without a slash at its end
	http *http.Client
	auth string // the Authorization field; "" is none

	maxWait  time.Duration // the longest wait that is asked for at once
	maxQuiet time.Duration // the same of Quiet
	silence  time.Duration // an event stream that is silent for longer is dead
}

// Option changes how a Client asks.
type Option func(*Client)

// WithToken sends a bearer token.
func WithToken(token string) Option {
	return func(c *Client) { c.auth = "Bearer " + token }
}

// WithBasicAuth sends a user name and password. They may be in the URL as well.
func WithBasicAuth(user, password string) Option {
	return func(c *Client) { c.auth = basicAuth(user, password) }
}

// WithHTTPClient asks through hc, which should have no time-out that is shorter
// than what is waited for. A unix: URL needs a transport that dials it.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *Client) { c.http = hc }
}

// New returns a client for the instance at a URL: http, https, or unix:/path for
// one that listens on a socket. A path in it is the server's webroot. Nothing is
// sent yet.
func New(rawURL string, opts ...Option) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(rawURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("the URL of restante: %w", err)
	}
	transport := newTransport()
	switch {
	case u.Scheme == "unix" && u.Path != "":
		socket := u.Path
		if transport != nil {
			transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", socket)
			}
		}
		u = &url.URL{Scheme: "http", Host: "localhost"}
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fmt.Errorf("the URL of restante is %q; it should be like %s", rawURL, defaultURL)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("the URL of restante is %q; it should end before the ? or #", rawURL)
	}
	c := &Client{base: u, http: &http.Client{}, maxWait: serverMaxWait, maxQuiet: serverMaxQuiet, silence: streamSilence}
	if transport != nil {
		c.http.Transport = transport
	}
	if u.User != nil {
		password, _ := u.User.Password()
		c.auth = basicAuth(u.User.Username(), password)
		u.User = nil
	}
	for _, o := range opts {
		o(c)
	}
	return c, nil
}

// FromEnv returns a client for the URL in the variable RESTANTE_URL, or for
// http://127.0.0.1:8025 when it is empty.
func FromEnv(opts ...Option) (*Client, error) {
	return New(cmp.Or(os.Getenv("RESTANTE_URL"), defaultURL), opts...)
}

// URL is where the instance is, without a slash at its end and without user and
// password.
func (c *Client) URL() string { return c.base.String() }

// CloseIdleConnections closes the connections that are kept for the next call.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// newTransport is the default transport with room for parallel waits; nil when
// the program has put something else in its place.
func newTransport() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = keptConnections
	return t
}

func basicAuth(user, password string) string {
	r := http.Request{Header: make(http.Header)}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

// call is one request.
type call struct {
	method string
	path   string // below the base, escaped: "/v1/messages"
	query  url.Values
	header http.Header
	body   io.Reader // nil is none
}

// do sends a request. The answer's status is below 400; the caller closes it.
func (c *Client) do(ctx context.Context, r call) (*http.Response, error) {
	address := c.base.String() + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, r.body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	if c.auth != "" {
		req.Header.Set("Authorization", c.auth)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(r, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer resp.Body.Close()
		return nil, errorOf(r, resp)
	}
	return resp, nil
}

// unreachable says what was asked, and where.
func (c *Client) unreachable(r call, err error) error {
	var inner *url.Error // has the method and the whole URL, which is long
	if errors.As(err, &inner) {
		err = inner.Err
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("no restante at %s (is it running? RESTANTE_URL says where it is): %w", c.base, err)
	}
	return fmt.Errorf("%s %s%s: %w", r.method, c.base, r.path, err)
}

// get asks for JSON.
func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	return c.json(ctx, call{method: http.MethodGet, path: path, query: query}, into)
}

// send sends JSON, or nothing for a nil body, and reads JSON.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body, into any) error {
	r := call{method: method, path: path, query: query}
	if body != nil {
		octets, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		r.body = bytes.NewReader(octets)
		r.header = http.Header{"Content-Type": {"application/json"}}
	}
	return c.json(ctx, r, into)
}

// json reads the answer into a value, or nowhere for nil.
func (c *Client) json(ctx context.Context, r call, into any) error {
	resp, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if into != nil {
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
			return fmt.Errorf("%s %s: read the answer: %w", r.method, r.path, err)
		}
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // so that the connection can be kept
	return nil
}

// open asks for octets. The caller closes them.
func (c *Client) open(ctx context.Context, path string) (io.ReadCloser, error) {
	resp, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}
