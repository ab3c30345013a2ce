package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"restante/internal/tools"
)

// fetcher is a client that has just been told where a maildrop is.
type fetcher struct {
	*site
	home, inbox string
	user        string
}

// mpop is a command of mpop's.
func (f fetcher) mpop(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	secret := filepath.Join(f.home, "secret")
	writeFile(t, secret, "any")
	return tool(t, f.home, "mpop", append([]string{"--quiet", "--half-quiet", "--host=" + f.host("pop3"), "--port=" + f.port("pop3"), "--auth=user",
		"--user=" + f.user, "--passwordeval=cat " + secret, "--uidls-file=" + filepath.Join(f.home, "uidls")}, args...)...)
}

// mpopToFiles is what has mpop store mail as it is.
func (f fetcher) mpopToFiles() []string {
	return []string{"--received-header=off", "--delivery=exchange," + f.inbox}
}

// fetchmail is a command of fetchmail's, with global options, a listener, and
// options of the user.
func (f fetcher) fetchmail(t *testing.T, global, listener, options string) *exec.Cmd {
	t.Helper()
	rc := filepath.Join(f.home, "fetchmailrc")
	writeFile(t, rc, fmt.Sprintf("set no bouncemail\n%s\npoll 127.0.0.1 service %s proto pop3 auth password uidl no dns\nuser %q password \"any\" no rewrite %s\n",
		global, f.port(listener), f.user, options))
	cmd := tool(t, f.home, "fetchmail", "--fetchmailrc", rc, "--idfile", filepath.Join(f.home, "ids"), "--pidfile", filepath.Join(f.home, "pid"), "--silent", "--nosyslog")
	cmd.Env = append(cmd.Env, "FETCHMAILHOME="+f.home)
	return cmd
}

// fetchmailToFiles is the user's option that has a program store mail.
func (f fetcher) fetchmailToFiles(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("mda \"sh %s\"", f.deliver(t, "exec ", ""))
}

// getmail is a command of getmail's that has a program store mail, with lines
// for its retriever and options.
func (f fetcher) getmail(t *testing.T, retriever, options string) *exec.Cmd {
	t.Helper()
	writeFile(t, filepath.Join(f.home, "getmailrc"), fmt.Sprintf("[retriever]\nserver = 127.0.0.1\nusername = %s\npassword = any\ntimeout = 60\n%s\n"+
		"[destination]\ntype = MDA_external\npath = /bin/sh\narguments = (%q,)\nallow_root_commands = true\n[options]\nread_all = false\nverbose = 0\n%s\n",
		f.user, retriever, f.deliver(t, "", untilWaitedFor), options))
	return tool(t, f.home, "getmail", "--getmaildir", f.home)
}

// getmailPlain is what says to getmail where the maildrop is.
func (f fetcher) getmailPlain() string { return "type = SimplePOP3Retriever\nport = " + f.port("pop3") }

// getmailBare has getmail add no fields.
const getmailBare = "delivered_to = false\nreceived = false\n"

// deliver is a shell script that puts its input into a file of the inbox.
func (f fetcher) deliver(t *testing.T, before, after string) string {
	t.Helper()
	script := filepath.Join(f.home, "deliver")
	writeFile(t, script, before+"cat >\"$(mktemp "+f.inbox+"/XXXXXX)\"\n"+after)
	return script
}

// testFetching has a client fetch a maildrop, again when there is nothing new,
// again when there is one more, and once more with deletion. fetch returns what
// the client has stored, each as it was on the wire.
func testFetching(t *testing.T, fetch func(t *testing.T, f fetcher, keep bool) []string) {
	t.Helper()
	s := newSite(t)
	f := fetcher{s, t.TempDir(), "", "user@fetch.test"}
	owed := s.fill(t, f.user)
	s.transmit(t, "app@fetch.test", "other@fetch.test", "Subject: not yours\r\n\r\n")
	again := func(keep bool) []string {
		f.inbox = t.TempDir()
		return fetch(t, f, keep)
	}
	wantMails(t, again(true), owed)
	wantMails(t, again(true), nil)
	id := s.transmit(t, "app@fetch.test", f.user, "Subject: new\r\nDate: Tue, 06 Jan 2026 10:11:12 +0000\r\n\r\n.new\r\n")
	fresh := s.owed(t, id)
	wantMails(t, again(true), []string{fresh})
	if got := s.maildrop(t, f.user); len(got) != len(owed)+1 {
		t.Errorf("there are %d messages after they were kept, want %d", len(got), len(owed)+1)
	}

	// One that knows nothing of it.
	f.home = t.TempDir()
	wantMails(t, again(false), append(owed, fresh))
	if got := s.maildrop(t, f.user); len(got) != 0 {
		t.Errorf("there are %d messages after they were fetched and deleted, want none", len(got))
	}
	if got := s.all(t, ""); len(got) != 1 {
		t.Errorf("the store has %d messages, want the other user's", len(got))
	}
}

// withoutField takes a field that a client adds off the beginning of a mail.
func withoutField(t *testing.T, text, name string) string {
	t.Helper()
	if !strings.HasPrefix(text, name+": ") {
		t.Errorf("mail begins with %.60q, want the field %s", text, name)
		return text
	}
	for {
		_, rest, _ := strings.Cut(text, "\n")
		text = rest
		if !strings.HasPrefix(text, " ") && !strings.HasPrefix(text, "\t") {
			return text
		}
	}
}

// mpop stores with the line ends of the system, or as they are; it puts a
// Received field before it all.
func TestMpop(t *testing.T) {
	t.Parallel()
	tools.Need(t, "mpop")
	keeping := func(keep bool) string {
		return map[bool]string{true: "--keep=on", false: "--keep=off"}[keep]
	}
	t.Run("maildir", func(t *testing.T) {
		t.Parallel()
		testFetching(t, func(t *testing.T, f fetcher, keep bool) []string {
			t.Helper()
			inbox := maildir(t, f.inbox)
			done(t, f.mpop(t, keeping(keep), "--delivery=maildir,"+f.inbox))
			return each(filesIn(t, inbox), func(text string) string { return crlf(withoutField(t, text, "Received")) })
		})
	})
	t.Run("pickup directory", func(t *testing.T) {
		t.Parallel()
		testFetching(t, func(t *testing.T, f fetcher, keep bool) []string {
			t.Helper()
			done(t, f.mpop(t, append(f.mpopToFiles(), keeping(keep))...))
			return filesIn(t, f.inbox)
		})
	})
	t.Run("ways in", func(t *testing.T) {
		t.Parallel()
		s := newTLSSite(t)
		owed := s.fill(t, "user@fetch.test")
		for i, args := range [][]string{
			{"--auth=plain"}, {"--auth=login"}, {"--auth=cram-md5"}, {"--auth=apop"}, {"--pipelining=off"}, {"--pipelining=on"},
			{"--tls=on", "--tls-starttls=on", "--tls-trust-file=" + s.ca},
			{"--tls=on", "--tls-starttls=off", "--tls-trust-file=" + s.ca, "--port=" + s.port("pop3s")},
		} {
			f := fetcher{s, t.TempDir(), t.TempDir(), "user@fetch.test"}
			done(t, f.mpop(t, slices.Concat(f.mpopToFiles(), []string{"--keep=on"}, args)...))
			t.Log(i, args)
			wantMails(t, filesIn(t, f.inbox), owed)
		}
	})
}

// fetchmailBreaks is what fetchmail 6.4 puts behind every 8 KB of a long line:
// NUL, whatever octet was there, and a line end.
var fetchmailBreaks = regexp.MustCompile("(?s)\x00.\r?\n")

// fetchmail gives mail to a program or to a mail server. It puts a Received
// field behind Return-Path, unless it is told to be invisible.
func TestFetchmail(t *testing.T) {
	t.Parallel()
	tools.Need(t, "fetchmail", "sh")
	fetchmail := func(t *testing.T, f fetcher, global, listener, options string) {
		t.Helper()
		cmd := f.fetchmail(t, global, listener, options)
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState.ExitCode() != 1 { // 1: there was no mail
			t.Fatalf("%v: %s", err, out)
		}
	}
	toFiles := func(t *testing.T, f fetcher, global, listener, options string) []string {
		t.Helper()
		fetchmail(t, f, global, listener, f.fetchmailToFiles(t)+" "+options)
		return each(filesIn(t, f.inbox), func(text string) string { return fetchmailBreaks.ReplaceAllLiteralString(text, "") })
	}
	keeping := func(keep bool) string {
		return map[bool]string{true: " keep", false: " nokeep"}[keep]
	}
	const plain = "sslproto ''"
	t.Run("visible", func(t *testing.T) {
		t.Parallel()
		testFetching(t, func(t *testing.T, f fetcher, keep bool) []string {
			t.Helper()
			return each(toFiles(t, f, "", "pop3", plain+keeping(keep)), func(text string) string {
				returnPath, rest, _ := strings.Cut(text, "\n")
				return crlf(returnPath + "\n" + withoutField(t, rest, "Received"))
			})
		})
	})
	t.Run("invisible", func(t *testing.T) {
		t.Parallel()
		testFetching(t, func(t *testing.T, f fetcher, keep bool) []string {
			t.Helper()
			return each(toFiles(t, f, "set invisible", "pop3", plain+keeping(keep)), crlf)
		})
	})
	t.Run("ways in", func(t *testing.T) {
		t.Parallel()
		s := newTLSSite(t)
		owed := s.fill(t, "user@fetch.test")
		for listener, tls := range map[string]string{"pop3": "sslproto 'auto'", "pop3s": "ssl"} {
			f := fetcher{s, t.TempDir(), t.TempDir(), "user@fetch.test"}
			got := toFiles(t, f, "set invisible", listener, "keep sslcertck sslcommonname localhost sslcertfile "+s.ca+" "+tls)
			wantMails(t, each(got, crlf), owed)
		}
	})
	t.Run("to another server", func(t *testing.T) {
		t.Parallel()
		s, other := newSite(t), newSite(t)
		owed := s.fill(t, "user@fetch.test")
		f := fetcher{s, t.TempDir(), t.TempDir(), "user@fetch.test"}
		fetchmail(t, f, "set invisible", "pop3", plain+" nokeep smtphost 127.0.0.1/"+other.port("smtp")+" smtpname there@fetch.test")
		var got []string
		for _, m := range other.all(t, "rcpt:=there@fetch.test") {
			// What was in Return-Path is now in MAIL.
			got = append(got, "Return-Path: <"+m.Sender+">\r\n"+fetchmailBreaks.ReplaceAllLiteralString(other.raw(t, m.ID), ""))
		}
		wantMails(t, got, owed)
		if left := s.all(t, ""); len(left) != 0 {
			t.Errorf("%d messages are still there", len(left))
		}
	})
}

// untilWaitedFor is the end of a script that getmail 6.18 starts. It begins to
// catch SIGCHLD only after the start, and to wait still later; a program that
// has ended before then is waited for in vain. On Linux a process can see that.
const untilWaitedFor = `while s=$(cat /proc/$PPID/status 2>/dev/null); do
	case $s in *"S (sleeping)"*SigCgt:*[13579bdf]????"
CapInh:"*) exit ;; esac
done
`

// getmail parses mail and writes it again, with a Return-Path before it and, if
// it is told to, fields of its own.
func TestGetmail(t *testing.T) {
	t.Parallel()
	tools.Need(t, "getmail", "sh")
	getmail := func(t *testing.T, f fetcher, retriever, options string) []string {
		t.Helper()
		done(t, f.getmail(t, retriever, options))
		return filesIn(t, f.inbox)
	}
	deleting := func(keep bool) string {
		return map[bool]string{true: "delete = false\n", false: "delete = true\n"}[keep]
	}
	t.Run("with fields", func(t *testing.T) {
		t.Parallel()
		testFetching(t, func(t *testing.T, f fetcher, keep bool) []string {
			t.Helper()
			got := getmail(t, f, f.getmailPlain(), deleting(keep))
			return each(got, func(text string) string {
				returnPath, rest, _ := strings.Cut(text, "\n")
				return crlf(returnPath + "\n" + withoutField(t, withoutField(t, rest, "Delivered-To"), "Received"))
			})
		})
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		testFetching(t, func(t *testing.T, f fetcher, keep bool) []string {
			t.Helper()
			return each(getmail(t, f, f.getmailPlain(), deleting(keep)+getmailBare), crlf)
		})
	})
	t.Run("pop3s", func(t *testing.T) {
		t.Parallel()
		s := newTLSSite(t)
		owed := s.fill(t, "user@fetch.test")
		f := fetcher{s, t.TempDir(), t.TempDir(), "user@fetch.test"}
		got := getmail(t, f, "type = SimplePOP3SSLRetriever\nca_certs = "+s.ca+"\nport = "+s.port("pop3s"), getmailBare)
		wantMails(t, each(got, crlf), owed)
	})
}
