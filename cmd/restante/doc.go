// Restante is the command: it reads the settings, starts a server, waits for a
// signal, and prints what scripts and people need to know. It holds no mail
// logic.
//
//   - main.go    the command line, and which command runs
//   - help.go    the help
//   - exit.go    exit codes
//   - serve.go   serve: from the start to the signal
//   - banner.go  what serve prints
//   - keep.go    compact, cert: what is done to a store's files
//   - about.go   config, version: what this program is and is set to
package main
