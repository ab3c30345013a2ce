package client

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
	"time"
)

// sseReader reads server-sent events (HTML §9.2.6).
type sseReader struct {
	r     *bufio.Reader
	alive func()        // called for every line
	id    string        // of the last event that was complete
	retry time.Duration // that the server asked for; 0 is none
}

func newSSEReader(r io.Reader, alive func()) *sseReader {
	return &sseReader{r: bufio.NewReader(r), alive: alive}
}

// next returns the next event that has data.
func (s *sseReader) next() (name string, data []byte, err error) {
	hasData, id := false, s.id
	for {
		line, err := s.r.ReadBytes('\n')
		if err != nil {
			return "", nil, err // an event that is not complete is none
		}
		s.alive()
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			s.id = id
			if hasData {
				return name, data, nil
			}
			name = ""
			continue
		}
		field, value, _ := strings.Cut(string(line), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			name = value
		case "data":
			if hasData {
				data = append(data, '\n')
			}
			data, hasData = append(data, value...), true
		case "id":
			id = value
		case "retry":
			if ms, err := strconv.Atoi(value); err == nil && ms >= 0 {
				s.retry = time.Duration(ms) * time.Millisecond
			}
		}
	}
}
