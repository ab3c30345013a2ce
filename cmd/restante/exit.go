package main

import (
	"errors"

	"restante"
	"restante/configs"
)

// Exit codes. The help and the README list them.
const (
	exitOK      = 0   // done, or stopped by a signal
	exitFailed  = 1   // anything else went wrong
	exitUsage   = 2   // the command line or a setting is wrong
	exitAddress = 3   // an address cannot be bound
	exitStore   = 4   // the store cannot be opened
	exitForced  = 130 // a second signal: stopped without waiting
)

// exitCode is the exit code of an error of starting a server or opening a store.
func exitCode(err error) int {
	if _, ok := errors.AsType[*restante.BindError](err); ok {
		return exitAddress
	}
	if _, ok := errors.AsType[*restante.StoreError](err); ok {
		return exitStore
	}
	if _, ok := errors.AsType[*configs.ValueError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*configs.SettingError](err); ok {
		return exitUsage
	}
	return exitFailed
}
