package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A Maildir has a file for each message: in new when no reader has noticed it,
// else in cur, with flags behind ":2," of which S is seen. What stands before
// the colon is the message's key, and begins with a time.

// maildirInfo begins the flags. File names of Windows have no colon.
func maildirInfo() string {
	if runtime.GOOS == "windows" {
		return ";2,"
	}
	return ":2,"
}

func isMaildirPart(name string) bool { return name == "cur" || name == "new" || name == "tmp" }

func isMaildir(dir string) bool {
	for _, part := range []string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(dir, part)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// maildirFiles lists the messages, by key.
func maildirFiles(dir string) ([]string, error) {
	var files []string
	for _, part := range []string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(dir, part))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				files = append(files, filepath.Join(part, e.Name()))
			}
		}
	}
	slices.SortStableFunc(files, func(a, b string) int { return strings.Compare(maildirKey(a), maildirKey(b)) })
	return files, nil
}

// maildirKey is what stays of a file's name when readers move it and set flags.
func maildirKey(name string) string {
	key := filepath.Base(name)
	for _, mark := range []string{":2,", ";2,"} {
		key, _, _ = strings.Cut(key, mark)
	}
	return key
}

// isSeen reads the flag.
func isSeen(name string) bool {
	flags, ok := strings.CutPrefix(strings.TrimPrefix(filepath.Base(name), maildirKey(name)), ":2,")
	if !ok {
		flags, ok = strings.CutPrefix(strings.TrimPrefix(filepath.Base(name), maildirKey(name)), ";2,")
	}
	return ok && strings.Contains(flags, "S")
}

func makeMaildir(dir string) error {
	for _, part := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// addToMaildir writes a message by way of tmp, as readers expect it, and returns
// its key.
func addToMaildir(dir string, received time.Time, seq uint64, id string, seen bool, content []byte) (string, error) {
	key := fmt.Sprintf("%d.R%012d.%s", received.Unix(), seq, id)
	name := filepath.Join("new", key)
	if seen {
		name = filepath.Join("cur", key+maildirInfo()+"S")
	}
	temp := filepath.Join(dir, "tmp", key)
	if err := writeNew(temp, content); err != nil {
		return "", err
	}
	return key, os.Rename(temp, filepath.Join(dir, name))
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
