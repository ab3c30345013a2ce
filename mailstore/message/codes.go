package message

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Code is what may be a one-time code: digits or letters that the reader is to
// type in somewhere.
type Code struct {
	Code    string // without the spaces that group its digits; hyphens are kept
	Context string // the words around it, on one line
	Where   string // InSubject, InText or InHTML
}

const (
	maxCodes    = 20
	maxCodeText = 128 << 10 // octets of a text that are looked at
	maxRated    = 200       // of one text
	contextSize = 60        // octets on each side
)

// Codes lists what may be one-time codes in the subject, the text and the HTML,
// each once, the most likely first. A code stands near a word that says so, in
// one of many languages; years, prices, telephone numbers, dates and numbers of
// orders are none.
func (m *Message) Codes() []Code {
	var all []ratedCode
	for _, in := range [...]struct{ where, text string }{
		{InSubject, m.Subject}, {InText, m.Text}, {InHTML, HTMLText(clip(m.HTML))},
	} {
		all = append(all, codesIn(plainSpaces(clip(in.text)), in.where)...)
	}
	slices.SortStableFunc(all, func(a, b ratedCode) int { return cmp.Compare(b.rating, a.rating) })
	var codes []Code
	for _, c := range all {
		known := slices.ContainsFunc(codes, func(k Code) bool { return k.Code == c.code.Code })
		if !known && len(codes) < maxCodes {
			codes = append(codes, c.code)
		}
	}
	return codes
}

func clip(s string) string {
	if len(s) > maxCodeText {
		s = strings.ToValidUTF8(s[:maxCodeText], "")
	}
	return s
}

// plainSpaces leaves one kind of space, no invisible characters, and no
// characters of double width where there are others.
func plainSpaces(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r), r == 0:
			return ' '
		case isFiller(r):
			return -1
		case 0xff01 <= r && r <= 0xff5e && r != 0xff0c: // full-width ASCII; its comma ends a clause, and is in no number
			return r - 0xfee0
		}
		return r
	}, s)
}

type ratedCode struct {
	code   Code
	rating int
}

// shape is a way in which codes are written. The expressions allow more than
// is a code; candidate.rate decides.
type shape struct {
	exp    *regexp.Regexp
	rating int
	digits bool // nothing but digits, and what groups them
	mixed  bool // capitals are not told from other letters: anything could be a code
}

// Of overlapping finds that of the first shape is taken.
var shapes = []shape{
	{regexp.MustCompile(`[0-9](?:[ \n][0-9]){3,7}`), 7, true, false},                                       // 1 2 3 4 5 6
	{regexp.MustCompile(`[0-9]{3} [0-9]{3}|[0-9]{4} [0-9]{4}|[0-9]{2} [0-9]{2} [0-9]{2}`), 7, true, false}, // 123 456
	{regexp.MustCompile(`[0-9]{3}-[0-9]{3}|[0-9]{4}-[0-9]{4}`), 7, true, false},                            // 123-456
	{regexp.MustCompile(`[0-9]{4,8}`), 8, true, false},                                                     // 123456
	{regexp.MustCompile(`[A-Z0-9]{2,8}(?:-[A-Z0-9]{2,8}){1,5}`), 6, false, false},                          // AB12-CD34
	{regexp.MustCompile(`[A-Z0-9]{4,10}`), 5, false, false},                                                // A1B2C3
	{regexp.MustCompile(`[A-Za-z0-9]{4,10}(?:-[A-Za-z0-9]{4,10}){0,3}`), 1, false, true},                   // a1B2c3
}

// codesIn finds the codes of one text.
func codesIn(text, where string) (found []ratedCode) {
	masked := mask(text)
	words := codeWords(masked)
	var taken []candidate
	for _, w := range words {
		taken = append(taken, candidate{start: w.start, end: w.end})
	}
	for _, shape := range shapes {
		for _, near := range neighbourhoods(masked, words) {
			for at := near.start; len(found) < maxRated; {
				loc := shape.exp.FindStringIndex(masked[at:near.end])
				if loc == nil {
					break
				}
				c := candidate{text: masked, start: at + loc[0], end: at + loc[1], shape: shape}
				if inside := c.inWord(); inside > 0 {
					at = min(inside, near.end)
					continue
				}
				at = c.end
				if slices.ContainsFunc(taken, c.overlaps) {
					continue
				}
				if rating := c.rate(words); rating > 0 {
					taken = append(taken, c)
					found = append(found, ratedCode{Code{c.code(), around(text, c.start, c.end), where}, rating})
				}
			}
		}
	}
	return found
}

type stretch struct{ start, end int }

// neighbourhoods are the places of a text that are in reach of a word that can
// make a code of something, in order, apart from each other.
func neighbourhoods(text string, words []codeWord) (near []stretch) {
	const longest = 60 // octets of a code
	for _, w := range words {
		if w.kind == rules {
			continue
		}
		s := stretch{max(0, w.start-reachAfter-longest), min(len(text), w.end+reachAlone+longest)}
		for s.start > 0 && text[s.start-1] > ' ' && s.start > w.start-2*reachAlone {
			s.start-- // not into the middle of a word
		}
		if last := len(near) - 1; last >= 0 && near[last].end >= s.start {
			near[last].end = max(near[last].end, s.end)
		} else {
			near = append(near, s)
		}
	}
	return near
}

// mask replaces what holds no codes: addresses.
func mask(text string) string {
	masked := []byte(text)
	hide := func(start, end int) {
		for i := start; i < end; i++ {
			if masked[i] != '\n' {
				masked[i] = 0
			}
		}
	}
	for _, s := range addressSpans(text) {
		hide(s.start, s.end)
	}
	const apart = " \n<>\"(),;"
	for at := 0; at < len(text); {
		i := strings.IndexByte(text[at:], '@')
		if i < 0 {
			break
		}
		start, end := strings.LastIndexAny(text[at:at+i], apart)+1+at, len(text)
		if n := strings.IndexAny(text[at+i:], apart); n >= 0 {
			end = at + i + n
		}
		if start < at+i && end > at+i+1 {
			hide(start, end)
		}
		at = end
	}
	return string(masked)
}

// around is the text around a place, cut between words, on one line.
func around(text string, start, end int) string {
	from, to := max(0, start-contextSize), min(len(text), end+contextSize)
	if from > 0 {
		if i := strings.IndexAny(text[from:start], " \n"); i >= 0 {
			from += i
		}
	}
	if to < len(text) {
		if i := strings.LastIndexAny(text[end:to], " \n"); i >= 0 {
			to = end + i
		}
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(text[from:to], "")), " ")
}
