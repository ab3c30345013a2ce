package smtpd

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"
)

// mechanism is a SASL mechanism. start returns its server side, which sets
// user when it succeeds.
type mechanism struct {
	name       string
	challenges bool // the server speaks first
	anyOnly    bool // works only where any credentials are accepted
	start      func(cfg *Config, user *string) sasl.Server
}

var mechanisms = []mechanism{
	{name: "PLAIN", start: startPlain},
	{name: "LOGIN", start: startLogin},
	{name: "CRAM-MD5", start: startCRAM, challenges: true, anyOnly: true},
}

func findMechanism(cfg *Config, name string) *mechanism {
	for i := range mechanisms {
		if m := &mechanisms[i]; strings.EqualFold(m.name, name) && m.offered(cfg) {
			return m
		}
	}
	return nil
}

func mechanismNames(cfg *Config) (names []string) {
	for _, m := range mechanisms {
		if m.offered(cfg) {
			names = append(names, m.name)
		}
	}
	return names
}

func (m *mechanism) offered(cfg *Config) bool { return !m.anyOnly || cfg.Users == nil }

var (
	errBadCredentials = errors.New("user name or password is wrong")
	errBadResponse    = errors.New("malformed response")
)

// authenticate checks a user and sets it.
func authenticate(cfg *Config, user *string, name, password string) error {
	if name == "" || cfg.Users != nil && !cfg.Users(name, password) {
		return errBadCredentials
	}
	*user = name
	return nil
}

// startPlain is PLAIN (RFC 4616). Nobody may act for somebody else.
func startPlain(cfg *Config, user *string) sasl.Server {
	return sasl.NewPlainServer(func(identity, name, password string) error {
		if name == "" { // RFC 4616 §2
			return errBadResponse
		}
		if cfg.Users != nil && identity != "" && identity != name {
			return errBadCredentials
		}
		return authenticate(cfg, user, name, password)
	})
}

// loginServer is LOGIN, which has no RFC.
type loginServer struct {
	cfg   *Config
	user  *string
	name  string
	asked int
}

func startLogin(cfg *Config, user *string) sasl.Server {
	return &loginServer{cfg: cfg, user: user}
}

func (s *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		s.asked++
		return []byte("Username:"), false, nil
	}
	if s.asked < 2 {
		s.asked = 2
		s.name = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, authenticate(s.cfg, s.user, s.name, string(response))
}

// cramServer is CRAM-MD5 (RFC 2195) without the password: any digest will do.
type cramServer struct {
	cfg  *Config
	user *string
}

func startCRAM(cfg *Config, user *string) sasl.Server { return &cramServer{cfg, user} }

func (s *cramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte("<" + rand.Text() + "@" + s.cfg.Hostname + ">"), false, nil
	}
	i := bytes.LastIndexByte(response, ' ') // a user name may have spaces
	if i <= 0 {
		return nil, true, errBadResponse
	}
	if digest, err := hex.DecodeString(string(response[i+1:])); err != nil || len(digest) != 16 {
		return nil, true, errBadResponse
	}
	*s.user = string(response[:i])
	return nil, true, nil
}
