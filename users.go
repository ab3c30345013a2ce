package restante

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/tg123/go-htpasswd"

	"restante/configs"
)

// hashes are the ways of keeping a password that a users file may use. Plain
// text is not among them: a line that was never hashed is a mistake.
var hashes = []htpasswd.PasswdParser{
	htpasswd.AcceptBcrypt, htpasswd.AcceptSha, htpasswd.AcceptSsha, htpasswd.AcceptCryptSha, htpasswd.AcceptMd5,
}

// readUsers reads the users file of a setting, whole: one line that is wrong is an error. The
// result checks a user's password; it is nil without a file.
func readUsers(setting, path string) (func(user, password string) bool, error) {
	if path == "" {
		return nil, nil
	}
	fail := func(format string, args ...any) error {
		return &configs.SettingError{Setting: setting, Err: fmt.Errorf(format, args...)}
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		return nil, fail("%w", err)
	}
	var good bytes.Buffer
	users, number := map[string]int{}, 0
	for line := range strings.Lines(strings.TrimPrefix(string(octets), "\ufeff")) { // an editor may put it there
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, err := checkUser(line)
		if err != nil {
			return nil, fail("%s:%d: %w", path, number, err)
		}
		if first, twice := users[user]; twice {
			return nil, fail("%s:%d: user %q is already on line %d", path, number, user, first)
		}
		users[user] = number
		good.WriteString(line + "\n")
	}
	if len(users) == 0 {
		return nil, fail("%s has no users; make one with: htpasswd -B -c %s alice", path, path)
	}
	file, err := htpasswd.NewFromReader(&good, hashes, nil)
	if err != nil {
		return nil, fail("%s: %w", path, err)
	}
	return file.Match, nil
}

const bcryptLength = 60

// checkUser checks one line and gives its user. The library's own errors quote
// the hash, which belongs in no log.
func checkUser(line string) (string, error) {
	user, hash, ok := strings.Cut(line, ":")
	if !ok || user == "" {
		return "", fmt.Errorf("want user:hash, as htpasswd -B writes it")
	}
	if strings.HasPrefix(hash, "$2") && len(hash) != bcryptLength { // the library looks no further than the prefix
		return "", fmt.Errorf("the bcrypt hash of %q has %d characters, want %d: a part of it is missing, or something follows it", user, len(hash), bcryptLength)
	}
	for _, parse := range hashes {
		if password, err := parse(hash); err == nil && password != nil {
			return user, nil
		}
	}
	return "", fmt.Errorf("the password of %q is not a bcrypt, SHA or MD5 hash of htpasswd", user)
}
