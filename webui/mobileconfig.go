package webui

import (
	"bytes"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// profileSpace is the name space of the profiles' UUIDs (RFC 9562 §5.5): the
// same account has the same profile, which replaces the one that is installed.
const profileSpace = "8a1f2a5e-restante-mobileconfig"

// getMobileconfig is a configuration profile for Mail on a Mac, an iPhone or an
// iPad.
func (s *Server) getMobileconfig(w http.ResponseWriter, r *http.Request) {
	address, _, ok := oneAddress(r.URL.Query().Get("email"))
	if !ok {
		writeProblem(w, problemf(http.StatusBadRequest, "Whose account is it? Give the address: /restante.mobileconfig?email=alice@app.test."))
		return
	}
	incoming, outgoing := profileDoor(s.doors(r, "pop3")), profileDoor(s.doors(r, "smtp"))
	if incoming == nil || outgoing == nil {
		writeProblem(w, problemf(http.StatusNotFound, "Mail of Apple needs both POP3 and SMTP, and one is off here, or on a socket."))
		return
	}
	outgoingAuth := "EmailAuthNone"
	if s.authRequired() {
		outgoingAuth = "EmailAuthPassword"
	}
	account := fmt.Sprint(address, " ", incoming.host, " ", outgoing.host)
	name := "test.restante." + uuidOf("name "+account)
	var p plist
	p.open()
	p.text("PayloadType", "Configuration")
	p.number("PayloadVersion", 1)
	p.text("PayloadIdentifier", name)
	p.text("PayloadUUID", uuidOf("profile "+account))
	p.text("PayloadDisplayName", "Restante: "+address)
	p.text("PayloadDescription", "Test mail for "+address+". It is caught here and never sent on.")
	p.text("PayloadOrganization", "Restante")
	p.key("PayloadContent")
	p.b.WriteString("<array>\n")
	p.open()
	p.text("PayloadType", "com.apple.mail.managed")
	p.number("PayloadVersion", 1)
	p.text("PayloadIdentifier", name+".mail")
	p.text("PayloadUUID", uuidOf("mail "+account))
	p.text("PayloadDisplayName", "Mail")
	p.text("EmailAccountDescription", "Restante: "+address)
	p.text("EmailAccountType", "EmailTypePOP")
	p.text("EmailAddress", address)
	p.text("IncomingMailServerHostName", incoming.host)
	p.number("IncomingMailServerPortNumber", incoming.port)
	p.truth("IncomingMailServerUseSSL", incoming.tls)
	p.text("IncomingMailServerUsername", address)
	p.text("IncomingMailServerAuthentication", "EmailAuthPassword")
	p.text("OutgoingMailServerHostName", outgoing.host)
	p.number("OutgoingMailServerPortNumber", outgoing.port)
	p.truth("OutgoingMailServerUseSSL", outgoing.tls)
	p.text("OutgoingMailServerAuthentication", outgoingAuth)
	if s.authRequired() {
		p.text("OutgoingMailServerUsername", address)
		p.truth("OutgoingPasswordSameAsIncomingPassword", true)
	}
	p.close()
	p.b.WriteString("</array>\n")
	p.close()
	h := w.Header()
	h.Set("Content-Type", "application/x-apple-aspen-config")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "restante.mobileconfig"}))
	_, _ = w.Write(p.document())
}

// profileDoor is the one way that a profile can name: with TLS from the first
// octet where there is one, else the plain one, which needs no certificate that
// the device trusts.
func profileDoor(doors []maildoor) *maildoor {
	for _, d := range doors {
		if !d.startTLS {
			return &d
		}
	}
	return nil
}

// uuidOf is a UUID made of a name (version 5).
func uuidOf(name string) string {
	sum := sha1.Sum([]byte(profileSpace + " " + name))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// plist is a property list of Apple's in XML.
type plist struct{ b bytes.Buffer }

func (p *plist) open()  { p.b.WriteString("<dict>\n") }
func (p *plist) close() { p.b.WriteString("</dict>\n") }

func (p *plist) element(name, text string) {
	p.b.WriteString("<" + name + ">")
	_ = xml.EscapeText(&p.b, []byte(text)) // a buffer takes everything
	p.b.WriteString("</" + name + ">\n")
}

func (p *plist) key(name string)            { p.element("key", name) }
func (p *plist) text(name, text string)     { p.key(name); p.element("string", text) }
func (p *plist) number(name string, n int)  { p.key(name); p.element("integer", fmt.Sprint(n)) }
func (p *plist) truth(name string, is bool) { p.key(name); fmt.Fprintf(&p.b, "<%t/>\n", is) }

func (p *plist) document() []byte {
	const head = xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n<plist version=\"1.0\">\n"
	return append(append([]byte(head), p.b.Bytes()...), "</plist>\n"...)
}
