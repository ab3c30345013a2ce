package message

import "strings"

// entity is what the Content fields of a part say about it.
type entity struct {
	start       int64  // offset of its body
	typ         string // media type, lower-case
	params      []param
	charset     string // lower-case
	encoding    string // lower-case
	disposition string // lower-case
	name        string
	id          string
	description string
	boundary    string

	multipart bool // it has parts
	embedded  bool // it is a message with a header of its own
	body      bool // readers show it as text of the message
	inline    bool // it is shown, as text or where the HTML refers to it
	attached  bool // readers offer it as a file
}

// describe reads the Content fields of the header that was read last.
func (w *walker) describe() {
	e := &w.part
	*e = entity{start: e.start, params: e.params[:0]}
	var seen uint8
	var dispName string
	for _, f := range w.fields {
		if f.colon < 0 {
			continue
		}
		name := w.name(f)
		if len(name) < 10 || !strings.EqualFold(name[:8], "content-") {
			continue
		}
		var bit uint8
		switch name = name[8:]; {
		case strings.EqualFold(name, "type"):
			if bit = 1; seen&bit == 0 {
				w.contentType(w.value(f))
			}
		case strings.EqualFold(name, "transfer-encoding"):
			if bit = 2; seen&bit == 0 {
				e.encoding = encodingName(w.value(f))
			}
		case strings.EqualFold(name, "disposition"):
			if bit = 4; seen&bit == 0 {
				dispName = w.contentDisposition(w.value(f))
			}
		case strings.EqualFold(name, "id"):
			e.id = strings.Trim(cleanUTF8(w.value(f)), "<> ")
		case strings.EqualFold(name, "description"):
			e.description = w.text(w.value(f))
		}
		if bit != 0 && seen&bit != 0 && len(w.frames) > 0 {
			w.noteDetail(DuplicateField, w.name(f)) // at the top the table of fields sees to it
		}
		seen |= bit
	}
	if dispName != "" {
		e.name = dispName // RFC 2183 §2.3 goes before the obsolete name parameter
	}
	w.classify(seen&1 != 0)
}

// classify decides what the part is to a reader.
func (w *walker) classify(typed bool) {
	e := &w.part
	parent := w.parent()
	if e.typ == "" {
		e.typ = "text/plain" // RFC 2045 §5.2
		if !typed && parent == "multipart/digest" {
			e.typ = "message/rfc822" // RFC 2046 §5.1.5
		}
	}
	identity := e.encoding == "" || e.encoding == "7bit" || e.encoding == "8bit" || e.encoding == "binary"
	switch {
	case strings.HasPrefix(e.typ, "multipart/"):
		if !identity {
			w.note(EncodedMultipart)
			e.encoding = ""
		}
		if len(w.frames) >= MaxDepth {
			w.note(TooDeep)
			e.attached = true
			return
		}
		if e.boundary == "" || len(e.boundary) > maxBoundary {
			w.note(MissingBoundary)
			e.boundary = w.guessBoundary()
		}
		e.multipart = e.boundary != ""
		e.body = !e.multipart
		e.inline = e.body
		return
	case e.typ == "message/rfc822" || e.typ == "message/global" || e.typ == "message/news":
		e.attached = true
		switch {
		case !identity:
			w.note(EncodedMessage)
		case len(w.frames) >= MaxDepth:
			w.note(TooDeep)
		default:
			e.embedded = true
		}
		return
	}
	attachment := e.disposition == "attachment"
	switch {
	case e.typ == "text/plain" || e.typ == "text/html":
		e.body = !attachment && (e.name == "" || e.disposition == "inline" || len(w.frames) == 0)
		e.inline = e.body
		e.attached = !e.body
	case !attachment && e.id != "" && (parent == "multipart/related" || e.disposition == "inline"):
		e.inline = true // shown by the HTML that refers to it, RFC 2392
	case !attachment && parent == "multipart/alternative" && strings.HasPrefix(e.typ, "text/"):
		// one more form of the text: text/calendar, text/x-amp-html
	case !attachment && parent == "multipart/report" && isReport(e.typ):
	default:
		e.attached = true
	}
	if e.typ == "application/ms-tnef" || e.typ == "application/vnd.ms-tnef" || strings.EqualFold(e.name, "winmail.dat") {
		w.note(TNEF)
	}
	if !knownEncoding(e.encoding) {
		w.noteDetail(UnknownEncoding, e.encoding)
	}
}

// outside says that the current part is not in an embedded message.
func (w *walker) outside() bool {
	for i := range w.frames {
		if w.frames[i].delimiter == "" {
			return false
		}
	}
	return true
}

// shown says whether the text of the current part belongs to the message's.
func (w *walker) shown() bool { return w.part.body && w.outside() }

// isHTML says whether the text of the current part is HTML.
func (w *walker) isHTML() bool { return w.part.typ == "text/html" }

// isReport says whether t is what a multipart/report is about (RFC 6522 §3).
func isReport(t string) bool {
	return t == "message/delivery-status" || t == "message/global-delivery-status" ||
		t == "message/disposition-notification" || t == "message/feedback-report" ||
		t == "text/rfc822-headers" || t == "message/global-headers"
}

func (w *walker) contentType(v string) {
	e := &w.part
	typ, rest := cutType(v)
	if !validType(typ) {
		w.noteDetail(BadContentType, v)
	} else {
		e.typ = typ
	}
	e.params = w.parseParams(e.params, rest)
	e.charset = strings.ToLower(strings.TrimSpace(value(e.params, "charset")))
	e.boundary = strings.TrimRight(value(e.params, "boundary"), " ")
	e.name = value(e.params, "name")
}

func (w *walker) contentDisposition(v string) (name string) {
	e := &w.part
	var rest string
	e.disposition, rest = cutType(v)
	return value(w.parseParams(e.params[len(e.params):], rest), "filename")
}

// value is that of the first parameter of a name.
func value(params []param, name string) string {
	for _, p := range params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

func cutType(v string) (typ, rest string) {
	typ = v
	if i := strings.IndexByte(v, ';'); i >= 0 {
		typ, rest = v[:i], v[i+1:]
	}
	return strings.ToLower(cleanUTF8(strings.TrimSpace(stripComments(typ)))), rest
}

func validType(t string) bool {
	i := strings.IndexByte(t, '/')
	return i > 0 && i < len(t)-1 && strings.Count(t, "/") == 1 && !strings.ContainsAny(t, " \t,<>@\"")
}

// encodingName reads a Content-Transfer-Encoding: the mechanism, without what
// is often added to it.
func encodingName(v string) string {
	v = stripComments(v)
	if i := strings.IndexByte(v, ';'); i >= 0 {
		v = v[:i]
	}
	v = strings.ToLower(cleanUTF8(strings.Trim(v, " \t\"'")))
	switch v {
	case "7-bit", "7bits", "7 bit":
		return "7bit"
	case "8-bit", "8bits", "8 bit":
		return "8bit"
	case "uuencode", "x-uu", "uue":
		return "x-uuencode"
	}
	return v
}
