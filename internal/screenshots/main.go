// Command screenshots takes pictures of the page's views, in each width, theme
// and language, with sample mail: those in docs/screenshots.
//
//	go run ./internal/screenshots
//	go run ./internal/screenshots -o /tmp/shots -all
//	go run ./internal/screenshots -o /tmp/shots -view message -width 390 -theme dark
//
// It needs Chromium, and fonts for Chinese.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"restante"
	"restante/internal/chrome"
	"restante/internal/sample"
)

// look is one way in which each view is taken.
type look struct {
	width, height int64
	theme         string // "light" or "dark"
	language      string // "en" or "zh"
}

var heights = map[int64]int64{1440: 900, 1024: 768, 390: 844}

func looks() (all []look) {
	for _, width := range []int64{1440, 1024, 390} {
		for _, theme := range []string{"light", "dark"} {
			for _, language := range []string{"en", "zh"} {
				all = append(all, look{width, heights[width], theme, language})
			}
		}
	}
	return all
}

// wanted is what the flags ask for; what they leave out is everything that is kept.
type wanted struct {
	dir, view, theme, language, format string
	all                                bool
	width                              int64
}

func (w wanted) takes(v view, l look) bool {
	return (w.view == "" && (v.kept || w.all) || w.view == v.name) && (w.theme == "" || w.theme == l.theme) && (w.language == "" || w.language == l.language) && (w.width == 0 || w.width == l.width)
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("screenshots: ")
	var w wanted
	flag.StringVar(&w.dir, "o", filepath.Join("docs", "screenshots"), "`directory` for the pictures")
	flag.StringVar(&w.view, "view", "", "only this `view`")
	flag.BoolVar(&w.all, "all", false, "also views that docs/screenshots does without")
	flag.StringVar(&w.theme, "theme", "", "only light or dark")
	flag.StringVar(&w.language, "lang", "", "only en or zh")
	flag.Int64Var(&w.width, "width", 0, "only this `width`: 1440, 1024 or 390")
	flag.StringVar(&w.format, "format", "webp", "webp or png")
	flag.Parse()
	if err := run(w); err != nil {
		log.Fatal(err)
	}
}

func run(w wanted) error {
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return err
	}
	srv, err := start()
	if err != nil {
		return err
	}
	defer srv.Close()
	b, err := chrome.Start()
	if err != nil {
		return err
	}
	defer b.Close()
	if err := hasChinese(b); err != nil {
		return err
	}
	s := &site{url: srv.URL()}
	taken, filled := 0, false
	for _, v := range views {
		if !v.empty && !filled {
			filled = true
			if err := s.fill(srv); err != nil {
				return err
			}
		}
		for _, l := range looks() {
			if !w.takes(v, l) {
				continue
			}
			name := fmt.Sprintf("%s-%d-%s-%s.%s", v.name, l.width, l.theme, l.language, w.format)
			picture, err := s.take(b, v, l, w.format)
			if err = errors.Join(err, os.WriteFile(filepath.Join(w.dir, name), picture, 0o644)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			taken++
		}
	}
	if taken == 0 {
		return errors.New("nothing is like that: see -help")
	}
	log.Printf("%d pictures in %s", taken, w.dir)
	return nil
}

// start serves at the usual addresses, for pictures that show them, or at others
// if those are taken.
func start() (*restante.Server, error) {
	quiet := slog.New(slog.DiscardHandler)
	srv, err := restante.Start(restante.Config{SMTP: "127.0.0.1:1025", POP3: "127.0.0.1:1110", HTTP: "127.0.0.1:8025", Log: quiet})
	if err != nil {
		log.Printf("other ports than the usual: %v", err)
		srv, err = restante.Start(restante.Config{Log: quiet})
	}
	return srv, err
}

// site is the server, as its API's client sees it.
type site struct {
	url string
	ids []string // of the messages, the latest first
}

// fill has a server with rules for faults, mail, tags, and sessions.
func (s *site) fill(srv *restante.Server) error {
	for _, rule := range sample.Rules {
		if err := s.call(http.MethodPost, "/v1/faults", json.RawMessage(rule), nil); err != nil {
			return err
		}
	}
	if err := sample.Send(srv.SMTPAddr(), srv.POP3Addr()); err != nil {
		return err
	}
	var list struct {
		Messages []struct{ ID, Subject string }
	}
	if err := s.call(http.MethodGet, "/v1/messages", nil, &list); err != nil {
		return err
	}
	for _, m := range list.Messages {
		s.ids = append(s.ids, m.ID)
		if tags := sample.Tags[m.Subject]; tags != nil {
			if err := s.call(http.MethodPatch, "/v1/messages/"+m.ID, map[string]any{"tags": tags}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// unread is how many of the latest messages nobody has seen when a picture is taken.
const unread = 4

// take opens a view in a fresh profile and takes its picture.
func (s *site) take(b *chrome.Browser, v view, l look, format string) ([]byte, error) {
	if !v.empty {
		for i, ids := range [][]string{s.ids[:unread], s.ids[unread:]} {
			if err := s.call(http.MethodPatch, "/v1/messages", map[string]any{"ids": ids, "seen": i > 0}, nil); err != nil {
				return nil, err
			}
		}
	}
	t, err := open(b, l)
	if err != nil {
		return nil, err
	}
	defer t.close()
	path, err := s.path(v)
	if err != nil {
		return nil, err
	}
	if err := t.visit(s.url + path); err != nil {
		return nil, err
	}
	if err := t.await(v.ready); err != nil {
		return nil, err
	}
	if v.do != nil {
		if err := v.do(t); err != nil {
			return nil, err
		}
	}
	return t.picture(format)
}

// path is where a view is.
func (s *site) path(v view) (string, error) {
	if v.subject == "" {
		return v.path, nil
	}
	var list struct{ Messages []struct{ ID string } }
	if err := s.call(http.MethodGet, "/v1/messages?q="+url.QueryEscape("subject:"+strconv.Quote(v.subject)), nil, &list); err != nil {
		return "", err
	}
	if len(list.Messages) != 1 {
		return "", fmt.Errorf("%d messages with %q", len(list.Messages), v.subject)
	}
	return v.path + "m=" + list.Messages[0].ID, nil
}

// call asks the API, and reads its answer unless into is nil.
func (s *site) call(method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, s.url+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
