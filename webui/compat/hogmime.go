package compat

import (
	"bytes"
	"strings"

	"restante/mailstore/message"
)

// MailHog gives parts as they were sent, which mailstore/message decodes. Here
// they are only cut out: what is in a header, and where the boundaries are, is
// read by that package.

// hogContent is a message or a part in MailHog's JSON.
type hogContent struct {
	Headers map[string][]string
	Body    string // as sent
	Size    int
	MIME    *hogMIME
	raw     []byte
	root    *message.Part // what the header says
}

type hogMIME struct{ Parts []*hogContent }

// Limits of what is taken apart; deeper and further parts stay in the body. Each
// level has all of the next one in its body, as in MailHog.
const (
	maxHogDepth = 10
	maxHogParts = 1000
)

// contentOf takes a message or a part apart.
func contentOf(raw []byte, depth int) *hogContent {
	header, body := raw, []byte(nil)
	if i := headerEnd(raw); i >= 0 {
		header, body = raw[:i], raw[i:]
	} else if bytes.HasPrefix(raw, []byte("\n")) || bytes.HasPrefix(raw, []byte("\r\n")) {
		header, body = nil, bytes.TrimLeft(raw, "\r\n")
	}
	parsed := message.Parse(bytes.NewReader(header))
	c := &hogContent{Headers: make(map[string][]string), Body: string(body), Size: len(raw), raw: body, root: parsed.Root}
	for _, f := range parsed.Header {
		if f.Name != "" {
			c.Headers[f.Name] = append(c.Headers[f.Name], unfolded(f))
		}
	}
	if parsed.Root == nil || !strings.HasPrefix(parsed.Root.Type, "multipart/") || depth == maxHogDepth {
		return c
	}
	c.MIME = &hogMIME{Parts: []*hogContent{}}
	for _, section := range sections(body, parsed.Root.Params["boundary"]) {
		c.MIME.Parts = append(c.MIME.Parts, contentOf(section, depth+1))
	}
	return c
}

// sections cuts a multipart at its delimiter lines (RFC 2046 §5.1.1). Preamble
// and epilogue are left out; the end may be missing.
func sections(body []byte, boundary string) (out [][]byte) {
	if boundary == "" {
		return nil
	}
	delimiter := []byte("--" + boundary)
	begun, start, at := false, 0, 0
	for line := range bytes.Lines(body) {
		here := at
		at += len(line)
		rest, ok := bytes.CutPrefix(line, delimiter)
		if !ok {
			continue
		}
		rest, last := bytes.CutPrefix(bytes.TrimSpace(rest), []byte("--"))
		if len(rest) > 0 {
			continue // a longer boundary that begins like this one
		}
		if begun {
			out = append(out, chomp(body[start:here]))
		}
		if begun, start = true, at; last || len(out) == maxHogParts {
			return out
		}
	}
	if begun && start < len(body) {
		out = append(out, body[start:])
	}
	return out
}

// chomp drops the line end before a delimiter, which belongs to it.
func chomp(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}
