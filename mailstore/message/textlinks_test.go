package message

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// TestAddressBeginnings holds the search for addresses against the expression
// that says what it looks for.
func TestAddressBeginnings(t *testing.T) {
	t.Parallel()
	expression := regexp.MustCompile(`(?:\b[A-Za-z][A-Za-z0-9+.-]{0,30}://|\b(?i:www)\.)`)
	pieces := []string{
		"://", "http", "https://", "www", "www.", "WwW.", "w", ".", "-", "+", "_", "a", "Z", "9", " ", "\n", "é", "/", ":", "@",
		strings.Repeat("x", 29), strings.Repeat("y.", 16), "app.test", "<", ">",
	}
	random := rand.New(rand.NewPCG(4, 2))
	for range 20_000 {
		var b strings.Builder
		for range 1 + random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		text := b.String()
		found := beginnings{text: text, scheme: -1, www: -1}
		for at := 0; ; {
			want := expression.FindStringIndex(text[at:])
			start, end := found.next(at)
			if want == nil {
				if start >= 0 {
					t.Fatalf("%q from %d: got %d-%d, want none", text, at, start, end)
				}
				break
			}
			// A slice begins a word for the expression; in the text it may not.
			if at > 0 && want[0] == 0 && !found.wordBegins(at) {
				break
			}
			if start != at+want[0] || end != at+want[1] {
				t.Fatalf("%q from %d: got %d-%d, want %d-%d", text, at, start, end, at+want[0], at+want[1])
			}
			at = end
		}
	}
}
