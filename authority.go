package restante

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 365 * 24 * time.Hour // Apple's limit is 825 days, also below a user's own authority
	leafMargin    = 30 * 24 * time.Hour  // renewed when less is left
	clockSlack    = time.Hour            // clients' clocks may be behind
)

// authority is a local certificate authority. It is made once and kept beside
// the store, so that trusting it once is enough; that of an ephemeral store is
// in memory only.
type authority struct {
	dir  string // "" is in memory
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte // cert
}

// Files of an authority's directory, which is the store's file with ".tls".
const (
	caFile    = "ca.pem"
	caKeyFile = "ca-key.pem"
	leafFile  = "server.pem" // certificate, authority and key
)

func openAuthority(cfg *Config) (*authority, error) {
	if cfg.Ephemeral {
		cert, key, err := newAuthority(time.Now())
		if err != nil {
			return nil, fmt.Errorf("make a certificate authority: %w", err)
		}
		return readAuthority("", cert, key)
	}
	path, err := cfg.DataFile()
	if err != nil {
		return nil, err
	}
	dir := path + ".tls"
	a, err := loadAuthority(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeAuthority(dir); err == nil {
			a, err = loadAuthority(dir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the certificate authority in %s: %w; remove that directory to begin a new one, which must then be trusted again", dir, err)
	}
	return a, nil
}

func loadAuthority(dir string) (*authority, error) {
	cert, err := os.ReadFile(filepath.Join(dir, caFile))
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(filepath.Join(dir, caKeyFile))
	if err != nil {
		return nil, fmt.Errorf("its key is missing: %v", err)
	}
	return readAuthority(dir, cert, key)
}

func readAuthority(dir string, cert, key []byte) (*authority, error) {
	pair, err := tls.X509KeyPair(cert, key) // they belong together
	if err != nil {
		return nil, err
	}
	a := &authority{dir: dir, cert: pair.Leaf, pem: cert}
	a.key, _ = pair.PrivateKey.(crypto.Signer)
	switch {
	case a.key == nil || !a.cert.IsCA:
		return nil, errors.New("it is not an authority's")
	case time.Now().After(a.cert.NotAfter):
		return nil, fmt.Errorf("it expired on %s", a.cert.NotAfter.Format(time.DateOnly))
	}
	return a, nil
}

// makeAuthority makes the directory of an authority, whole or not at all.
// Another process that makes it at the same time wins.
func makeAuthority(dir string) error {
	cert, key, err := newAuthority(time.Now())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	if err := errors.Join(
		os.WriteFile(filepath.Join(draft, caFile), cert, 0o644),
		os.WriteFile(filepath.Join(draft, caKeyFile), key, 0o600),
	); err != nil {
		return err
	}
	if err := os.Rename(draft, dir); err != nil {
		if _, exists := os.Stat(filepath.Join(dir, caFile)); exists != nil {
			return err
		}
	}
	return nil
}

// newAuthority makes an authority's certificate and key, both in PEM.
func newAuthority(now time.Time) (cert, key []byte, err error) {
	host, _ := os.Hostname()
	return issue(&x509.Certificate{
		Subject:               pkix.Name{CommonName: strings.TrimSpace("Restante local CA " + host)},
		NotBefore:             now.Add(-clockSlack),
		NotAfter:              now.Add(authorityLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}, nil)
}

// issue signs a certificate with a new key; by itself when there is no
// authority.
func issue(template *x509.Certificate, by *authority) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	parent, signer := template, crypto.Signer(private)
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, private.Public(), signer)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

// leaf is the server's own certificate. It renews itself.
type leaf struct {
	authority *authority
	names     []string
	ips       []net.IP
	now       func() time.Time
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
}

// newLeaf takes the certificate that is kept beside the authority, or issues
// one. It is for localhost, the loopback addresses and the host name.
func newLeaf(a *authority, hostname string, now func() time.Time, log *slog.Logger) (*leaf, error) {
	l := &leaf{authority: a, names: []string{"localhost"}, now: now, log: log,
		ips: []net.IP{net.IPv4(127, 0, 0, 1).To4(), net.IPv6loopback}}
	if ip := net.ParseIP(hostname); ip == nil {
		if !strings.EqualFold(hostname, "localhost") {
			l.names = append(l.names, strings.ToLower(strings.TrimSuffix(hostname, ".")))
		}
	} else if !slices.ContainsFunc(l.ips, ip.Equal) {
		l.ips = append(l.ips, ip)
	}
	if a.dir != "" {
		file := filepath.Join(a.dir, leafFile)
		if pair, err := tls.LoadX509KeyPair(file, file); err == nil && l.fits(&pair) {
			l.current = &pair
			return l, nil
		}
	}
	pair, err := l.renew()
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	l.current = pair
	return l, nil
}

// fits says whether a certificate has these names, this authority, and time
// left.
func (l *leaf) fits(pair *tls.Certificate) bool {
	return pair.Leaf.CheckSignatureFrom(l.authority.cert) == nil &&
		slices.Equal(pair.Leaf.DNSNames, l.names) &&
		slices.EqualFunc(pair.Leaf.IPAddresses, l.ips, net.IP.Equal) &&
		l.now().After(pair.Leaf.NotBefore) &&
		l.now().Add(leafMargin).Before(pair.Leaf.NotAfter)
}

// get is the GetCertificate of a TLS configuration.
func (l *leaf) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.fits(l.current) {
		pair, err := l.renew()
		if err != nil {
			l.log.Error("cannot renew the certificate", "err", err)
			return l.current, nil
		}
		l.current = pair
	}
	return l.current, nil
}

// renew issues a certificate and keeps it beside the authority.
func (l *leaf) renew() (*tls.Certificate, error) {
	now := l.now()
	cert, key, err := issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: l.names[len(l.names)-1]},
		NotBefore:   now.Add(-clockSlack),
		NotAfter:    now.Add(leafLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    l.names,
		IPAddresses: l.ips,
	}, l.authority)
	if err != nil {
		return nil, err
	}
	chain := slices.Concat(cert, l.authority.pem)
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, err
	}
	if l.authority.dir != "" {
		if err := replaceFile(filepath.Join(l.authority.dir, leafFile), slices.Concat(chain, key)); err != nil {
			return nil, err
		}
	}
	return &pair, nil
}

// replaceFile writes a file for the user's eyes only, whole or not at all.
func replaceFile(path string, octets []byte) error {
	draft, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(octets)
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}
