package restante

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// kept is a configuration whose authority is kept on disk.
func kept(t *testing.T, hostname string) *Config {
	t.Helper()
	cfg, err := Config{Data: filepath.Join(t.TempDir(), "store.db"), TLS: "self-signed", Hostname: hostname}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	return &cfg
}

func authorityAndLeaf(t *testing.T, cfg *Config, now func() time.Time) (*authority, *leaf) {
	t.Helper()
	a, err := openAuthority(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLeaf(a, cfg.Hostname, now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return a, l
}

func shown(t *testing.T, l *leaf) *x509.Certificate {
	t.Helper()
	pair, err := l.get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}

func TestLeafIsTrustedThroughTheAuthority(t *testing.T) {
	t.Parallel()
	a, l := authorityAndLeaf(t, kept(t, "mail.app.test"), time.Now)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(a.pem) {
		t.Fatalf("the authority is not PEM: %s", a.pem)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "mail.app.test"} {
		if _, err := shown(t, l).Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("as %s: %v", name, err)
		}
	}
	if _, err := shown(t, l).Verify(x509.VerifyOptions{DNSName: "other.test", Roots: roots}); err == nil {
		t.Error("as other.test: trusted, want an error")
	}
	if _, ok := shown(t, l).PublicKey.(*ecdsa.PublicKey); !ok {
		t.Errorf("the key is a %T, want ECDSA", shown(t, l).PublicKey)
	}
}

func TestLeafForAnAddress(t *testing.T) {
	t.Parallel()
	_, l := authorityAndLeaf(t, kept(t, "192.0.2.7"), time.Now)
	if err := shown(t, l).VerifyHostname("192.0.2.7"); err != nil {
		t.Error(err)
	}
	_, l = authorityAndLeaf(t, kept(t, "::1"), time.Now)
	if n := len(shown(t, l).IPAddresses); n != 2 {
		t.Errorf("hostname ::1 makes %d addresses, want the two that are always there", n)
	}
}

func TestAuthorityIsReused(t *testing.T) {
	t.Parallel()
	cfg := kept(t, "localhost")
	a, l := authorityAndLeaf(t, cfg, time.Now)
	a2, l2 := authorityAndLeaf(t, cfg, time.Now)
	if !bytes.Equal(a.pem, a2.pem) {
		t.Error("the second start made another authority")
	}
	if !shown(t, l).Equal(shown(t, l2)) {
		t.Error("the second start made another certificate")
	}
	cfg.Hostname = "mail.app.test"
	a3, l3 := authorityAndLeaf(t, cfg, time.Now)
	if !bytes.Equal(a.pem, a3.pem) {
		t.Error("another host name made another authority")
	}
	if err := shown(t, l3).VerifyHostname("mail.app.test"); err != nil {
		t.Errorf("after another host name: %v", err)
	}
}

func TestLeafRenewsItself(t *testing.T) {
	t.Parallel()
	cfg := kept(t, "localhost")
	now := time.Now()
	a, l := authorityAndLeaf(t, cfg, func() time.Time { return now })
	first := shown(t, l)
	now = now.Add(leafLife - leafMargin - time.Hour)
	if !shown(t, l).Equal(first) {
		t.Error("renewed although there is time left")
	}
	now = now.Add(2 * time.Hour)
	second := shown(t, l)
	if second.Equal(first) || !second.NotAfter.After(first.NotAfter) {
		t.Errorf("%s before its end it is still the first, which ends %s", leafMargin, second.NotAfter)
	}
	if err := second.CheckSignatureFrom(a.cert); err != nil {
		t.Errorf("the renewed one is not the same authority's: %v", err)
	}
	_, again := authorityAndLeaf(t, cfg, func() time.Time { return now })
	if !shown(t, again).Equal(second) {
		t.Error("the renewed one was not kept")
	}
}

func TestAuthorityFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes do not say this on Windows")
	}
	cfg := kept(t, "localhost")
	a, _ := authorityAndLeaf(t, cfg, time.Now)
	if a.dir != cfg.Data+".tls" {
		t.Errorf("kept in %s, want beside the store, %s.tls", a.dir, cfg.Data)
	}
	for name, want := range map[string]os.FileMode{".": 0o700, caKeyFile: 0o600, leafFile: 0o600} {
		info, err := os.Stat(filepath.Join(a.dir, name))
		if err != nil {
			t.Error(err)
		} else if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
	files, err := os.ReadDir(filepath.Dir(cfg.Data))
	if err != nil || len(files) != 1 {
		t.Errorf("beside the store: %v, %v, want the one directory and no drafts", files, err)
	}
}

func TestAuthorityMadeByTwoAtOnce(t *testing.T) {
	t.Parallel()
	cfg := kept(t, "localhost")
	var made [8][]byte
	var both sync.WaitGroup
	for i := range made {
		both.Go(func() {
			if a, err := openAuthority(cfg); err != nil {
				t.Error(err)
			} else {
				made[i] = a.pem
			}
		})
	}
	both.Wait()
	for _, pem := range made {
		if !bytes.Equal(pem, made[0]) {
			t.Fatal("two processes have two authorities")
		}
	}
}

func TestAuthorityDamaged(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(dir string) error{
		"no key":      func(dir string) error { return os.Remove(filepath.Join(dir, caKeyFile)) },
		"broken cert": func(dir string) error { return os.WriteFile(filepath.Join(dir, caFile), []byte("x"), 0o600) },
		"another's key": func(dir string) error {
			_, key, err := newAuthority(time.Now())
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, caKeyFile), key, 0o600)
		},
		"expired": func(dir string) error {
			cert, key, err := newAuthority(time.Now().Add(-authorityLife - time.Hour))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, caKeyFile), key, 0o600); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, caFile), cert, 0o600)
		},
	} {
		cfg := kept(t, "localhost")
		a, _ := authorityAndLeaf(t, cfg, time.Now)
		if err := spoil(a.dir); err != nil {
			t.Fatal(err)
		}
		if _, err := openAuthority(cfg); err == nil || !strings.Contains(err.Error(), "remove that directory to begin a new one") || !strings.Contains(err.Error(), a.dir) {
			t.Errorf("%s: %v, want an error that says what to do with %s", what, err, a.dir)
		}
	}
}

func TestLeafDamagedIsReplaced(t *testing.T) {
	t.Parallel()
	cfg := kept(t, "localhost")
	a, _ := authorityAndLeaf(t, cfg, time.Now)
	if err := os.WriteFile(filepath.Join(a.dir, leafFile), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, l := authorityAndLeaf(t, cfg, time.Now)
	if err := shown(t, l).CheckSignatureFrom(a.cert); err != nil {
		t.Error(err)
	}
}

func TestEphemeralAuthorityLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg, err := Config{Data: filepath.Join(dir, "store.db"), Ephemeral: true, TLS: "self-signed"}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := authorityAndLeaf(t, &cfg, time.Now); a.dir != "" {
		t.Errorf("kept in %s", a.dir)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left on disk: %v, %v", files, err)
	}
	if _, _, err := CA(cfg); err == nil || !strings.Contains(err.Error(), "ephemeral") {
		t.Errorf("CA of an ephemeral store: %v, want an error that says so", err)
	}
}

func TestCAIsTheServers(t *testing.T) {
	t.Parallel()
	cfg := kept(t, "localhost")
	pem, dir, err := CA(*cfg)
	if err != nil {
		t.Fatal(err)
	}
	config, fromServer, err := certificate(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pem, fromServer) || dir != cfg.Data+".tls" {
		t.Errorf("the command and the server have different authorities, in %s", dir)
	}
	if config.MinVersion != tls.VersionTLS12 {
		t.Errorf("TLS versions from %x, want 1.2", config.MinVersion)
	}
}

func TestCertificateFiles(t *testing.T) {
	t.Parallel()
	cert, key, err := newAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cfg := &Config{TLS: "files", TLSCert: write(t, "cert.pem", string(cert)), TLSKey: write(t, "key.pem", string(key))}
	config, ca, err := certificate(cfg, nil)
	if err != nil || len(config.Certificates) != 1 || ca != nil {
		t.Errorf("files: %v, authority %q, want one certificate and no authority", err, ca)
	}
	cfg.TLSKey = cfg.TLSCert
	if _, _, err := certificate(cfg, nil); err == nil || !strings.HasPrefix(err.Error(), "tls-cert, tls-key: ") {
		t.Errorf("a key that is none: %v, want an error that names the settings", err)
	}
	cfg.TLSKey = filepath.Join(t.TempDir(), "none.pem")
	if _, _, err := certificate(cfg, nil); err == nil || !strings.Contains(err.Error(), cfg.TLSKey) {
		t.Errorf("a key that is missing: %v, want an error that names the file", err)
	}
}
