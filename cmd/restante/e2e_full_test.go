package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a directory on a file system of its own. resize changes its size.
func smallDisk(t *testing.T, size string) (dir string, resize func(size string)) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("a small disk takes root on Linux: it is a tmpfs")
	}
	dir = t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size="+size, "restante-test", dir).CombinedOutput(); err != nil {
		t.Skipf("a tmpfs cannot be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil { // the test's context has ended
			t.Errorf("%v: %s", err, out)
		}
	})
	return dir, func(size string) {
		t.Helper()
		done(t, exec.CommandContext(t.Context(), "mount", "-o", "remount,size="+size, dir))
	}
}

// filler takes all the room that is left on a disk, down to the last page.
func filler(t *testing.T, dir string) (name string) {
	t.Helper()
	name = filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for page := make([]byte, 4096); ; {
		if _, err := f.Write(page); errors.Is(err, syscall.ENOSPC) {
			return name
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// stock is what a server has accepted for a maildrop, oldest first.
type stock struct {
	user    string
	ids     []string
	content map[string]string // as sent, by ID
}

// transmit sends a message that is then in stock.
func (k *stock) transmit(t *testing.T, s *site, content string) {
	t.Helper()
	id := s.transmit(t, "app@app.test", k.user, content)
	k.ids = append(k.ids, id)
	k.content[id] = content
}

// check looks at everything by POP3 and /raw. It does not ask for what the API
// knows of a message: of large ones that takes seconds.
func (k *stock) check(t *testing.T, s *site) {
	t.Helper()
	got := s.maildrop(t, k.user)
	if len(got) != len(k.ids) {
		t.Errorf("the maildrop has %d messages, want %d", len(got), len(k.ids))
	}
	for _, id := range k.ids {
		content := k.content[id]
		if raw := s.raw(t, id); raw != content {
			t.Errorf("%s: /raw has %s", id, difference(raw, content))
		}
		if trace, ok := strings.CutSuffix(got[id], content); !ok || !strings.HasPrefix(trace, "Return-Path: <app@app.test>\r\nReceived: ") {
			t.Errorf("%s by POP3 is %d octets, %.200q…, want trace fields and the %d that were sent", id, len(got[id]), got[id], len(content))
		}
	}
}

// untilFull sends messages until one is refused because the disk is full, and
// returns how many were accepted.
func (k *stock) untilFull(t *testing.T, s *site, size int) (accepted int) {
	t.Helper()
	c := dialSMTP(t, s.ports["smtp"])
	for n := 0; ; n++ {
		// What can not be compressed.
		content := fmt.Sprintf("Subject: number %d\r\n\r\n%s", n, noise(fmt.Sprint(k.user, n), size))
		id, err := c.transmit("app@app.test", k.user, content)
		if err != nil {
			if !errors.Is(err, errReply) || !strings.Contains(err.Error(), `"452 4.3.1 `) {
				t.Fatalf("message %d: %v, want 452 4.3.1", n, err)
			}
			if _, err := c.command("221", "QUIT"); err != nil {
				t.Errorf("after the refusal: %v", err)
			}
			return n
		}
		k.ids = append(k.ids, id)
		k.content[id] = content
	}
}

// TestDiskFull fills the disk under a server, and makes room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		size        int // of a message
		disk, grown string
	}{
		{"small messages", 3 << 10, "1m", "1500k"},
		{"messages in one piece", 100 << 10, "6m", "8m"},
		{"staged messages", 4 << 20, "24m", "34m"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			size := tt.size
			dir, resize := smallDisk(t, tt.disk)
			s := siteAt(t, filepath.Join(dir, "store.db"))
			s.get(t, "/readyz")
			k := &stock{user: "user@full.test", content: map[string]string{}}
			k.transmit(t, s, "Subject: first\r\n\r\nThere was room.\r\n")
			check := func(when string) {
				t.Helper()
				before := t.Failed()
				k.check(t, s)
				if t.Failed() && !before {
					t.Errorf("that was %s; the server said:\n%s", when, s.said(t))
				}
			}
			// fill ends when mail is refused and the server knows it. Pages that a
			// commit has let go of are free with the next one: it may be ready
			// again, and then takes at least one more message.
			fill := func(when string) (accepted int) {
				t.Helper()
				accepted = k.untilFull(t, s, size)
				for {
					s.get(t, "/livez")
					status, body := s.ask(t, http.MethodGet, "/readyz")
					if status == http.StatusServiceUnavailable && strings.Contains(string(body), "full") {
						return accepted
					}
					n := k.untilFull(t, s, size)
					switch accepted += n; {
					case status == http.StatusOK && n > 0:
					case status == http.StatusOK && size > 1<<20:
						// What had arrived of the last one is gone: there is room for less.
						k.transmit(t, s, "Subject: small\r\n\r\n")
						return accepted
					default:
						t.Fatalf("%s /readyz is %d %s, want 503 and that the disk is full; the server said:\n%s", when, status, body, s.said(t))
					}
				}
			}

			// Something else has taken the room.
			other := filler(t, dir)
			fill("beside a filler")
			check("beside a filler")
			if err := os.Remove(other); err != nil {
				t.Fatal(err)
			}
			s.get(t, "/readyz")

			// The mail itself has.
			if n := fill("full of mail"); n < 2 {
				t.Errorf("%d messages of %d octets were accepted after room was made", n, size)
			}
			check("full of mail")

			// A larger disk.
			resize(tt.grown)
			s.get(t, "/readyz")
			if fill("full of mail again") == 0 {
				t.Error("no message was accepted after the disk grew")
			}
			check("full of mail again")

			// Less mail: half of it goes by POP3, and the API lets one go.
			accepted, goes := len(k.ids), k.ids[:len(k.ids)/2]
			k.ids = k.ids[len(goes):]
			s.delete(t, k.user, goes)
			if status, body := s.ask(t, http.MethodDelete, "/v1/messages/"+k.ids[0]); status >= 300 {
				t.Errorf("DELETE on a full disk: %d %s", status, body)
			}
			k.ids = k.ids[1:]
			check("after deletion")
			s.get(t, "/readyz")
			k.transmit(t, s, noise("again", size))
			check("after one more")

			if code := s.end(t, syscall.SIGTERM); code != exitOK {
				t.Errorf("exit code %d", code)
			}
			s = siteAt(t, s.data)
			check("after a restart")
			t.Log(accepted+1, " messages were accepted")
		})
	}
}

// delete deletes messages of a maildrop.
func (s *site) delete(t *testing.T, user string, ids []string) {
	t.Helper()
	c := dialLines(t, s.ports["pop3"])
	c.ok(t, "")
	c.ok(t, "USER "+user)
	c.ok(t, "PASS any")
	n := 0
	for number, id := range c.listing(t, "UIDL") {
		if slices.Contains(ids, id) {
			c.ok(t, "DELE "+number)
			n++
		}
	}
	c.ok(t, "QUIT")
	if n != len(ids) {
		t.Errorf("%d messages of %d are in the maildrop", n, len(ids))
	}
}
