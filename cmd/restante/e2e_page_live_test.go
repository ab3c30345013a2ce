package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// line is a way to a server that can be cut, and laid to another one.
type line struct {
	l  net.Listener
	mu sync.Mutex
	to string // address; "" is cut
	up map[net.Conn]struct{}
}

func newLine(t *testing.T, s *site) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &line{l: l, up: make(map[net.Conn]struct{})}
	w.lay(s)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(conn)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		w.cut()
	})
	return w
}

func (w *line) url() string { return "http://" + w.l.Addr().String() }

func (w *line) lay(s *site) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = strings.TrimPrefix(s.ports["http"], "http://")
}

// cut ends what goes on, and lets nothing through until lay.
func (w *line) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = ""
	for c := range w.up {
		c.Close()
	}
}

func (w *line) carry(conn net.Conn) {
	defer conn.Close()
	w.mu.Lock()
	to := w.to
	w.mu.Unlock()
	if to == "" {
		return
	}
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	w.mu.Lock()
	w.up[conn], w.up[far] = struct{}{}, struct{}{}
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(far, conn)
		far.Close()
	}()
	_, _ = io.Copy(conn, far)
	conn.Close()
	<-done
	w.mu.Lock()
	delete(w.up, conn)
	delete(w.up, far)
	w.mu.Unlock()
}

var unreachable = []string{"Failed to load resource", "ERR_"}

// TestListOffline: a page that lost its server says so, and catches up.
func TestListOffline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, two := s.postTo(t, "alice@app.test", "One"), s.postTo(t, "alice@app.test", "Two")
	w := newLine(t, s)
	p := openTab(t, w.url(), "/", look{complaints: unreachable})
	p.waitRows(two, one)
	three := s.postTo(t, "alice@app.test", "Three")
	p.waitRows(three, two, one)
	w.cut()
	p.wait(`document.querySelector(".notices .offline")`)
	p.waitRows(three, two, one) // what is known is still there
	s.send(t, "DELETE", "/v1/messages/"+two, "", "")
	four := s.postTo(t, "alice@app.test", "Four")
	s.send(t, "PATCH", "/v1/messages/"+one, "application/json", `{"seen":true,"tags":["late"]}`)
	w.lay(s)
	p.gone(".notices .offline")
	p.waitRows(four, three, one)
	p.waitText(rowOf(one), "late")
	p.wait(fmt.Sprintf(`!document.querySelector(%q).classList.contains("unseen")`, rowOf(one)))

	// A server that has another store: what was shown is not there any more.
	other := newSite(t)
	new1 := other.postTo(t, "bob@app.test", "Another store")
	w.cut()
	w.lay(other)
	p.waitRows(new1)
	new2 := other.postTo(t, "bob@app.test", "And on")
	p.waitRows(new2, new1)
}

// TestListPutsBack: what could not be done is as it was, and said.
func TestListPutsBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, two := s.postTo(t, "alice@app.test", "One"), s.postTo(t, "alice@app.test", "Two")
	w := newLine(t, s)
	p := openTab(t, w.url(), "/", look{complaints: unreachable})
	p.waitRows(two, one)
	p.press("j")
	w.cut()
	p.press("I")
	p.waitText(".notices .failed", "The server cannot be reached. Nothing was changed.")
	p.wait(fmt.Sprintf(`document.querySelector(%q).classList.contains("unseen")`, rowOf(two)))
	p.push("button", "Dismiss")
	p.gone(".notices .failed")
	p.press("#")
	p.waitRows(one)
	p.waitRows(two, one) // when its time is up
	p.waitText(".notices .failed", "The server cannot be reached.")
	w.lay(s)
	p.gone(".notices .offline")
	s.waitFor(t, two, one)
}

// TestListOneStream: tabs share a stream of events, and when the one that has it
// is closed another one goes on.
func TestListOneStream(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := s.postTo(t, "alice@app.test", "One")
	first := s.open(t, "/", look{})
	first.waitRows(one)
	first.wait(`true`)
	second := first.sibling("/", look{})
	third := first.sibling("/", look{})
	second.waitRows(one)
	third.waitRows(one)
	two := s.postTo(t, "alice@app.test", "Two")
	for _, p := range []*tab{first, second, third} {
		p.waitRows(two, one)
	}
	if a, b, c := first.askedFor("/v1/events"), second.askedFor("/v1/events"), third.askedFor("/v1/events"); a != 1 || b+c != 0 {
		t.Errorf("the tabs have asked for events %d, %d, %d times", a, b, c)
	}
	first.visit("/docs")
	three := s.postTo(t, "alice@app.test", "Three")
	second.waitRows(three, two, one)
	third.waitRows(three, two, one)
	if b, c := second.askedFor("/v1/events"), third.askedFor("/v1/events"); b+c != 1 {
		t.Errorf("after the first one went they have asked %d and %d times", b, c)
	}
}

// TestListManyAtOnce: a burst is shown in full and in order.
func TestListManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.postTo(t, "alice@app.test", "First")
	p := s.open(t, "/", look{})
	p.wait(`document.querySelector(".row[data-id]")`)
	const n = 300
	var senders sync.WaitGroup
	for w := range 4 {
		senders.Go(func() {
			for i := w; i < n; i += 4 {
				s.postTo(t, "alice@app.test", fmt.Sprintf("Burst %d", i))
			}
		})
	}
	senders.Wait()
	p.wait(fmt.Sprintf(`document.querySelector(".canvas")?.ariaRowCount === "%d"`, n+1))
	for _, part := range []float64{0, 0.5, 1} {
		p.scrollTo(part)
		p.wait(`!document.querySelector(".row.waiting")`)
		if wrong := eval[int](p, fmt.Sprintf(`[...document.querySelectorAll(".row[data-seq]")].filter((r) => Number(r.dataset.seq) + Number(r.ariaRowIndex) !== %d).length`, n+2)); wrong > 0 {
			t.Errorf("%d rows are not where they belong", wrong)
		}
	}
	p.wait(fmt.Sprintf(`document.querySelector(".list-bar .count").innerText === "%d"`, n+1))
}

// TestListStreamWithoutLocks: where a browser has no Web Locks (plain HTTP from
// another machine) each tab has a stream while it is shown.
func TestListStreamWithoutLocks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := s.postTo(t, "alice@app.test", "One")
	// window.away says whether the tab is hidden, window.gaveUp whether it gave a stream up.
	l := look{before: `
		const { close } = EventSource.prototype;
		EventSource.prototype.close = function () { window.gaveUp = true; close.call(this) };
		Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
		Object.defineProperty(Document.prototype, "hidden", { get: () => Boolean(window.away) });`}
	first := s.open(t, "/", l)
	first.waitRows(one)
	second := first.sibling("/", l)
	second.waitRows(one)
	two := s.postTo(t, "alice@app.test", "Two")
	first.waitRows(two, one)
	second.waitRows(two, one)
	if a, b := first.askedFor("/v1/events"), second.askedFor("/v1/events"); a != 1 || b != 1 {
		t.Errorf("the tabs have asked for events %d and %d times", a, b)
	}

	// One that is hidden gives its stream up for one that comes.
	first.script(`window.away = true`)
	third := first.sibling("/", l)
	third.waitRows(two, one)
	first.wait(`window.gaveUp`)
	three := s.postTo(t, "alice@app.test", "Three")
	third.waitRows(three, two, one)
	second.waitRows(three, two, one)
	first.script(`window.away = false; document.dispatchEvent(new Event("visibilitychange"))`)
	first.waitRows(three, two, one)
	four := s.postTo(t, "alice@app.test", "Four")
	first.waitRows(four, three, two, one)
	first.wait(`!document.querySelector(".notices .offline")`)
}

// TestListSilentStream: a tab that has the stream and says nothing, as when it
// does not run, loses it to one that is looked at.
func TestListSilentStream(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := s.postTo(t, "alice@app.test", "One")
	first := s.open(t, "/", look{before: `
		const { postMessage } = BroadcastChannel.prototype, { addEventListener } = EventSource.prototype;
		BroadcastChannel.prototype.postMessage = function (m) { if (!window.silent) postMessage.call(this, m) };
		EventSource.prototype.addEventListener = function (type, take) { addEventListener.call(this, type, (e) => window.silent || take(e)) };`})
	first.waitRows(one)
	second := first.sibling("/", look{})
	second.waitRows(one)
	first.script(`window.silent = true`)
	two := s.postTo(t, "alice@app.test", "Two")
	// It asks when it is looked at, and every half minute.
	second.script(`document.dispatchEvent(new Event("visibilitychange"))`)
	second.waitRows(two, one)
	if n := second.askedFor("/v1/events"); n != 1 {
		t.Errorf("the second tab has asked for events %d times", n)
	}
	first.script(`window.silent = false`)
	first.waitRows(two, one)
	three := s.postTo(t, "alice@app.test", "Three")
	first.waitRows(three, two, one)
	second.waitRows(three, two, one)
	if n := first.askedFor("/v1/events"); n != 1 {
		t.Errorf("the first tab has asked for events %d times", n)
	}
}
