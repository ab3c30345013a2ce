package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
)

// reading stands before the API of the server that run starts and notes which
// messages the command reads: the API itself changes nothing when it is read.
type reading struct {
	url     string // that the command is given
	target  *url.URL
	client  *http.Client
	server  *http.Server
	serving sync.WaitGroup

	mu  sync.Mutex
	ids map[string]bool
}

// watchReading starts a watch on the server at a URL. One on a socket has none.
func watchReading(at string) (*reading, error) {
	w := &reading{url: at, ids: make(map[string]bool)}
	if !strings.HasPrefix(w.url, "http://") {
		return w, nil
	}
	target, err := url.Parse(w.url)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.target, w.url = target, "http://"+l.Addr().String()+target.Path
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	w.client = &http.Client{Transport: transport}
	w.server = &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.Host = r.In.Host              // the server checks Origin against it
			r.Out.Header.Del("Accept-Encoding") // answers are looked into
		},
		Transport:      transport,
		ModifyResponse: w.note,
		ErrorLog:       log.New(io.Discard, "", 0), // a client that goes away
	}}
	w.serving.Go(func() {
		_ = w.server.Serve(l) // until close
		transport.CloseIdleConnections()
	})
	return w, nil
}

func (w *reading) close() {
	if w.server != nil {
		_ = w.server.Close()
		w.serving.Wait()
	}
}

func (w *reading) has(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids[id]
}

func (w *reading) add(ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		w.ids[id] = true
	}
}

// note looks at an answer: at the address of one message, and into the answers
// that have whole messages.
func (w *reading) note(resp *http.Response) error {
	r := resp.Request
	if r.Method != http.MethodGet || resp.StatusCode != http.StatusOK {
		return nil
	}
	below := strings.TrimPrefix(r.URL.Path, w.target.Path)
	for _, prefix := range []string{"/v1/messages/", "/api/v1/message/", "/api/v1/messages/"} {
		rest, ok := strings.CutPrefix(below, prefix)
		if !ok {
			continue
		}
		id, what, _ := strings.Cut(rest, "/")
		if id != "latest" {
			w.add(id)
			return nil
		}
		if what != "" { // its text or octets, which do not say whose they are
			return w.noteLatest(r, path.Join(w.target.Path, prefix, id))
		}
	}
	if strings.HasPrefix(below, "/v1/wait") || strings.HasSuffix(below, "/latest") || strings.HasPrefix(below, "/api/v2/") {
		resp.Body = &noted{body: resp.Body, w: w}
	}
	return nil
}

// noteLatest asks which message was the latest.
func (w *reading) noteLatest(r *http.Request, at string) error {
	ask := url.URL{Scheme: w.target.Scheme, Host: w.target.Host, Path: at, RawQuery: r.URL.RawQuery}
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), http.MethodGet, ask.String(), nil)
	if err != nil {
		return nil //nolint:nilerr // the answer itself is all right
	}
	req.Header.Set("Authorization", r.Header.Get("Authorization"))
	resp, err := w.client.Do(req)
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	defer resp.Body.Close()
	var m struct {
		ID string `json:"id"`
	}
	if json.NewDecoder(resp.Body).Decode(&m) == nil && m.ID != "" {
		w.add(m.ID)
	}
	return nil
}

// noted is an answer with messages. Their IDs are taken when it has been read.
type noted struct {
	body io.ReadCloser
	w    *reading
	seen bytes.Buffer
}

const maxNoted = 16 << 20 // octets of an answer that are looked into

var idInJSON = regexp.MustCompile(`"(?:id|ID)"\s*:\s*"([0-9A-Za-z@._-]+)"`)

func (n *noted) Read(p []byte) (int, error) {
	size, err := n.body.Read(p)
	if n.seen.Len() < maxNoted {
		n.seen.Write(p[:size])
	}
	if errors.Is(err, io.EOF) {
		n.take()
	}
	return size, err
}

func (n *noted) Close() error {
	n.take()
	return n.body.Close()
}

func (n *noted) take() {
	for _, id := range idInJSON.FindAllSubmatch(n.seen.Bytes(), -1) {
		n.w.add(string(id[1]))
	}
	n.seen.Reset()
}
