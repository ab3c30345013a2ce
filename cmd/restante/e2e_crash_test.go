package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"restante/internal/tools"
)

// TestCrashByOthers has a program that knows nothing of this server kill it
// twenty times and take stock.
func TestCrashByOthers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes many seconds")
	}
	const source = "../../../shared/bench"
	if _, err := os.Stat(source); err != nil || runtime.GOOS != "linux" {
		t.Skip("the benchmark is not there, or not for this system: ", err)
	}
	tools.Need(t, "go")
	bench := filepath.Join(t.TempDir(), "bench")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bench, ".")
	build.Dir = source
	done(t, build)

	// It is told the addresses before the server starts. On these nobody else
	// listens.
	ip := fmt.Sprintf("127.%d.%d.%d", 1+rand.N(254), rand.N(256), 1+rand.N(254))
	smtp, pop3 := freePort(t, ip), freePort(t, ip)
	server := command(t, "serve", "--smtp", smtp, "--pop3", pop3, "--http=off", "--data", filepath.Join(t.TempDir(), "store.db"))
	const rounds = 20
	cmd := exec.CommandContext(t.Context(), bench, append([]string{"loss", "-addr", smtp, "-pop3", pop3, "-user", "user%d@example.com", "-rcpts", "4",
		"-conns", "8", "-rounds", fmt.Sprint(rounds), "-min-kill", "20ms", "-max-kill", "300ms", "--"}, server.Args...)...)
	cmd.Env = server.Env
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var got struct {
		Rounds, Acked, Lost, Torn, Partial, Duplicates int
		Failed                                         int `json:"rounds_failed"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.Rounds != rounds || got.Acked == 0 || got.Lost+got.Torn+got.Partial+got.Duplicates+got.Failed != 0 {
		t.Errorf("got %s", out)
	}
	t.Log(strings.TrimSpace(said.String()))
}

// freePort is an address where nothing listens.
func freePort(t *testing.T, ip string) string {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestCrash kills the server while small and large messages arrive and others
// are deleted, each time later on the way of a large one.
func TestCrash(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes many seconds")
	}
	data := filepath.Join(t.TempDir(), "store.db")
	const rounds = 6
	known := map[string]bool{}
	var loads []*load
	for round := range rounds {
		l := newLoad(siteAt(t, data), fmt.Sprint(round))
		l.enough = 10 + 15*round
		l.part = largeSize * round / (rounds - 1)
		l.run(t)
		for id := range l.accepted {
			if known[id] {
				t.Errorf("round %d: the ID %s was given before", round, id)
			}
			known[id] = true
		}
		if len(l.accepted) < l.enough {
			t.Errorf("round %d: %d messages were accepted before the end, want %d", round, len(l.accepted), l.enough)
		}
		loads = append(loads, l)

		s := siteAt(t, data)
		l.check(t, s)
		if round < rounds-1 {
			s.kill(t)
			continue
		}
		for _, l := range loads {
			l.check(t, s)
		}
		// The way on is free.
		m := mailOf("crash.test", "after", "", "All is well.\r\n")
		s.transmit(t, m.from, m.to[0], m.content)
		s.wantArrived(t, m)
		if code := s.end(t, os.Interrupt); code != exitOK {
			t.Errorf("exit code %d", code)
		}
	}
	var accepted, deleted int
	for _, l := range loads {
		accepted, deleted = accepted+len(l.accepted), deleted+len(l.deleted)
	}
	t.Logf("%d accepted, %d of them deleted", accepted, deleted)
}

// kill ends the server as kill -9 does.
func (s *site) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // it says how it was ended
}

const (
	largeSize = 3 << 20
	slice     = 64 << 10 // of a large message, written at once
)

// load is what clients do until the server is killed, and what they were told.
type load struct {
	s            *site
	name         string
	keep, doomed string // addresses
	enough       int    // accepted messages, and then
	part         int    // octets of a large one that have been sent, before the kill
	kill         func() error
	killed       chan struct{}
	pace         chan struct{} // one for each small message that may be sent
	noise        string        // of a large message

	mu       sync.Mutex
	sent     map[string]string // content by subject
	accepted map[string]string // subject by ID
	doubtful map[string]bool   // IDs that DELE was said for
	deleted  map[string]bool   // and QUIT was answered
}

func newLoad(s *site, name string) *load {
	l := &load{
		s: s, name: name, keep: "keep-" + name + "@crash.test", doomed: "doomed-" + name + "@crash.test",
		killed: make(chan struct{}), pace: make(chan struct{}, 8), noise: noise(name, largeSize),
		sent: map[string]string{}, accepted: map[string]string{}, doubtful: map[string]bool{}, deleted: map[string]bool{},
	}
	l.kill = sync.OnceValue(func() error {
		defer close(l.killed)
		return s.cmd.Process.Kill()
	})
	return l
}

// noise is lines of text that no compression makes much smaller, about so many
// octets, the same for a seed.
func noise(seed string, octets int) string {
	rng := rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%032s", seed))))
	random := make([]byte, octets*3/4)
	_, _ = rng.Read(random) // it never fails
	var b strings.Builder
	for text := base64.StdEncoding.EncodeToString(random); text != ""; text = text[min(len(text), 510):] {
		b.WriteString(text[:min(len(text), 510)] + "\r\n")
	}
	return b.String()
}

// run has all clients work until the server is gone.
func (l *load) run(t *testing.T) {
	t.Helper()
	var clients sync.WaitGroup
	client := func(work func() error) {
		clients.Go(func() {
			// A connection that ends is what is waited for; an answer that is not
			// the right one is not.
			if err := work(); errors.Is(err, errReply) {
				t.Error(err)
			}
			if err := l.kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Error(err)
			}
		})
	}
	for n := range 4 {
		client(func() error { return l.small(fmt.Sprint("small-", n)) })
	}
	for n := range 2 {
		client(func() error { return l.large(fmt.Sprint("large-", n)) })
	}
	client(l.delete)
	clients.Wait()
	_ = l.s.cmd.Wait() // it says how it was ended
}

// small sends small messages, some of them to be deleted, as fast as the large
// ones get on: else there are thousands where the machine is busy.
func (l *load) small(name string) error {
	c, err := tryLines(l.s.ports["smtp"])
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.hello(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		to := l.keep
		if n%3 == 0 {
			to = l.doomed
		}
		subject := fmt.Sprint(name, "-", n)
		select {
		case <-l.pace:
		case <-l.killed:
			return nil
		}
		id, err := c.transmit("a@crash.test", to, l.write(subject, l.noise[:100+n%7*512]))
		if err != nil {
			return err
		}
		l.accept(id, subject)
	}
}

// large sends large messages, and kills the server in one of them.
func (l *load) large(name string) error {
	c, err := tryLines(l.s.ports["smtp"])
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.hello(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		subject := fmt.Sprint(name, "-", n)
		if _, err := c.command("250", "MAIL FROM:<a@crash.test>"); err != nil {
			return err
		}
		if _, err := c.command("250", "RCPT TO:<"+l.keep+">"); err != nil {
			return err
		}
		if _, err := c.command("354", "DATA"); err != nil {
			return err
		}
		rest := l.write(subject, l.noise) + ".\r\n"
		for whole := len(rest); rest != ""; rest = rest[min(slice, len(rest)):] {
			if whole-len(rest) >= l.part && l.isEnough() {
				return nil
			}
			select {
			case l.pace <- struct{}{}:
			default:
			}
			if _, err := io.WriteString(c, rest[:min(slice, len(rest))]); err != nil {
				return err
			}
		}
		if l.isEnough() {
			return nil // it is on its way to the disk
		}
		id, err := c.accepted()
		if err != nil {
			return err
		}
		l.accept(id, subject)
	}
}

// delete empties a maildrop again and again.
func (l *load) delete() error {
	for {
		if err := l.empty(l.doomed); err != nil {
			return err
		}
	}
}

func (l *load) empty(user string) error {
	c, err := tryLines(l.s.ports["pop3"])
	if err != nil {
		return err
	}
	defer c.Close()
	for _, line := range []string{"", "USER " + user, "PASS any", "UIDL"} {
		if _, err := c.tryOK(line); err != nil {
			return err
		}
	}
	list, err := c.tryOctets()
	if err != nil {
		return err
	}
	var ids []string
	for line := range strings.Lines(list) {
		number, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		l.note(l.doubtful, id)
		ids = append(ids, id)
		if _, err := c.tryOK("DELE " + number); err != nil {
			return err
		}
	}
	if _, err := c.tryOK("QUIT"); err != nil {
		return err
	}
	l.note(l.deleted, ids...)
	return nil
}

// write makes a message that says of itself whether it is whole.
func (l *load) write(subject, body string) string {
	if !strings.HasSuffix(body, "\r\n") {
		body += "\r\n"
	}
	content := "Subject: " + subject + "\r\n\r\n" + body + "end of " + subject + "\r\n"
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[subject] = content
	return content
}

func (l *load) accept(id, subject string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted[id] = subject
}

func (l *load) note(set map[string]bool, ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		set[id] = true
	}
}

func (l *load) isEnough() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accepted) >= l.enough
}

// check holds what a server has against what clients were told: everything that
// was accepted, nothing that was deleted, nothing twice, and of what had no
// answer all or nothing.
func (l *load) check(t *testing.T, s *site) {
	t.Helper()
	there := map[string]bool{} // IDs
	seen := map[string]bool{}  // subjects
	for _, address := range []string{l.keep, l.doomed} {
		pop3 := s.maildrop(t, address)
		for _, m := range s.all(t, "rcpt:="+address) {
			there[m.ID] = true
			raw := s.raw(t, m.ID)
			subject, _, _ := strings.Cut(strings.TrimPrefix(raw, "Subject: "), "\r\n")
			if want := l.sent[subject]; raw != want {
				t.Errorf("round %s: %s %s: %s", l.name, m.ID, subject, difference(raw, want))
			}
			if told, ok := l.accepted[m.ID]; ok && told != subject || seen[subject] {
				t.Errorf("round %s: %s is %q, known as %q, or there twice", l.name, m.ID, subject, told)
			}
			seen[subject] = true
			if trace, ok := strings.CutSuffix(pop3[m.ID], raw); !ok || !strings.HasPrefix(trace, "Return-Path: <a@crash.test>\r\n") {
				t.Errorf("round %s: POP3 has %d octets of %s, want trace fields and %d", l.name, len(pop3[m.ID]), m.ID, len(raw))
			}
			delete(pop3, m.ID)
		}
		if len(pop3) > 0 {
			t.Errorf("round %s: POP3 has %d messages for %s that the list does not have", l.name, len(pop3), address)
		}
	}
	for id, subject := range l.accepted {
		if !there[id] && !l.doubtful[id] {
			t.Errorf("round %s: %s %s was accepted and is lost", l.name, id, subject)
		}
	}
	for id := range l.deleted {
		if status, _ := s.ask(t, http.MethodGet, "/v1/messages/"+id); there[id] || status != http.StatusNotFound {
			t.Errorf("round %s: %s was deleted and is there: %d", l.name, id, status)
		}
	}
}
