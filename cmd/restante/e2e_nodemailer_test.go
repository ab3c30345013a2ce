package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
)

// nodeMail reads options of nodemailer's createTransport and what to send from
// standard input, and prints what came of it: the result, or those properties
// of the error that https://nodemailer.com/errors documents.
const nodeMail = `
const { createTransport } = require("nodemailer");
const { options, from, to, raw } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const print = (failed) => ({ code, command, responseCode, rejected }) => console.log(JSON.stringify({ failed, code, command, responseCode, rejected }));
createTransport({ name: "client.test", ...options }).sendMail({ envelope: { from, to }, raw: Buffer.from(raw, "base64") }).then(print(false), print(true));
`

// nodeComposed has nodemailer compose a mail and send it, and prints what it is
// on the wire: SMTP leaves Bcc out, the stream is told to.
const nodeComposed = `
const { createTransport } = require("nodemailer");
const [host, port] = process.argv.slice(1);
const octets = Buffer.from(Array.from({ length: 25600 }, (_, i) => i & 255));
const mail = {
  from: "App <app@node.test>", to: "Zoë <composed@node.test>", cc: "copy@node.test",
  subject: "Grüße, 你好", date: new Date(Date.UTC(2026, 0, 6)), messageId: "<composed@node.test>", baseBoundary: "part",
  text: ".\n..dots\nKöln\n", html: "<p>Köln " + "x".repeat(100000) + "<img src='cid:image'></p>",
  attachments: [{ filename: "Köln.png", content: octets, cid: "image" }, { filename: "every octet.bin", content: octets }],
};
(async () => {
  await createTransport({ name: "client.test", host, port: +port }).sendMail({ ...mail, bcc: "blind@node.test" });
  const { message } = await createTransport({ streamTransport: true, buffer: true, newline: "windows" }).sendMail(mail);
  process.stdout.write(message);
})();
`

// nodeOutcome is what nodemailer says after it tried to send.
type nodeOutcome struct {
	Failed   bool
	Code     string
	Command  string
	Reply    int `json:"responseCode"`
	Rejected []string
}

func (o nodeOutcome) String() string {
	return fmt.Sprintf("failed %t, %s %d at %q, rejected %q", o.Failed, o.Code, o.Reply, o.Command, o.Rejected)
}

// node runs a program in Node.js that finds the packages of npmTools.
func node(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	packages := npmTools(t)
	cmd := tool(t, t.TempDir(), "node", append([]string{"-e", program, "--"}, args...)...)
	cmd.Dir = packages
	return cmd
}

// nodemailer sends a mail by a listener, with further options of createTransport.
func (s *site) nodemailer(t *testing.T, listener string, options map[string]any, m mail) nodeOutcome {
	t.Helper()
	all := map[string]any{"host": s.host(listener), "port": s.port(listener)}
	for name, value := range options {
		all[name] = value
	}
	input, err := json.Marshal(map[string]any{
		"options": all, "from": m.from, "to": m.to, "raw": base64.StdEncoding.EncodeToString([]byte(m.content)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return decoded[nodeOutcome](t, done(t, stdin(node(t, nodeMail), string(input))))
}

// nodemailer takes up TLS by itself wherever it is offered.
func TestNodemailer(t *testing.T) {
	t.Parallel()
	npmTools(t)
	s := newTLSSite(t)
	send := func(t *testing.T, listener string, options map[string]any, m mail) {
		t.Helper()
		if got := s.nodemailer(t, listener, options, m); got.Failed || len(got.Rejected) > 0 {
			t.Fatalf("%s: %v", m.name, got)
		}
	}
	s.testSending(t, "node.test", func(t *testing.T, m mail) {
		t.Helper()
		send(t, "smtp", map[string]any{"ignoreTLS": true}, m)
	})
	trusting := map[string]any{"ca": readFile(t, s.ca)}
	for mechanism, listener := range map[string]string{"PLAIN": "smtp", "LOGIN": "smtps", "CRAM-MD5": "smtp"} {
		m := mailOf("node.test", "auth-"+mechanism, "", "Secret.\r\n")
		send(t, listener, map[string]any{
			"secure": listener == "smtps", "requireTLS": true, "tls": trusting, "authMethod": mechanism,
			"auth": map[string]string{"user": "user", "pass": "secret"},
		}, m)
		s.wantSecret(t, m, "user")
	}
	// Without the authority it does not go on in the clear.
	refused := mailOf("node.test", "untrusted", "", "Secret.\r\n")
	if got := s.nodemailer(t, "smtp", nil, refused); !got.Failed || got.Code != "ESOCKET" && got.Code != "ETLS" {
		t.Errorf("a certificate that it does not know: %v", got)
	}

	plain := newSite(t)
	content := done(t, node(t, nodeComposed, plain.host("smtp"), plain.port("smtp")))
	plain.wantArrived(t, mail{
		name: "composed", from: "app@node.test", to: []string{"composed@node.test", "copy@node.test", "blind@node.test"},
		hidden: []string{"blind@node.test"}, content: content,
	})
}
