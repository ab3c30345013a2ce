package mailstore

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// The bucket fetches leads from a message to the POP3 sessions that fetched it,
// for as long as both are kept.

func fetchKey(seq, session uint64) []byte {
	return binary.BigEndian.AppendUint64(seqKey(seq), session)
}

// noteFetches records that a session fetched messages.
func (t *txn) noteFetches(session uint64, ids []string) error {
	b := t.tx.Bucket(bucketFetches)
	for _, id := range ids {
		seq, err := t.s.seqOf(id)
		if err != nil || t.messages.Get(seqKey(seq)) == nil {
			continue // it was deleted by now
		}
		if err := b.Put(fetchKey(seq, session), nil); err != nil {
			return err
		}
	}
	return nil
}

// forgetFetches drops what is known about a message that is deleted.
func (t *txn) forgetFetches(seq uint64) error {
	prefix := seqKey(seq)
	c := t.tx.Bucket(bucketFetches).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Seek(prefix) {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

// dropSession removes a session's record and where messages lead to it.
func (t *txn) dropSession(number uint64, packed []byte) error {
	rec, err := t.s.unpackSession("", packed)
	if err == nil && rec.Protocol == "pop3" {
		for _, id := range rec.Messages {
			seq, err := t.s.seqOf(id)
			if err != nil {
				continue
			}
			if err := t.tx.Bucket(bucketFetches).Delete(fetchKey(seq, number)); err != nil {
				return err
			}
		}
	}
	return t.tx.Bucket(bucketSessions).Delete(seqKey(number))
}

// SessionsOf lists the sessions that a message was in, of those that are still
// kept: first the SMTP session that brought it, then the POP3 sessions that
// fetched it. Transcripts are left out.
func (s *Store) SessionsOf(id string) ([]*Session, error) {
	m, err := s.Message(id)
	if err != nil {
		return nil, err
	}
	ids := []string{m.Envelope.Session}
	if err := s.view(func(tx *bbolt.Tx) error {
		prefix := seqKey(m.Seq)
		c := tx.Bucket(bucketFetches).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			ids = append(ids, sessionID(binary.BigEndian.Uint64(k[8:])))
		}
		return nil
	}); err != nil {
		return nil, err
	}
	var list []*Session
	for _, id := range ids {
		rec, err := s.Session(id)
		if err == ErrNotFound {
			continue // not ended yet, or not kept any more
		}
		if err != nil {
			return nil, err
		}
		rec.Transcript = nil
		list = append(list, rec)
	}
	return list, nil
}
