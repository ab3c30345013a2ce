package webui

import (
	"crypto/tls"
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// everyDoor is a server with every listener there is.
func everyDoor() Config {
	return Config{
		SMTP: "127.0.0.1:1025", POP3: "127.0.0.1:1110", SMTPS: "127.0.0.1:1465", POP3S: "127.0.0.1:1995", TLS: &tls.Config{},
		Wide: []string{"smtp", "pop3"},
	}
}

// tree is any XML.
type tree struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []tree     `xml:",any"`
}

func parseXML(t *testing.T, a answer) tree {
	t.Helper()
	if a.StatusCode != 200 {
		t.Fatalf("%s: %d %s", a.Request.URL, a.StatusCode, a.body)
	}
	var doc tree
	d := xml.NewDecoder(strings.NewReader(a.body))
	if err := d.Decode(&doc); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if _, err := d.Token(); err != io.EOF && err != nil {
		t.Errorf("behind the document: %v", err)
	}
	return doc
}

// all are the elements at a path.
func (d tree) all(path ...string) (found []tree) {
	if len(path) == 0 {
		return []tree{d}
	}
	for _, c := range d.Children {
		if c.XMLName.Local == path[0] {
			found = append(found, c.all(path[1:]...)...)
		}
	}
	return found
}

// row is the text of an element's children, in order.
func (d tree) row() string {
	var words []string
	for _, c := range d.Children {
		words = append(words, c.XMLName.Local+"="+strings.TrimSpace(c.Text))
	}
	return strings.Join(words, " ")
}

func rows(found []tree) string {
	var lines []string
	for _, d := range found {
		lines = append(lines, d.row())
	}
	return strings.Join(lines, "\n")
}

func wantRows(t *testing.T, got []tree, want string) {
	t.Helper()
	if rows(got) != want {
		t.Errorf("got\n%s\nwant\n%s", rows(got), want)
	}
}

func TestAutoconfig(t *testing.T) {
	t.Parallel()
	f := start(t, everyDoor())
	for _, path := range []string{"/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml"} {
		doc := parseXML(t, f.get(path+"?emailaddress=o%27ana%26co@app.test", "Host: autoconfig.app.test"))
		if doc.XMLName.Local != "clientConfig" || doc.Attrs[0].Name.Local != "version" || doc.Attrs[0].Value != "1.1" {
			t.Errorf("the root is %v %v", doc.XMLName, doc.Attrs)
		}
		if id := doc.all("emailProvider")[0].Attrs[0].Value; id != "app.test" {
			t.Errorf("the provider is %q", id)
		}
		if d := doc.all("emailProvider", "domain"); len(d) != 1 || d[0].Text != "app.test" {
			t.Errorf("the domain is %v", d)
		}
		// With TLS first; a listener on one interface keeps its address.
		wantRows(t, doc.all("emailProvider", "incomingServer"), strings.Join([]string{
			"hostname=127.0.0.1 port=1995 socketType=SSL username=o'ana&co@app.test authentication=password-cleartext pop3=",
			"hostname=autoconfig.app.test port=1110 socketType=STARTTLS username=o'ana&co@app.test authentication=password-cleartext pop3=",
			"hostname=autoconfig.app.test port=1110 socketType=plain username=o'ana&co@app.test authentication=password-cleartext pop3=",
		}, "\n"))
		wantRows(t, doc.all("emailProvider", "outgoingServer"), strings.Join([]string{
			"hostname=127.0.0.1 port=1465 socketType=SSL authentication=none",
			"hostname=autoconfig.app.test port=1025 socketType=STARTTLS authentication=none",
			"hostname=autoconfig.app.test port=1025 socketType=plain authentication=none",
		}, "\n"))
	}
}

func TestAutoconfigWithoutTLS(t *testing.T) {
	t.Parallel()
	f := start(t, Config{SMTP: "127.0.0.1:1025", POP3: "[::1]:1110", Settings: Settings{AuthRequired: true}})
	doc := parseXML(t, f.get("/mail/config-v1.1.xml"))
	wantRows(t, doc.all("emailProvider", "incomingServer"), "hostname=::1 port=1110 socketType=plain username=%EMAILADDRESS% authentication=password-cleartext pop3=")
	wantRows(t, doc.all("emailProvider", "outgoingServer"), "hostname=127.0.0.1 port=1025 socketType=plain username=%EMAILADDRESS% authentication=password-cleartext")

	off := start(t, Config{SMTP: "127.0.0.1:1025"})
	wantProblem(t, off.get("/mail/config-v1.1.xml"), 404, "POP3 is off")
	wantProblem(t, off.get("/mail/config-v1.1.xml", "Host: autoconfig.example.com"), 421, "does not answer for")
}

const autodiscoverAsked = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>ana&amp;co@app.test</EMailAddress>
    <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
  </Request>
</Autodiscover>`

func TestAutodiscover(t *testing.T) {
	t.Parallel()
	f := start(t, everyDoor())
	for _, path := range []string{"/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AUTODISCOVER.XML"} {
		doc := parseXML(t, f.do("POST", path, autodiscoverAsked, "Content-Type: text/xml; charset=utf-8", "Host: autodiscover.app.test"))
		const schema = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
		if doc.XMLName.Space != schema || doc.XMLName.Local != "Autodiscover" {
			t.Errorf("the root is %v", doc.XMLName)
		}
		for _, d := range doc.all("Response", "Account", "Protocol") {
			if d.XMLName.Space != outlookSchema {
				t.Errorf("a protocol is of %q", d.XMLName.Space)
			}
		}
		if got := rows(doc.all("Response", "Account")); !strings.HasPrefix(got, "AccountType=email Action=settings Protocol=") {
			t.Errorf("the account is %s", got)
		}
		wantRows(t, doc.all("Response", "Account", "Protocol"), strings.Join([]string{
			"Type=POP3 Server=127.0.0.1 Port=1995 DomainRequired=off LoginName=ana&co@app.test SPA=off SSL=on Encryption=SSL AuthRequired=on",
			"Type=POP3 Server=autodiscover.app.test Port=1110 DomainRequired=off LoginName=ana&co@app.test SPA=off SSL=off Encryption=None AuthRequired=on",
			"Type=SMTP Server=127.0.0.1 Port=1465 DomainRequired=off LoginName=ana&co@app.test SPA=off SSL=on Encryption=SSL AuthRequired=off",
			"Type=SMTP Server=autodiscover.app.test Port=1025 DomainRequired=off LoginName=ana&co@app.test SPA=off SSL=on Encryption=TLS AuthRequired=off",
			"Type=SMTP Server=autodiscover.app.test Port=1025 DomainRequired=off LoginName=ana&co@app.test SPA=off SSL=off Encryption=None AuthRequired=off",
		}, "\n"))
	}
}

func TestAutodiscoverRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, everyDoor())
	for name, a := range map[string]answer{
		"600": f.do("POST", "/autodiscover/autodiscover.xml", "<no xml", "Content-Type: text/xml"),
		"601": f.do("POST", "/autodiscover/autodiscover.xml", strings.Replace(autodiscoverAsked, "2006a", "2007", 1), "Content-Type: application/xml"),
		"GET": f.get("/AutoDiscover/AutoDiscover.xml"),
	} {
		code := strings.Replace(name, "GET", "600", 1)
		found := parseXML(t, a).all("Response", "Error")
		if len(found) != 1 || !strings.HasPrefix(found[0].row(), "ErrorCode="+code+" Message=") || len(found[0].Attrs) != 2 {
			t.Errorf("%s: got %s", name, a.body)
		}
	}
	wantProblem(t, f.do("POST", "/autodiscover/autodiscover.xml", autodiscoverAsked, "Content-Type: text/plain"), 415, "application/json")
}

// dict reads a dict of a property list.
func (d tree) dict() map[string]string {
	m := make(map[string]string)
	for i := 0; i+1 < len(d.Children); i += 2 {
		value := d.Children[i+1]
		if m[d.Children[i].Text] = value.Text; value.Text == "" {
			m[d.Children[i].Text] = value.XMLName.Local
		}
	}
	return m
}

func TestMobileconfig(t *testing.T) {
	t.Parallel()
	f := start(t, everyDoor())
	const path = "/restante.mobileconfig?email=ana%26co@app.test"
	a := f.get(path, "Host: mail.test")
	if ct := a.Header.Get("Content-Type"); ct != "application/x-apple-aspen-config" {
		t.Errorf("Content-Type is %q", ct)
	}
	if again := f.get(path, "Host: mail.test"); again.body != a.body {
		t.Error("it is another one the second time")
	}
	profile := parseXML(t, a).all("dict")[0]
	outer, inner := profile.dict(), profile.all("array", "dict")[0].dict()
	for key, want := range map[string]string{"PayloadType": "Configuration", "PayloadVersion": "1"} {
		if outer[key] != want {
			t.Errorf("%s is %q, want %q", key, outer[key], want)
		}
	}
	for key, want := range map[string]string{
		"PayloadType": "com.apple.mail.managed", "PayloadVersion": "1", "EmailAccountType": "EmailTypePOP", "EmailAddress": "ana&co@app.test",
		"IncomingMailServerHostName": "127.0.0.1", "IncomingMailServerPortNumber": "1995", "IncomingMailServerUseSSL": "true",
		"IncomingMailServerUsername": "ana&co@app.test", "IncomingMailServerAuthentication": "EmailAuthPassword",
		"OutgoingMailServerHostName": "127.0.0.1", "OutgoingMailServerPortNumber": "1465", "OutgoingMailServerUseSSL": "true",
		"OutgoingMailServerAuthentication": "EmailAuthNone",
	} {
		if inner[key] != want {
			t.Errorf("%s is %q, want %q", key, inner[key], want)
		}
	}
	if a, b := outer["PayloadUUID"], inner["PayloadUUID"]; len(a) != 36 || a[14] != '5' || a == b {
		t.Errorf("the UUIDs are %s and %s", a, b)
	}
	if other := f.get("/restante.mobileconfig?email=bob@app.test", "Host: mail.test"); strings.Contains(other.body, outer["PayloadUUID"]) {
		t.Error("another account has the same UUID")
	}
	wantProblem(t, f.get("/restante.mobileconfig"), 400, "email=")
	wantProblem(t, f.get("/restante.mobileconfig?email=nobody"), 400, "email=")
	wantProblem(t, start(t, Config{POP3: "127.0.0.1:1110"}).get(path), 404, "one is off")

	plain := start(t, Config{SMTP: "127.0.0.1:1025", POP3: "127.0.0.1:1110", Settings: Settings{Users: true}})
	inner = parseXML(t, plain.get(path)).all("dict", "array", "dict")[0].dict()
	if inner["OutgoingMailServerAuthentication"] != "EmailAuthPassword" || inner["OutgoingMailServerUsername"] != "ana&co@app.test" || inner["IncomingMailServerUseSSL"] != "false" {
		t.Errorf("with users it is %v", inner)
	}
}
