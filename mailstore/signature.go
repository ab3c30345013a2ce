package mailstore

import (
	"bytes"
	"strings"
	"sync"

	"restante/mailstore/message"
)

// A signature says which three-octet sequences may occur in the text of a
// message that searches look at: a bit for each of a number of classes that such
// sequences are hashed to. A word that needs a class whose bit is not set does
// not occur, and the message need not be opened. An empty signature may hold
// anything.
//
// All signatures hash to 16 bits first; a signature of m bits folds that space
// into m classes. So a search hashes its words once.
const (
	signatureDensity = 2       // bits per distinct class
	maxSignature     = 1 << 16 // bits; more would tell nothing more
)

// gramHash hashes three octets to 16 bits.
func gramHash(a, b, c byte) uint32 {
	return (uint32(a)<<16 | uint32(b)<<8 | uint32(c)) * 2654435761 >> 16
}

// gramSet is the set of hashes of a text.
type gramSet struct {
	words [1 << 16 / 64]uint64
	list  []uint16 // its members
	text  []byte   // scratch for folding
}

var gramSets = sync.Pool{New: func() any { return new(gramSet) }}

// add adds a text that is folded already.
func (g *gramSet) add(text []byte) {
	if len(text) < 3 {
		return
	}
	window := uint32(text[0])<<8 | uint32(text[1])
	for _, c := range text[2:] {
		window = window<<8 | uint32(c)
		g.addWindow(window)
	}
}

// addWindow adds the last three octets of a window.
func (g *gramSet) addWindow(window uint32) {
	h := (window & 0xffffff) * 2654435761 >> 16
	if word, bit := &g.words[h>>6&1023], uint64(1)<<(h&63); *word&bit == 0 {
		*word |= bit
		g.list = append(g.list, uint16(h))
	}
}

// addText folds a text and adds it.
func (g *gramSet) addText(s string) {
	window, n := uint32(' '), 0 // n octets of the folded text are in it
	for i := range len(s) {
		c := foldedASCII[s[i]]
		switch {
		case c == 0: // not ASCII
			g.text = appendFold(g.text[:0], s)
			g.add(g.text)
			return
		case c == ' ' && window&0xff == ' ':
			continue
		}
		window = window<<8 | uint32(c)
		if n++; n >= 3 {
			g.addWindow(window)
		}
	}
}

// signature folds the set into as many bits as it is worth and empties it.
func (g *gramSet) signature() []byte {
	m := min(max((len(g.list)*signatureDensity+63)&^63, 64), maxSignature)
	sig := make([]byte, m/8)
	for _, h := range g.list {
		bit := uint32(h) * uint32(m) >> 16
		sig[bit>>3] |= 1 << (bit & 7)
	}
	g.clear()
	return sig
}

func (g *gramSet) clear() {
	for _, h := range g.list {
		g.words[h>>6] = 0
	}
	g.list = g.list[:0]
}

// signatureOf makes the signature of all that a message's fields and words are
// searched for in.
func signatureOf(m *Message, sum *message.Summary) []byte {
	g := gramSets.Get().(*gramSet)
	defer gramSets.Put(g)
	g.addText(m.Subject)
	for _, list := range [...][]Address{m.From, m.To, m.Cc} {
		for _, a := range list {
			g.addText(a.Name)
			g.addText(a.Address)
		}
	}
	g.addText(m.Envelope.ReversePath)
	for i := range m.Envelope.ForwardPaths {
		g.addText(m.Envelope.ForwardPaths[i].Address)
	}
	for _, name := range sum.AttachmentNames {
		g.addText(name)
	}
	for line := range strings.Lines(sum.HeaderText) {
		if name, value, ok := strings.Cut(line, ":"); ok && inSignature(name) {
			g.addText(strings.TrimSpace(value))
		}
	}
	g.addText(sum.Text)
	return g.signature()
}

// inSignature says whether a header field's value is part of signatures: those
// that tests look for, not the long ones of relays, nor those that are searched
// as from:, to: and so on.
func inSignature(name string) bool {
	if len(name) > 2 && (name[0] == 'X' || name[0] == 'x') && name[1] == '-' {
		return true
	}
	for _, known := range signatureFields {
		if len(name) == len(known) && strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

var signatureFields = [...]string{"reply-to", "in-reply-to", "references", "sender", "list-id", "list-unsubscribe", "message-id",
	"auto-submitted", "precedence", "importance", "feedback-id"}

// gramTest is what a word needs of a signature.
type gramTest struct{ hashes []uint16 }

// newGramTest makes the test for a folded word; it needs nothing when the word
// has fewer than three octets. Signatures have names and addresses apart, a word
// may have them together: what stands on both sides of an angle bracket, and the
// bracket, is not asked for.
func newGramTest(word []byte) gramTest {
	var t gramTest
	for part := range bytes.FieldsFuncSeq(word, func(r rune) bool { return r == '<' || r == '>' }) {
		part = bytes.TrimSpace(part)
		for i := 0; i+2 < len(part); i++ {
			t.hashes = append(t.hashes, uint16(gramHash(part[i], part[i+1], part[i+2])))
		}
	}
	return t
}

// maybe says whether the word may occur in a text with this signature.
func (t gramTest) maybe(signature []byte) bool {
	m := uint32(len(signature)) * 8
	if m == 0 {
		return true
	}
	for _, h := range t.hashes {
		bit := uint32(h) * m >> 16
		if signature[bit>>3]&(1<<(bit&7)) == 0 {
			return false
		}
	}
	return true
}
