package restante

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// All of this is best effort: processes of other users show no files, and a
// process may end meanwhile. "" is unknown.

// portOwner names the process that listens on a TCP port.
func portOwner(port uint16) string {
	const listening = "0A" // TCP_LISTEN
	local := fmt.Sprintf(":%04X", port)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		for _, row := range rows(table) {
			if len(row) > 9 && row[3] == listening && strings.HasSuffix(row[1], local) {
				if who := holder("socket:[" + row[9] + "]"); who != "" {
					return who
				}
			}
		}
	}
	return ""
}

// socketOwner names the process that listens on a unix socket.
func socketOwner(path string) string {
	const listening = "00010000" // __SO_ACCEPTCON
	for _, row := range rows("/proc/net/unix") {
		if len(row) > 7 && row[3] == listening && row[7] == path {
			return holder("socket:[" + row[6] + "]")
		}
	}
	return ""
}

// fileOwner names the process that has a file open.
func fileOwner(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return holder(path)
}

// rows splits a table of /proc/net into fields, without its heading.
func rows(table string) [][]string {
	text, err := os.ReadFile(table)
	if err != nil {
		return nil
	}
	var all [][]string
	for line := range strings.Lines(string(text)) {
		all = append(all, strings.Fields(line))
	}
	return all[min(1, len(all)):]
}

// holder names the process one of whose open files links to target.
func holder(target string) string {
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if link, err := os.Readlink(file); err != nil || link != target {
			continue
		}
		pid := strings.Split(file, "/")[2]
		if pid == strconv.Itoa(os.Getpid()) {
			return "this very process (pid " + pid + ")"
		}
		name, err := os.ReadFile(filepath.Join("/proc", pid, "comm"))
		if err != nil {
			return "pid " + pid
		}
		return fmt.Sprintf("%s (pid %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}
