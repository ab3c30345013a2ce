package mailstore

import (
	"errors"
	"os"
	"slices"
	"unsafe"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// An asideSync has the kernel do fdatasync aside (io_submit), which says by an
// eventfd when it has: that is waited for as a connection is. A goroutine that is in
// fdatasync keeps its processor until the runtime notices, in 20 µs to 10 ms. Where
// there is one processor, as in many containers, nobody is served meanwhile.
type asideSync struct {
	file    *os.File // bbolt's
	fd      int
	context uintptr // of io_setup
	done    *os.File
	doneFD  int
	number  uint64 // of the last order
}

// iocb and ioEvent are those of linux/aio_abi.h.
type iocb struct {
	data    uint64
	_       [2]uint32 // key and rw_flags; their order differs
	opcode  uint16
	_       int16 // priority
	fd      uint32
	_       [3]uint64 // buffer, octets, offset
	_       uint64
	flags   uint32
	eventFD uint32
}

type ioEvent struct {
	data, _ uint64
	res, _  int64
}

const (
	iocbFdsync = 3 // IOCB_CMD_FDSYNC, Linux 4.18
	iocbResFD  = 1 // IOCB_FLAG_RESFD
)

// syncerOf gives a file what waits for it. An old kernel has no [asideSync], a
// container may refuse it, and some file systems have no fsync for it.
func syncerOf(db *bbolt.DB, file *os.File) (syncer, error) {
	a, err := newAsideSync(file)
	if err != nil {
		return plainSync{db}, nil
	}
	err = a.sync()
	if err == nil {
		return a, nil
	}
	if !slices.ContainsFunc([]error{unix.EINVAL, unix.EOPNOTSUPP, unix.ENOSYS}, func(no error) bool { return errors.Is(err, no) }) {
		return nil, errors.Join(err, a.free()) // it may not tell it again
	}
	return plainSync{db}, a.free()
}

func newAsideSync(file *os.File) (*asideSync, error) {
	a := &asideSync{file: file, fd: int(file.Fd())}
	var err error
	if a.doneFD, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return nil, err
	}
	a.done = os.NewFile(uintptr(a.doneFD), "eventfd")
	if _, _, errno := unix.Syscall(unix.SYS_IO_SETUP, 1, uintptr(unsafe.Pointer(&a.context)), 0); errno != 0 {
		return nil, errors.Join(errno, a.done.Close())
	}
	return a, nil
}

func (a *asideSync) sync() error {
	if a.order() != nil { // too many are under way, or there is no memory
		return os.NewSyscallError("fdatasync", unix.Fdatasync(a.fd))
	}
	return a.outcome()
}

func (a *asideSync) order() error {
	a.number++
	order := &iocb{data: a.number, opcode: iocbFdsync, fd: uint32(a.fd), flags: iocbResFD, eventFD: uint32(a.doneFD)}
	_, _, errno := unix.Syscall(unix.SYS_IO_SUBMIT, a.context, 1, uintptr(unsafe.Pointer(&order)))
	if errno != 0 {
		return os.NewSyscallError("io_submit", errno)
	}
	return nil
}

// outcome waits for that of the last order.
func (a *asideSync) outcome() error {
	var count [8]byte
	if _, err := a.done.Read(count[:]); err != nil {
		return err
	}
	var event ioEvent
	for event.data != a.number {
		_, _, errno := unix.Syscall6(unix.SYS_IO_GETEVENTS, a.context, 1, 1, uintptr(unsafe.Pointer(&event)), 0, 0)
		if errno != 0 && errno != unix.EINTR {
			return os.NewSyscallError("io_getevents", errno)
		}
	}
	if event.res < 0 {
		return os.NewSyscallError("fdatasync", unix.Errno(-event.res))
	}
	return nil
}

func (a *asideSync) free() error {
	_, _, errno := unix.Syscall(unix.SYS_IO_DESTROY, a.context, 0, 0)
	var err error
	if errno != 0 {
		err = os.NewSyscallError("io_destroy", errno)
	}
	return errors.Join(err, a.done.Close())
}
