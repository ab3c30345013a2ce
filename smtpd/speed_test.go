package smtpd

import (
	"strings"
	"testing"
	"time"
)

// A message over a connection that stays open, with a store that does not wait
// for the disk. Addresses may ask for faults, as in the whole server, and there is
// no rule.
func BenchmarkMessage(b *testing.B) {
	for _, bench := range []struct {
		name string
		size int
	}{{"2KB", 2 << 10}, {"100KB", 100 << 10}, {"10MB", 10 << 20}} {
		b.Run(bench.name, func(b *testing.B) {
			r := newRig(b, Config{Faults: newFaults()})
			c := r.ready()
			c.SetDeadline(time.Time{})
			const line = "The quick brown fox jumps over the lazy dog, and nobody minds at all.\r\n"
			content := strings.Repeat(line, bench.size/len(line)) + ".\r\n"
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				c.begin()
				c.ask("DATA", "354 ")
				c.send(content)
				c.want("250 2.0.0 OK")
			}
		})
	}
}
