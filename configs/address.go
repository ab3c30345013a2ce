package configs

import (
	"net"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Off is the address of a listener that is not wanted.
const Off = "off"

// Socket gives the path of a unix:/path address.
func Socket(address string) (file string, ok bool) {
	return strings.CutPrefix(address, "unix:")
}

func isAddress(s string, socket bool) bool {
	if s == Off {
		return true
	}
	if path, ok := Socket(s); ok {
		return socket && path != ""
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n <= 65535 && (host == "" || isHostname(host))
}

// isHostname takes what can stand in a greeting and in a certificate: letters,
// digits, hyphens and underscores between dots, or an IP address.
func isHostname(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if s == "" || len(s) > 253 { // RFC 1035 §2.3.4
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
		}) {
			return false
		}
	}
	return true
}

// areHosts takes host names with commas between them; one may begin with "*."
// or be "*".
func areHosts(s string) bool {
	for name := range strings.SplitSeq(s, ",") {
		name = strings.TrimSpace(name)
		if name != "*" && !isHostname(strings.TrimPrefix(name, "*.")) {
			return false
		}
	}
	return true
}

// areOrigins takes origins (RFC 6454 §6.1) with commas between them, and "*".
func areOrigins(s string) bool {
	for origin := range strings.SplitSeq(s, ",") {
		if origin = strings.TrimSpace(origin); origin == "*" {
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || origin != u.Scheme+"://"+u.Host || origin != strings.ToLower(origin) {
			return false
		}
	}
	return true
}

// isPath takes an absolute path without a query, of ordinary characters.
func isPath(s string) bool {
	if !strings.HasPrefix(s, "/") || path.Clean(s) != s {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`?#%;\"'<>,`, r) {
			return false
		}
	}
	return true
}

// Origins is CORS as a list.
func (c *Config) Origins() []string {
	var origins []string
	for origin := range strings.SplitSeq(c.CORS, ",") {
		if origin = strings.TrimSpace(origin); origin != "" {
			origins = append(origins, origin)
		}
	}
	return origins
}

// Root is WebRoot without a slash at its end: "" is none.
func (c *Config) Root() string { return strings.TrimSuffix(c.WebRoot, "/") }

// Hosts is HTTPHosts as a list, with Hostname.
func (c *Config) Hosts() []string {
	hosts := []string{c.Hostname}
	for name := range strings.SplitSeq(c.HTTPHosts, ",") {
		if name = strings.TrimSpace(name); name != "" {
			hosts = append(hosts, name)
		}
	}
	return hosts
}
