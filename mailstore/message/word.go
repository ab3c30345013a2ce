package message

import (
	"strings"
	"unicode/utf8"
)

// text decodes an unstructured value: encoded words (RFC 2047) and raw 8-bit octets.
// The result is one line of valid UTF-8.
func (w *walker) text(v string) string {
	if strings.Contains(v, "=?") {
		d, _ := w.words(v)
		return d
	}
	return w.raw(v)
}

// raw makes octets that are not encoded readable.
func (w *walker) raw(v string) string {
	if isPlain(v) {
		return v
	}
	if isASCII(v) {
		if strings.Contains(v, "\x1b$") || strings.Contains(v, "\x1b(") {
			if d, code := decodeCharset([]byte(v), "iso-2022-jp"); code == "" {
				w.note(RawHeader)
				return oneLine(d)
			}
		}
		return oneLine(v)
	}
	w.note(RawHeader)
	if utf8.ValidString(v) {
		return oneLine(v)
	}
	d, _ := decodeCharset([]byte(v), guessCharset([]byte(v)))
	return oneLine(d)
}

// words decodes the encoded words in v; found is false when there was none.
func (w *walker) words(v string) (decoded string, found bool) {
	var b strings.Builder
	b.Grow(len(v))
	var run wordRun // adjacent words of the same charset, whose octets belong together
	rest := v
	for {
		i := strings.Index(rest, "=?")
		if i < 0 {
			break
		}
		word, n, ok := parseWord(rest[i:])
		if !ok && n == 0 { // it does not end, so none can follow
			w.note(BadWord)
			break
		}
		if !ok {
			w.flush(&b, &run)
			b.WriteString(w.raw(rest[:i+n]))
			rest = rest[i+n:]
			run.after = false
			continue
		}
		if word.bad {
			w.note(BadWord)
		}
		between := rest[:i]
		if !run.after || strings.Trim(between, " \t") != "" {
			w.flush(&b, &run)
			b.WriteString(w.raw(between))
		} else if run.charset != word.charset {
			w.flush(&b, &run)
		}
		run.charset, run.after = word.charset, true
		var good bool
		if run.octets, good = word.appendTo(run.octets); !good {
			w.note(BadWord)
		}
		rest = rest[i+n:]
		found = true
	}
	w.flush(&b, &run)
	if rest != "" {
		b.WriteString(w.raw(rest))
	}
	return oneLine(b.String()), found
}

type wordRun struct {
	charset string
	octets  []byte
	after   bool // an encoded word was the last thing read
}

func (w *walker) flush(b *strings.Builder, run *wordRun) {
	if len(run.octets) == 0 {
		return
	}
	s, code := decodeCharset(run.octets, run.charset)
	switch code {
	case "":
	case UnknownCharset:
		w.noteDetail(UnknownCharset, run.charset)
	default:
		w.note(BadWord)
	}
	b.WriteString(s)
	run.octets = run.octets[:0]
}

type word struct {
	charset string
	base64  bool
	text    string
	bad     bool // not as RFC 2047 §2 writes it, but readable
}

const maxWordCharset = 64

// parseWord reads the encoded word at the beginning of s, n is its length. When there is
// none, n is what to pass over; 0 for the beginning of one that does not end.
func parseWord(s string) (word word, n int, ok bool) {
	const start = 2 // "=?"
	i := strings.IndexByte(s[start:min(len(s), start+maxWordCharset)], '?')
	if i <= 0 {
		return word, 2, false
	}
	i += start
	if len(s) < i+3 || s[i+2] != '?' {
		return word, 2, false
	}
	switch s[i+1] {
	case 'b', 'B':
		word.base64 = true
	case 'q', 'Q':
	default:
		return word, 2, false
	}
	charset, _, _ := strings.Cut(s[start:i], "*") // the language, RFC 2231 §5
	word.charset = strings.ToLower(strings.TrimSpace(charset))
	if word.charset == "" || strings.ContainsAny(word.charset, " \t=") {
		return word, 2, false
	}
	i += 3
	end := strings.Index(s[i:], "?=")
	if end < 0 {
		return word, 0, false
	}
	if word.text = s[i : i+end]; strings.IndexByte(word.text, ' ') >= 0 {
		word.bad = true
	}
	return word, i + end + 2, true
}

// appendTo appends the octets that the word encodes; good is false when some of it was not valid.
func (wd *word) appendTo(dst []byte) (_ []byte, good bool) {
	if wd.base64 {
		var d base64Decoder
		dst = d.decode(dst, []byte(wd.text))
		dst = d.finish(dst)
		return dst, !d.bad
	}
	good = true
	for i := 0; i < len(wd.text); i++ {
		c := wd.text[i]
		switch {
		case c == '_':
			c = ' '
		case c == '=':
			if i+2 < len(wd.text) {
				if hi, lo := unhex(wd.text[i+1]), unhex(wd.text[i+2]); hi < 16 && lo < 16 {
					dst = append(dst, hi<<4|lo)
					i += 2
					continue
				}
			}
			good = false
		}
		dst = append(dst, c)
	}
	return dst, good
}

// isPlain says whether s is ASCII without control characters.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// oneLine makes s one line of valid UTF-8: an encoded line break is no line break.
func oneLine(s string) string {
	if isPlain(s) {
		return s
	}
	s = cleanUTF8(s)
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, s)
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029
}

func cleanUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
