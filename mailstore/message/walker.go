package message

import (
	"io"
	"slices"
	"strconv"
)

// walker goes through a message part by part, in the order in which they stand,
// and holds no more of it than one block. Use: next, then enter or chunk, until
// next returns false.
type walker struct {
	src    source
	noted  []noted // defects since the reader of the walk last took them
	frames []frame
	active int // open frames that have a boundary

	part    entity // the current one: its header has been read
	parts   int
	started bool
	inner   bool // the header of an embedded message comes next
	full    bool // MaxParts was reached

	// The end of the current body.
	bol     bool  // at the beginning of a line
	found   bool  // at a delimiter, which has been consumed
	level   int   // index of the frame whose delimiter it is
	closing bool  // it is the closing one
	bodyEnd int64 // offset
	end     int64 // the same for what has parts: the line ending before a delimiter may be that of an inner one

	// The header that was read last.
	hdr        []byte
	header     string
	fields     []span
	headerLeft int
	about      string // name of the address field that is being read

	// Room for what most messages need.
	someFrames [4]frame
	someFields [24]span
	someParams [4]param
}

// frame is a part that has parts and is not yet at its end.
type frame struct {
	delimiter string // "--" and the boundary; "" for an embedded message
	typ       string // media type
	kids      int
	closed    bool // the closing delimiter was there
	start     int64
	part      *Part // in Parse only
}

// noted is a defect of a part, nil for the current one.
type noted struct {
	code   string
	part   *Part
	detail string
}

const (
	maxNoted  = 100 // of one part
	maxDetail = 80  // octets
)

func (w *walker) init(r io.Reader) {
	w.src.init(r)
	w.headerLeft = maxHeaders
	w.frames = w.someFrames[:0]
	w.fields = w.someFields[:0]
	w.part.params = w.someParams[:0]
	if w.hdr == nil {
		w.hdr = make([]byte, 0, 1<<10)
	}
}

// note records a defect of the current part.
func (w *walker) note(code string) { w.noteDetail(code, "") }

// noteDetail records a defect of the current part and what exactly it is about.
func (w *walker) noteDetail(code, detail string) {
	if len(detail) > maxDetail {
		detail = string(trimPartial([]byte(detail[:maxDetail])))
	}
	n := noted{code: code, detail: oneLine(detail)}
	if len(w.noted) < maxNoted && !slices.Contains(w.noted, n) {
		w.noted = append(w.noted, n)
	}
}

// next reads on to the next part and its header; what is left of the current
// one is skipped. It returns false at the end of the message.
func (w *walker) next() bool {
	if !w.started {
		w.started = true
		w.read(true)
		return true
	}
	if w.inner {
		w.inner = false
		w.read(true)
		return true
	}
	for {
		for w.chunk() != nil {
		}
		if !w.found {
			w.pop(0)
			return false
		}
		w.found = false
		w.pop(w.level + 1)
		f := &w.frames[w.level]
		if w.closing {
			f.closed = true
			w.active--
			w.bol = true
			continue
		}
		if w.parts >= MaxParts {
			w.note(TooManyParts)
			w.skipAll()
			return false
		}
		f.kids++
		w.read(false)
		return true
	}
}

// skipAll goes to the end of the message without looking for parts.
func (w *walker) skipAll() {
	w.full = true
	w.active = 0
	for w.chunk() != nil {
	}
	w.pop(0)
}

// pop ends the frames from index n on, innermost first.
func (w *walker) pop(n int) {
	for i := len(w.frames) - 1; i >= n; i-- {
		f := &w.frames[i]
		if f.part != nil {
			f.part.Octets = max(w.end-f.start, 0)
			f.part.Size = f.part.Octets
		}
		if f.delimiter != "" && !f.closed {
			if !w.full {
				w.active--
				if f.kids > 0 {
					w.noted = append(w.noted, noted{code: Unterminated, part: f.part})
				}
			}
		}
		w.frames = w.frames[:i]
	}
}

// read reads the header of the part that begins here.
func (w *walker) read(top bool) {
	w.parts++
	w.src.binary = false
	w.readHeader(top)
	w.bol = true
	w.part.start = w.src.offset()
	w.describe()
	w.src.binary = w.part.encoding == "binary" && !w.part.multipart && !w.part.embedded
}

// enter opens the current part, a multipart or an embedded message, so that next
// goes on with its parts. For a multipart the preamble can be read first, by chunk.
func (w *walker) enter(p *Part) {
	f := frame{typ: w.part.typ, start: w.part.start, part: p}
	if w.part.multipart {
		f.delimiter = "--" + w.part.boundary
		w.active++
	} else {
		w.inner = true
	}
	w.frames = append(w.frames, f)
}

// entered says after the preamble whether the multipart entered last has parts:
// false when its boundary does not occur.
func (w *walker) entered() bool {
	return w.found && w.level == len(w.frames)-1
}

// parent is the media type of what the current part is in, "" at the top.
func (w *walker) parent() string {
	if len(w.frames) == 0 {
		return ""
	}
	return w.frames[len(w.frames)-1].typ
}

// path numbers the current part as IMAP does (RFC 9051 §6.4.5): a multipart that is
// the whole of an embedded message has no number of its own.
func (w *walker) path() string {
	var b []byte
	for i := range w.frames {
		n := w.frames[i].kids
		if w.frames[i].delimiter == "" {
			if i+1 < len(w.frames) && w.frames[i+1].delimiter != "" || i+1 == len(w.frames) && w.part.multipart {
				continue
			}
			n = 1
		}
		if len(b) > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(b)
}
