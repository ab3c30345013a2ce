package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// site is a server, as the built command, and what its clients know of it.
type site struct {
	*process
	web  *http.Client
	data string // the store's file
	ca   string // file with the authority of its certificate; empty without TLS
}

// newSite starts a server with a store of its own.
func newSite(t *testing.T, args ...string) *site {
	t.Helper()
	return siteAt(t, filepath.Join(t.TempDir(), "store.db"), args...)
}

// newTLSSite starts a server with every listener there is.
func newTLSSite(t *testing.T, args ...string) *site {
	t.Helper()
	s := newSite(t, append([]string{"--tls=self-signed", "--smtps=127.0.0.1:0", "--pop3s=127.0.0.1:0", "--https=127.0.0.1:0"}, args...)...)
	code, pem, said := run(t, command(t, "cert", "--data", s.data))
	if code != exitOK {
		t.Fatalf("cert: exit code %d, said %q", code, said)
	}
	s.ca = filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, s.ca, pem)
	return s
}

// siteAt starts a server on a store that may be there already.
func siteAt(t *testing.T, data string, args ...string) *site {
	t.Helper()
	transport := &http.Transport{}
	s := &site{process: serve(t, append([]string{"--data", data}, args...)...), web: &http.Client{Transport: transport}, data: data}
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(func() {
		if said := s.said(t); strings.Contains(said, "DATA RACE") || strings.Contains(said, "panic:") || strings.Contains(said, "fatal error:") {
			t.Errorf("the server said:\n%s", said)
		}
	})
	return s
}

// host and port of a listener, for clients that want them apart.
func (s *site) host(name string) string { return addrPart(s.ports[name], 0) }
func (s *site) port(name string) string { return addrPart(s.ports[name], 1) }

func addrPart(addr string, i int) string {
	at := strings.LastIndexByte(addr, ':')
	return []string{addr[:at], addr[at+1:]}[i]
}

// get asks the API and wants a 200.
func (s *site) get(t *testing.T, path string) []byte {
	t.Helper()
	status, body := s.ask(t, http.MethodGet, path)
	if status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

func (s *site) ask(t *testing.T, method, path string) (int, []byte) {
	t.Helper()
	return s.send(t, method, path, "", "")
}

// send asks the API with a body of a type.
func (s *site) send(t *testing.T, method, path, mediaType, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.ports["http"]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if mediaType != "" {
		req.Header.Set("Content-Type", mediaType)
	}
	resp, err := s.web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, answer
}

// arrived is what the API says of a message.
type arrived struct {
	ID         string   `json:"id"`
	Seq        uint64   `json:"seq"`
	Size       int64    `json:"size"`
	Sender     string   `json:"sender"`
	Recipients []string `json:"recipients"`
	Hidden     []string `json:"hidden"`
	Envelope   struct {
		User string `json:"user"`
		TLS  string `json:"tls"`
	} `json:"envelope"`
	Trace []struct {
		Raw string `json:"raw"`
	} `json:"trace"`
	Attachments []struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	} `json:"attachments"`
}

func (s *site) message(t *testing.T, id string) arrived {
	t.Helper()
	var m arrived
	if err := json.Unmarshal(s.get(t, "/v1/messages/"+id), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func (s *site) raw(t *testing.T, id string) string {
	t.Helper()
	return string(s.get(t, "/v1/messages/"+id+"/raw"))
}

// all lists the messages that match a search, in the order of arrival.
func (s *site) all(t *testing.T, query string) []arrived {
	t.Helper()
	var found []arrived
	for after := uint64(0); ; {
		var page struct {
			Messages []arrived `json:"messages"`
			Next     uint64    `json:"next"`
		}
		path := fmt.Sprintf("/v1/messages?order=oldest&limit=1000&after=%d&q=%s", after, url.QueryEscape(query))
		if err := json.Unmarshal(s.get(t, path), &page); err != nil {
			t.Fatal(err)
		}
		found = append(found, page.Messages...)
		if after = page.Next; after == 0 {
			return found
		}
	}
}

// one is the only message that matches.
func (s *site) one(t *testing.T, query string) arrived {
	t.Helper()
	found := s.all(t, query)
	if len(found) != 1 {
		t.Fatalf("%s: found %d messages, want 1", query, len(found))
	}
	return s.message(t, found[0].ID)
}

// owed is what POP3 owes for a message: trace fields, and the content with every
// line ending in CRLF.
func (s *site) owed(t *testing.T, id string) string {
	t.Helper()
	var b strings.Builder
	for _, f := range s.message(t, id).Trace {
		b.WriteString(f.Raw)
	}
	if b.Len() == 0 {
		t.Errorf("%s has no trace fields", id)
	}
	return b.String() + crlf(s.raw(t, id))
}

// crlf ends every line in CRLF (RFC 1939 §3). A CR that stands alone is content.
func crlf(content string) string {
	content = strings.ReplaceAll(lf(content), "\n", "\r\n")
	if content != "" && !strings.HasSuffix(content, "\r\n") {
		content += "\r\n"
	}
	return content
}

// lf ends lines as files on Unix have it.
func lf(content string) string { return strings.ReplaceAll(content, "\r\n", "\n") }

// maildrop is everything in a maildrop, by unique-id.
func (s *site) maildrop(t *testing.T, user string) map[string]string {
	t.Helper()
	c := dialLines(t, s.ports["pop3"])
	c.ok(t, "")
	c.ok(t, "USER "+user)
	c.ok(t, "PASS any")
	sizes := c.listing(t, "LIST")
	ids := c.listing(t, "UIDL")
	mail := make(map[string]string, len(ids))
	for number, id := range ids {
		c.ok(t, "RETR "+number)
		mail[id] = c.octets(t)
		if got := fmt.Sprint(len(mail[id])); got != sizes[number] {
			t.Errorf("RETR %s has %s octets, LIST says %s", number, got, sizes[number])
		}
	}
	c.ok(t, "QUIT")
	if len(mail) != len(sizes) {
		t.Errorf("%s: LIST has %d messages, UIDL %d different ones", user, len(sizes), len(mail))
	}
	return mail
}

// wantMaildrop checks that a maildrop holds these messages and no others, as
// they are owed.
func (s *site) wantMaildrop(t *testing.T, user string, ids ...string) {
	t.Helper()
	got := s.maildrop(t, user)
	for _, id := range ids {
		want := s.owed(t, id)
		switch mail, ok := got[id]; {
		case !ok:
			t.Errorf("%s: %s is not there", user, id)
		case mail != want:
			t.Errorf("%s: %s by POP3: %s", user, id, difference(mail, want))
		}
		delete(got, id)
	}
	if len(got) > 0 {
		t.Errorf("%s: there is also %q", user, slices.Collect(maps.Keys(got)))
	}
}

// difference says where two texts part.
func difference(got, want string) string {
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	part := func(s string) string { return s[max(at-20, 0):min(at+60, len(s))] }
	return fmt.Sprintf("%d octets, want %d; at %d got …%q, want …%q", len(got), len(want), at, part(got), part(want))
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.Clone(text))
}
