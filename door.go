package restante

import (
	"fmt"
	"os"
	"strings"

	"restante/configs"
)

// door is who may use the page and the API; everybody when it is empty.
type door struct {
	users  func(user, password string) bool
	tokens []string
}

func readDoor(cfg *Config) (d door, err error) {
	if d.users, err = readUsers("web-auth", cfg.WebAuth); err != nil {
		return d, err
	}
	d.tokens, err = readTokens(cfg.WebTokens)
	return d, err
}

// minToken is the least length of a token: shorter ones can be guessed.
const minToken = 16

// readTokens reads a file of tokens, whole: one line that is wrong is an error.
func readTokens(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	fail := func(format string, args ...any) error {
		return &configs.SettingError{Setting: "web-tokens", Err: fmt.Errorf(format, args...)}
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		return nil, fail("%w", err)
	}
	var tokens []string
	number := 0
	for line := range strings.Lines(string(octets)) {
		number++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case len(line) < minToken || strings.ContainsFunc(line, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
			return nil, fail("%s:%d: want a token of %d characters or more, without spaces, such as openssl rand -hex 16 makes", path, number, minToken)
		}
		tokens = append(tokens, line)
	}
	if len(tokens) == 0 {
		return nil, fail("%s has no tokens; make one with: openssl rand -hex 16 > %s", path, path)
	}
	return tokens, nil
}
