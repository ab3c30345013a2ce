package restante

import (
	"crypto/sha1"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// hashed makes the lines that htpasswd -B and htpasswd -s would.
func hashed(t *testing.T, user, password string) (withBcrypt, withSHA string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte(password))
	return user + ":" + string(hash), user + ":{SHA}" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestUsersFile(t *testing.T) {
	t.Parallel()
	alice, _ := hashed(t, "alice", "open sesame")
	_, bob := hashed(t, "bob@app.test", "b:o:b")
	users, err := readUsers("users-file", write(t, "users", "\ufeff"+alice+"\r\n# who else\n\n"+bob+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		user, password string
		want           bool
	}{
		{"alice", "open sesame", true},
		{"alice", "open sesame ", false},
		{"alice", "", false},
		{"Alice", "open sesame", false},
		{"bob@app.test", "b:o:b", true},
		{"bob@app.test", "b", false},
		{"carol", "open sesame", false},
		{"", "", false},
	} {
		if got := users(tt.user, tt.password); got != tt.want {
			t.Errorf("users(%q, %q) = %t, want %t", tt.user, tt.password, got, tt.want)
		}
	}
	if users, err := readUsers("users-file", ""); users != nil || err != nil {
		t.Errorf("without a file: %v, %v, want neither users nor an error", users != nil, err)
	}
}

func TestUsersFileRefused(t *testing.T) {
	t.Parallel()
	alice, _ := hashed(t, "alice", "x")
	for _, tt := range []struct{ what, text, want string }{
		{"no colon", alice + "\nbob\n", ":2: want user:hash, as htpasswd -B writes it"},
		{"no user", ":x\n", ":1: want user:hash"},
		{"plain text", "bob:secret\n", `:1: the password of "bob" is not a bcrypt, SHA or MD5 hash of htpasswd`},
		{"half a hash", "bob:{SHA}secret\n", `:1: the password of "bob" is not`},
		{"half a bcrypt hash", alice[:len(alice)-9] + "\n", `:1: the bcrypt hash of "alice" has 51 characters, want 60`},
		{"twice", alice + "\n" + alice + "\n", `:2: user "alice" is already on line 1`},
		{"nobody", "# later\n", "has no users; make one with: htpasswd -B -c"},
	} {
		path := write(t, "users", tt.text)
		_, err := readUsers("users-file", path)
		if err == nil || !strings.HasPrefix(err.Error(), "users-file: "+path) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want users-file: %s … %s", tt.what, err, path, tt.want)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the password: %v", tt.what, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "none")
	if _, err := readUsers("users-file", missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a file that is missing: %v, want an error that names it", err)
	}
}
