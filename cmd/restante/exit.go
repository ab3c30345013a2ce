package main

import (
	"errors"

	"restante"
	"restante/configs"
)

// Exit codes. The help and the documentation list them. Commands that run
// another one, or that stand for sendmail, have more: see run.go and sendmail.go.
const (
	exitOK      = 0   // done, or stopped by a signal
	exitFailed  = 1   // anything else went wrong
	exitUsage   = 2   // the command line or a setting is wrong
	exitAddress = 3   // an address cannot be bound
	exitStore   = 4   // the store cannot be opened
	exitNobody  = 5   // no Restante is running there
	exitForced  = 130 // a second signal: stopped without waiting
)

// exitCode is the exit code of an error.
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
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*noServerError](err); ok {
		return exitNobody
	}
	return exitFailed
}
