package faults

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a time whose text is like 300ms, 3s, 1m30s or 2h.
type Duration time.Duration

// Never is the time to live of a rule that stays. Its text is "never".
const Never Duration = -1

func (d Duration) String() string {
	if d == Never {
		return "never"
	}
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText is the opposite of UnmarshalText.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a time that is not negative, or never.
func (d *Duration) UnmarshalText(text []byte) error {
	if string(text) == "never" {
		*d = Never
		return nil
	}
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no time: write 300ms, 3s, 1m30s or 2h", text)
	}
	*d = Duration(v)
	return nil
}

// Octets is a number of octets. Its text is a number, with or without k, m, KiB
// or MiB behind it; k and m are powers of 1024 too.
type Octets int64

func (n Octets) String() string { return strconv.FormatInt(int64(n), 10) }

// MarshalText is the number.
func (n Octets) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads a number of octets.
func (n *Octets) UnmarshalText(text []byte) error {
	number, factor := strings.ToLower(string(text)), int64(1)
	for _, u := range [...]struct {
		suffix string
		factor int64
	}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"k", 1 << 10}, {"m", 1 << 20}} {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, factor = rest, u.factor
			break
		}
	}
	v, err := strconv.ParseUint(number, 10, 63)
	if err != nil || int64(v) > math.MaxInt64/factor {
		return fmt.Errorf("%q is no number of octets: write 1000, 1k or 2MiB", text)
	}
	*n = Octets(int64(v) * factor)
	return nil
}

// Cut is where a response or a content breaks off: after so many octets, or
// [Half]. Its text is that of [Octets], or half.
type Cut int64

// Half is the middle of what would be sent.
const Half Cut = -1

// Of is how many of size octets are sent: never more than there are.
func (c Cut) Of(size int64) int64 {
	if c == Half {
		return size / 2
	}
	return min(int64(c), size)
}

func (c Cut) String() string {
	if c == Half {
		return "half"
	}
	return Octets(c).String()
}

// MarshalText is the opposite of UnmarshalText.
func (c Cut) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a number of octets, or half.
func (c *Cut) UnmarshalText(text []byte) error {
	if string(text) == "half" {
		*c = Half
		return nil
	}
	var n Octets
	if err := n.UnmarshalText(text); err != nil {
		return fmt.Errorf("%q is no number of octets: write 1000, 1k, 2MiB or half", text)
	}
	*c = Cut(n)
	return nil
}
