package smtpd

import (
	"strconv"
	"strings"
)

// chunk is one BDAT command (RFC 3030 §2).
type chunk struct {
	size int64
	last bool
}

// parseChunk reads the argument of BDAT. When it is malformed, the size tells
// what is known: 0 where none was given, -1 where one was that cannot be read.
func parseChunk(arg string) (c chunk, ok bool) {
	size, rest, _ := strings.Cut(arg, " ")
	rest = strings.TrimLeft(rest, " ")
	if size == "" || size[0] < '0' || size[0] > '9' {
		return chunk{}, false
	}
	n, err := strconv.ParseUint(size, 10, 63)
	if err != nil {
		return chunk{size: -1}, false
	}
	c = chunk{size: int64(n), last: strings.EqualFold(rest, "LAST")}
	return c, rest == "" || c.last
}

// bdat is the BDAT command outside of a series, or the first of one. The engine
// is told DATA: the rest of the series is read while it waits for the message.
func (w *wire) bdat(arg string) {
	c, ok := w.readChunk(arg)
	if !ok {
		if w.state() == addressed { // those that follow are only the rest of a message
			w.ask(forget, "RSET")
		}
		return
	}
	refusal := ""
	switch {
	case w.locked():
		refusal = replyAuthFirst
	case w.state() != addressed:
		refusal = w.outOfOrder(w.asked)
	}
	if refusal == "" && !w.persona.Capability("CHUNKING") {
		refusal = replyUnknown
	}
	if refusal != "" {
		w.dropChunk(c, refusal)
		return
	}
	if w.faultyData(&c) {
		if !w.ended {
			w.ask(forget, "RSET")
		}
		return
	}
	w.chunk = &c
	w.ask(w.asked, "DATA")
}

// readChunk is parseChunk that answers a malformed command. Its octets follow
// whatever the reply is, so where they end must be known. The message lacks
// them from then on and must not be delivered (RFC 3030 §2).
func (w *wire) readChunk(arg string) (chunk, bool) {
	c, ok := parseChunk(arg)
	switch {
	case ok:
	case c.size < 0:
		w.fail("BDAT with an unreadable size", w.server.said(replyChunkCount))
	default:
		w.dropChunk(c, replyBdatSyntax)
	}
	return c, ok
}

// dropChunk reads the octets of a refused chunk, which are never commands.
func (w *wire) dropChunk(c chunk, refusal string) {
	if w.eachBlock(c.size, func([]byte) {}) {
		w.noteContent(c.size)
		w.reply(refusal)
	}
}

// eachBlock reads n octets.
func (w *wire) eachBlock(n int64, do func([]byte)) bool {
	if n > int64(len(w.unread())) {
		w.enlarge()
	}
	for n > 0 {
		if w.r == w.w && !w.fill() {
			return false
		}
		p := w.unread()
		p = p[:min(n, int64(len(p)))]
		w.r += len(p)
		n -= int64(len(p))
		do(p)
	}
	return true
}

// readChunks reads the chunks of a message, answers all but the last, and delivers it.
func (w *wire) readChunks(in *receiver) error {
	c := *w.chunk
	defer func() { w.chunk, w.chunking = nil, false }()
	w.chunking = true
	bdat := w.asked
	w.cutOff()
	for {
		before := w.received
		ok := w.eachBlock(c.size, func(p []byte) {
			if w.cutOff(); !w.ended {
				in.write(p)
				w.cutOff()
			}
		})
		w.noteContent(w.received - before)
		switch {
		case !ok || w.ended:
			return errAborted
		case c.last || in.err != nil:
			return w.deliver(in)
		}
		w.reply("250 2.0.0 " + octets(c.size) + " received")
		if c, ok = w.nextChunk(); !ok {
			w.feed, w.aborting = endOfData, true
			return errAborted
		}
		w.asked = bdat
	}
}

// nextChunk executes commands up to the next BDAT. It is not ok when the series
// ends without its last chunk.
func (w *wire) nextChunk() (c chunk, ok bool) {
	for !w.ended {
		line, ok := w.command()
		if !ok {
			continue
		}
		next, arg := lookup(line)
		switch {
		case next.ends:
			w.why = next.verb + " before the last chunk"
			w.r -= w.taken // to be executed when the engine has forgotten the message
			return chunk{}, false
		case next.verb == "BDAT":
			w.asked = next
			w.noteCommand(next, line)
			return w.readChunk(string(arg))
		default:
			w.execute(line)
		}
	}
	return chunk{}, false
}
