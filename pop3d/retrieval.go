package pop3d

import (
	"errors"
	"math"
	"strconv"
	"time"

	"restante/mailstore"
)

// errBrokenOff ends a session in the middle of a message: there is no other
// way to tell the client that no more is to come.
var errBrokenOff = errors.New("message broke off")

func (s *session) retr(args [][]byte) error {
	i, err := s.entry(args[0])
	if err != nil {
		return err
	}
	if err := s.transmit(i, math.MaxInt, true); err != nil {
		return err
	}
	s.note(i)
	return nil
}

// note records that a message was fetched.
func (s *session) note(i int) {
	if s.drop.marks[i]&fetched != 0 {
		return
	}
	s.drop.marks[i] |= fetched
	s.fetched++
	if len(s.record.Messages) < maxRecordedMessages {
		s.record.Messages = append(s.record.Messages, s.store.ID(s.drop.Entries[i].Seq))
	}
}

func (s *session) top(args [][]byte) error {
	i, err := s.entry(args[0])
	if err != nil {
		return err
	}
	lines, ok := number(args[1])
	if !ok {
		return refusal("want a number of lines")
	}
	return s.transmit(i, lines, false)
}

// transmit sends a message, or its header and some lines of its body. If it
// fails before anything was written, nothing was said, and the error can be
// the response.
func (s *session) transmit(i, lines int, whole bool) error {
	began, e := time.Now(), s.drop.Entries[i]
	content, err := s.store.Content(e.Seq)
	if err != nil {
		return err
	}
	defer content.Close()

	b := s.wire.room(maxResponse)
	before, said := s.wire.mark(), len(s.said.lines)
	b = append(b, "+OK"...)
	if whole {
		b = append(b, ' ')
		b = strconv.AppendInt(b, e.Octets, 10)
		b = append(b, " octets"...)
	}
	s.send(b)
	body := newStuffer(&s.wire.output)
	err = s.pour(content, body, lines, whole)
	switch {
	case s.wire.err != nil:
		return lost{s.wire.err}
	case err == nil:
	case s.wire.rewind(before):
		s.said.lines = s.said.lines[:said]
		return err
	default:
		s.log.Error("message broke off", "id", s.store.ID(e.Seq), "err", err)
		return lost{errBrokenOff}
	}
	if whole && body.octets != e.Octets {
		s.log.Error("octets sent are not those announced", "id", s.store.ID(e.Seq), "size", e.Octets, "sent", body.octets)
	}
	s.wire.putString(".\r\n")
	if s.mishap.cut && s.wire.flush() != nil {
		return lost{s.wire.err}
	}
	s.said.body(body.octets)
	if whole {
		s.server.meter.fetched(body.octets, time.Since(began))
	}
	return nil
}

// pour writes the trace fields and the content as far as it is wanted.
func (s *session) pour(content *mailstore.Content, body *stuffer, lines int, whole bool) error {
	s.scratch = append(s.scratch[:0], content.Trace()...)
	if whole {
		if _, err := body.Write(s.scratch); err != nil {
			return err
		}
		if _, err := content.WriteTo(body); err != nil {
			return err
		}
		body.finish()
		return nil
	}
	head := &topper{dst: body, lines: lines}
	if _, err := head.Write(s.scratch); err != nil {
		return err
	}
	if _, err := content.WriteTo(head); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	body.finish()
	return nil
}
