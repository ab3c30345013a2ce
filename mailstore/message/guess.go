package message

import "unicode/utf8"

// guessCharset names the charset that 8-bit octets which are not UTF-8 are most likely in. What cannot
// be told for sure is windows-1252, as most readers take it.
func guessCharset(b []byte) string {
	const window = 4 << 10
	b = b[:min(len(b), window)]
	if utf8.Valid(b) {
		return "utf-8"
	}
	if kana, pairs, ok := shiftJIS(b); ok && pairs >= 4 && kana*4 >= pairs {
		return "shift_jis"
	}
	return doubleByte(b)
}

// shiftJIS counts the double-byte characters of Shift_JIS, and the kana among them.
func shiftJIS(b []byte) (kana, pairs int, ok bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80, 0xa1 <= c && c <= 0xdf: // half-width katakana is one octet
			continue
		case c == 0x80, c == 0xa0, c > 0xfc:
			return 0, 0, false
		}
		if i+1 == len(b) {
			break
		}
		i++
		if t := b[i]; t < 0x40 || t == 0x7f || t > 0xfc {
			return 0, 0, false
		}
		pairs++
		if c == 0x82 && b[i] >= 0x9f || c == 0x83 && b[i] <= 0x96 {
			kana++
		}
	}
	return kana, pairs, true
}

// doubleByte tells the charsets apart that write a character as two octets above 0xA0 (EUC). Single-byte
// text gives itself away by a word of an odd number of such octets, or by short words.
func doubleByte(b []byte) string {
	var runs, pairs, kana, hangul, level1, punctuation int
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		start := i
		for i < len(b) && b[i] >= 0xa1 && b[i] != 0xff {
			i++
		}
		n := i - start
		if i < len(b) && b[i] >= 0x80 || n%2 != 0 && i < len(b) {
			return "windows-1252"
		}
		runs++
		for j := start; j+1 < i; j += 2 {
			pairs++
			switch lead := b[j]; {
			case lead == 0xa4 || lead == 0xa5:
				kana++
			case lead >= 0xb0 && lead <= 0xd7:
				level1++
				if lead <= 0xc8 {
					hangul++
				}
			case lead <= 0xa3:
				punctuation++
			}
		}
	}
	const fewest = 6
	letters := pairs - punctuation
	switch {
	case letters < fewest || pairs < 3*runs:
		return "windows-1252"
	case kana*4 >= letters:
		return "euc-jp"
	case hangul == letters:
		return "euc-kr"
	case level1*10 >= letters*7:
		return "gb18030"
	}
	return "windows-1252"
}
