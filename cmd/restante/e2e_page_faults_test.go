package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"restante/client"
	"restante/internal/tools"
)

// rules are the fault rules that there are.
func (s *site) rules(t *testing.T) []client.FaultRule {
	t.Helper()
	return decoded[struct{ Rules []client.FaultRule }](t, string(s.get(t, "/v1/faults"))).Rules
}

// choose takes an option of a select.
func (p *tab) choose(selector, value string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`[...(document.querySelector(%q)?.options ?? [])].some((o) => o.value === %q)`, selector, value))
	p.script(fmt.Sprintf(`(() => { const el = document.querySelector(%q); el.value = %q; el.dispatchEvent(new Event("change", { bubbles: true })); el.dispatchEvent(new Event("input", { bubbles: true })) })()`, selector, value))
}

// clear takes a field's text away.
func (p *tab) clear(selector string) {
	p.t.Helper()
	p.fill(selector, kb.Backspace)
}

// ruleAt is a rule's place in the list.
func ruleAt(id string) string { return fmt.Sprintf(`[data-rule=%q]`, id) }

const (
	sent     = `document.querySelector('dialog .rule-says').innerText`
	wishMade = ".wish-made output"
)

// The address is put together from what is to go wrong, by the settings of the
// server, and what is shown beside it does what it says.
func TestPageFaultAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--separator", "-", "--fault-prefix", "x.")
	p := s.open(t, "/?view=faults", look{})
	p.waitText(wishMade, "alice-x.rcpt-550@app.test")
	p.waitNamed("button", "Copy Recipient")
	p.fill("[name=wish-CODE]", "451-4.7.1")
	p.waitText(wishMade, "alice-x.rcpt-451-4.7.1@app.test")
	p.waitText("[name=wish] option:checked", "RCPT is refused with 451-4.7.1")
	p.fill("[name=wish-address]", "bob@other.test")
	p.waitText(wishMade, "bob-x.rcpt-451-4.7.1@other.test")

	// The commands, as they are copied.
	for name, code := range map[string]int{"curl": 55, "swaks": 24} {
		t.Run(name, func(t *testing.T) {
			p.push("tab", name)
			text := eval[string](p, fmt.Sprintf(`document.querySelector('.wishes [data-snippet=%q] [data-copy]').dataset.copy`, name))
			tools.Need(t, name)
			got, out, said := run(t, tool(t, t.TempDir(), "sh", "-c", text))
			if got != code || !strings.Contains(out+said, "451") {
				t.Errorf("%s\nexit code %d, want %d: %s%s", text, got, code, out, said)
			}
		})
	}

	// Several at a time, and one that the sender asks for.
	p.push("button", "And something else")
	p.waitText(wishMade, "bob-x.rcpt-451-4.7.1.delay-3s@other.test")
	p.choose("li:nth-child(2) > [name=wish]", "greylist")
	p.waitText(wishMade, "bob-x.rcpt-451-4.7.1.greylist@other.test")
	p.push("button", "Leave this out")
	p.waitText(wishMade, "bob-x.greylist@other.test")
	p.choose("[name=wish]", "mail")
	p.waitText(wishMade, "bob-x.mail-451@other.test")
	p.waitNamed("button", "Copy Sender")
	p.choose("[name=wish]", "keep")
	p.waitText(wishMade, "bob-x.keep.drop-end@other.test")

	// POP3: the second RETR breaks off.
	p.push("radio", "POP3")
	p.waitText(wishMade, "bob-x.retr-drop-2@other.test")
	p.waitText(".wishes .paste", "pop3://"+s.ports["pop3"]+"/1")
	p.clear("[name=wish-N]")
	p.waitText(wishMade, "bob-x.retr-drop@other.test")

	// Each that there is has words of its own, and the server takes it.
	for _, protocol := range []string{"SMTP", "POP3"} {
		p.push("radio", protocol)
		p.wait(fmt.Sprintf(`document.querySelector('[name=address-protocol]').checked === %v`, protocol == "SMTP"))
		words := eval[[]string](p, `[...document.querySelector('[name=wish]').options].map((o) => o.value)`)
		if len(words) < 14 {
			t.Errorf("%s has only %q", protocol, words)
		}
		for _, word := range words {
			p.choose("[name=wish]", word)
			p.waitText(wishMade, "bob-x."+word)
			if label := p.text("[name=wish] option:checked"); strings.Contains(label, "faults.wish") || strings.Contains(label, "  ") {
				t.Errorf("%s is called %q", word, label)
			}
			wanted := p.text(wishMade)
			if protocol == "SMTP" {
				line := "MAIL FROM:<" + wanted + ">"
				if word == "auth" {
					line = "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00"+wanted+"\x00any"))
				}
				if said, _ := dialSMTP(t, s.ports["smtp"]).command("250", line); strings.Contains(said, "fault \"") {
					t.Errorf("%s: %s", wanted, said) // it is not understood
				}
				continue
			}
			c := dialLines(t, s.ports["pop3"])
			_, _ = c.r.ReadString('\n')
			fmt.Fprintf(c, "USER %s\r\n", wanted)
			if said, err := c.r.ReadString('\n'); err != nil || !strings.HasPrefix(said, "+OK") {
				t.Errorf("%s: %s %v", wanted, said, err)
			}
		}
	}

	off := newSite(t, "--fault-addresses", "off")
	p = off.open(t, "/?view=faults", look{})
	p.waitText("[data-stage=faults]", "Start the server with --fault-addresses on")
	if p.count(".wishes") > 0 {
		t.Error("addresses are offered although they are off")
	}
}

// The list says what there is and what it has done, while it does it.
func TestPageFaultRules(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/?view=faults", look{})
	p.waitText(".rules-none", "No rule is set")
	p.wait(`document.querySelectorAll('.rules-none [data-begin]').length === 8`)

	s.rule(t, `{"name":"Busy","owner":"t1","protocol":"smtp","at":["rcpt"],"for":{"recipient":"*@app.test"},"do":{"reply":{"code":451}},"often":{"next":3},"ttl":"10m"}`)
	s.rule(t, `{"owner":"t2","protocol":"pop3","at":["login"],"for":{"user":"bob"},"do":{"reply":{"resp":"IN-USE"},"delay":"5ms"},"ttl":"never"}`)
	status, body := s.send(t, http.MethodPost, "/v1/faults", "application/json", `{"owner":"t1","protocol":"smtp","at":["rcpt"],"for":{"query":"a"},"do":{"close":true}}`)
	if status != http.StatusCreated || !strings.Contains(string(body), "warning") {
		t.Fatalf("%d %s", status, body)
	}
	p.reload()
	p.waitText(ruleAt("f1"), "SMTP, RCPT, recipient *@app.test: answers 451, the next 3 times")
	p.waitText(ruleAt("f1"), "goes in 10 minutes")
	p.waitText(ruleAt("f2"), "POP3, login, user bob: answers -ERR [IN-USE], waits 5ms")
	p.waitText(ruleAt("f2"), "stays until the server ends")
	p.waitText(ruleAt("f3")+" .rule-warning", "never matches at rcpt")
	if got := eval[string](p, `[...document.querySelectorAll('.rule')].map((r) => r.dataset.rule).join(" ")`); got != "f1 f2 f3" {
		t.Errorf("the order is %s", got)
	}

	// It counts live.
	c := dialSMTP(t, s.ports["smtp"])
	for _, line := range []string{"250 MAIL FROM:<a@x.test>", "250 RCPT TO:<b@x.test>", "451 RCPT TO:<b@app.test>", "451 RCPT TO:<c@app.test>"} {
		if said, err := c.command(line[:3], line[4:]); err != nil {
			t.Fatal(said, err)
		}
	}
	p.wait(`document.querySelector('[data-rule=f1] [data-hits="2"]') && document.querySelector('[data-rule=f1] [data-matched="2"]')`)
	p.waitText(ruleAt("f1"), "fired 2 times")
	p.waitText(ruleAt("f1"), "last ")

	// Those of an owner.
	p.choose("[name=owner-filter]", "t1")
	p.gone(ruleAt("f2"))
	p.push("button", "Remove all of t1")
	p.waitText("dialog", "2 rules of t1 go.")
	p.push("button", "Cancel")
	p.gone("dialog")
	if n := len(s.rules(t)); n != 3 {
		t.Fatalf("there are %d rules after all", n)
	}
	p.choose("[name=owner-filter]", "")
	p.waitNamed("button", "Remove all")

	// One is changed where it stands, one becomes another, one goes.
	p.push("button", "Edit rule f1")
	p.waitText("dialog h2", "Rule f1")
	p.fill(`[name="do.reply.code"]`, "550")
	p.push("button", "Save")
	p.gone("dialog")
	p.waitText(ruleAt("f1"), "answers 550, the next 3 times")
	p.wait(`document.querySelector('.rule').dataset.rule === "f1" && document.querySelector('[data-rule=f1] [data-hits="0"]')`)
	p.push("button", "Duplicate rule f2")
	p.waitText("dialog h2", "Add a rule")
	p.fill(`[name="for.user"]`, "carol")
	p.press(kb.Enter)
	p.gone("dialog")
	p.waitText(ruleAt("f4"), "POP3, login, user carol: answers -ERR [IN-USE], waits 5ms")
	p.waitText(ruleAt("f4"), "stays until the server ends")
	p.push("button", "Remove rule f2")
	p.waitText("dialog", "user bob")
	p.push("button", "Remove")
	p.gone(ruleAt("f2"))
	p.choose("[name=owner-filter]", "t1")
	p.push("button", "Remove all of t1")
	p.push("button", "Remove")
	p.gone(ruleAt("f1"))
	got := s.rules(t)
	if len(got) != 1 || got[0].ID != "f4" || got[0].For.User != "carol" || got[0].Do.Reply.Resp != "IN-USE" || got[0].Owner != "t2" {
		t.Errorf("there are %+v", got)
	}
	p.push("button", "Remove all")
	p.push("button", "Remove")
	p.waitText(".rules-none", "No rule is set")
}

// A rule that goes by itself goes from the list, too.
func TestPageFaultRulesExpire(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.rule(t, `{"protocol":"smtp","at":["noop"],"do":{"delay":"1ms"},"ttl":"4s"}`)
	p := s.open(t, "/?view=faults", look{})
	p.wait(`/goes in [1-4] second/.test(document.querySelector('[data-rule=f1]')?.innerText)`)
	p.gone(ruleAt("f1"))
}

// What the form says is what the server is given, and what it copies.
func TestPageFaultForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/?view=faults", look{})
	p.wait(`document.querySelector('.rules-none')`)
	p.press("n")
	p.wait(`document.activeElement?.name === "for.recipient"`)
	p.wait(sent + ` === "SMTP, RCPT, recipient alice@app.test: answers 451 “Try again later”, the next 2 times"`)

	// The templates.
	for name, says := range map[string]string{
		"twice":    "SMTP, end of data, recipient alice@app.test: closes the connection, stores the message all the same, the next time only",
		"bounce":   "SMTP, RCPT, recipient alice@app.test: accepts, then bounces with 5.1.1",
		"greylist": "SMTP, RCPT, recipient alice@app.test: refuses the first attempt with 451",
		"slow":     "SMTP, DATA, recipient alice@app.test: waits 3s, slows down to 1k octets a second",
		"drop":     "SMTP, end of data, recipient alice@app.test: closes the connection",
		"resume":   "POP3, RETR, user alice@app.test: breaks off half-way, the next time only",
		"busy":     "POP3, login, user alice@app.test: answers -ERR [IN-USE], the next time only",
	} {
		p.click(fmt.Sprintf(`dialog [data-template=%q]`, name))
		p.wait(fmt.Sprintf(`%s === %q`, sent, says))
	}

	// Each thing to do is taken by the server where the form puts it.
	for _, protocol := range []string{"smtp", "pop3"} {
		p.wait(`document.querySelector('dialog')`)
		p.push("radio", strings.ToUpper(protocol))
		p.wait(fmt.Sprintf(`document.querySelector('dialog [name=protocol][value=%s]').checked`, protocol))
		for _, name := range eval[[]string](p, `[...document.querySelector('dialog [name=do]').options].map((o) => o.value)`) {
			p.choose("dialog [name=do]", name)
			said := eval[string](p, sent)
			if strings.Contains(said, "faults.") || strings.Contains(said, "{") {
				t.Errorf("%s, %s: %q", protocol, name, said)
			}
			p.push("button", "Add a rule")
			p.gone("dialog")
			p.press("n")
			p.wait(`document.activeElement?.name === "for.recipient"`)
			p.push("radio", strings.ToUpper(protocol))
			p.wait(fmt.Sprintf(`document.querySelector('dialog [name=protocol][value=%s]').checked`, protocol))
		}
	}
	if n := len(s.rules(t)); n < 20 {
		t.Errorf("%d rules were added", n)
	}
}

// What is wrong stands at its field, which is shown and has the focus.
func TestPageFaultFormErrors(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/?view=faults", look{complaints: []string{"400"}})
	p.wait(`document.querySelector('.rules-none')`)
	p.push("button", "Add a rule")
	p.fill(`[name="do.reply.code"]`, "999")
	p.push("button", "Add a rule")
	p.wait(`document.activeElement?.name === "do.reply.code" && document.activeElement.ariaInvalid === "true"`)
	p.wait(`document.getElementById(document.activeElement.getAttribute("aria-describedby")).innerText.includes("from 200 to 599")`)
	p.fill(`[name="do.reply.code"]`, "451")
	p.gone(`dialog [aria-invalid=true]`)

	// In what is not unfolded; and the points.
	p.choose("dialog [name=often]", "every")
	p.script(`[...document.querySelectorAll("dialog summary")].find((s) => s.innerText === "Narrow it down").click()`)
	p.fill(`[name="often.above"]`, "3")
	p.script(`document.querySelector('[name="often.above"]').closest("details").open = false`)
	p.push("button", "Add a rule")
	p.wait(`document.activeElement?.name === "often.per" && document.activeElement.closest("details").open`)
	p.wait(`document.activeElement.parentElement.innerText.includes("above needs a window")`)
	p.fill(`[name="often.per"]`, "1m")
	p.push("checkbox", "RCPT")
	p.push("button", "Add a rule")
	p.wait(`document.activeElement?.name === "at"`)
	p.waitText("#at-wrong", "where?")
	if n := len(s.rules(t)); n != 0 {
		t.Errorf("%d rules were added all the same", n)
	}
	p.push("checkbox", "DATA")
	p.push("button", "Add a rule")
	p.gone("dialog")
	p.waitText(ruleAt("f1"), "SMTP, DATA, recipient alice@app.test: answers 451 “Try again later”, above 3 within 1m, once in 2 times")
}

// The rule for a test suite is the rule that the page sets.
func TestPageFaultFormCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.open(t, "/?view=faults", look{})
	p.wait(`document.querySelector('.rules-none')`)
	p.push("button", "Add a rule")
	p.fill(`[name="do.reply.text"]`, `It's "busy"`)
	p.fill(`[name="owner"]`, "t1")
	p.script(`document.querySelectorAll("dialog details").forEach((d) => (d.open = true))`)
	p.fill(`[name="do.delay"]`, "1ms")
	p.fill(`[name="often.probability"]`, "0.5")
	texts := map[string]string{}
	for _, tab := range []string{"curl", "Go", "JSON"} {
		p.push("tab", tab)
		p.wait(fmt.Sprintf(`document.querySelector('dialog [data-snippet=%q]')`, strings.ToLower(tab)))
		texts[tab] = eval[string](p, `document.querySelector('dialog .paste [data-copy]').dataset.copy`)
	}
	want := client.FaultRule{Owner: "t1", Protocol: "smtp", At: []string{"rcpt"}, For: client.FaultFor{Recipient: "alice@app.test"},
		Do: client.FaultAction{Reply: &client.FaultReply{Code: 451, Text: `It's "busy"`}, Delay: "1ms"}, Often: client.FaultOften{Next: 2, Probability: 0.5}, TTL: "1h"}
	var got client.FaultRule
	if err := json.Unmarshal([]byte(texts["JSON"]), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("JSON: %v: %+v, want %+v", err, got, want)
	}
	if got = goRule(t, texts["Go"]); !reflect.DeepEqual(got, want) {
		t.Errorf("Go: %+v, want %+v, of\n%s", got, want, texts["Go"])
	}
	tools.Need(t, "curl")
	done(t, tool(t, t.TempDir(), "sh", "-ec", texts["curl"]))
	p.push("button", "Add a rule")
	p.gone("dialog")
	p.waitText(ruleAt("f2"), "answers 451 “It's \"busy\"”, waits 1ms, with a chance of 50%, the next 2 times")
	all := s.rules(t)
	for i := range all {
		all[i].ID, all[i].Expires, all[i].TTL, all[i].Warning = "", want.Expires, "1h", ""
		if !reflect.DeepEqual(all[i], want) {
			t.Errorf("rule %d is %+v, want %+v", i, all[i], want)
		}
	}
}

// goRule is the rule of a call of Fault in Go.
func goRule(t *testing.T, source string) (r client.FaultRule) {
	t.Helper()
	_, call, _ := strings.Cut(source, "\n")
	e, err := parser.ParseExpr(call)
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	fillIn(t, reflect.ValueOf(&r).Elem(), e.(*ast.CallExpr).Args[1])
	return r
}

// fillIn gives a value what a literal of Go says.
func fillIn(t *testing.T, into reflect.Value, from ast.Expr) {
	t.Helper()
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into, from = into.Elem(), from.(*ast.UnaryExpr).X
	}
	switch from := from.(type) {
	case *ast.BasicLit:
		text := from.Value
		if into.Kind() == reflect.String {
			unquoted, err := strconv.Unquote(text)
			if err != nil {
				t.Fatal(err)
			}
			into.SetString(unquoted)
		} else if err := json.Unmarshal([]byte(text), into.Addr().Interface()); err != nil {
			t.Fatal(err)
		}
	case *ast.CompositeLit:
		if into.Kind() == reflect.Slice {
			into.Set(reflect.MakeSlice(into.Type(), len(from.Elts), len(from.Elts)))
			for i, e := range from.Elts {
				fillIn(t, into.Index(i), e)
			}
			return
		}
		if name := from.Type.(*ast.SelectorExpr).Sel.Name; name != into.Type().Name() {
			t.Fatalf("a %s stands where a %s is wanted", name, into.Type().Name())
		}
		for _, e := range from.Elts {
			kv := e.(*ast.KeyValueExpr)
			field := into.FieldByName(kv.Key.(*ast.Ident).Name)
			if !field.IsValid() {
				t.Fatalf("%s has no field %s", into.Type(), kv.Key)
			}
			fillIn(t, field, kv.Value)
		}
	default:
		t.Fatalf("there is a %T", from)
	}
}

// What fires is shown while its session goes on, and leads to what it was about.
func TestPageFaultsAreWatched(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.rule(t, `{"protocol":"smtp","at":["noop"],"do":{"reply":{"code":450}},"often":{"next":1}}`)
	early := dialSMTP(t, s.ports["smtp"])
	for _, line := range []string{"450 NOOP", "221 QUIT"} {
		if said, err := early.command(line[:3], line[4:]); err != nil {
			t.Fatal(said, err)
		}
	}
	p := s.open(t, "/?view=faults", look{})
	p.waitText(".fired li", "NOOP: answers 450 (rule f1)") // it ended before the page was opened
	c := dialSMTP(t, s.ports["smtp"])
	if _, err := c.transmit("app@app.test", "bob+fault.dsn-5.1.1@app.test", "Subject: Bounces\r\n\r\nText.\r\n"); err != nil {
		t.Fatal(err)
	}
	p.wait(`document.querySelectorAll('.fired li').length === 2`)
	p.waitText(".fired li", "RCPT: accepts, then bounces with 5.1.1 (as the address asks)")
	p.waitText(".fired li", "still open")
	if said, err := c.command("221", "QUIT"); err != nil {
		t.Fatal(said, err)
	}
	p.waitText(".fired li .fired-to", "Session")
	id := eval[string](p, `document.querySelector('.fired li').dataset.fired`)
	p.push("link", "Session "+id)
	p.address("/?view=sessions&session=" + id)
	p.waitText(".session", "dsn 5.1.1")
	p.back()
	p.wait(`document.querySelector('.fired li a + a')`)
	p.click(".fired li a + a")
	p.waitText(".message h1", "Bounces")
}

// The page says which server this one behaves as, and offers the others to rules.
func TestPageFaultPersonas(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--persona", "strict")
	p := s.open(t, "/?view=faults", look{})
	p.waitText("[data-persona=strict]", "This server behaves as strict")
	p.click("[data-persona-rule=exchange]")
	p.wait(sent + ` === "SMTP, connecting: behaves as exchange"`)
	p.choose(`[name="do.persona"]`, "postfix")
	p.script(`document.querySelector("dialog details").open = true`)
	p.fill(`[name="for.remote"]`, "127.0.0.*")
	p.push("button", "Add a rule")
	p.gone("dialog")
	p.waitText(ruleAt("f1"), "SMTP, connecting, client 127.0.0.*: behaves as postfix")
	c := dialLines(t, s.ports["smtp"])
	if said, err := c.reply("220"); err != nil || !strings.Contains(said, "Postfix") {
		t.Errorf("the greeting is %q: %v", said, err)
	}
}

// On a phone nothing stands over the edge; it is usable with the keyboard alone,
// and in Chinese.
func TestPageFaultsForEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.rule(t, `{"name":"A","owner":"an-owner-with-a-rather-long-name@build-server.app.test","protocol":"smtp","at":["rcpt"],"for":{"recipient":"someone-with-a-long-name@subdomain.of.a.long.domain.app.test"},"do":{"reply":{"code":451}},"ttl":"never"}`)
	wide := `document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll(".stage, dialog .rule-fields")].every((el) => el.scrollWidth <= el.clientWidth)`
	for _, l := range []look{{width: 390, height: 844, touch: true}, {width: 390, height: 844, touch: true, dark: true, language: "zh-CN"}} {
		p := s.open(t, "/?view=faults", l)
		p.waitText(ruleAt("f1"), map[bool]string{false: "answers 451", true: "SMTP，RCPT，收件人 someone-with-a-long-name@subdomain.of.a.long.domain.app.test：返回 451"}[l.language != ""])
		p.wait(wide)
		p.shoot("faults-phone" + l.language)
		p.click(ruleAt("f1") + " .rule-do button")
		p.wait(`document.querySelector("dialog .rule-says")`)
		p.wait(wide)
		p.shoot("faults-phone-form" + l.language)
		if left := eval[[]string](p, `(document.body.innerText.match(/faults\.[\w.-]+/g) ?? [])`); len(left) > 0 {
			t.Errorf("there are no words for %q", left)
		}
	}
	p := s.open(t, "/?view=faults", look{})
	p.wait(`document.querySelector('.rule')`)
	p.focusNamed("button", "Edit rule f1")
	p.press(kb.Enter)
	p.wait(`document.activeElement?.name === "for.recipient"`)
	p.press(kb.Escape)
	p.gone("dialog")
	p.wait(`document.activeElement?.getAttribute("aria-label") === "Edit rule f1"`)
	if got := eval[[]string](p, `[...document.querySelectorAll(".faults :is(button, input, select, a)")].filter((el) => !(el.ariaLabel || el.labels?.length || el.innerText.trim())).map((el) => el.outerHTML)`); len(got) > 0 {
		t.Errorf("without a name: %q", got)
	}
}
