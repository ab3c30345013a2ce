package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestTableOnATerminal(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"ID", "NAME", "SUBJECT"}, {"1", "a very long name indeed", "你好你好你好你好你好你好你好"}, {"22", "b", "x"}}
	var b bytes.Buffer
	if err := (output{Writer: &b, terminal: true, columns: 30}).table(rows); err != nil {
		t.Fatal(err)
	}
	want := "ID  NAME        SUBJECT\n" +
		"1   a very lo…  你好你好你好…\n" +
		"22  b           x\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", &b, want)
	}
	b.Reset()
	if err := (output{Writer: &b, colours: true}).table([][]string{{"A", "B"}, {"1", "2"}}, "", bold); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != "\x1b[2mA\x1b[0m  \x1b[2mB\x1b[0m\n1  \x1b[1m2\x1b[0m\n" {
		t.Errorf("with colours it is %q", got)
	}
}

// What stands in a message gives a terminal no orders.
func TestTextOnATerminal(t *testing.T) {
	t.Parallel()
	const text = "a\tb\r\n\x1b[2J\u202egnp.exe\x07\u009b1m\n"
	if got := (output{terminal: true}).lines(text); got != "a\tb\n\uFFFD[2J\uFFFDgnp.exe\uFFFD\uFFFD1m\n" {
		t.Errorf("on a terminal it is %q", got)
	}
	if got := (output{}).lines(text); got != text {
		t.Errorf("elsewhere it is %q, want it unchanged", got)
	}
	if got := oneLine("a\r\n b\x1b\u2066c"); got != "a b\uFFFD\uFFFDc" {
		t.Errorf("on one line it is %q", got)
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	now := time.Now()
	if got := moment(now); got != now.Format("15:04:05") {
		t.Errorf("now is %q", got)
	}
	if then := now.Add(-48 * time.Hour); moment(then) != then.Format("2006-01-02 15:04") {
		t.Errorf("two days ago is %q", moment(then))
	}
}

// On a real terminal there are colours, unless NO_COLOR is set, and a bar.
func TestTerminal(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command("script", "--version").CombinedOutput(); err != nil || !strings.Contains(string(out), "util-linux") {
		t.Skip("there is no script of util-linux")
	}
	s := newSite(t)
	s.transmit(t, "app@app.test", "alice@app.test", "Subject: \x1b[31mred\r\n\r\nx\r\n")
	on := func(line string, env ...string) string {
		t.Helper()
		cmd := tool(t, t.TempDir(), "script", "-qefc", line, "/dev/null")
		cmd.Env = append(append(append(cmd.Env, s.command(t).Env...), "SHELL=/bin/sh", "restante="+s.command(t).Path), env...)
		return done(t, cmd)
	}
	list := on(`"$restante" list`)
	if !strings.Contains(list, "\x1b[1m") || strings.Contains(list, "\x1b[31m") || !strings.Contains(list, "red\x1b[0m") {
		t.Errorf("on a terminal it printed %q, want the subject in bold, and harmless", list)
	}
	if plain := on(`"$restante" list`, "NO_COLOR=1"); strings.Contains(plain, "\x1b") || !strings.Contains(plain, "red") {
		t.Errorf("with NO_COLOR it printed %q", plain)
	}
	if out := on(`"$restante" export mail`); !strings.Contains(out, "export   0% |") || !strings.Contains(out, "exported 1 message") {
		t.Errorf("export printed %q, want a bar", out)
	}
}
