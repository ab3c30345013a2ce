package webui

import (
	"encoding/xml"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// registerAutoconfig puts what mail clients ask for to configure themselves on
// mux. They ask under names of their own, which are subject to the rules for
// hosts as all others.
func (s *Server) registerAutoconfig(mux *http.ServeMux) {
	mux.HandleFunc("GET /.well-known/autoconfig/mail/config-v1.1.xml", s.getAutoconfig)
	mux.HandleFunc("GET /mail/config-v1.1.xml", s.getAutoconfig)
	mux.HandleFunc("POST "+autodiscoverPath, s.postAutodiscover)
	mux.HandleFunc("GET "+autodiscoverPath, s.getAutodiscover)
	mux.HandleFunc("GET /restante.mobileconfig", s.getMobileconfig)
}

// maildoor is a listener as a mail client is told of it.
type maildoor struct {
	host     string
	port     int
	tls      bool // from the first octet
	startTLS bool // STARTTLS, or STLS
}

// doors are the ways to a protocol, the one that protects most first. A listener
// on a socket is for no mail client.
func (s *Server) doors(r *http.Request, protocol string) []maildoor {
	plain, secure := s.cfg.SMTP, s.cfg.SMTPS
	if protocol == "pop3" {
		plain, secure = s.cfg.POP3, s.cfg.POP3S
	}
	var all []maildoor
	if d, ok := s.door(r, protocol+"s", secure); ok {
		d.tls = true
		all = append(all, d)
	}
	if d, ok := s.door(r, protocol, plain); ok {
		if s.cfg.TLS != nil {
			d.startTLS = true
			all = append(all, d)
			d.startTLS = false
		}
		all = append(all, d)
	}
	return all
}

func (s *Server) door(r *http.Request, listener, address string) (maildoor, bool) {
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil {
		return maildoor{}, false // off, or a socket
	}
	if slices.Contains(s.cfg.Wide, listener) {
		host = hostOf(r, host)
	}
	return maildoor{host: host, port: n}, true
}

// hostOf is the name under which the client reaches this machine. A client that
// asks under autoconfig.app.test reaches it under that name.
func hostOf(r *http.Request, otherwise string) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host = strings.Trim(host, "[]"); host == "" {
		return otherwise
	}
	return host
}

// authRequired tells whether a mail client has to log in to send.
func (s *Server) authRequired() bool { return s.cfg.Settings.AuthRequired || s.cfg.Settings.Users }

// oneAddress is an address of a person, for who asks for a configuration.
func oneAddress(text string) (address, domain string, ok bool) {
	address, ok = pathOf(text)
	at := strings.LastIndexByte(address, '@')
	if !ok || at < 1 {
		return "", "", false
	}
	return address, address[at+1:], true
}

// clientConfig is the autoconfiguration of Thunderbird, version 1.1.
type clientConfig struct {
	XMLName  xml.Name `xml:"clientConfig"`
	Version  string   `xml:"version,attr"`
	Provider struct {
		ID        string           `xml:"id,attr"`
		Domain    string           `xml:"domain"`
		Name      string           `xml:"displayName"`
		ShortName string           `xml:"displayShortName"`
		Incoming  []incomingServer `xml:"incomingServer"`
		Outgoing  []clientServer   `xml:"outgoingServer"`
	} `xml:"emailProvider"`
}

// incomingServer also says that mail stays on the server: what is looked at in
// one client is to be found by tests, too.
type incomingServer struct {
	clientServer
	Leave bool `xml:"pop3>leaveMessagesOnServer"`
}

type clientServer struct {
	Type           string `xml:"type,attr"`
	Hostname       string `xml:"hostname"`
	Port           int    `xml:"port"`
	SocketType     string `xml:"socketType"`
	Username       string `xml:"username,omitempty"`
	Authentication string `xml:"authentication"`
}

func (s *Server) getAutoconfig(w http.ResponseWriter, r *http.Request) {
	address, domain, known := oneAddress(r.URL.Query().Get("emailaddress"))
	if !known {
		address, domain = "%EMAILADDRESS%", domainAsked(r)
	}
	doc := clientConfig{Version: "1.1"}
	p := &doc.Provider
	p.ID, p.Domain, p.Name, p.ShortName = domain, domain, "Restante", "Restante"
	for _, d := range s.doors(r, "pop3") {
		p.Incoming = append(p.Incoming, incomingServer{clientServer{"pop3", d.host, d.port, d.socketType(), address, "password-cleartext"}, true})
	}
	for _, d := range s.doors(r, "smtp") {
		server := clientServer{Type: "smtp", Hostname: d.host, Port: d.port, SocketType: d.socketType(), Authentication: "none"}
		if s.authRequired() {
			server.Username, server.Authentication = address, "password-cleartext"
		}
		p.Outgoing = append(p.Outgoing, server)
	}
	if len(p.Incoming) == 0 {
		writeProblem(w, noDoors)
		return
	}
	writeXML(w, "text/xml; charset=utf-8", doc)
}

// domainAsked is the domain that a client asks for by the server's name alone.
func domainAsked(r *http.Request) string {
	host := hostOf(r, "localhost")
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if under, ok := strings.CutPrefix(strings.ToLower(host), "autoconfig."); ok {
		return under
	}
	return host
}

func (d maildoor) socketType() string {
	switch {
	case d.tls:
		return "SSL"
	case d.startTLS:
		return "STARTTLS"
	}
	return "plain"
}

var noDoors = problemf(http.StatusNotFound, "There is nothing that a mail client could use: POP3 is off, or on a socket.")

func writeXML(w http.ResponseWriter, mediaType string, doc any) {
	body, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic(err) // strings, numbers and booleans only
	}
	w.Header().Set("Content-Type", mediaType)
	_, _ = w.Write([]byte(xml.Header + string(body) + "\n"))
}
