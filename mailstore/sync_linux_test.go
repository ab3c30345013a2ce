package mailstore

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func newTestSync(t *testing.T) *asideSync {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	a, err := newAsideSync(file)
	if err == nil {
		err = a.order()
	}
	if err == nil {
		err = a.outcome()
	}
	if err != nil {
		t.Skipf("this system does not wait for the disk aside: %v", err)
	}
	t.Cleanup(func() {
		if err := a.free(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// An outcome that nobody asked for is not taken for that of a later order.
func TestAsideSync(t *testing.T) {
	t.Parallel()
	a := newTestSync(t)
	for n := range 100 {
		if err := os.WriteFile(a.file.Name(), []byte{byte(n)}, 0o600); err != nil {
			t.Fatal(err)
		}
		if n%10 == 0 { // its outcome is in the way of the next
			if err := a.order(); err != nil {
				t.Fatal(err)
			}
			if _, err := a.done.Read(make([]byte, 8)); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.sync(); err != nil {
			t.Fatal(err)
		}
		var events [2]ioEvent
		left, _, errno := unix.Syscall6(unix.SYS_IO_GETEVENTS, a.context, 0, 2, uintptr(unsafe.Pointer(&events)), 0, 0)
		if left != 0 || errno != 0 {
			t.Fatalf("sync %d left %d outcomes behind, %v", n, left, errno)
		}
	}
}

// Where the kernel takes no order, it is waited for as everywhere; what that says
// is told.
func TestAsideSyncIsRefused(t *testing.T) {
	t.Parallel()
	a := newTestSync(t)
	r, w, err := os.Pipe() // which no disk holds
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	fd := a.fd
	a.fd = int(w.Fd())
	if err := a.sync(); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("%v, want %v", err, syscall.EINVAL)
	}
	a.fd = fd
	if err := a.sync(); err != nil {
		t.Error(err)
	}
}

// A store waits for its commits aside, and frees what it needs for it.
func TestStoreWaitsAside(t *testing.T) {
	t.Parallel()
	newTestSync(t) // skips
	s := openTest(t, Options{Path: filepath.Join(t.TempDir(), "restante.db")})
	a, ok := s.db.syncer.(*asideSync)
	if !ok {
		t.Fatalf("%T", s.db.syncer)
	}
	before := a.number
	deliver(t, s, mail("aside", "text"), "a@app.test")
	if a.number == before {
		t.Error("nothing was waited for")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.done.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v, want it closed", err)
	}
}
