package faults

import (
	"container/list"
	"sync"
	"time"
)

// memorySize is how many strangers are remembered; then the one that was seen
// least recently is forgotten.
const memorySize = 10_000

// memory remembers who has been here: senders and recipients that a greylist
// has met, and addresses with a limit. It is safe for concurrent use. The zero
// value is empty.
type memory struct {
	mu     sync.Mutex
	known  map[string]*list.Element
	recent list.List // of *acquaintance, the newest in front
}

type acquaintance struct {
	key    string
	window window
}

// meet returns the acquaintance with a key, and whether it is a new one; m.mu is
// held.
func (m *memory) meet(key string) (a *acquaintance, stranger bool) {
	if e, ok := m.known[key]; ok {
		m.recent.MoveToFront(e)
		return e.Value.(*acquaintance), false
	}
	if m.known == nil {
		m.known = map[string]*list.Element{}
	}
	if m.recent.Len() >= memorySize {
		last := m.recent.Back()
		delete(m.known, last.Value.(*acquaintance).key)
		m.recent.Remove(last)
	}
	a = &acquaintance{key: key}
	m.known[key] = m.recent.PushFront(a)
	return a, true
}

// stranger says whether a key was never met before.
func (m *memory) stranger(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, stranger := m.meet(key)
	return stranger
}

// admits counts a key, see [window.admits].
func (m *memory) admits(key string, now time.Time, n int, per time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, _ := m.meet(key)
	return a.window.admits(now, n, per)
}
