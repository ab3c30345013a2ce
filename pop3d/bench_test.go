package pop3d

import (
	"fmt"
	"strings"
	"testing"
)

const benchMessages = 10_000

// benchRig has 10,000 messages of 2 KB for alice.
func benchRig(b *testing.B) *rig {
	b.Helper()
	r := newRig(b, Config{})
	content := "From: sender@app.test\r\nTo: alice@app.test\r\nSubject: a message\r\n\r\n"
	content += strings.Repeat(strings.Repeat("x", 76)+"\r\n", (2048-len(content))/78)
	for range benchMessages {
		r.deliver(content, alice)
	}
	return r
}

func BenchmarkLists(b *testing.B) {
	r := benchRig(b)
	b.Run("login", func(b *testing.B) {
		for b.Loop() {
			c := r.login(alice)
			c.conn.Close()
		}
	})
	for _, command := range []string{"STAT", "LIST", "UIDL"} {
		b.Run(command, func(b *testing.B) {
			c := r.login(alice)
			b.ReportAllocs()
			for b.Loop() {
				c.do(command, "+OK*")
				if command != "STAT" {
					c.skipBody()
				}
			}
		})
	}
	b.Run("login LIST UIDL", func(b *testing.B) {
		for b.Loop() {
			c := r.login(alice)
			c.do("LIST", "+OK*")
			c.skipBody()
			c.do("UIDL", "+OK*")
			c.skipBody()
			c.conn.Close()
		}
	})
}

// One client fetches messages one by one, and in a pipeline.
func BenchmarkRetr(b *testing.B) {
	r := benchRig(b)
	c := r.login(alice)
	first := len(c.retr(1))
	b.Run("one by one", func(b *testing.B) {
		b.SetBytes(int64(first))
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n = n%benchMessages + 1
			fmt.Fprintf(c.conn, "RETR %d\r\n", n)
			c.skipLine()
			c.skipBody()
		}
	})
	b.Run("pipelined", func(b *testing.B) {
		b.SetBytes(int64(first) * 100)
		b.ReportAllocs()
		var commands strings.Builder
		for n := range 100 {
			fmt.Fprintf(&commands, "RETR %d\r\n", n+1)
		}
		for b.Loop() {
			c.send(commands.String())
			for range 100 {
				c.skipLine()
				c.skipBody()
			}
		}
	})
}

// One large message, over and over.
func BenchmarkRetrLarge(b *testing.B) {
	r := newRig(b, Config{})
	r.deliver(bulky(10<<20), alice)
	c := r.login(alice)
	size := len(c.retr(1))
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		c.send("RETR 1\r\n")
		c.skipLine()
		c.skipBody()
	}
}

// skipLine and skipBody read as a client does that costs as little as possible.
func (c *client) skipLine() {
	if _, err := c.r.ReadSlice('\n'); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) skipBody() {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			c.t.Fatal(err)
		}
		if len(line) == 3 && line[0] == '.' {
			return
		}
	}
}
