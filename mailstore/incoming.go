package mailstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"restante/mailstore/message"
)

// ErrOverCap refuses a message that is larger than the store may ever be.
var ErrOverCap = errors.New("the message is larger than the store's cap in octets")

// stageSize is how much compressed content is held before it is staged.
const stageSize = 2 << 20

// Receipt is what a delivered message can be found by.
type Receipt struct {
	Seq uint64
	ID  string
}

// Incoming takes the content of one message. Up to a block (128 KiB) is held in
// memory; of more, compressed chunks go to the file while it arrives. Deliver or
// Abort ends it. Its methods are for one goroutine at a time.
type Incoming struct {
	s       *Store
	scratch *[]byte // owner of block
	block   []byte  // not compressed yet
	lines   lineCount

	packed  []byte // compressed, not cut into chunks yet
	chunks  [][]byte
	first   uint32 // chunks that are staged, or on their way
	content uint64 // content id of what is staged; 0 when nothing is
	stage   *stageMutation
	staging *change // of stage, while it is under way

	index *indexing
	sum   *message.Summary // what index found, when Matches asked first
	head  []byte           // the beginning, once a block is full
	err   error
	ended bool
}

// NewIncoming begins a message.
func (s *Store) NewIncoming() *Incoming {
	in := &Incoming{s: s, scratch: s.codec.contents.Get().(*[]byte)}
	in.block = (*in.scratch)[:0]
	return in
}

// lineCount counts octets as they are and as POP3 sends them.
type lineCount struct {
	size int64
	bare int64 // LFs without a CR
	last byte  // the last octet
}

func (l *lineCount) add(p []byte) {
	for rest := p; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		before := l.last
		if at := len(p) - len(rest) + i; at > 0 {
			before = p[at-1]
		}
		if before != '\r' {
			l.bare++
		}
		rest = rest[i+1:]
	}
	if len(p) > 0 {
		l.size += int64(len(p))
		l.last = p[len(p)-1]
	}
}

// octets is the size with bare LF as CRLF and a CRLF at the end.
func (l *lineCount) octets() int64 {
	n := l.size + l.bare
	if l.size > 0 && l.last != '\n' {
		n += 2
	}
	return n
}

// Size is how many octets were written.
func (in *Incoming) Size() int64 { return in.lines.size }

// Write takes the next octets; p is copied. After an error (ErrFull, ErrClosed)
// the message can only be aborted.
func (in *Incoming) Write(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	in.lines.add(p)
	for rest := p; len(rest) > 0; {
		n := min(len(rest), blockSize-len(in.block))
		in.block = append(in.block, rest[:n]...)
		rest = rest[n:]
		if len(in.block) == blockSize {
			if in.err = in.flushBlock(); in.err != nil {
				return 0, in.err
			}
		}
	}
	return len(p), nil
}

// flushBlock compresses a full block and shows it to the indexer.
func (in *Incoming) flushBlock() error {
	if in.index == nil {
		in.index = startIndexing()
		in.head = bytes.Clone(in.block[:maxHead])
	}
	in.index.write(in.block)
	in.pack()
	if len(in.chunks)*chunkSize < stageSize {
		return nil
	}
	if err := in.awaitStaging(); err != nil {
		return err
	}
	m := &stageMutation{content: in.content, first: in.first, chunks: in.chunks}
	c, err := in.s.begin(context.Background(), m)
	if err != nil {
		return err
	}
	in.stage, in.staging = m, c
	in.first += uint32(len(in.chunks))
	in.chunks = nil
	return nil
}

// pack compresses the block and cuts off whole chunks.
func (in *Incoming) pack() {
	if room := len(in.block) + len(in.block)/64 + 64; cap(in.packed)-len(in.packed) < room {
		in.packed = append(make([]byte, 0, len(in.packed)+room), in.packed...)
	}
	in.packed = in.s.codec.compress(in.packed, in.block)
	in.block = in.block[:0]
	for len(in.packed) >= chunkSize {
		in.chunks = append(in.chunks, in.packed[:chunkSize:chunkSize])
		in.packed = in.packed[chunkSize:]
	}
}

// awaitStaging waits for the stage before: one may be under way while the next
// is received.
func (in *Incoming) awaitStaging() error {
	if in.staging == nil {
		return nil
	}
	<-in.staging.done
	err := in.staging.err
	if err == nil {
		in.content = in.stage.content // that of a stage that failed is another's
	}
	in.stage, in.staging = nil, nil
	return err
}

// Abort forgets the message and what was staged of it. After Deliver, or a
// second time, it does nothing.
func (in *Incoming) Abort() {
	if in.ended {
		return
	}
	in.ended = true
	in.awaitStaging()
	if in.content != 0 {
		// If this fails, the next Open clears it.
		if err := in.s.forget(&unstageMutation{content: in.content}); err != nil && !errors.Is(err, ErrClosed) {
			in.s.opts.Log.Warn("a message that was broken off stays staged until the next start", "err", err)
		}
	}
	if in.index != nil {
		in.index.abort()
	}
	in.release()
}

func (in *Incoming) release() {
	*in.scratch = in.block[:0]
	in.s.codec.contents.Put(in.scratch)
	in.scratch, in.block, in.packed, in.chunks, in.head = nil, nil, nil, nil, nil
}

// Deliver stores the message for each of the envelope's forward-paths. When it
// returns without an error the message is durable and visible. ErrFull: nothing
// was stored, room may return. ErrOverCap: it would never fit. Once the store
// has begun, the end of ctx does not stop it. After an error the message can
// only be aborted.
func (in *Incoming) Deliver(ctx context.Context, env Envelope) (Receipt, error) {
	if in.ended {
		return Receipt{}, errors.New("the message was delivered or aborted before")
	}
	if in.err != nil {
		return Receipt{}, in.err
	}
	if len(env.ForwardPaths) == 0 {
		return Receipt{}, errors.New("a message needs a forward-path")
	}
	var r Receipt
	if r, in.err = in.deliver(ctx, env); in.err != nil {
		return Receipt{}, in.err
	}
	in.ended = true
	in.release()
	return r, nil
}

func (in *Incoming) deliver(ctx context.Context, env Envelope) (Receipt, error) {
	rec := new(record)
	rec.Received = in.s.opts.Now()
	rec.Envelope = cleanEnvelope(env)
	rec.Size = in.lines.size
	m := &deliverMutation{rec: rec, octets: in.lines.octets()}
	in.summarize(func(sum *message.Summary) {
		rec.setSummary(sum)
		m.signature = signatureOf(&rec.Message, sum)
	})
	if in.lines.size <= smallSize {
		tail := in.s.codec.contents.Get().(*[]byte)
		defer in.s.codec.contents.Put(tail)
		*tail = in.s.codec.compressSmall((*tail)[:0], in.block)
		m.tail = *tail
	} else {
		in.pack()
		m.tail = in.packed
	}
	if err := in.awaitStaging(); err != nil {
		return Receipt{}, err
	}
	m.staged, m.first, m.chunks = in.content, in.first, in.chunks
	rec.content.chunks = in.first + uint32(len(in.chunks))
	rec.content.stored = int64(rec.content.chunks)*chunkSize + int64(len(m.tail))
	if err := in.s.submit(ctx, m); err != nil {
		return Receipt{}, err
	}
	return Receipt{Seq: rec.Seq, ID: rec.ID}, nil
}

// summarize parses what has arrived.
func (in *Incoming) summarize(use func(*message.Summary)) {
	if in.sum != nil {
		use(in.sum)
		return
	}
	if in.index == nil {
		message.IndexFor(bytes.NewReader(in.block), use)
		return
	}
	in.index.write(in.block)
	use(in.index.finish())
	in.index = nil
}

// indexing parses a message while it arrives.
type indexing struct {
	w    *io.PipeWriter
	done chan *message.Summary
}

func startIndexing() *indexing {
	r, w := io.Pipe()
	x := &indexing{w: w, done: make(chan *message.Summary, 1)}
	go func() {
		sum := message.Index(r)
		io.Copy(io.Discard, r) // whatever it left
		x.done <- sum
	}()
	return x
}

func (x *indexing) write(p []byte) { x.w.Write(p) }

func (x *indexing) finish() *message.Summary {
	x.w.Close()
	return <-x.done
}

func (x *indexing) abort() { x.finish() }

// setSummary fills in what the header and the text say.
func (r *record) setSummary(sum *message.Summary) {
	m := &r.Message
	m.Subject, m.MessageID, m.Date, m.Preview = sum.Subject, sum.MessageID, sum.Date, sum.Preview
	list := make([]Address, 0, len(sum.From)+len(sum.To)+len(sum.Cc))
	m.From, list = appendAddressesOf(list, sum.From)
	m.To, list = appendAddressesOf(list, sum.To)
	m.Cc, _ = appendAddressesOf(list, sum.Cc)
	m.Attachments, m.Defects = sum.Attachments, sum.Defects
}

// appendAddressesOf appends more to list, and returns what it appended too; nil for
// nothing.
func appendAddressesOf(list []Address, more []message.Address) (appended, all []Address) {
	if len(more) == 0 {
		return nil, list
	}
	n := len(list)
	for _, a := range more {
		list = append(list, Address(a))
	}
	return list[n:len(list):len(list)], list
}

// cleanEnvelope takes line ends and other control characters out of what goes
// into trace fields.
func cleanEnvelope(e Envelope) Envelope {
	e.ReversePath = noControls(e.ReversePath)
	paths := make([]ForwardPath, len(e.ForwardPaths))
	for i, p := range e.ForwardPaths {
		p.Address = noControls(p.Address)
		paths[i] = p
	}
	e.ForwardPaths = paths
	return e
}

func noControls(s string) string {
	isControl := func(r rune) bool { return r < ' ' || r == 0x7f }
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}
		return r
	}, s)
}
