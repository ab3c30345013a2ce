package message

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// candidate is a place in a text that has the shape of a code.
type candidate struct {
	text       string // masked, see mask
	start, end int
	shape      shape
}

func (c candidate) overlaps(o candidate) bool { return c.start < o.end && o.start < c.end }

// code is the candidate without the spaces that group it.
func (c candidate) code() string {
	if c.shape.digits {
		return strings.NewReplacer(" ", "", "\n", "").Replace(c.text[c.start:c.end])
	}
	return c.text[c.start:c.end]
}

// inWord gives the end of the word that the candidate is only a part of; 0 when
// it stands by itself. Words of scripts without spaces may touch it.
func (c candidate) inWord() int {
	before, _ := utf8.DecodeLastRuneInString(c.text[:c.start])
	after, n := utf8.DecodeRuneInString(c.text[c.end:])
	if !wordRune(before) && !wordRune(after) {
		return 0
	}
	end := c.end
	for wordRune(after) {
		end += n
		after, n = utf8.DecodeRuneInString(c.text[end:])
	}
	return end
}

func wordRune(r rune) bool {
	return r < utf8.RuneSelf && (isDigit(byte(r)) || isLetter(byte(r)) || r == '_') || r >= 0xc0 && r < 0x250
}

// How far a word may be from what it is about, in octets.
const (
	reachBefore = 120 // on the same line
	reachAfter  = 70
	reachAlone  = 300 // of a code that has a line of its own
)

// rate says how likely the candidate is a code; 0 is not at all.
func (c candidate) rate(words []codeWord) int {
	alone := c.alone()
	best, direct := 0, false
	for _, w := range words {
		switch {
		case w.kind == rules:
			if w.end <= c.start && c.start-w.end < 40 && connects(c.text[w.end:c.start]) {
				return 0
			}
		case w.end <= c.start && c.start-w.end <= reachAlone:
			gap := c.text[w.end:c.start]
			is := connects(gap)
			if !is && (w.kind == hints && !alone || !alone && (len(gap) > reachBefore || strings.Contains(gap, "\n"))) {
				continue
			}
			r := 30 - len(gap)/12
			if is {
				r = 45
			} else if strings.Contains(gap, ". ") {
				r -= 6
			}
			if w.kind == hints {
				r -= 10
			}
			best, direct = max(best, r), direct || is
		case w.start >= c.end && w.start-c.end <= reachAfter && w.kind == says:
			gap := c.text[c.end:w.start]
			if lines := strings.Count(gap, "\n"); lines > 0 && (!alone || lines > 3) {
				continue
			}
			best = max(best, 28-len(gap)/4)
		}
	}
	if best <= 0 || !c.possible(direct, alone) {
		return 0
	}
	if alone {
		best += 12
	}
	if len(c.code()) == 6 {
		best += 2
	}
	return best + c.shape.rating
}

// connection is what may stand between a word and the code that it is about.
var connection = regexp.MustCompile(`(?i)^(?:[\s:=#>|*_.,~"'“”„«»‘’()\[\]{}\x{200e}–—→-]|` +
	`\b(?:is|are|was|number|no|nr|num|id|ending|ends|in|with|below|here|following|the|use|enter|` +
	`ist|lautet|nummer|ihr|hier|est|le|votre|numéro|es|su|número|numero|el|o|é|è|il|jest|to|er|är|on|:n|nº|n°|№)\b|` +
	`号|號|番号|번호|是|为|為|は|です|が|는|은|이|입니다|ваш|это|هو|הוא|คือ|है|là)*$`)

func connects(gap string) bool {
	return len(gap) <= 60 && strings.Count(gap, "\n") <= 4 && connection.MatchString(gap)
}

// alone says whether the candidate has its lines for itself.
func (c candidate) alone() bool {
	const ornament = " \t*_\"'“”«»()[]|>-–—=.:#"
	from := strings.LastIndexByte(c.text[:c.start], '\n') + 1
	to := c.end + strings.IndexByte(c.text[c.end:]+"\n", '\n')
	return to-from < 200 && strings.Trim(c.text[from:c.start], ornament) == "" && strings.Trim(c.text[c.end:to], ornament) == ""
}

// possible excludes what looks like a code and is something else. direct says
// that a word right before it calls it a code.
func (c candidate) possible(direct, alone bool) bool {
	code := c.code()
	digits := strings.IndexFunc(code, func(r rune) bool { return '0' <= r && r <= '9' }) >= 0
	if !c.shape.digits {
		letters := strings.IndexFunc(code, func(r rune) bool { return r > '9' }) >= 0
		switch {
		case !letters: // digits in groups that no shape of digits has: a date, a telephone number
			return false
		case c.shape.mixed:
			return digits && (direct || alone)
		case !digits:
			return direct && c.endsClause() && !notWords[code] && len(code) >= 5
		}
		return len(code) >= 5 || direct
	}
	if len(code) == 4 && (code[:2] == "19" || code[:2] == "20") && !direct { // a year
		return false
	}
	return !c.price() && !c.longer() && !c.measured() && (direct || !c.numbered())
}

func (c candidate) endsClause() bool {
	rest := strings.TrimLeft(c.text[c.end:], " \"'”»)*_")
	return rest == "" || strings.ContainsRune("\n.,;!", rune(rest[0]))
}

// What stands before or behind numbers that are no codes.
var (
	priceBefore = regexp.MustCompile(`(?i)(?:[$€£¥₹₽₩₺₿฿₫]|\b(?:usd|eur|gbp|chf|jpy|cny|inr|rub|aud|cad|nzd|pln|kr|rs|sek|nok|dkk|brl|r\$))[ ]?$`)
	priceAfter  = regexp.MustCompile(`(?i)^[ ]?(?:[$€£¥₹₽₩₺₿฿₫%‰]|(?:usd|eur|euros?|gbp|chf|jpy|cny|inr|rub|aud|cad|nzd|pln|kr|sek|nok|dkk|dollars?|元|円|원|руб)\b)`)
	unitAfter   = regexp.MustCompile(`(?i)^[ -]?(?:(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|years?|points?|credits?|people|users?|items?|messages?|characters?|chars|digits?|px|[kmg]b|km|kg|ms|` +
		`sekunden?|minuten?|stunden?|tagen?|punkte|zeichen|stellig\p{L}*|secondes?|heures?|jours?|segundos?|minutos?|horas?|días|secondi|minuti|ore|giorni|` +
		`(?:\p{L}+ ){0,2}(?:street|st|avenue|ave|road|rd|blvd|lane|drive))\b|^ ?(?:年|月|日|分|秒|时|時|小时|年|년|월|일|분|초|минут|секунд|час)`)
)

func (c candidate) price() bool {
	return priceBefore.MatchString(c.text[max(0, c.start-8):c.start]) || priceAfter.MatchString(c.text[c.end:min(len(c.text), c.end+16)])
}

// measured says whether a unit follows: 1440 minutes, 2026年.
func (c candidate) measured() bool {
	return unitAfter.MatchString(c.text[c.end:min(len(c.text), c.end+40)])
}

// longer says whether the digits are part of a longer number: a decimal, a date,
// a time, a telephone number.
func (c candidate) longer() bool {
	before, after := c.text[:c.start], c.text[c.end:]
	if n := len(before); n > 0 {
		switch last := before[n-1]; last {
		case '+', '/', '\\', '@':
			return true
		case '.', ',', ':', '\'':
			if n > 1 && isDigit(before[n-2]) {
				return true
			}
		case '-':
			// A letter and a hyphen stand before some codes: G-123456.
			letter := n > 1 && isLetter(before[n-2]) && (n == 2 || !wordRune(rune(before[n-3])) && before[n-3] != '-')
			if n > 1 && !letter && before[n-2] != ' ' && before[n-2] != '-' {
				return true
			}
		}
	}
	if len(after) > 1 {
		switch after[0] {
		case '/', '-', '\\', '@', '\'':
			return isDigit(after[1]) || isLetter(after[1])
		case '.', ',', ':':
			if isDigit(after[1]) {
				return true
			}
		}
	}
	return shortNumberBefore(before) || shortNumberAfter(after)
}

// shortNumberBefore says whether a group of up to five digits stands before, on
// the same line with no more between than separates groups.
func shortNumberBefore(s string) bool {
	trimmed := strings.TrimRight(s[max(0, len(s)-12):], " ().-")
	if len(s) > 0 && trimmed == s[max(0, len(s)-12):] {
		return false
	}
	digits := len(trimmed) - len(strings.TrimRight(trimmed, "0123456789"))
	return digits > 0 && digits <= 5
}

func shortNumberAfter(s string) bool {
	s = s[:min(len(s), 12)]
	trimmed := strings.TrimLeft(s, " ()-")
	if trimmed == s {
		return false
	}
	digits := len(trimmed) - len(strings.TrimLeft(trimmed, "0123456789"))
	return digits > 0 && digits <= 5
}

// numbered says whether the candidate is called a number of something: #1234,
// No. 1234, CA 94107.
var numberBefore = regexp.MustCompile(`(?:#|№|(?i:\bno\.?|\bnr\.?)|\b[A-Z]{2}) ?$`)

func (c candidate) numbered() bool {
	return numberBefore.MatchString(c.text[max(0, c.start-6):c.start])
}
