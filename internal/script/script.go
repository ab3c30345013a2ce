package script

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Addrs maps the names of connections to addresses, "127.0.0.1:1025". The
// address of an HTTP server may be a URL.
type Addrs map[string]string

// timeout bounds every read and every write.
const timeout = 10 * time.Second

// Run plays a script. The test ends at the first line that goes wrong.
func Run(t testing.TB, file string, addrs Addrs) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := play(file, string(text), addrs, timeout); err != nil {
		t.Fatal(err)
	}
}

// play runs the text of a script; file is its name in errors.
func play(file, text string, addrs Addrs, timeout time.Duration) error {
	p := &player{addrs: addrs, timeout: timeout, conns: map[string]*conn{}, vars: map[string]string{}}
	defer p.close()
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimLeft(lines.Text(), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		if err := p.step(line); err != nil {
			return fmt.Errorf("%s:%d: %s\n%w%s", file, n, line, err, p.conversation())
		}
	}
	return lines.Err()
}

var variable = regexp.MustCompile(`\$[A-Z][A-Z0-9_]*`)

// expand replaces the variables that a let has set; other dollar signs stay.
func (p *player) expand(s string) string {
	return variable.ReplaceAllStringFunc(s, func(name string) string {
		if v, ok := p.vars[name[1:]]; ok {
			return v
		}
		return name
	})
}

// match compares a line with a pattern in which * stands for any octets.
func match(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, last)
}
