package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"restante/internal/sample"
)

// axe runs axe-core in the page, with all its rules but those that are
// experiments, on everything except the mail's own HTML. It gives a line for
// each violation: the rule, what is wrong, and where.
const axe = `axe.run({ exclude: [["iframe"]] }, { resultTypes: ["violations"] }).then(({ violations }) =>
	violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.failureSummary.replace(/\s+/g, " ") + " at " + n.target.join(" ") + " " + n.html.slice(0, 200))))`

// flawless fails the test for what axe-core finds in what is shown now.
func (p *tab) flawless(state, source string) {
	p.t.Helper()
	p.settle()
	p.script(source)
	for _, violation := range eval[[]string](p, axe) {
		p.t.Errorf("%s: %s", state, violation)
	}
}

// settle waits until nothing moves and fades any more.
func (p *tab) settle() {
	p.t.Helper()
	p.wait(`document.getAnimations().every((a) => a.playState !== "running" || a.effect?.getTiming().iterations === Infinity)`)
}

// Every view and state of the page is without a violation of WCAG 2.2 AA that
// axe-core can find, in both themes, on a laptop and on a phone.
func TestPageAxe(t *testing.T) {
	t.Parallel()
	browser(t)
	source, err := os.ReadFile(filepath.Join(npmTools(t), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	full, empty := newSite(t), newSite(t)
	for _, rule := range sample.Rules {
		full.rule(t, rule)
	}
	if err := sample.Send(full.ports["smtp"], full.ports["pop3"]); err != nil {
		t.Fatal(err)
	}
	order := full.one(t, `subject:"Your order 10482 is confirmed"`).ID
	if status, body := full.send(t, "PATCH", "/v1/messages/"+order, "application/json", `{"tags":["checkout","release-42"]}`); status >= 300 {
		t.Fatalf("tag: %d %s", status, body)
	}
	session := decoded[struct{ Sessions []struct{ ID string } }](t, string(full.get(t, "/v1/sessions?failed=true"))).Sessions[0].ID

	for name, l := range map[string]look{
		"light": {}, "dark": {dark: true}, "phone light": {width: phone.width, height: phone.height, touch: true},
		"phone dark": {width: phone.width, height: phone.height, touch: true, dark: true}, "light zh": {language: "zh-CN"},
	} {
		l.still = true
		l.complaints = []string{blockedContent, "400 (Bad Request)"} // remote content of the mail, and a mistake in a search
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := empty.open(t, "/", l)
			p.wait(`document.querySelector("main pre")`)
			p.flawless("empty", string(source))

			p = full.open(t, "/", l)
			for _, state := range []struct{ path, ready string }{
				{"/", ".row"},
				{"/?view=sessions", "[data-stage=sessions] ol, [data-stage=sessions] ul"},
				{"/?view=sessions&session=" + session, "[data-stage=sessions] .transcript, [data-stage=sessions] pre, [data-stage=sessions] h2"},
				{"/?view=setup", "main pre"},
				{"/?view=faults", "[data-stage=faults] h1"},
				{"/?q=has:attachment+tag:checkout", ".chip"},
				{"/?q=size:x", "[role=alert], .mistake, #q[aria-invalid=true]"},
			} {
				p.visit(state.path)
				p.wait(fmt.Sprintf(`document.querySelector(%q)`, state.ready))
				p.flawless(state.path, string(source))
			}
			for _, m := range full.all(t, "") {
				p.visit("/?m=" + m.ID)
				p.wait(`document.querySelector(".message h1")`)
				p.flawless("message", string(source))
			}
			for _, tab := range []string{"text", "links", "parts", "headers", "source", "delivery"} {
				p.visit("/?m=" + order + "&tab=" + tab)
				p.wait(fmt.Sprintf(`document.querySelector("#tab-%s[aria-selected=true]") && document.querySelector("[role=tabpanel] *")`, tab))
				p.flawless(tab, string(source))
			}
			for _, state := range []struct{ name, path, ready, do, shown string }{
				{"selection", "/", ".row", `document.querySelectorAll(".row input[type=checkbox]")[1].click()`, `.row input:checked`},
				{"help", "/", ".row", pressed("?"), `dialog[open]`},
				{"palette", "/", ".row", pressed("k", "ctrlKey: true"), `#palette-list *`},
				{"compose", "/", ".row", pressed("c"), `dialog[open]`},
				{"tags", "/?m=" + order, ".message h1", pressed("l"), `dialog[open]`},
				{"send again", "/?m=" + order, ".message h1", pressed("r"), `dialog[open]`},
				{"settings", "/", ".row", `document.querySelector(".top-actions > :last-child :is(button, summary), .top-actions > button:last-of-type").click()`, `[data-settings], dialog[open], [popover]:popover-open`},
				{"a new rule", "/?view=faults", "[data-stage=faults] button.primary", `document.querySelector("[data-stage=faults] button.primary").click()`, `dialog[open], [data-stage=faults] form`},
			} {
				p.visit(state.path)
				p.wait(fmt.Sprintf(`document.querySelector(%q)`, state.ready))
				if strings.Contains(state.do, "keydown") { // a key does nothing until what it is for is there
					p.wait(fmt.Sprintf(`document.querySelector(%q) || (%s, false)`, state.shown, state.do))
				} else {
					p.script(state.do)
					p.wait(fmt.Sprintf(`document.querySelector(%q)`, state.shown))
				}
				p.flawless(state.name, string(source))
			}
			p.visit("/")
			p.wait(`document.querySelector(".row")`)
			p.click(searchField)
			p.do(chromedp.KeyEvent("f"))
			p.wait(`document.querySelector("#q-options li")`)
			p.flawless("completion", string(source))
		})
	}
}

// pressed is JavaScript that presses a key, with modifiers.
func pressed(key string, modifiers ...string) string {
	return fmt.Sprintf(`document.body.dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true, cancelable: true, %s }))`, key, strings.Join(modifiers, ", "))
}
