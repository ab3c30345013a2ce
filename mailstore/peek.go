package mailstore

import (
	"bytes"

	"restante/mailstore/message"
)

// maxHead is how much of the beginning of a large message is held for Head.
const maxHead = MaxAttemptContent

// Head returns a copy of the first octets that were written, n of them at most
// and no more than [MaxAttemptContent]. After Deliver or Abort there are none.
func (in *Incoming) Head(n int) []byte {
	head := in.head
	if head == nil {
		head = in.block
	}
	return bytes.Clone(head[:min(len(head), n, maxHead)])
}

// Matches tells whether the message matches a query as it is now: what has been
// written is taken for all of it, so nothing may be written after. The message
// has no seq yet.
func (in *Incoming) Matches(q *Query, env Envelope) bool {
	if in.err != nil || in.ended {
		return false
	}
	if in.index != nil {
		in.index.write(in.block)
		in.sum, in.index = in.index.finish(), nil
	}
	matches := false
	in.summarize(func(sum *message.Summary) {
		rec := &record{}
		rec.Received, rec.Envelope = in.s.opts.Now(), cleanEnvelope(env)
		rec.Size, rec.Octets = in.lines.size, in.lines.octets()
		rec.setSummary(sum)
		for i := range rec.Envelope.ForwardPaths {
			p := &rec.Envelope.ForwardPaths[i]
			p.Mailbox = in.s.MailboxFor(p.Address)
		}
		c := &candidate{s: in.s, rec: rec, sum: sum, raw: rec.encode()}
		if c.err = c.v.parse(c.raw); c.err != nil {
			return
		}
		a, left := q.sift(c, rec.Received)
		matches = a == yes || a == unknown && c.settle(left, rec.Received)
	})
	return matches
}
