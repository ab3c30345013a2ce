package webui

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"time"
)

// autodiscoverPath is where Outlook asks, in any letter case (MS-OXDISCO §3.1.5).
const autodiscoverPath = "/autodiscover/autodiscover.xml"

// outlookSchema is that of Autodiscover's plain old XML (MS-OXDSCLI §2.2.4).
const outlookSchema = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"

// anyCase lets Autodiscover be asked for in any letter case.
func anyCase(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != autodiscoverPath && strings.EqualFold(r.URL.Path, autodiscoverPath) {
			inner := r.Clone(r.Context())
			inner.URL.Path, inner.URL.RawPath = autodiscoverPath, ""
			r = inner
		}
		next.ServeHTTP(w, r)
	})
}

// isAutodiscover says whether a request asks for Autodiscover. It changes nothing,
// and no form can send its type.
func isAutodiscover(r *http.Request) bool {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "text/xml", "application/xml":
		return r.URL.Path == autodiscoverPath
	}
	return false
}

type autodiscoverRequest struct {
	Request struct {
		Address string `xml:"EMailAddress"`
		Schema  string `xml:"AcceptableResponseSchema"`
	} `xml:"Request"`
}

// autodiscoverAnswer is an answer of either kind.
type autodiscoverAnswer struct {
	XMLName  xml.Name              `xml:"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006 Autodiscover"`
	Response *autodiscoverResponse `xml:"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a Response"`
	Refusal  *autodiscoverRefusing `xml:"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006 Response"`
}

type autodiscoverResponse struct {
	User struct {
		Name string `xml:"DisplayName"`
	}
	Account struct {
		Type      string `xml:"AccountType"`
		Action    string
		Protocols []autodiscoverProtocol `xml:"Protocol"`
	}
}

// autodiscoverProtocol has its elements in the order of MS-OXDSCLI.
type autodiscoverProtocol struct {
	Type           string
	Server         string
	Port           int
	DomainRequired string
	LoginName      string
	SPA            string
	SSL            string
	Encryption     string
	AuthRequired   string
}

type autodiscoverRefusing struct {
	Error struct {
		Time    string `xml:"Time,attr"`
		ID      string `xml:"Id,attr"`
		Code    int    `xml:"ErrorCode"`
		Message string
		Debug   string `xml:"DebugData"`
	}
}

// Codes of refusals, MS-OXDSCLI §3.2.5.
const (
	invalidRequest   = 600
	noSuchProvider   = 601 // of the schema that was asked for
	maxAutodiscovery = 64 << 10
)

func (s *Server) postAutodiscover(w http.ResponseWriter, r *http.Request) {
	var asked autodiscoverRequest
	body := http.MaxBytesReader(w, r.Body, maxAutodiscovery)
	if err := xml.NewDecoder(body).Decode(&asked); err != nil {
		refuseAutodiscover(w, invalidRequest, "Invalid Request")
		return
	}
	_, _ = io.Copy(io.Discard, body) // what stands behind it
	address, _, ok := oneAddress(strings.TrimSpace(asked.Request.Address))
	if !ok {
		refuseAutodiscover(w, invalidRequest, "Invalid Request")
		return
	}
	if schema := strings.TrimSpace(asked.Request.Schema); schema != "" && schema != outlookSchema {
		refuseAutodiscover(w, noSuchProvider, "Provider is not available")
		return
	}
	out := autodiscoverAnswer{Response: new(autodiscoverResponse)}
	out.Response.User.Name = address
	account := &out.Response.Account
	account.Type, account.Action = "email", "settings"
	for _, protocol := range [...]string{"pop3", "smtp"} {
		for _, d := range s.doors(r, protocol) {
			if d.startTLS && protocol == "pop3" {
				continue // Outlook knows no STLS
			}
			account.Protocols = append(account.Protocols, d.autodiscovered(protocol, address, protocol == "pop3" || s.authRequired()))
		}
	}
	if len(account.Protocols) == 0 {
		writeProblem(w, noDoors)
		return
	}
	writeXML(w, "text/xml; charset=utf-8", out)
}

// autodiscovered tells Outlook of a way to a protocol.
func (d maildoor) autodiscovered(protocol, address string, auth bool) autodiscoverProtocol {
	p := autodiscoverProtocol{
		Type: strings.ToUpper(protocol), Server: d.host, Port: d.port, DomainRequired: "off", LoginName: address,
		SPA: "off", SSL: onOff(d.tls || d.startTLS), Encryption: "None", AuthRequired: onOff(auth),
	}
	if d.tls {
		p.Encryption = "SSL"
	} else if d.startTLS {
		p.Encryption = "TLS"
	}
	return p
}

func onOff(is bool) string {
	if is {
		return "on"
	}
	return "off"
}

// getAutodiscover answers clients that only look whether something is there.
func (s *Server) getAutodiscover(w http.ResponseWriter, _ *http.Request) {
	refuseAutodiscover(w, invalidRequest, "Invalid Request")
}

func refuseAutodiscover(w http.ResponseWriter, code int, message string) {
	out := autodiscoverAnswer{Refusal: new(autodiscoverRefusing)}
	e := &out.Refusal.Error
	e.Time, e.ID, e.Code, e.Message = time.Now().UTC().Format("15:04:05.0000000"), "0", code, message
	writeXML(w, "text/xml; charset=utf-8", out)
}
