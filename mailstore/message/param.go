package message

import (
	"sort"
	"strconv"
	"strings"
)

// param is a parameter of a Content field, decoded.
type param struct{ name, value string }

// section is a parameter as it stands: name*section*=value (RFC 2231).
type section struct {
	name, value string
	number      int // -1 is no section
	extended    bool
}

// parseParams appends the parameters in s, which begins behind the first semicolon.
func (w *walker) parseParams(params []param, s string) []param {
	var sections []section
	for count := 0; count < maxParams; count++ {
		s = strings.TrimLeft(s, " \t;")
		if s == "" {
			break
		}
		var name, value string
		var ok bool
		name, value, s, ok = nextParam(s)
		if !ok {
			w.note(BadParameter)
		}
		if name == "" {
			continue
		}
		name = strings.ToLower(cleanUTF8(name))
		if strings.IndexByte(name, '*') < 0 {
			params = append(params, param{name, w.paramText(name, value)})
			continue
		}
		sections = append(sections, newSection(name, value))
	}
	if len(sections) > 0 {
		params = w.joinSections(params, sections)
	}
	return params
}

// nextParam takes one name=value off s.
func nextParam(s string) (name, value, rest string, ok bool) {
	eq := strings.IndexAny(s, "=;")
	if eq < 0 || s[eq] == ';' {
		if eq < 0 {
			eq = len(s)
		}
		return "", "", s[eq:], strings.TrimSpace(stripComments(s[:eq])) == ""
	}
	name = strings.TrimSpace(stripComments(s[:eq]))
	s = strings.TrimLeft(s[eq+1:], " \t")
	if s != "" && s[0] == '"' {
		value, rest, ok = quotedString(s)
		if i := strings.IndexByte(rest, ';'); i >= 0 {
			rest = rest[i:]
		} else {
			rest = ""
		}
		return name, value, rest, ok && name != ""
	}
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	value = strings.TrimSpace(s[:end])
	if i := strings.IndexByte(value, '('); i >= 0 && strings.HasSuffix(value, ")") && i > 0 && (value[i-1] == ' ' || value[i-1] == '\t') {
		value = strings.TrimSpace(value[:i])
	}
	return name, value, s[end:], name != "" && !strings.ContainsAny(value, " \t") // RFC 2045 §5.1: a token
}

// quotedString reads a quoted-string at the beginning of s; ok is false when it does not end.
func quotedString(s string) (value, rest string, ok bool) {
	s = s[1:]
	if i := strings.IndexAny(s, `"\`); i >= 0 && s[i] == '"' {
		return s[:i], s[i+1:], true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return string(b), s[i+1:], true
		case '\\':
			// A backslash before anything else is a path that nobody escaped: C:\file.txt.
			if i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
				i++
			}
		}
		b = append(b, s[i])
	}
	return string(b), "", false
}

// paramText decodes a parameter value that is not extended.
func (w *walker) paramText(name, v string) string {
	if name == "boundary" {
		return v // compared as it stands
	}
	if strings.Contains(v, "=?") {
		if d, ok := w.words(v); ok {
			w.note(EncodedFilename)
			return d
		}
	}
	return w.raw(v)
}

func newSection(name, value string) section {
	sec := section{name: name, value: value, number: -1}
	if strings.HasSuffix(sec.name, "*") {
		sec.extended = true
		sec.name = sec.name[:len(sec.name)-1]
	}
	if i := strings.LastIndexByte(sec.name, '*'); i >= 0 {
		if n, err := strconv.Atoi(sec.name[i+1:]); err == nil && n >= 0 {
			sec.number = n
			sec.name = sec.name[:i]
		}
	}
	return sec
}

// joinSections puts the sections of each parameter together (RFC 2231 §3) and decodes
// them.
func (w *walker) joinSections(params []param, sections []section) []param {
	sort.SliceStable(sections, func(i, j int) bool {
		a, b := sections[i], sections[j]
		if a.name != b.name {
			return a.name < b.name
		}
		return a.number < b.number
	})
	for i := 0; i < len(sections); {
		var octets []byte
		charset := ""
		j := i
		for ; j < len(sections) && sections[j].name == sections[i].name; j++ {
			sec := sections[j]
			v := sec.value
			if sec.number >= 0 && sec.number != j-i {
				w.note(BadParameter) // a section is missing, or there twice
			}
			if sec.extended && j == i {
				if p := strings.SplitN(v, "'", 3); len(p) == 3 {
					charset, v = strings.ToLower(p[0]), p[2]
				} else {
					w.note(BadParameter)
				}
			}
			if sec.extended {
				var ok bool
				if octets, ok = appendPercent(octets, v); !ok {
					w.note(BadParameter)
				}
			} else {
				octets = append(octets, v...)
			}
		}
		value := ""
		if charset == "" {
			value = w.paramText(sections[i].name, string(octets))
		} else {
			var code string
			value, code = decodeCharset(octets, charset)
			w.noteCharset(code, charset)
			value = oneLine(value)
		}
		params = setParam(params, sections[i].name, value)
		i = j
	}
	return params
}

// setParam puts a decoded parameter in the place of a plain one, which is there for readers that do
// not know RFC 2231.
func setParam(params []param, name, value string) []param {
	for i := range params {
		if params[i].name == name {
			params[i].value = value
			return params
		}
	}
	return append(params, param{name, value})
}

// appendPercent decodes %XX (RFC 2231 §4); what is malformed stays, and ok is false.
func appendPercent(dst []byte, s string) (out []byte, ok bool) {
	ok = true
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			if i+2 < len(s) {
				if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi < 16 && lo < 16 {
					dst = append(dst, hi<<4|lo)
					i += 2
					continue
				}
			}
			ok = false
		}
		dst = append(dst, s[i])
	}
	return dst, ok
}

// unhex is the value of a hexadecimal digit, 255 for another octet.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// stripComments takes comments (RFC 5322 §3.2.2) out of a value that has no quoted-strings.
func stripComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == '\\' && depth > 0:
			i++
		case depth == 0:
			b = append(b, c)
		}
	}
	return string(b)
}
