package mailstore

import (
	"strconv"
	"strings"
)

// IDs are the store's random epoch and a number, in base 32 without the letters
// that are easily misread, in lower case: "7h2kq9xm-1f".
const (
	idDigits    = "0123456789abcdefghjkmnpqrstvwxyz"
	epochDigits = 8 // 40 bits
)

func appendBase32(b []byte, v uint64) []byte {
	var buf [13]byte
	i := len(buf)
	for {
		i--
		buf[i] = idDigits[v&31]
		v >>= 5
		if v == 0 {
			return append(b, buf[i:]...)
		}
	}
}

func parseBase32(s string) (v uint64, ok bool) {
	if s == "" || len(s) > 12 {
		return 0, false
	}
	for i := range len(s) {
		d := strings.IndexByte(idDigits, s[i])
		if d < 0 {
			return 0, false
		}
		v = v<<5 | uint64(d)
	}
	return v, true
}

// epochOf renders 40 random bits.
func epochOf(random uint64) string {
	s := string(appendBase32(nil, random&(1<<40-1)))
	return strings.Repeat("0", epochDigits-len(s)) + s
}

// ID is the ID of the message with the given seq: at most 22 characters of
// [0-9a-z-], the same for ever. It is the POP3 unique-id (RFC 1939 §7).
func (s *Store) ID(seq uint64) string {
	b := make([]byte, 0, epochDigits+14)
	b = append(b, s.epoch...)
	b = append(b, '-')
	return string(appendBase32(b, seq))
}

// seqOf reads an ID of this store, or a seq in decimal.
func (s *Store) seqOf(id string) (uint64, error) {
	if epoch, number, ok := strings.Cut(strings.ToLower(id), "-"); ok {
		if seq, ok := parseBase32(number); ok && epoch == s.epoch {
			return seq, nil
		}
		return 0, ErrNotFound
	}
	seq, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return 0, ErrNotFound
	}
	return seq, nil
}
