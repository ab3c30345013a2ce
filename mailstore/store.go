package mailstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// schemaVersion is that of the file's layout. An older one is migrated, a newer
// one is refused.
//
//	1  every content is zstd frames
//	2  content up to smallSize is an S2 block; what is there is read as it is
const schemaVersion = 2

// The buckets. Numbers in keys are big-endian, 8 octets where not said otherwise.
var (
	bucketMeta       = []byte("meta")       // schema, epoch, state
	bucketMessages   = []byte("messages")   // seq: record; seq, 1: end of its content
	bucketSignatures = []byte("signatures") // number of a block of seqs: their signatures, for search
	bucketDeliveries = []byte("deliveries") // mailbox, NUL, seq: run of deliveries
	bucketMailboxes  = []byte("mailboxes")  // name: counters and newest deliveries
	bucketChunks     = []byte("chunks")     // content id, number (4 octets): uniform chunk
	bucketStaging    = []byte("staging")    // content id: nothing; not delivered yet
	bucketSessions   = []byte("sessions")   // number: session
	bucketFetches    = []byte("fetches")    // seq, number of the POP3 session that fetched it: nothing
	bucketInboxes    = []byte("inboxes")    // id: disposable inbox
	bucketSnapshots  = []byte("snapshots")  // number: bucket, see snapshot.go
	bucketReserve    = []byte("reserve")    // number: chunk, see reserveMutation; made when first needed

	allBuckets = [][]byte{bucketMeta, bucketMessages, bucketSignatures, bucketDeliveries, bucketMailboxes,
		bucketChunks, bucketStaging, bucketSessions, bucketFetches, bucketInboxes, bucketSnapshots}

	keySchema = []byte("schema")
	keyEpoch  = []byte("epoch")
	keyState  = []byte("state")
)

// Store is an open store. Its methods may be called from any goroutine.
type Store struct {
	opts  Options
	path  string
	epoch string
	db    *storeFile

	queue    queue
	changes  sync.Pool             // of *change, that somebody waits for
	bench    workbench             // of the open transaction
	state    atomic.Pointer[state] // as of the last commit
	newest   atomic.Pointer[sigBlock]
	failed   atomic.Pointer[error] // why the store takes no mail, nil when it does
	needed   atomic.Int64          // octets that there was no room for
	reserved atomic.Bool           // see reserveMutation
	sessions atomic.Uint64         // number of the newest session that was begun
	measured measurements

	inboxExpiry atomic.Int64 // when the next inbox expires, Unix nanoseconds; 0: none will
	hub         *hub
	waits       *waits
	codec       *codec

	stop sync.Once
	done sync.WaitGroup // the committer and the clock
	quit chan struct{}  // closed by Close
}

// Open opens the store of a file, making it when it is missing. The error is
// ErrInUse, ErrDamaged or ErrNewerSchema where that is what is wrong; the file
// is then as it was.
func Open(o Options) (*Store, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Store{opts: o, path: o.Path, hub: newHub(), waits: newWaits(), quit: make(chan struct{})}
	s.queue.wake = make(chan struct{}, 1)
	s.measured.init()
	if s.codec, err = newCodec(); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if o.Ephemeral {
		dir, err := os.MkdirTemp("", "restante-")
		if err != nil {
			return nil, fmt.Errorf("open ephemeral store: %w", err)
		}
		s.path = filepath.Join(dir, "restante.db")
	} else if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return nil, fmt.Errorf("open store %s: %w", o.Path, err)
	}
	if err := s.open(); err != nil {
		s.removeEphemeral()
		return nil, err
	}
	if o.Ephemeral && runtime.GOOS != "windows" {
		s.removeEphemeral() // the open file stays; nothing is left even after a kill
	}
	s.done.Go(s.commitLoop)
	s.done.Go(s.decideWaits)
	s.done.Go(s.expireLoop)
	if err := s.trim(); err != nil { // on a full disk it is for the next delivery
		s.opts.Log.Error("removing what is above the caps failed", "err", err)
	}
	return s, nil
}

func (s *Store) open() (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open store %s: %w", s.path, err)
			if s.db != nil {
				s.db.Close()
			}
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer asDamaged(&err)
	if s.db, err = openFile(s.path, s.opts.Durability, s.opts.Log); err != nil {
		return err
	}
	if !s.opts.Ephemeral && wantsCompaction(s.db.DB) {
		s.opts.Log.Info("compacting the store", "path", s.path)
		if s.db, err = compactOpen(s.db, s.path, s.opts); err != nil {
			return err
		}
	}
	return s.load()
}

// load reads the file's meta data, making it in a new file.
func (s *Store) load() error {
	var schema uint64
	err := s.db.View(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			if k, _ := tx.Cursor().First(); k != nil {
				return fmt.Errorf("%w: a bbolt file, but not one of Restante's", ErrDamaged)
			}
			return nil
		}
		if v := meta.Get(keySchema); len(v) == 8 {
			schema = binary.BigEndian.Uint64(v)
		}
		if schema == 0 || schema > schemaVersion {
			return fmt.Errorf("%w: its schema is version %d, this program knows versions up to %d", ErrNewerSchema, schema, schemaVersion)
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case schema == 0:
		err = s.create()
	case schema < schemaVersion:
		err = s.migrate()
	}
	if err != nil {
		return err
	}
	return s.loadState()
}

// migrate makes an older file one of this version. An older program refuses it from
// then on.
func (s *Store) migrate() error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keySchema, binary.BigEndian.AppendUint64(nil, schemaVersion))
	})
}

// create makes the buckets of a new store.
func (s *Store) create() error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		var random [8]byte
		rand.Read(random[:])
		// No revision of this store is one of an earlier one: who resumes after
		// that gets a Resync.
		first := state{revision: uint64(s.opts.Now().UnixMilli()) * 1000}
		meta := tx.Bucket(bucketMeta)
		return errors.Join(
			meta.Put(keySchema, binary.BigEndian.AppendUint64(nil, schemaVersion)),
			meta.Put(keyEpoch, []byte(epochOf(binary.BigEndian.Uint64(random[:])))),
			meta.Put(keyState, first.encode(nil)))
	})
}

func (s *Store) loadState() error {
	var st state
	var staged [][]byte
	err := s.db.View(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%w: bucket %q is missing", ErrDamaged, name)
			}
		}
		if err := tx.Bucket(bucketInboxes).ForEach(func(k, v []byte) error {
			b, err := decodeInbox(string(k), v)
			if err == nil {
				s.noteExpiry(b.Expires)
			}
			return err
		}); err != nil {
			return fmt.Errorf("%w: %v", ErrDamaged, err)
		}
		meta := tx.Bucket(bucketMeta)
		s.epoch = string(meta.Get(keyEpoch))
		if err := st.decode(meta.Get(keyState)); err != nil {
			return fmt.Errorf("%w: %v", ErrDamaged, err)
		}
		newest, err := loadBlock(tx, st.seq)
		if err != nil {
			return fmt.Errorf("%w: %v", ErrDamaged, err)
		}
		s.newest.Store(&newest)
		return tx.Bucket(bucketStaging).ForEach(func(k, _ []byte) error {
			staged = append(staged, append([]byte(nil), k...))
			return nil
		})
	})
	if err != nil {
		return err
	}
	s.sessions.Store(st.session)
	s.state.Store(&st)
	s.hub.start(st.revision)
	if len(staged) == 0 {
		return nil
	}
	// What an earlier process received in part.
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, k := range staged {
			if err := dropChunks(tx, seqOfKey(k)); err != nil {
				return err
			}
			if err := tx.Bucket(bucketStaging).Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close waits for what was accepted to be stored and closes the file. Every
// call afterwards, also those that are waiting, returns ErrClosed.
func (s *Store) Close() error {
	var err error
	s.stop.Do(func() {
		close(s.quit)
		s.queue.close()
		s.waits.close()
		s.hub.close()
		s.done.Wait()
		if s.opts.Ephemeral {
			err = s.db.Close()
		} else {
			err = s.closeFile()
		}
		s.removeEphemeral()
	})
	return err
}

// closeFile writes the newest signatures and the free list, so that the next
// Open need not look for free pages in the whole file, and closes it.
func (s *Store) closeFile() (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer asDamaged(&err)
	db := s.db
	db.NoFreelistSync = false
	err = db.Update(func(tx *bbolt.Tx) error {
		newest := s.newest.Load()
		return tx.Bucket(bucketSignatures).Put(seqKey(newest.number), newest.encode(nil))
	})
	if err == nil && db.NoSync {
		err = db.Sync()
	}
	if isFull(err) {
		err = nil // nothing is lost: the next Open finds the free pages by itself
	}
	return errors.Join(err, db.Close())
}

func (s *Store) removeEphemeral() {
	if s.opts.Ephemeral {
		os.RemoveAll(filepath.Dir(s.path))
	}
}

// Path is the file's; of an ephemeral store it may not exist any more.
func (s *Store) Path() string { return s.path }

// Check says whether the store accepts mail: nil, ErrFull, ErrClosed or what
// the last commit failed with. After a failure it tries once more, with as many
// octets as there was no room for, up to the first part of a large message, and
// with the longest row: a disk can be full beside many free pages that are apart.
func (s *Store) Check() error {
	select {
	case <-s.quit:
		return ErrClosed
	default:
	}
	if s.failed.Load() == nil {
		return nil
	}
	n := max(reserve, int(min(s.needed.Load(), stageSize)+chunkSize-1)/chunkSize)
	err := s.submit(context.Background(), &reserveMutation{chunks: n, row: longestRow})
	if err == nil {
		err = s.submit(context.Background(), &reserveMutation{chunks: reserve})
	}
	return err
}

// reserve is how many chunks of the file are kept for removals on a full disk: a
// removal writes some dozen pages before those of the message are free.
const reserve = 128 << 10 / chunkSize

// longestRow is what a delivery may have to write on pages in a row: a block of
// signatures of ordinary mail.
const longestRow = 64 << 10

// Totals of a store.
type Totals struct {
	Messages   int64
	Unseen     int64
	Bytes      int64  // sum of Message.Size
	Newest     uint64 // highest seq ever assigned: the cursor
	Pruned     int64  // messages that retention has removed since the store was made
	PrunedUpTo uint64 // highest seq among them
	Revision   uint64 // of the newest event that was told: all before it has happened in what is read from now on
}

// Totals are those of the last commit. ErrClosed after Close.
func (s *Store) Totals() (Totals, error) {
	select {
	case <-s.quit:
		return Totals{}, ErrClosed
	default:
	}
	revision := s.hub.last() // first: it must not be newer than the rest
	st := s.state.Load()
	return Totals{
		Messages: st.messages, Unseen: st.unseen, Bytes: st.bytes,
		Newest: st.seq, Pruned: st.pruned, PrunedUpTo: st.prunedUpTo,
		Revision: revision,
	}, nil
}

// view runs f in a read transaction. f must not wait for anything.
func (s *Store) view(f func(tx *bbolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer asDamaged(&err)
	err = s.db.View(f)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// asDamaged is deferred where bbolt reads pages. On one that it can not make
// sense of it panics, or follows a page number out of the file: that is an error
// of the store, not the end of the process. The caller has set
// debug.SetPanicOnFault.
func asDamaged(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", ErrDamaged, p)
	}
}

// isFull says whether err means that there is no room on the disk. Where bbolt
// makes the file larger it keeps of an error only the text.
func isFull(err error) bool {
	return err != nil && slices.ContainsFunc([]syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}, func(no syscall.Errno) bool {
		return errors.Is(err, no) || strings.HasSuffix(err.Error(), ": "+no.Error())
	})
}
