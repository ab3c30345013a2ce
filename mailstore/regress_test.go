package mailstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Each of these held once it was found not to.

// holdCommitter keeps the committer busy until the returned function is called:
// what is asked for meanwhile is one batch.
func holdCommitter(t testing.TB, s *Store) (release func()) {
	t.Helper()
	m := &gateMutation{entered: make(chan struct{}), open: make(chan struct{})}
	if err := s.forget(m); err != nil {
		t.Fatal(err)
	}
	<-m.entered
	return func() { close(m.open) }
}

type gateMutation struct{ entered, open chan struct{} }

func (*gateMutation) weight() int { return 0 }

func (m *gateMutation) apply(*txn) error {
	close(m.entered)
	<-m.open
	return nil
}

// failMutation fails its batch.
type failMutation struct {
	err     error
	octets  int
	applied int
}

func (m *failMutation) weight() int { return m.octets }

func (m *failMutation) apply(*txn) error {
	m.applied++
	return m.err
}

func randomText(n int) []byte {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// TestRunsDeletedBackwards: deleting a mailbox's newest runs and then an older
// one in the same transaction finds the older one.
func TestRunsDeletedBackwards(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	box := strings.Repeat("long", 100) + "@app.test" // few runs a page
	var seqs []uint64
	for range 20 * runLength {
		seqs = append(seqs, deliver(t, s, "Subject: x\r\n\r\n", box).Seq)
	}
	keep := seqs[:3]
	gone := slices.Clone(seqs[3 : len(seqs)-3*runLength])
	slices.Reverse(gone)
	if n, err := s.Delete(t.Context(), gone...); err != nil || n != len(gone) {
		t.Fatalf("Delete: %d, %v, want %d", n, err, len(gone))
	}
	d, err := s.Maildrop(box)
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.Clone(keep), seqs[len(seqs)-3*runLength:]...)
	var got []uint64
	for _, e := range d.Entries {
		got = append(got, e.Seq)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the maildrop is\n%v, want\n%v", got, want)
	}
}

// failedStage is a message whose staging failed after it was applied.
func failedStage(t *testing.T, s *Store, content []byte) *Incoming {
	t.Helper()
	in := s.NewIncoming()
	release := holdCommitter(t, s)
	if _, err := in.Write(content); err != nil {
		t.Fatal(err)
	}
	s.queue.mu.Lock()
	in.staging.m = &thenFail{in.staging.m}
	s.queue.mu.Unlock()
	release()
	return in
}

// TestFailedStageOwnsNothing: a message whose staging failed does not, when it
// is aborted, take the content of the message that got its content id.
func TestFailedStageOwnsNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	big := randomText(stageSize + 3*blockSize)
	in := failedStage(t, s, big)
	if err := in.awaitStaging(); !errors.Is(err, ErrFull) {
		t.Fatalf("staging: %v, want ErrFull", err)
	}
	other := deliver(t, s, string(big), "b@x.test")
	in.Abort()
	deliver(t, s, "x", "c@x.test") // the abort is done
	c, err := s.Content(other.Seq)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, big) {
		t.Errorf("of another message %d octets are left, want %d: %v", len(got), len(big), err)
	}
}

// TestFailedStageIsNotForgotten: a message whose staging failed is not delivered
// without what was to be staged, however often it is tried.
func TestFailedStageIsNotForgotten(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	in := failedStage(t, s, randomText(stageSize+3*blockSize))
	defer in.Abort()
	for range 2 {
		if _, err := in.Deliver(t.Context(), Envelope{ForwardPaths: []ForwardPath{{Address: "a@x.test"}}}); !errors.Is(err, ErrFull) {
			t.Errorf("Deliver: %v, want ErrFull", err)
		}
	}
}

// thenFail applies a mutation and fails.
type thenFail struct{ mutation }

func (m *thenFail) apply(t *txn) error {
	if err := m.mutation.apply(t); err != nil {
		return err
	}
	return ErrFull
}

// TestFoldedTogether: text is compared composed, also where a combining mark
// follows a letter of ASCII.
func TestFoldedTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b string }{
		{"re\u0301sume\u0301", "résumé"},
		{"E\u0301", "é"},
		{"plain e\u0301", "PLAIN É"},
		{"x \u0301", "x \u0301"},
		{"I\u0307", "İ"},
		{"\u0301e\u0301", "\u0301é"},
		{"ΟΔΥΣΣΕΥΣ", "οδυσσευς"},
	} {
		if a, b := fold(c.a), fold(c.b); !bytes.Equal(a, b) {
			t.Errorf("%+q and %+q fold to %+q and %+q", c.a, c.b, a, b)
		}
	}
}

// TestSignatureKnowsAddresses: a word that reaches from a name into its address
// is found.
func TestSignatureKnowsAddresses(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	deliver(t, s, "From: \"Ann Lee\" <ann@example.org>\r\nTo: Bob <bob@app.test>\r\nSubject: x\r\n\r\n1 < 2 <b> <div> 3\r\n", "bob@app.test")
	for _, text := range []string{
		`from:"Ann Lee <ann@example.org>"`, `from:="ann lee <ANN@example.org>"`, `"Bob <bob@app.test>"`, `to:<bob@app`,
		`"1 < 2 <b>"`, "<div>", `-from:"Ann Leo <ann@example.org>"`,
	} {
		q, err := ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.List(t.Context(), ListOptions{Query: q})
		if err != nil || len(page.Messages) != 1 {
			t.Errorf("%s: %v, %v", text, page, err)
		}
	}
}

// TestQueryErrorsAnywhere: an error of a query can be told, whatever lower case
// does to the length of its text.
func TestQueryErrorsAnywhere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Ⱥ:", "İ:x", "-Ⱥ:x", `" "`, `subject:"  "`, "larger:nan", "smaller:inf"} {
		_, err := ParseQuery(text)
		if err == nil {
			t.Errorf("%q is no error", text)
			continue
		}
		if e, ok := errors.AsType[*QueryError](err); !ok || e.Offset < 0 || err.Error() == "" {
			t.Errorf("%q: %#v", text, err)
		}
	}
}

// TestNoNameIsNotAll: only "*" stands for all mailboxes where something is
// deleted or opened.
func TestNoNameIsNotAll(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	r := deliver(t, s, "x", "a@x.test")
	if n, err := s.DeleteMailbox(t.Context(), ""); n != 0 || !errors.Is(err, ErrNoMailbox) {
		t.Errorf("DeleteMailbox: %d, %v, want ErrNoMailbox", n, err)
	}
	for _, user := range []string{"", " ", "<>"} {
		if d, err := s.Maildrop(user); err != nil || len(d.Entries) != 0 {
			t.Errorf("Maildrop(%q): %+v, %v, want an empty one", user, d, err)
		}
	}
	if err := s.DeleteFrom(t.Context(), "", []uint64{r.Seq}); err != nil {
		t.Error(err)
	}
	if _, err := s.MessageBySeq(r.Seq); err != nil {
		t.Errorf("the message: %v", err)
	}
}

// TestDeleteFromElsewhere: a message without a mailbox is not deleted from one.
func TestDeleteFromElsewhere(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Naming: Local})
	r := deliver(t, s, "x", "@x.test")
	if err := s.DeleteFrom(t.Context(), "bob", []uint64{r.Seq}); err != nil {
		t.Error(err)
	}
	if _, err := s.MessageBySeq(r.Seq); err != nil {
		t.Errorf("the message: %v", err)
	}
}

// TestDomainNaming: where mailboxes are domains, *@domain is one of them.
func TestDomainNaming(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Naming: Domain})
	deliver(t, s, "x", "a@x.test")
	page, err := s.List(t.Context(), ListOptions{Mailbox: "*@x.test"})
	if err != nil || len(page.Messages) != 1 {
		t.Errorf("List: %+v, %v", page, err)
	}
}

// TestFullDiskIsAskedOnce: when a message found no room, those that are as large
// are refused without another attempt, and deletions still have theirs.
func TestFullDiskIsAskedOnce(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	release := holdCommitter(t, s)
	var fails []*failMutation
	var changes []*change
	for range 50 {
		m := &failMutation{err: ErrFull, octets: 1000}
		c, err := s.begin(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		fails, changes = append(fails, m), append(changes, c)
	}
	small := &failMutation{octets: 10}
	last, err := s.begin(context.Background(), small)
	if err != nil {
		t.Fatal(err)
	}
	release()
	applied := 0
	for i, c := range changes {
		<-c.done
		if !errors.Is(c.err, ErrFull) {
			t.Errorf("change %d: %v, want ErrFull", i, c.err)
		}
		applied += fails[i].applied
	}
	<-last.done
	if last.err != nil || small.applied == 0 {
		t.Errorf("what is smaller: %v, applied %d times", last.err, small.applied)
	}
	if applied > 3 {
		t.Errorf("%d attempts, want at most 3", applied)
	}
}

// TestUntouchedMailboxesStay: expiry writes only the mailboxes that it took
// something out of.
func TestUntouchedMailboxesStay(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := openTest(t, Options{PerMailbox: Retention{MaxAge: 1000 * time.Hour}, Now: func() time.Time { return now }})
	for i := range 50 {
		deliver(t, s, "x", fmt.Sprintf("u%d@x.test", i))
	}
	m := new(spyExpire)
	if err := s.submit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if m.dirty != 0 {
		t.Errorf("%d mailboxes would be written, want none", m.dirty)
	}
}

type spyExpire struct {
	expireMutation
	dirty int
}

func (m *spyExpire) apply(t *txn) error {
	err := m.expireMutation.apply(t)
	for _, b := range t.mailboxes {
		if b.changed {
			m.dirty++
		}
	}
	return err
}

// TestCommitTakenForFailed: when a commit reached the file although it was
// reported as failed, what follows does not overwrite it.
func TestCommitTakenForFailed(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{})
	sub := s.Subscribe(0)
	defer sub.Close()
	in := s.NewIncoming()
	defer in.Abort()
	tx, err := s.db.Begin(true)
	if err != nil {
		t.Fatal(err)
	}
	x, err := newTxn(s, tx)
	if err != nil {
		t.Fatal(err)
	}
	first := &deliverMutation{rec: new(record), tail: s.codec.compress(nil, []byte("first"))}
	first.rec.Size = 5
	first.rec.Envelope.ForwardPaths = []ForwardPath{{Address: "a@x.test"}}
	if err := errors.Join(x.run([]*change{{m: first}}), tx.Commit()); err != nil {
		t.Fatal(err)
	}
	second := deliver(t, s, "second", "a@x.test")
	if second.Seq == first.rec.Seq {
		t.Errorf("seq %d was given twice", second.Seq)
	}
	if a, b := contentOf(t, s, first.rec.Seq), contentOf(t, s, second.Seq); a != "first" || b != "second" {
		t.Errorf("content is %q and %q", a, b)
	}
	for range sub.Events() {
	}
	if err := sub.Err(); !errors.Is(err, ErrSlow) { // it has missed something
		t.Errorf("the subscription ended with %v, want ErrSlow", err)
	}
}

// TestLowerCap: a store that is opened with a lower cap than before is brought
// below it before it is served, in batches.
func TestLowerCap(t *testing.T) {
	t.Parallel()
	o := Options{Path: filepath.Join(t.TempDir(), "restante.db"), Durability: None}
	s := openTest(t, o)
	for range deleteBatch + 30 {
		deliver(t, s, "12345", "a@x.test")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []Retention{{MaxMessages: 20}, {MaxBytes: 50}} {
		o.Retention = r
		s := openTest(t, o)
		want := int64(20)
		if r.MaxBytes > 0 {
			want = 10
		}
		d, err := s.Maildrop("a@x.test")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Totals(); err != nil || got.Messages != want || int64(len(d.Entries)) != want {
			t.Errorf("with %+v the store has %+v and the maildrop %d, %v", r, got, len(d.Entries), err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFileTooLarge: a file that may not grow is a full disk, also where bbolt
// drops the error's type.
func TestFileTooLarge(t *testing.T) {
	t.Parallel()
	grow := fmt.Errorf("file resize error: %s", &os.PathError{Op: "truncate", Path: "x", Err: syscall.EFBIG})
	if !isFull(grow) || isFull(nil) || isFull(errors.New("file too large to read")) {
		t.Error("a full disk is not told from another error")
	}
}
