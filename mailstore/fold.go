package mailstore

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// appendFold appends text as searches compare it: after Unicode case folding,
// composed (NFC), with each run of white space as one space.
func appendFold[T string | []byte](dst []byte, text T) []byte {
	space := len(dst) == 0 || dst[len(dst)-1] == ' '
	for i := range len(text) {
		c := foldedASCII[text[i]]
		switch {
		case c == 0 && text[i] >= utf8.RuneSelf:
			if i > 0 && !space { // it may be a mark on the letter before
				dst, i = dst[:len(dst)-1], i-1
				space = len(dst) == 0 || dst[len(dst)-1] == ' '
			}
			return appendFoldUnicode(dst, []byte(text[i:]), space)
		case c == ' ':
			if !space {
				dst = append(dst, ' ')
			}
			space = true
			continue
		}
		dst = append(dst, c)
		space = false
	}
	return dst
}

// foldedASCII is what appendFold makes of each ASCII octet; 0 for others.
var foldedASCII = func() (t [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		t[c] = c
		switch {
		case c-'\t' <= '\r'-'\t':
			t[c] = ' '
		case c-'A' <= 'Z'-'A':
			t[c] = c + 'a' - 'A'
		}
	}
	return t
}()

func appendFoldUnicode(dst, text []byte, space bool) []byte {
	folded := norm.NFC.Bytes(cases.Fold().Bytes(norm.NFC.Bytes(text)))
	for i := 0; i < len(folded); {
		r, n := utf8.DecodeRune(folded[i:])
		if unicode.IsSpace(r) {
			if !space {
				dst = append(dst, ' ')
			}
			space = true
		} else {
			dst = append(dst, folded[i:i+n]...)
			space = false
		}
		i += n
	}
	return dst
}

// fold folds a search word; space at its ends goes.
func fold(s string) []byte { return bytes.TrimSpace(appendFold(nil, s)) }
