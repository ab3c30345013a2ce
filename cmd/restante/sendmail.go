package main

import (
	"errors"
	"strings"

	"github.com/emersion/go-smtp"

	"restante/configs"
)

// sendmailArgs are the options of sendmail that take a value, and those that
// take none. One that takes a value has it in the same argument or in the next.
const (
	sendmailValued = "ABCdeFfhLMNOopRrVX"
	sendmailPlain  = "GimnstUv"
)

// sendmailModes are the values of -b that are known: what mail programs ask for.
const sendmailModes = "mspi"

// fromSendmail rewrites a command line of sendmail, "-oi -fapp@app.test
// you@app.test", into flags of send. Long flags stay as they are, and so does
// everything after "--".
func fromSendmail(args []string) ([]string, error) {
	var out []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			return append(append(out, "--"), args...), nil
		}
		if len(arg) < 2 || arg[0] != '-' || arg[1] == '-' {
			out = append(out, arg)
			continue
		}
		for rest := arg[1:]; rest != ""; {
			option, value := rest[:1], rest[1:]
			rest = value
			switch {
			case option == "h" && value == "" && (len(args) == 0 || !isDigits(args[0])):
				out = append(out, "--help") // a hop count follows where sendmail is meant
				continue
			case option == "q": // work off the queue; what follows says how often
				value, rest = "", ""
			case option == "b" && (value == "" || !strings.Contains(sendmailModes, value[:1])):
				return nil, usagef("-b%s is not a way of working that there is here; -bm and -bs are", value)
			case option == "b":
				value, rest = value[:1], value[1:]
			case strings.Contains(sendmailValued, option):
				rest = ""
				if value == "" {
					if len(args) == 0 {
						return nil, usagef("-%s needs a value", option)
					}
					value, args = args[0], args[1:]
				}
			case strings.Contains(sendmailPlain, option):
				value = ""
			default:
				return nil, usagef("-%s is not an option of sendmail that is known here", option)
			}
			out = append(out, "--sendmail="+option+value)
		}
	}
	return out, nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// sendmailIn rewrites what follows the word send, where that is the command.
func sendmailIn(args []string) ([]string, error) {
	at := 0
	for at < len(args) && strings.HasPrefix(args[at], "--") && args[at] != "--" {
		name, _, attached := strings.Cut(args[at][2:], "=")
		at++
		if s, ok := configs.Lookup(name); !attached && (ok && s.Allowed() != "true or false" || name == "config") {
			at++ // its value
		}
	}
	if at >= len(args) || args[at] != "send" {
		return args, nil
	}
	rest, err := fromSendmail(args[at+1:])
	return append(args[:at+1:at+1], rest...), err
}

// apply takes over one option of sendmail: its letter and its value. Those that
// mean nothing to a server that delivers everything at once are passed over.
func (c *sendCmd) apply(option string) {
	letter, value := option[:1], option[1:]
	switch letter {
	case "b":
		c.mode = value
	case "q":
		c.mode = "q"
	case "f", "r":
		c.sender = &value
	case "F":
		c.name = value
	case "t":
		c.extract = true
	case "i":
		c.dots = true
	case "v":
		c.Verbose = true
	case "o":
		c.dots = c.dots || strings.HasPrefix(value, "i")
	case "O":
		name, set, _ := strings.Cut(value, "=")
		c.dots = c.dots || strings.EqualFold(name, "IgnoreDots") && !strings.EqualFold(set, "false")
	case "N":
		c.notify = strings.ToUpper(value)
	case "R":
		c.ret = strings.ToUpper(value)
	case "V":
		c.envid = value
	}
}

// Exit codes of sendmail, from sysexits.h.
const (
	sysexitUsage       = 64
	sysexitData        = 65
	sysexitUnavailable = 69
	sysexitTemporary   = 75
)

// sysexit is the exit code of sendmail for an error. A server that is not there
// is no temporary failure: PHP would take that for success.
func sysexit(err error) int {
	if wrong, ok := errors.AsType[*usageError](err); ok {
		if wrong.inMessage {
			return sysexitData
		}
		return sysexitUsage
	}
	if refused, ok := errors.AsType[*smtp.SMTPError](err); ok && refused.Temporary() {
		return sysexitTemporary
	}
	return sysexitUnavailable
}
