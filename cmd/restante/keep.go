package main

import (
	"fmt"
	"path/filepath"

	"restante"
	"restante/configs"
)

// compact rewrites the store's file without its free space.
func (a *app) compact() int {
	path, before, after, err := restante.Compact(a.Config)
	if err != nil {
		return a.fail(err)
	}
	fmt.Fprintf(a.stdout, "%s: %d octets, now %d\n", path, before, after)
	return exitOK
}

// cert prints the local authority's certificate, and on standard error what to
// do with it.
func (a *app) cert() int {
	pem, dir, err := restante.CA(a.Config)
	if err != nil {
		return a.fail(err)
	}
	if _, err := a.stdout.Write(pem); err != nil {
		return a.fail(err)
	}
	file := quote(filepath.Join(dir, "ca.pem"))
	fmt.Fprintf(a.stderr, `
This is the authority behind --tls self-signed. It is kept in
  %[1]s
Keep the key beside it to yourself. To trust it:
  curl                --cacert %[1]s
  Node                NODE_EXTRA_CA_CERTS=%[1]s
  Go, Ruby, OpenSSL   SSL_CERT_FILE=%[1]s
  Python requests     REQUESTS_CA_BUNDLE=%[1]s
  Debian, Ubuntu      sudo cp %[1]s /usr/local/share/ca-certificates/restante.crt && sudo update-ca-certificates
  macOS               security add-trusted-cert -k ~/Library/Keychains/login.keychain-db %[1]s
  Windows             certutil -user -addstore Root %[1]s
`, file)
	if a.TLS != "self-signed" {
		fmt.Fprintf(a.stderr, "TLS is not on yet: start with --tls self-signed.\n")
	}
	return exitOK
}

// settingsPath says where the settings file was or would be.
func (a *app) settingsPath() string {
	if path := a.loader.Path(); path != "" {
		return path + " (read)"
	}
	if path := configs.File(); path != "" {
		return path + " (there is none)"
	}
	return "none"
}
