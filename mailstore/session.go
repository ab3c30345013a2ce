package mailstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Attempt is a mail transaction that was refused or broken off: what the client
// wanted to send.
type Attempt struct {
	At           time.Duration // of MAIL, since the session started
	ReversePath  string        // without angle brackets; "" is the null reverse-path
	ForwardPaths []string      // that were accepted
	Refused      []string      // forward-paths that were refused
	Outcome      string        // "RCPT refused: 550 …", "RSET", "closed by the client in DATA"
	Octets       int64         // of content that arrived
	Content      []byte        // the first of them, see [MaxAttemptContent]
}

// MaxAttemptContent is how many octets of content are kept of an [Attempt].
const MaxAttemptContent = 64 << 10

// NewSessionID names a session that begins now: "s" and a number in base 32,
// in the order of their beginnings.
func (s *Store) NewSessionID() string {
	return sessionID(s.sessions.Add(1))
}

func sessionID(number uint64) string { return string(appendBase32([]byte{'s'}, number)) }

func sessionNumber(id string) (uint64, bool) {
	number, ok := strings.CutPrefix(strings.ToLower(id), "s")
	if !ok {
		return 0, false
	}
	return parseBase32(number)
}

// RecordSession keeps the record of a session that has ended. It does not wait
// for the disk. Only the newest are kept, see Options.Sessions.
func (s *Store) RecordSession(rec *Session) {
	number, ok := sessionNumber(rec.ID)
	if !ok {
		s.opts.Log.Error("a session was not recorded: its ID is not one of this store", "id", rec.ID)
		return
	}
	brief := *rec
	brief.Transcript, brief.Attempts = nil, nil
	m := &sessionMutation{number: number, packed: s.codec.compress(nil, encodeSession(rec)), brief: &brief}
	if err := s.forget(m); err != nil && err != ErrClosed {
		s.opts.Log.Warn("a session was not recorded", "id", rec.ID, "err", err)
	}
}

type sessionMutation struct {
	number uint64
	packed []byte
	brief  *Session
}

func (m *sessionMutation) weight() int { return len(m.packed) }

func (m *sessionMutation) apply(t *txn) error {
	b := t.tx.Bucket(bucketSessions)
	if err := b.Put(seqKey(m.number), m.packed); err != nil {
		return err
	}
	// Numbers follow each other: all below the newest minus what is kept are old.
	newest := t.s.sessions.Load()
	if keep := uint64(t.s.opts.Sessions); newest > keep {
		c := b.Cursor()
		for k, v := c.First(); k != nil && binary.BigEndian.Uint64(k) <= newest-keep; k, v = c.First() {
			if err := t.dropSession(binary.BigEndian.Uint64(k), v); err != nil {
				return err
			}
		}
	}
	if m.brief.Protocol == "pop3" {
		if err := t.noteFetches(m.number, m.brief.Messages); err != nil {
			return err
		}
	}
	t.emit(Event{Type: Ended, ID: m.brief.ID, Session: m.brief})
	return nil
}

// Session reads the record of a session. ErrNotFound when there is none, or not
// any more.
func (s *Store) Session(id string) (rec *Session, err error) {
	number, ok := sessionNumber(id)
	if !ok {
		return nil, ErrNotFound
	}
	err = s.view(func(tx *bbolt.Tx) error {
		packed := tx.Bucket(bucketSessions).Get(seqKey(number))
		if packed == nil {
			return ErrNotFound
		}
		rec, err = s.unpackSession(id, packed)
		return err
	})
	return rec, err
}

// Sessions lists recorded sessions, newest first, without transcripts and
// attempts, beginning with those before an ID ("" begins with the newest), at most limit
// of them (0: 50).
func (s *Store) Sessions(before string, limit int) (list []*Session, err error) {
	if limit <= 0 {
		limit = 50
	}
	number, ok := sessionNumber(before)
	if !ok && before != "" {
		return nil, ErrNotFound
	}
	err = s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketSessions).Cursor()
		k, v := c.Last()
		if before != "" {
			c.Seek(seqKey(number))
			k, v = c.Prev()
		}
		for ; k != nil && len(list) < limit; k, v = c.Prev() {
			rec, err := s.unpackSession(sessionID(binary.BigEndian.Uint64(k)), v)
			if err != nil {
				return err
			}
			rec.Transcript, rec.Attempts = nil, nil
			list = append(list, rec)
		}
		return nil
	})
	return list, err
}

func (s *Store) unpackSession(id string, packed []byte) (*Session, error) {
	b, err := s.codec.decompress(nil, packed)
	if err != nil {
		return nil, fmt.Errorf("session %s: %w", id, err)
	}
	return decodeSession(id, b)
}

// Version 2 has faults and attempts before the transcript.
const sessionVersion = 2

func encodeSession(rec *Session) []byte {
	b := make([]byte, 0, 256+48*len(rec.Transcript))
	b = append(b, sessionVersion)
	var flags byte
	if rec.Failed {
		flags |= 1
	}
	if rec.Truncated {
		flags |= 2
	}
	b = append(b, flags)
	b = binary.BigEndian.AppendUint64(b, uint64(rec.Started.UnixNano()))
	b = binary.BigEndian.AppendUint64(b, uint64(rec.Ended.UnixNano()))
	for _, s := range [...]string{rec.Protocol, rec.Remote, rec.Helo, rec.User, rec.TLS, rec.Outcome} {
		b = appendString(b, s)
	}
	b = appendStrings(b, rec.Messages)
	b = appendStrings(b, rec.Faults)
	b = appendUint(b, uint64(len(rec.Attempts)))
	for i := range rec.Attempts {
		b = appendAttempt(b, &rec.Attempts[i])
	}
	for _, l := range rec.Transcript {
		b = append(b, byte(l.From))
		b = appendUint(b, uint64(max(l.At, 0)))
		b = appendString(b, l.Text)
	}
	return b
}

func appendAttempt(b []byte, a *Attempt) []byte {
	b = appendUint(b, uint64(max(a.At, 0)))
	b = appendString(b, a.ReversePath)
	b = appendStrings(b, a.ForwardPaths)
	b = appendStrings(b, a.Refused)
	b = appendString(b, a.Outcome)
	b = appendUint(b, uint64(a.Octets))
	return appendString(b, string(a.Content[:min(len(a.Content), MaxAttemptContent)]))
}

func (r *reader) attempts() []Attempt {
	n := r.uint()
	if n > uint64(len(r.b)) { // each takes an octet at least
		r.fail()
		return nil
	}
	var list []Attempt
	for range n {
		a := Attempt{At: time.Duration(r.size()), ReversePath: r.string(), ForwardPaths: r.strings(), Refused: r.strings(), Outcome: r.string(), Octets: r.size()}
		if content := r.bytes(); len(content) > 0 {
			a.Content = bytes.Clone(content)
		}
		if r.bad {
			return nil
		}
		list = append(list, a)
	}
	return list
}

func decodeSession(id string, b []byte) (*Session, error) {
	r := reader{b: b}
	head := r.fixed(18)
	if head == nil || head[0] < 1 || head[0] > sessionVersion {
		return nil, fmt.Errorf("session %s: %w", id, errRecord)
	}
	rec := &Session{ID: id, Failed: head[1]&1 != 0, Truncated: head[1]&2 != 0}
	rec.Started = time.Unix(0, int64(binary.BigEndian.Uint64(head[2:]))).UTC()
	rec.Ended = time.Unix(0, int64(binary.BigEndian.Uint64(head[10:]))).UTC()
	for _, s := range [...]*string{&rec.Protocol, &rec.Remote, &rec.Helo, &rec.User, &rec.TLS, &rec.Outcome} {
		*s = r.string()
	}
	rec.Messages = r.strings()
	if head[0] >= 2 {
		rec.Faults = r.strings()
		rec.Attempts = r.attempts()
	}
	for len(r.b) > 0 {
		side := r.fixed(1)[0]
		rec.Transcript = append(rec.Transcript, Line{From: Side(side), At: time.Duration(r.size()), Text: r.string()})
	}
	if r.bad {
		return nil, fmt.Errorf("session %s: %w", id, errRecord)
	}
	return rec, nil
}
