package typo

import "testing"

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 3, 0},
		{"alice", "alice", 3, 0},
		{"alice", "alise", 3, 1},  // changed
		{"alice", "alce", 3, 1},   // dropped
		{"alice", "alicce", 3, 1}, // added
		{"alice", "laice", 3, 2},  // swapped
		{"kitten", "sitting", 9, 3},
		{"kitten", "sitting", 2, 2},
		{"", "abc", 9, 3},
		{"", "abc", 3, 3},
		{"a", "abcdefgh", 4, 4},
	} {
		if ab, ba := Distance(c.a, c.b, c.limit), Distance(c.b, c.a, c.limit); ab != c.want || ba != c.want {
			t.Errorf("%q and %q, limit %d: %d, and %d the other way, want %d", c.a, c.b, c.limit, ab, ba, c.want)
		}
	}
}
