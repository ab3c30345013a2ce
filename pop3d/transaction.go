package pop3d

import (
	"context"
	"strconv"

	"restante/mailstore"
)

// entry finds the message that an argument names: its index, and whether it
// is there and not marked as deleted.
func (s *session) entry(word []byte) (int, error) {
	n, ok := number(word)
	switch {
	case !ok:
		return 0, refusal("want a message number")
	case n < 1 || n > len(s.drop.Entries):
		return 0, refusal("no such message, the maildrop has " + strconv.Itoa(len(s.drop.Entries)))
	case s.drop.marks[n-1]&deleted != 0:
		return 0, refusal("message " + strconv.Itoa(n) + " is deleted")
	}
	return n - 1, nil
}

func (s *session) stat([][]byte) error {
	b := append(s.wire.room(maxResponse), "+OK "...)
	b = strconv.AppendInt(b, int64(s.drop.left), 10)
	b = append(b, ' ')
	s.send(strconv.AppendInt(b, s.announced(s.drop.octets, s.drop.left), 10))
	return nil
}

func (s *session) list(args [][]byte) error {
	return s.listing(args, func(b []byte, i int) []byte {
		return strconv.AppendInt(b, s.announced(s.drop.Entries[i].Octets, 1), 10)
	})
}

func (s *session) uidl(args [][]byte) error {
	return s.listing(args, s.appendUniqueID)
}

// listing answers LIST and UIDL: number, space, and what describe appends.
func (s *session) listing(args [][]byte, describe func([]byte, int) []byte) error {
	item := func(b []byte, i int) []byte {
		b = append(strconv.AppendInt(b, int64(i+1), 10), ' ')
		return describe(b, i)
	}
	if len(args) == 1 {
		i, err := s.entry(args[0])
		if err != nil {
			return err
		}
		if s.unlisted(i) {
			return refusal("no unique-id")
		}
		s.send(item(append(s.wire.room(maxResponse), "+OK "...), i))
		return nil
	}
	s.say("+OK " + messages(s.drop.left, s.drop.octets))
	listed := 0
	for i, m := range s.drop.marks {
		if m&deleted != 0 || s.unlisted(i) {
			continue
		}
		if listed++; listed <= maxRecordedList {
			s.send(item(s.wire.room(maxResponse), i))
			continue
		}
		b := item(s.wire.room(maxResponse), i)
		s.wire.buf = append(b, "\r\n"...)
		if s.wire.err != nil {
			return lost{s.wire.err}
		}
	}
	if n := listed - maxRecordedList; n > 0 {
		s.said.addString(mailstore.Server, "("+count(n, "more line")+")")
	}
	s.say(".")
	return nil
}

func (s *session) dele(args [][]byte) error {
	i, err := s.entry(args[0])
	if err != nil {
		return err
	}
	d := s.drop
	d.marks[i] |= deleted
	d.marked++
	d.left--
	d.octets -= d.Entries[i].Octets
	b := append(s.wire.room(maxResponse), "+OK message "...)
	b = strconv.AppendInt(b, int64(i+1), 10)
	s.send(append(b, " deleted"...))
	return nil
}

func (s *session) rset([][]byte) error {
	d := s.drop
	for i := range d.marks {
		d.marks[i] &^= deleted
	}
	d.marked, d.left, d.octets = 0, len(d.Entries), d.Octets
	s.say("+OK maildrop has " + messages(d.left, d.octets))
	return nil
}

func (s *session) noop([][]byte) error {
	s.say("+OK")
	return nil
}

// quit ends the session; after TRANSACTION, marked messages are removed (RFC
// 1939 §6). The maildrop is free before the client reads the response.
func (s *session) quit([][]byte) error {
	was := s.state
	s.state = update
	if was == authorization {
		s.say("+OK bye")
		return nil
	}
	err := s.remove(s.server.ctx)
	s.release()
	if err != nil {
		s.log.Error("delete failed", "mailbox", s.drop.Name, "err", err)
		s.ending = "QUIT could not remove " + count(s.drop.marked, "deleted message")
		return refusal("[SYS/TEMP] some deleted messages not removed")
	}
	s.removed, s.drop.marked = s.drop.marked, 0
	s.say("+OK bye, " + count(s.removed, "message") + " deleted")
	return nil
}

func (s *session) remove(ctx context.Context) error {
	if s.drop.marked == 0 {
		return nil
	}
	seqs := make([]uint64, 0, s.drop.marked)
	for i, m := range s.drop.marks {
		if m&deleted != 0 {
			seqs = append(seqs, s.drop.Entries[i].Seq)
		}
	}
	return s.store.DeleteFrom(ctx, s.drop.Name, seqs)
}
