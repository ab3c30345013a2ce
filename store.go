package restante

import (
	"errors"
	"fmt"
	"log/slog"
	"syscall"

	"restante/configs"
	"restante/mailstore"
)

// StoreError is a store that could not be opened. Its text says what to do.
type StoreError struct {
	Path  string // "" of an ephemeral one
	Owner string // who has it, "restante (pid 1234)"; "" when that is not known
	Err   error  // wraps mailstore.ErrInUse, ErrDamaged or ErrNewerSchema where that is it
}

func (e *StoreError) Unwrap() error { return e.Err }

func (e *StoreError) Error() string {
	switch {
	case errors.Is(e.Err, mailstore.ErrInUse):
		by := e.Owner
		if by == "" {
			by = "another restante"
		}
		return fmt.Sprintf("data: %s is in use by %s; stop that one, name another file with --data, or take a throw-away store with --ephemeral", e.Path, by)
	case errors.Is(e.Err, mailstore.ErrNewerSchema):
		return fmt.Sprintf("data: %s was written by a later version of Restante (this is %s); update, or name another file with --data", e.Path, Version())
	case errors.Is(e.Err, mailstore.ErrDamaged):
		return fmt.Sprintf("data: %s is damaged or not a store of Restante (%v); it was left as it is: move it away to begin a new one, or name another file with --data", e.Path, e.Err)
	}
	if e.Path == "" {
		return fmt.Sprintf("ephemeral: %v; such a store is in the folder for temporary files, which TMPDIR names", e.Err)
	}
	if errors.Is(e.Err, syscall.ENOSPC) {
		return fmt.Sprintf("data: %v; make room, or name another file with --data", e.Err)
	}
	return fmt.Sprintf("data: %v; --data names another file", e.Err)
}

func openStore(cfg *Config, log *slog.Logger) (*mailstore.Store, error) {
	path := ""
	if !cfg.Ephemeral {
		var err error
		if path, err = cfg.DataFile(); err != nil {
			return nil, err
		}
	}
	store, err := mailstore.Open(mailstore.Options{
		Path:       path,
		Ephemeral:  cfg.Ephemeral,
		Durability: mailstore.Durability(cfg.Durability),
		Naming:     mailstore.Naming(cfg.Naming),
		Separator:  cfg.Separator,
		Retention: mailstore.Retention{
			MaxMessages: cfg.MaxMessages, MaxAge: cfg.MaxAge, MaxBytes: int64(cfg.MaxBytes),
		},
		PerMailbox: mailstore.Retention{
			MaxMessages: cfg.MailboxMaxMessages, MaxAge: cfg.MailboxMaxAge, MaxBytes: int64(cfg.MailboxMaxBytes),
		},
		Sessions: cfg.Sessions,
		Hostname: cfg.Hostname,
		Log:      log,
	})
	if err != nil {
		return nil, storeError(path, err)
	}
	return store, nil
}

func storeError(path string, err error) error {
	e := &StoreError{Path: path, Err: err}
	if errors.Is(err, mailstore.ErrInUse) {
		e.Owner = fileOwner(path)
	}
	return e
}

// Compact rewrites the store's file without its free space and returns its size
// before and after, in octets. It loses no mail and makes no store where there
// is none. The error is a [*StoreError] when the store cannot be opened.
func Compact(cfg Config) (path string, before, after int64, err error) {
	cfg, err = cfg.Complete()
	if err != nil {
		return "", 0, 0, err
	}
	if cfg.Ephemeral {
		return "", 0, 0, &configs.SettingError{Setting: "ephemeral", Err: errors.New("such a store has no file to compact; name one with --data")}
	}
	if path, err = cfg.DataFile(); err != nil {
		return "", 0, 0, err
	}
	before, after, err = mailstore.Compact(path)
	if err != nil {
		return path, 0, 0, storeError(path, err)
	}
	return path, before, after, nil
}
