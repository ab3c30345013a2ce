package webui

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strings"
	"sync"
)

// openPaths are answered to everybody: an orchestrator's probes carry no
// credentials.
var openPaths = map[string]bool{"/livez": true, "/readyz": true}

// checkCredentials lets in by HTTP Basic (RFC 7617) or a bearer token (RFC
// 6750), where there is a list of users or tokens. Browsers ask for the former,
// and then send it with every request, the stream of events included.
func (s *Server) checkCredentials(next http.Handler) http.Handler {
	if s.cfg.Auth == nil && len(s.cfg.Tokens) == 0 {
		return next
	}
	door := newDoor(s.cfg.Auth, s.cfg.Tokens)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !openPaths[r.URL.Path] && !door.admits(r) {
			h := w.Header()
			h.Add("WWW-Authenticate", `Basic realm="Restante", charset="UTF-8"`)
			h.Add("WWW-Authenticate", `Bearer realm="Restante"`)
			writeProblem(w, problemf(http.StatusUnauthorized,
				"This server asks who you are: give a user name and password (curl -u user:password) or a token (Authorization: Bearer …)."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// door knows who is let in. Passwords are hashed so that checking one takes
// tens of milliseconds: what was right once is remembered, as a keyed hash.
type door struct {
	users  func(user, password string) bool // nil: none
	key    []byte
	tokens map[[sha256.Size]byte]bool

	mu    sync.Mutex
	known map[[sha256.Size]byte]bool
}

const maxKnown = 1000

func newDoor(users func(user, password string) bool, tokens []string) *door {
	d := &door{
		users: users, key: make([]byte, sha256.Size),
		tokens: make(map[[sha256.Size]byte]bool), known: make(map[[sha256.Size]byte]bool),
	}
	_, _ = rand.Read(d.key) // never fails
	for _, t := range tokens {
		d.tokens[d.digest("", t)] = true
	}
	return d
}

// digest makes a key for the maps: looking one up tells nothing by its time.
func (d *door) digest(user, secret string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, d.key)
	_ = binary.Write(h, binary.BigEndian, uint64(len(user)))
	h.Write([]byte(user))
	h.Write([]byte(secret))
	h.Sum(sum[:0])
	return sum
}

func (d *door) admits(r *http.Request) bool {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return d.tokens[d.digest("", strings.TrimSpace(token))]
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		return false
	}
	// A token as the password: for browsers, and clients that know Basic only.
	return d.tokens[d.digest("", password)] || d.users != nil && d.knows(user, password)
}

func (d *door) knows(user, password string) bool {
	sum := d.digest(user, password)
	d.mu.Lock()
	known := d.known[sum]
	d.mu.Unlock()
	if known {
		return true
	}
	if !d.users(user, password) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known) >= maxKnown {
		clear(d.known)
	}
	d.known[sum] = true
	return true
}
