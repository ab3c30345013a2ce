//go:build !unix

package main

import (
	"os"
	"syscall"
)

// forwarded are the signals that run waits out. The console has given them to
// the command as well.
func forwarded() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

func hasTerminalSignal(os.Signal) bool { return true }

func processCode(state *os.ProcessState) int { return state.ExitCode() }
