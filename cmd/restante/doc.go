// Restante is the command. It reads the settings, starts a server, waits for a
// signal, and prints what scripts and people need to know; its other commands ask
// a server that runs, by way of package client. It holds no mail logic but that of
// files: mailbox files, Maildirs, and a message on its way from a program.
//
//   - main.go       the command line, and which command runs
//   - help.go       the help; what a command takes stands at the command
//   - exit.go       exit codes
//   - serve.go      serve: from the start to the signal
//   - banner.go     what serve prints
//   - keep.go       compact, cert: what is done to a store's files
//   - about.go      config, version: what this program is and is set to
//   - remote.go     where a running server is; its errors in the user's words
//   - select.go     which messages, for the commands that take several
//   - output.go     tables, colours, and text that a terminal must not obey
//   - wait.go, list.go, show.go, delete.go, mailboxes.go, faults.go
//   - send.go       send: one message by SMTP
//   - sendmail.go   the options of sendmail, and its exit codes
//   - draft.go      a message as programs give it to sendmail
//   - compose.go    a message that flags describe
//   - import.go, export.go
//   - folder.go     files and directories of messages, and the index beside them
//   - mbox.go       mailbox files
//   - maildir.go    Maildirs
//   - run.go        run: a command beside a server of its own
//   - reading.go    which messages that command reads
//   - unread.go     those that it did not
//   - completion.go completion, and the hidden complete behind its scripts
package main
