package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"restante/internal/mbox"
	"restante/internal/parties"
)

// indexed is a line of the index that export writes beside the messages: what a
// message alone does not say. import reads it.
type indexed struct {
	File     string    `json:"file,omitempty"` // in the directory; none in a mailbox file, which has the same order
	ID       string    `json:"id"`
	Octets   int64     `json:"octets"`
	From     string    `json:"from"`
	To       []string  `json:"to"`
	Received time.Time `json:"received"`
	Seen     bool      `json:"seen"`
	Tags     []string  `json:"tags,omitempty"`
}

// indexFile is the index's name in a directory; a mailbox file's has the file's
// name before it.
const indexFile = "restante.jsonl"

func indexOf(mbox string) string { return mbox + "." + indexFile }

func readIndex(name string) ([]indexed, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []indexed
	dec := json.NewDecoder(bufio.NewReader(file))
	for {
		var one indexed
		if err := dec.Decode(&one); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, one)
	}
}

// letter is a message that is to be imported.
type letter struct {
	name    string // where it is, for errors
	content []byte
	sender  string   // from the separator of a mailbox file
	known   *indexed // nil: there is no index
	seen    bool
}

// letters reads the messages of a file, a directory, or standard input ("-").
// Each comes with the error of reading it.
func letters(path string, stdin io.Reader) iter.Seq2[letter, error] {
	return func(yield func(letter, error) bool) {
		if path == "-" {
			readLetters("standard input", stdin, nil, yield)
			return
		}
		info, err := os.Stat(path)
		if err != nil {
			yield(letter{name: path}, err)
			return
		}
		if info.IsDir() {
			directoryLetters(path, yield)
			return
		}
		fileLetters(path, nil, yield)
	}
}

// fileLetters reads a mailbox file or a message.
func fileLetters(path string, known *indexed, yield func(letter, error) bool) bool {
	file, err := os.Open(path)
	if err != nil {
		return yield(letter{name: path}, err)
	}
	defer file.Close()
	var index []indexed
	if known != nil {
		index = []indexed{*known}
	} else if index, err = readIndex(indexOf(path)); err != nil {
		return yield(letter{name: path}, err)
	}
	return readLetters(path, file, index, yield)
}

func readLetters(name string, r io.Reader, index []indexed, yield func(letter, error) bool) bool {
	in := bufio.NewReader(r)
	begin, err := in.Peek(len("From "))
	if err != nil && err != io.EOF {
		return yield(letter{name: name}, err)
	}
	if !mbox.IsSeparator(begin) || len(index) == 1 && index[0].File != "" {
		content, err := io.ReadAll(in)
		one := letter{name: name, content: content}
		if len(index) == 1 {
			one.known, one.seen = &index[0], index[0].Seen
		}
		return yield(one, err)
	}
	box := mbox.NewReader(in, 0)
	for n := 0; ; n++ {
		sender, content, err := box.Next()
		if err == io.EOF {
			return true
		}
		one := letter{name: fmt.Sprintf("%s, message %d", name, n+1), content: content, sender: sender}
		if n < len(index) {
			one.known, one.seen = &index[n], index[n].Seen
			if extra := int64(len(content)) - index[n].Octets; extra > 0 && extra <= 2 {
				one.content = content[:index[n].Octets] // without the line ending that the file needed
			}
		}
		if !yield(one, err) || err != nil {
			return false
		}
	}
}

// directoryLetters reads the messages of a directory and of those in it, in the
// order of the index where there is one, else of their names. In a Maildir that
// is every file in new and cur, elsewhere every .eml and .mbox.
func directoryLetters(dir string, yield func(letter, error) bool) bool {
	index, err := readIndex(filepath.Join(dir, indexFile))
	if err != nil {
		return yield(letter{name: dir}, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return yield(letter{name: dir}, err)
	}
	place := make(map[string]int, len(index)) // by key
	for i, one := range index {
		place[one.File] = i
	}
	var files, dirs []string
	if isMaildir(dir) {
		if files, err = maildirFiles(dir); err != nil {
			return yield(letter{name: dir}, err)
		}
		entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return isMaildirPart(e.Name()) })
	}
	for _, e := range entries {
		name := e.Name()
		switch kind := strings.ToLower(filepath.Ext(name)); {
		case e.IsDir():
			dirs = append(dirs, name)
		case kind == ".eml", kind == ".mbox":
			files = append(files, name)
		}
	}
	slices.SortStableFunc(files, func(a, b string) int {
		return placeOf(place, a) - placeOf(place, b)
	})
	for _, name := range files {
		var known *indexed
		if i := placeOf(place, name); i < len(index) {
			known = &index[i]
		}
		flagged := func(one letter, err error) bool {
			one.seen = one.seen || isSeen(name)
			return yield(one, err)
		}
		if !fileLetters(filepath.Join(dir, name), known, flagged) {
			return false
		}
	}
	for _, name := range dirs {
		if !directoryLetters(filepath.Join(dir, name), yield) {
			return false
		}
	}
	return true
}

// placeOf is where a file stands in the index; what is not there is behind it.
func placeOf(place map[string]int, name string) int {
	if i, ok := place[maildirKey(name)]; ok {
		return i
	}
	return len(place)
}

// parties are the sender and the recipients of a message that came without an
// envelope.
func (l letter) parties() (from string, to []string) {
	if l.known != nil {
		return l.known.From, l.known.To
	}
	return parties.Of(l.content, l.sender)
}
