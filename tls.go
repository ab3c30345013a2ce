package restante

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"restante/configs"
)

// certificate makes the TLS configuration that all protocols share, nil when TLS
// is off, and the certificate of the local authority in PEM where there is one.
func certificate(cfg *Config, log *slog.Logger) (*tls.Config, []byte, error) {
	switch cfg.TLS {
	case "files":
		pair, err := tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
		if err != nil {
			return nil, nil, &configs.SettingError{Setting: "tls-cert, tls-key", Err: err}
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil, nil
	case "self-signed":
		a, err := openAuthority(cfg)
		if err != nil {
			return nil, nil, err
		}
		leaf, err := newLeaf(a, cfg.Hostname, time.Now, log)
		if err != nil {
			return nil, nil, err
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: leaf.get}, a.pem, nil
	}
	return nil, nil, nil
}

// CA is the local authority's certificate in PEM, the one that a server with
// this configuration and self-signed TLS shows itself by. It makes the
// authority where there is none yet, so that it can be trusted before the
// server first starts. dir is where it is kept.
func CA(cfg Config) (pem []byte, dir string, err error) {
	cfg, err = cfg.Complete()
	if err != nil {
		return nil, "", err
	}
	if cfg.Ephemeral {
		return nil, "", &configs.SettingError{Setting: "ephemeral", Err: fmt.Errorf("such a store has a new authority each time it starts; name a store's file with --data")}
	}
	a, err := openAuthority(&cfg)
	if err != nil {
		return nil, "", err
	}
	return a.pem, a.dir, nil
}
