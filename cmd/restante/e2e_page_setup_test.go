package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"restante/internal/tools"
)

// snippet is the text that a tab of the page shows for pasting.
func (p *tab) snippet(name string) string {
	p.t.Helper()
	p.push("tab", name)
	p.wait(fmt.Sprintf(`[...document.querySelectorAll('[role="tab"][aria-selected="true"]')].some((tab) => tab.textContent.trim() === %q)`, name))
	panel := fmt.Sprintf(`[...document.querySelectorAll('[role="tab"]')].find((tab) => tab.textContent.trim() === %q).closest(".choices").querySelector("pre")`, name)
	return eval[string](p, panel+`.textContent`)
}

// talk says all lines of an SMTP session, and gives what the server said.
func (s *site) talk(t *testing.T, said ...string) string {
	t.Helper()
	c := dialLines(t, s.ports["smtp"])
	defer c.Close()
	if _, err := io.WriteString(c, strings.Join(said, "\r\n")+"\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// setFiles gives files to the field of a page that takes them.
func (p *tab) setFiles(selector string, files ...string) {
	p.t.Helper()
	r := call(p, runtime.Evaluate, runtime.EvaluateParams{Expression: fmt.Sprintf(`document.querySelector(%q)`, selector)})
	call(p, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, ObjectID: r.Result.ObjectID})
}

// dropFiles lets files fall on an element, as if they came from the desktop.
func (p *tab) dropFiles(selector string, files map[string]string) {
	p.t.Helper()
	list, err := json.Marshal(files)
	if err != nil {
		p.t.Fatal(err)
	}
	p.script(fmt.Sprintf(`{
		const data = new DataTransfer();
		for (const [name, text] of Object.entries(%s)) data.items.add(new File([text], name));
		for (const type of ["dragenter", "dragover", "drop"]) {
			document.querySelector(%q).dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
		}
	}`, list, selector))
}

// What the page has for pasting works as it stands.
func TestPageSnippetsRun(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"plain": nil, "TLS offered": {"--tls=self-signed"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, args...)
			p := s.open(t, "/?view=setup", look{})
			texts := make(map[string]string)
			for _, name := range []string{"curl", "swaks", "Node.js", "Python", "Go", "mutt"} {
				texts[name] = p.snippet(name)
			}
			for name, send := range map[string]func(t *testing.T, home, text string) *exec.Cmd{
				"curl": func(t *testing.T, home, text string) *exec.Cmd {
					tools.Need(t, "curl")
					return tool(t, home, "sh", "-ec", text)
				},
				"swaks": func(t *testing.T, home, text string) *exec.Cmd {
					tools.Need(t, "swaks")
					return tool(t, home, "sh", "-ec", text)
				},
				"Python": func(t *testing.T, home, text string) *exec.Cmd {
					tools.Need(t, "python3")
					return tool(t, home, "python3", "-I", "-c", text)
				},
				"Go": func(t *testing.T, home, text string) *exec.Cmd {
					tools.Need(t, "go")
					writeFile(t, filepath.Join(home, "main.go"), text)
					return tool(t, home, "go", "run", filepath.Join(home, "main.go"))
				},
				"Node.js": func(t *testing.T, home, text string) *exec.Cmd {
					tools.Need(t, "node", "npm")
					writeFile(t, filepath.Join(home, "package.json"), `{"private": true}`)
					install := exec.CommandContext(t.Context(), "npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "nodemailer@"+nodemailer)
					install.Dir = home
					if out, err := install.CombinedOutput(); err != nil {
						t.Skipf("npm cannot install nodemailer (is the registry within reach?): %v\n%s", err, out)
					}
					writeFile(t, filepath.Join(home, "send.mjs"), text)
					return tool(t, home, "node", filepath.Join(home, "send.mjs"))
				},
				"mutt": func(t *testing.T, home, text string) *exec.Cmd {
					tools.Need(t, "mutt")
					writeFile(t, filepath.Join(home, "restante.muttrc"), text)
					return stdin(tool(t, home, "mutt", "-n", "-F", filepath.Join(home, "restante.muttrc"), "-s", "Hello", "you@example.test"), "It works.\n")
				},
			} {
				t.Run(name, func(t *testing.T) {
					before := len(s.all(t, "subject:Hello"))
					home := t.TempDir()
					done(t, send(t, home, texts[name]))
					all := s.all(t, "subject:Hello")
					if len(all) != before+1 {
						t.Fatalf("%d messages came of\n%s", len(all)-before, texts[name])
					}
					if got := all[before]; !slices.Equal(got.Recipients, []string{"you@example.test"}) || !strings.Contains(s.raw(t, got.ID), "It works.") {
						t.Errorf("it is for %s: %s", got.Recipients, s.raw(t, got.ID))
					}
				})
			}
		})
	}
}

const nodemailer = "10.6.0" // the version that is installed

// The settings of mutt fetch, too.
func TestPageMuttrcFetches(t *testing.T) {
	t.Parallel()
	tools.Need(t, "mutt", "python3")
	s := newSite(t)
	id := s.postTo(t, "carol@app.test", "For mutt")
	p := s.open(t, "/?view=setup", look{})
	p.fill(`input[name="address"]`, "carol@app.test")
	rc := p.snippet("mutt")
	home := t.TempDir()
	inbox := filepath.Join(home, "inbox")
	writeFile(t, filepath.Join(home, "rc"), rc+"\nset mbox_type=Maildir wait_key=no sleep_time=0 quit=yes confirmappend=no\n"+
		"push '<tag-pattern>~A<enter><tag-prefix><copy-message>"+inbox+"<enter><quit>'\n")
	done(t, tool(t, home, "python3", "-I", "-c", inTerminal, "mutt", "-n", "-F", filepath.Join(home, "rc")))
	if got := filesIn(t, filepath.Join(inbox, "new")); len(got) != 1 || !strings.Contains(strings.Join(got, ""), "Subject: For mutt") {
		t.Errorf("mutt fetched %q, want %s", got, id)
	}
}

// The snippets that nothing here can run have the right host and port.
func TestPageSnippetsOfFrameworks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/?view=setup", look{})
	host, port := s.host("smtp"), s.port("smtp")
	for name, want := range map[string][]string{
		"Django":  {`EMAIL_HOST = "` + host + `"`, "EMAIL_PORT = " + port + "\n", "EMAIL_USE_TLS = False"},
		"Rails":   {`address: "` + host + `"`, "port: " + port + ",", "enable_starttls_auto: false"},
		"Laravel": {"MAIL_MAILER=smtp", "MAIL_HOST=" + host + "\n", "MAIL_PORT=" + port + "\n"},
		"Symfony": {"MAILER_DSN=smtp://" + host + ":" + port + "\n"},
		"Spring":  {"spring.mail.host=" + host + "\n", "spring.mail.port=" + port + "\n"},
		".NET":    {`new SmtpClient("` + host + `", ` + port + ");"},
	} {
		text := p.snippet(name)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s has no %q:\n%s", name, w, text)
			}
		}
		syntax := map[string][]string{"Rails": {"ruby", "-c"}, "Django": {"python3", "-I", "-c", "import ast, sys; ast.parse(sys.stdin.read())"}}[name]
		if len(syntax) > 0 {
			if _, err := exec.LookPath(syntax[0]); err == nil {
				done(t, stdin(tool(t, t.TempDir(), syntax[0], syntax[1:]...), text))
			}
		}
	}
	// It is remembered.
	p.snippet("Rails")
	p.reload()
	p.wait(`document.querySelector('[data-snippet="rails"]')`)
}

// A page without mail is a lesson, and the first mail takes its place.
func TestPageFirstMail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/", look{})
	p.waitText("h1", "No mail yet")
	if got := p.text(`[data-door="SMTP"] code`); got != s.ports["smtp"] {
		t.Errorf("SMTP is at %q, want %q", got, s.ports["smtp"])
	}
	if got := p.text(`[data-door="POP3"] code`); got != s.ports["pop3"] {
		t.Errorf("POP3 is at %q, want %q", got, s.ports["pop3"])
	}
	p.shoot("setup-empty")
	other := s.open(t, "/?view=setup", phone)
	other.waitText("h1", "Set up")
	other.shoot("setup-phone")
	id := s.postTo(t, "alice@app.test", "First of all")
	p.wait(`document.querySelector('[data-id]')`)
	p.waitText("body", "Your first mail is here.")
	other.address("/?m=" + id)

	zh := s.open(t, "/?view=setup", look{dark: true, language: "zh-CN", width: 1024, height: 1300})
	zh.waitText("h1", "接入指南")
	zh.shoot("setup-zh")
	s.postTo(t, "alice@app.test", "Second")
	zh.waitText(".arrived", "Second")
	zh.click(".arrived a")
	zh.wait(`new URLSearchParams(location.search).get("m")`)
}

// On a listener on every interface the page names the host that it has itself.
func TestPageHosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--smtp=0.0.0.0:0")
	p := s.open(t, "/?view=setup", look{})
	p.waitText("h1", "Set up")
	places := p.module("setup/places.js")
	p.waitText("h1", "Set up")
	got := eval[string](p, places+`.then(async ({ places }) => {
		const info = await (await fetch("v1/info")).json();
		const p = places(info, "mail.test");
		return p.smtp.host + " " + p.pop3.host;
	})`)
	if got != "mail.test 127.0.0.1" {
		t.Errorf("the hosts are %s", got)
	}
	links := eval[[]string](p, `[...document.querySelectorAll(".choices a")].map((a) => a.href)`)
	p.push("tab", "Apple Mail")
	p.wait(`document.querySelector('a[download]')`)
	links = append(links, eval[string](p, `document.querySelector('a[download]').href`))
	if len(links) != 2 {
		t.Fatalf("the links are %q", links)
	}
	for _, link := range links {
		if status, body := s.ask(t, http.MethodGet, strings.TrimPrefix(link, s.ports["http"])); status != 200 || !strings.Contains(string(body), s.port("smtp")) || !strings.Contains(string(body), "alice@app.test") {
			t.Errorf("%s: %d %s", link, status, body)
		}
	}
}

func TestPageCompose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/", look{complaints: []string{"400 (Bad Request)"}})
	p.waitText("h1", "No mail yet")
	p.press("c")
	p.wait(`document.activeElement.name === "to"`)
	// Errors stand at their fields, before and after the server has seen it.
	p.fill(`[name="to"]`, "nobody, b@app.test")
	p.push("button", "Send")
	p.wait(`document.querySelector('#compose-to-wrong')?.textContent.includes("nobody") && document.activeElement.name === "to"`)
	p.fill(`[name="to"]`, "Bob <b..b@app.test>")
	p.push("button", "Send")
	p.wait(`document.querySelector('[name="to"][aria-invalid="true"], .compose-wrong')`)
	p.fill(`[name="to"]`, `Alice <alice@app.test>; "Comma, Bob" <bob@app.test>`)
	p.push("button", "Cc, Bcc")
	p.fill(`[name="cc"]`, "carl@app.test")
	p.fill(`[name="bcc"]`, "dora@app.test")
	p.fill(`[name="subject"]`, "Grüße")
	p.fill(`[name="text"]`, "Hello")
	p.fill(`[name="html"]`, "<b>Hello</b>")
	file := filepath.Join(t.TempDir(), "picked.txt")
	writeFile(t, file, "picked")
	p.setFiles(`[name="files"]`, file)
	p.dropFiles(`[name="text"]`, map[string]string{"dropped.eml": "Subject: x\n\ny"})
	p.wait(`document.querySelectorAll(".compose-files li").length === 2`)
	p.script(`{
		const data = new DataTransfer();
		data.items.add(new File(["pasted"], "pasted.png", { type: "image/png" }));
		document.querySelector('[name="text"]').dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
	}`)
	p.wait(`document.querySelectorAll(".compose-files li").length === 3`)
	p.push("button", "Remove pasted.png")
	p.wait(`document.querySelectorAll(".compose-files li").length === 2`)
	p.shoot("compose")
	p.push("button", "Send")
	p.gone("dialog.compose")
	m := s.one(t, "subject:Grüße")
	p.address("/?m=" + m.ID)
	if want := []string{"alice@app.test", "bob@app.test", "carl@app.test", "dora@app.test"}; !slices.Equal(m.Recipients, want) || !slices.Equal(m.Hidden, want[3:]) {
		t.Errorf("it is for %q, hidden are %q", m.Recipients, m.Hidden)
	}
	if len(m.Attachments) != 2 || m.Attachments[0].Name != "picked.txt" || m.Attachments[1].Name != "dropped.eml" {
		t.Errorf("its files are %v", m.Attachments)
	}
}

func TestPageComposeSample(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/", phone)
	p.push("button", "Write a test message")
	p.push("button", "Fill in a sample")
	p.wait(`document.querySelector('[name="html"]').value.includes("prefers-color-scheme")`)
	p.shoot("compose-phone")
	p.push("button", "Send")
	p.gone("dialog.compose")
	var m struct {
		Text, HTML  string
		Codes       []struct{ Code string }
		Links       []any
		Defects     []any
		Attachments []any
	}
	if err := json.Unmarshal(s.get(t, "/v1/messages/latest?q=subject:code"), &m); err != nil {
		t.Fatal(err)
	}
	if m.Text == "" || m.HTML == "" || len(m.Codes) == 0 || len(m.Links) == 0 || len(m.Attachments) != 1 || len(m.Defects) != 0 {
		t.Errorf("the sample is %+v", m)
	}
}

func TestPageImport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/", look{})
	p.waitText("h1", "No mail yet")
	p.dropFiles("body", map[string]string{
		"a.eml":    "From: app@app.test\r\nTo: alice@app.test\r\nSubject: dropped\r\n\r\nx\r\n",
		"box.mbox": "From - Sat\nTo: bob@app.test\nSubject: one\n\nx\n\nFrom - Sat\nSubject: nobody's\n\nx\n\nFrom - Sat\nTo: bob@app.test\nSubject: two\n\nx\n",
		"c.pdf":    "%PDF-1.7",
		"d.eml":    "",
	})
	p.wait(`document.querySelectorAll('[data-import="done"]').length === 2 && document.querySelectorAll('[data-import="passed"]').length === 2`)
	said := p.text("dialog.imports")
	for _, want := range []string{"3 messages imported.", "2 imported", "1 failed", "Message 2:", "names no recipient", "It is empty.", "neither a message"} {
		if !strings.Contains(said, want) {
			t.Errorf("the result does not say %q:\n%s", want, said)
		}
	}
	p.shoot("import")
	p.press(kb.Escape)
	p.gone("dialog.imports")
	subjects := make(map[string]bool)
	for _, m := range s.all(t, "") {
		_, rest, _ := strings.Cut(s.raw(t, m.ID), "Subject: ")
		subject, _, _ := strings.Cut(rest, "\n")
		subjects[strings.TrimSpace(subject)] = true
	}
	if got := slices.Sorted(maps.Keys(subjects)); !slices.Equal(got, []string{"dropped", "one", "two"}) {
		t.Errorf("there are %q", got)
	}
}

func TestPageSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--max-message-size=1MB", "--smtp-auth=required")
	good := s.talk(t, "EHLO app.test", "AUTH PLAIN AHVzZXIAc2VjcmV0", "MAIL FROM:<app@app.test>", "RCPT TO:<alice@app.test>", "DATA", "Subject: By SMTP\r\n\r\nx\r\n.", "QUIT")
	if !strings.Contains(good, "id=") {
		t.Fatalf("SMTP says %s", good)
	}
	m := s.one(t, "subject:SMTP")
	p := s.open(t, "/?view=sessions", look{})
	p.waitText(".session-rows", "1 message was delivered.")
	// Live. Failures stand first, once they are not among the newest anyway.
	s.talk(t, "EHLO bad.test", "MAIL FROM:<app@app.test>", "QUIT")
	p.waitText(".session-rows", "The client has to log in before it may send.")
	s.talk(t, "EHLO big.test", "AUTH PLAIN AHVzZXIAc2VjcmV0", "MAIL FROM:<app@app.test> SIZE=99999999", "QUIT")
	p.waitText(".session-rows li", "The message was too large")
	p.gone(".session-first")
	for range 7 {
		s.talk(t, "EHLO good.test", "QUIT")
	}
	p.waitText(".session-first", "The client has to log in before it may send.")
	if text := p.text(".session-first"); strings.Contains(text, "too large") {
		t.Errorf("what is among the newest stands above them, too: %s", text)
	}
	s.talk(t, "EHLO good.test", "QUIT")
	p.waitText(".session-first li", "The message was too large")
	// POP3.
	s.maildrop(t, "alice@app.test")
	p.waitText(".session-rows", "1 message was fetched.")
	p.shoot("sessions")
	p.click(`.session-rows .session-row:not(.bad)`)
	p.waitText(".session", "POP3")
	p.waitText(".session .transcript", "RETR 1")
	p.waitText(".session-messages", "By SMTP")
	p.shoot("sessions-open")
	at := eval[string](p, `location.search`)
	p.click(".session-messages a")
	p.address("/?m=" + m.ID)
	p.back()
	p.waitText(".session .transcript", "RETR 1")
	// A deep link, on a phone, in Chinese, in the dark.
	zh := s.open(t, "/"+at, look{width: 390, height: 844, touch: true, dark: true, language: "zh-CN"})
	zh.waitText(".session h1", "取走了 1 封邮件。")
	zh.shoot("sessions-open-phone-zh")
	zh.click(".session-back")
	zh.waitText(".session-first", "邮件太大")
	zh.shoot("sessions-phone-zh")
	// Only failures, in the address.
	p.click(`.segmented label:nth-of-type(2)`)
	p.wait(`new URLSearchParams(location.search).get("failed") === "1"`)
	p.wait(`document.querySelector(".session-rows").dataset.rows === "2"`)
}

// A thousand sessions are a window of rows, loaded as they are scrolled to.
func TestPageManySessions(t *testing.T) {
	t.Parallel()
	const many = 1050
	s := newSite(t, "--sessions=2000")
	for range many {
		s.talk(t, "EHLO app.test", "QUIT")
	}
	p := s.open(t, "/?view=sessions", look{})
	p.wait(`document.querySelector(".session-rows").dataset.rows >= 200`)
	p.until("all rows", func(ctx context.Context) (bool, error) {
		p.script(`document.querySelector(".session-list").scrollTop = 1e9`)
		return chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`document.querySelector(".session-rows").dataset.rows == %d`, many)))
	})
	if n := p.count(".session-row"); n > 60 {
		t.Errorf("%d rows are drawn", n)
	}
	p.script(`document.querySelector(".session-list").scrollTop = 1e9`)
	p.wait(fmt.Sprintf(`document.querySelector('[aria-posinset="%d"]')`, many))
	// What is read stays in its place.
	p.script(`document.querySelector(".session-list").scrollTop = 3000`)
	p.wait(`document.querySelector('[aria-posinset="50"]')`)
	place := `document.querySelector('[data-session="' + window.watched + '"]').getBoundingClientRect().top`
	p.script(`window.watched = document.querySelector('[aria-posinset="50"] [data-session]').dataset.session`)
	before := eval[float64](p, place)
	// A failure: it stands above, too, when others have come. Sessions that end at the
	// same time are told of in any order.
	s.talk(t, "EHLO app.test", "MAIL", "QUIT")
	p.wait(fmt.Sprintf(`document.querySelector(".session-rows").dataset.rows == %d`, many+1))
	for range 8 {
		s.talk(t, "EHLO app.test", "QUIT")
	}
	p.wait(fmt.Sprintf(`document.querySelector(".session-first") && document.querySelector(".session-rows").dataset.rows >= %d && document.querySelector('[aria-posinset="59"] [data-session="' + window.watched + '"]')`, many+9))
	p.wait(fmt.Sprintf(`Math.abs(%s - %g) < 2`, place, before))
}

// How sessions end is said in words, in both languages.
func TestPageSessionWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	en, zh := s.open(t, "/?view=sessions", look{}), s.open(t, "/?view=sessions", look{language: "zh-CN"})
	modules := [...]string{en.module("sessions/words.js"), zh.module("sessions/words.js")}
	for outcome, want := range map[string][2]string{
		"2 messages delivered; RCPT refused: 550 5.1.1 No such user": {"RCPT was refused: 550 5.1.1 No such user. 2 messages were delivered.", "RCPT 被拒绝：550 5.1.1 No such user。投递了 2 封邮件。"},
		"AUTH refused: 535 5.7.8 User name or password is wrong":     {"The login was refused: user name or password is wrong.", "登录被拒绝：用户名或密码错误。"},
		"DATA refused: 503 5.5.1 Send MAIL first":                    {"DATA came at the wrong time: Send MAIL first", "DATA 的时机不对：Send MAIL first"},
		"EXPN refused: 500 5.5.2 Unknown command; HELP lists what is understood": {
			"EXPN could not be understood: Unknown command; HELP lists what is understood", "无法理解 EXPN：Unknown command; HELP lists what is understood"},
		"closed by the client in DATA after 1,024 octets": {
			"The client hung up in the middle of DATA, after 1,024 octets: the message was not taken.", "客户端在 DATA 中途断开，已收到 1,024 字节：邮件未被接收。"},
		"3 messages fetched, 1 message deleted; closed by the client without QUIT, 1 mark dropped": {
			"The client hung up without QUIT. 1 deletion did not take effect: there was no QUIT. 3 messages were fetched. 1 was deleted.",
			"客户端未发送 QUIT 就断开了。1 个删除标记未生效：客户端没有发送 QUIT。取走了 3 封邮件。删除了 1 封。"},
		"MAIL refused: 530 5.7.57 Client not authenticated to send mail": {"The client has to log in before it may send.", "客户端必须先登录才能发信。"},
		"MAIL refused: 530 5.7.0 Must issue a STARTTLS command first":    {"MAIL was refused because the connection is not protected by TLS: Must issue a STARTTLS command first", "连接未使用 TLS，MAIL 被拒绝：Must issue a STARTTLS command first"},
		"RCPT refused: 452 Too many recipients":                          {"There were too many recipients for one message.", "一封邮件的收件人太多。"},
		"MAIL refused: 454 Throttling failure: Maximum sending rate exceeded.": {
			"Too many messages or connections at a time: Throttling failure: Maximum sending rate exceeded.", "短时间内的邮件或连接过多：Throttling failure: Maximum sending rate exceeded."},
		"MAIL refused: 501 5.1.7 Bad sender address syntax":   {"MAIL named an address that cannot be used: Bad sender address syntax", "MAIL 中的地址无法使用：Bad sender address syntax"},
		"DATA refused: 554 5.5.1 Error: no valid recipients":  {"DATA came at the wrong time: no valid recipients", "DATA 的时机不对：no valid recipients"},
		"TLS handshake failed: remote error: bad certificate": {"The TLS handshake failed: remote error: bad certificate", "TLS 握手失败：remote error: bad certificate"},
		"idle for 5m0s after MAIL":                            {"The client said nothing for 5m0s, and was disconnected.", "客户端 5m0s 内没有动作，连接已断开。"},
		"1 message delivered; fault: rule f3, end of data, delay 3s, close, and 2 more; closed by the client": {
			"End of data: waits 3s, closes the connection (rule f3), and 2 more. The client hung up without QUIT. 1 message was delivered.",
			"数据结束：等待 3s，关闭连接（规则 f3），另有 2 个故障。客户端未发送 QUIT 就断开了。投递了 1 封邮件。"},
		"fault: address, RCPT, 550": {"RCPT: answers 550 (as the address asks)", "RCPT：返回 550（按地址要求）"},
		"something quite new":       {"something quite new", "something quite new"},
	} {
		for i, p := range []*tab{en, zh} {
			got := eval[string](p, fmt.Sprintf(`%s.then(({ words }) => words({ outcome: %q }))`, modules[i], outcome))
			if got != want[i] {
				t.Errorf("%s: got %q, want %q", outcome, got, want[i])
			}
		}
	}
}
