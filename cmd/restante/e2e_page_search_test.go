package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

const (
	searchField = `#q`
	// completions are what the field offers, as "code: note" each.
	completions = `[...document.querySelectorAll('#q-options li')].map(e => e.innerText.replace(/\s+/g, " ").trim()).join("\n")`
	chips       = `[...document.querySelectorAll('.chip')].map(e => e.innerText.replace(/\s+/g, " ").trim()).join(" | ")`
	palette     = `[...document.querySelectorAll('#palette-list .title')].map(e => e.innerText).join("\n")`
	focused     = `(document.activeElement?.id || document.activeElement?.className || document.activeElement?.tagName)`
)

// searchSite has a few messages to find.
func searchSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.post(t, map[string]any{"from": "Ann Lee <ann@shop.test>", "to": []string{"alice@app.test"}, "subject": "Your Straße order", "text": "The STRASSE is open."})
	s.post(t, map[string]any{"from": "Ben <ben@shop.test>", "to": []string{"alice@app.test", "bob@other.test"}, "subject": "Verify your address", "text": "Your code is 471193."})
	s.postTo(t, "carol@app.test", "Weekly figures")
	return s
}

// finds waits until the list has exactly these subjects.
func (p *tab) finds(subjects ...string) {
	p.t.Helper()
	want := strings.Join(subjects, "|")
	p.wait(fmt.Sprintf(`[...document.querySelectorAll('[data-id] .subject')].map(e => e.innerText.trim()).join("|") === %q`, want))
}

// strike presses a key as a keyboard does: what is typed goes where the focus
// was when the key went down, unless the page took it. "Shift+j", "#", "Mod+k".
func (p *tab) strike(chord string) {
	p.t.Helper()
	if special, ok := map[string]string{"Escape": kb.Escape, "Enter": kb.Enter, "ArrowDown": kb.ArrowDown}[chord]; ok {
		p.press(special)
		return
	}
	params := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown}
	modifiers := map[string]int64{"Alt": 1, "Mod": 2, "Shift": 8} // as the protocol has them; Mod is Ctrl
	parts := strings.Split(chord, "+")
	for _, modifier := range parts[:len(parts)-1] {
		params.Modifiers |= modifiers[modifier]
	}
	params.Key = parts[len(parts)-1]
	if letter := params.Key; len(letter) == 1 {
		params.Text = letter
		if c := letter[0]; c >= 'a' && c <= 'z' {
			params.Code = "Key" + strings.ToUpper(letter)
			if params.Modifiers == modifiers["Shift"] {
				params.Key = strings.ToUpper(letter)
				params.Text = params.Key
			}
		}
		if params.Modifiers&^modifiers["Shift"] != 0 {
			params.Text = ""
		}
	}
	call(p, input.DispatchKeyEvent, params)
	params.Type, params.Text = input.DispatchKeyEventTypeKeyUp, ""
	call(p, input.DispatchKeyEvent, params)
}

func (p *tab) waitFocus(id string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`%s === %q`, focused, id))
}

func TestSearchCompletes(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/", look{})
	p.finds("Weekly figures", "Verify your address", "Your Straße order")

	// Operators, each with a word of explanation, by keyboard.
	p.strike("/")
	p.waitFocus("q")
	p.wait(`document.querySelectorAll('#q-options li').length > 15`)
	p.shoot("search-operators")
	if all := eval[string](p, completions); !strings.Contains(all, "rcpt: any recipient, also hidden ones") || !strings.Contains(all, "is: seen or unseen") {
		t.Errorf("it offers\n%s", all)
	}
	p.press("su")
	p.wait(completions + ` === "subject: words of the subject"`)
	p.press(kb.ArrowDown)
	p.wait(`document.querySelector('#q').getAttribute('aria-activedescendant') === document.querySelector('[role=option][aria-selected=true]').id`)
	p.press(kb.Enter)
	p.wait(`document.querySelector('#q').value === "subject:"`)
	p.press("figures" + kb.Enter)
	p.finds("Weekly figures")
	p.address("/?q=subject%3Afigures")

	// Values: of is:, of the mailboxes that there are, of senders.
	p.fill(searchField, "is:un")
	p.wait(completions + ` === "is:unseen not opened yet"`)
	p.fill(searchField, "-mailbox:al")
	p.wait(completions + `.includes("mailbox:alice@app.test 2 in this mailbox")`)
	p.press(kb.ArrowDown + kb.Tab)
	p.wait(`document.querySelector('#q').value === "-mailbox:alice@app.test "`)
	p.finds("Weekly figures")
	p.waitFocus("q") // Tab took the completion, not the focus
	p.fill(searchField, "from:shop")
	p.wait(completions + `.includes("from:ann@shop.test")`)
	// By mouse.
	p.push("option", "from:ben@shop.test seen in the list")
	p.wait(`document.querySelector('#q').value === "from:ben@shop.test "`)
	p.finds("Verify your address")

	// Times and sizes say what they mean; the caret may be anywhere.
	p.fill(searchField, "after: order")
	p.press(strings.Repeat(kb.ArrowLeft, 6))
	p.wait(completions + `.includes("after:10m in the last 10 minutes")`)
	p.press("10" + kb.ArrowDown + kb.Enter)
	p.wait(`document.querySelector('#q').value === "after:10m order"`)
	p.finds("Your Straße order")

	// Nothing chosen, Enter searches for what is typed; Esc closes only the list.
	p.fill(searchField, "verif")
	p.press(kb.Enter)
	p.finds("Verify your address")
	p.fill(searchField, "to")
	p.wait(`!document.querySelector('#q-options').hidden`)
	p.press(kb.Escape)
	p.wait(`document.querySelector('#q-options').hidden`)
	p.waitFocus("q")
	p.press(kb.Escape)
	p.wait(focused + ` !== "q"`)
	// An earlier search is offered again.
	p.push("button", "Clear the search")
	p.waitFocus("q")
	p.press(kb.ArrowDown)
	p.wait(completions + `.includes("verif searched before")`)
}

func TestSearchTellsWhatIsWrongWhere(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/", look{})
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	p.fill(searchField, "añ sender:bob x"+kb.Enter)
	p.waitText("#q-error", "There is no filter “sender:”")
	if marked := p.text("#q-error mark"); marked != "sender:bob" {
		t.Errorf("marked is %q", marked)
	}
	p.shoot("search-error")
	if eval[bool](p, `document.querySelector('#q').getAttribute('aria-invalid') !== "true" || document.querySelector('#q').getAttribute('aria-describedby') !== "q-error"`) {
		t.Error("the field does not say that it is wrong")
	}
	// The list stays, and the server was not asked for what cannot be.
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	if slices.ContainsFunc(p.asked(), func(r string) bool { return strings.Contains(r, "sender") }) {
		t.Error("the server was asked")
	}
	p.press(kb.Backspace)
	p.gone("#q-error")
	p.fill(searchField, `subject:"open`+kb.Enter)
	p.waitText("#q-error", "The quotes are not closed.")
	// Half a term is no mistake while one types it.
	p.fill(searchField, `subject:`)
	p.fill(searchField, `subject:figures`)
	p.finds("Weekly figures")
	p.gone("#q-error")

	// In Chinese, from a link.
	p = s.open(t, "/?q=larger:big", look{language: "zh-CN", complaints: []string{"400"}})
	p.waitText("#q-error", "“big”不是大小")
}

func TestFiltersAreChips(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/?q=your+from:ann+-is:seen", look{})
	p.finds("Your Straße order")
	p.wait(chips + ` === "from:ann | not is:seen"`)
	p.shoot("search-chips")
	// Negated in place, and turned back.
	p.push("button", "Exclude from:ann")
	p.finds("Verify your address")
	p.address("/?q=your+-from%3Aann+-is%3Aseen")
	p.wait(`document.querySelector('#q').value === "your -from:ann -is:seen"`)
	p.push("button", "Exclude from:ann")
	p.finds("Your Straße order")
	// Removed; the focus stays among them, and goes to the field with the last.
	p.push("button", "Remove from:ann")
	p.finds("Verify your address", "Your Straße order")
	p.wait(`document.activeElement.getAttribute('aria-label') === "Remove is:seen"`)
	p.press(kb.Enter)
	p.waitFocus("q")
	p.address("/?q=your")
	// The text is still a text.
	p.fill(searchField, `to:bob header:subject=verify `)
	p.wait(chips + ` === "to:bob | header:subject=verify"`)
	p.finds("Verify your address")
	p.back()
	p.address("/?q=your")
	p.gone(".chip")
}

// A search does not move what is below the field, however wide the page is.
func TestSearchMovesNothing(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	const places = `JSON.stringify([".top", ".list-bar", ".rows"].map((part) => { const { top, height } = document.querySelector(part).getBoundingClientRect(); return [top, height] }))`
	for name, l := range map[string]look{"wide": {}, "tablet": {width: 1024, height: 768}, "phone": phone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := s.open(t, "/", l)
			p.finds("Weekly figures", "Verify your address", "Your Straße order")
			before := eval[string](p, places)
			for _, q := range []string{"your", "from:ann mailbox:alice@app.test -subject:verify -is:seen larger:1 after:2020-01-01", "subject:nothing"} {
				p.visit("/?" + url.Values{"q": {q}}.Encode())
				p.wait(`document.querySelector(".keep") && document.querySelector(".list")?.ariaBusy === "false"`)
				if after := eval[string](p, places); after != before {
					t.Errorf("%s: top and height of bar, list's bar and rows are %s, without a search %s", q, after, before)
				}
			}
			// What does not fit is scrolled to.
			p.visit("/?q=from:ann+mailbox:alice@app.test+-subject:verify+-is:seen+larger:1+after:2020-01-01")
			p.finds("Your Straße order")
			p.push("button", "Remove after:2020-01-01")
			p.address("/?q=from%3Aann+mailbox%3Aalice%40app.test+-subject%3Averify+-is%3Aseen+larger%3A1")
			if wide := eval[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("the page is %d pixels too wide", wide)
			}
		})
	}
}

func TestSavedSearches(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/?q=from:ben&box=alice@app.test", look{})
	p.finds("Verify your address")
	p.push("button", "Save search")
	p.wait(`document.activeElement.value === "from:ben"`)
	p.shoot("search-naming")
	p.press("Mail of Ben" + kb.Enter)
	p.waitNamed("link", "Mail of Ben")
	p.reload()
	p.waitNamed("link", "Mail of Ben")
	p.wait(`document.querySelector('.saved [aria-current]')`)
	p.visit("/")
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	p.shoot("search-saved")
	p.push("link", "Mail of Ben")
	p.finds("Verify your address")
	p.address("/?box=alice%40app.test&q=from%3Aben")
	// Renamed, not kept twice.
	p.push("button", "Saved: Mail of Ben. Rename")
	p.wait(`document.activeElement.value === "Mail of Ben"`)
	p.press("Ben" + kb.Enter)
	p.waitNamed("link", "Ben")
	if n := p.count(".saved li"); n != 1 {
		t.Errorf("%d searches are saved", n)
	}
	p.focusNamed("button", "Forget the saved search Ben")
	p.press(kb.Enter)
	p.gone(".saved")
	p.reload()
	p.finds("Verify your address")
	if p.count(".saved") != 0 {
		t.Error("it is back")
	}
}

func TestMatchesAreHighlighted(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/?q=strasse+from:ann+-subject:order2+body:open", look{})
	p.finds("Your Straße order")
	p.wait(`document.querySelector('[data-id] .subject mark')?.innerText === "Straße"`)
	p.wait(`document.querySelector('[data-id] .from mark')?.innerText === "Ann"`)
	p.click("[data-id]")
	p.waitText(".message", "The STRASSE is open.")
	p.wait(`[...document.querySelectorAll('.message mark')].map(e => e.innerText).includes("STRASSE")`)
	p.wait(`[...document.querySelectorAll('.message mark')].map(e => e.innerText).includes("open")`)
	p.shoot("search-highlight")
}

// TestEveryKey goes through the keys one by one, as a keyboard sends them.
func TestEveryKey(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/", look{})
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	opened := func(subject string) {
		t.Helper()
		p.waitText(".message", subject)
	}
	// Move and open.
	p.strike("k")
	p.strike("j")
	p.strike("k")
	p.strike("o")
	opened("Weekly figures")
	p.strike("j")
	opened("Verify your address")
	p.strike("Escape")
	p.address("/")
	p.wait(`document.activeElement.closest('[data-id]')?.innerText.includes("Verify")`) // the focus is back
	p.strike("j")
	p.wait(`document.activeElement.closest('[data-id]')?.innerText.includes("Straße")`)
	p.strike("Enter")
	opened("Your Straße order")
	p.strike("Escape")
	// Go somewhere, with two keys.
	for keys, address := range map[string]string{"s": "/?view=sessions", "h": "/?view=setup", "f": "/?view=faults", "u": "/?unseen=1", "a": "/"} {
		p.strike("g")
		p.strike(keys)
		p.address(address)
	}
	// A first key alone is forgotten, and does nothing to the second's own meaning.
	p.strike("g")
	p.strike("/")
	if eval[bool](p, `document.activeElement.id === "q"`) {
		t.Error("g / went to the search")
	}
	p.strike("t")
	p.wait(`document.documentElement.dataset.theme`)
	p.strike("/")
	p.waitFocus("q")
	p.strike("Escape") // the completions
	p.strike("Escape")
	p.wait(focused + ` !== "q"`)
	p.strike("?")
	p.wait(`document.querySelector('dialog.help[open]')`)
	p.strike("Escape")
	p.gone("dialog.help")
	// Esc closes what is innermost: message, then search.
	p.visit("/?q=verify")
	p.finds("Verify your address")
	p.strike("j")
	p.strike("o")
	opened("Verify your address")
	p.strike("x")
	p.wait(`document.querySelector('[data-id] input:checked')`)
	p.strike("Escape")
	p.wait(`!document.querySelector('[data-id] input:checked')`)
	p.strike("Escape")
	p.address("/?q=verify")
	p.strike("Escape")
	p.address("/")
}

// TestKeysOfOtherLayouts: letters are where they are on the keyboard, signs are
// what is typed.
func TestKeysOfOtherLayouts(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/", look{})
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	key := func(init string) {
		t.Helper()
		p.script(`document.body.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ` + init + ` }))`)
	}
	key(`key: "л", code: "KeyK", ctrlKey: true`) // Russian
	p.wait(`document.querySelector('dialog.palette[open]')`)
	p.strike("Escape")
	p.gone("dialog.palette")
	key(`key: "？", code: "Slash", shiftKey: true`) // Chinese punctuation
	p.wait(`document.querySelector('dialog.help[open]')`)
	p.strike("Escape")
	p.gone("dialog.help")
	key(`key: "G", code: "KeyG"`) // CapsLock
	key(`key: "Ы", code: "KeyS"`)
	p.address("/?view=sessions")
	key(`key: "/", code: "Digit7", shiftKey: true`) // German
	p.waitFocus("q")
}

func TestKeysDoNothingWhileTyping(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/", look{})
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	before := eval[string](p, `document.documentElement.dataset.theme ?? ""`)
	p.strike("/")
	p.waitFocus("q")
	for _, key := range "gst?#jx" {
		p.strike(string(key))
	}
	p.wait(`document.querySelector('#q').value === "gst?#jx"`)
	if p.count("dialog[open]") != 0 || eval[string](p, `document.documentElement.dataset.theme ?? ""`) != before {
		t.Error("a key did something while it was typed")
	}
	// Ctrl-K does, and gives the focus back.
	p.strike("Mod+k")
	p.wait(`document.querySelector('dialog.palette[open]')`)
	p.strike("Mod+k")
	p.gone("dialog.palette")
	p.waitFocus("q")
	// Behind a dialog nothing happens.
	p.visit("/")
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	p.strike("?")
	p.wait(`document.querySelector('dialog.help[open]')`)
	for _, key := range []string{"t", "j", "Enter", "#", "/", "g", "s", "Mod+k"} {
		p.strike(key)
	}
	p.address("/")
	if p.count("dialog[open]") != 1 || eval[string](p, `document.documentElement.dataset.theme ?? ""`) != before {
		t.Error("a key did something behind a dialog")
	}
	p.strike("Escape")
	p.gone("dialog[open]")
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
}

func TestHelpListsTheKeys(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/", look{})
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	p.strike("?")
	p.wait(`document.querySelector('dialog.help[open]')`)
	p.shoot("help")
	all := p.text(".help-sheet")
	for _, want := range []string{"Search and find", "Show the keys", "any recipient, also hidden ones", "Ctrl"} {
		if !strings.Contains(all, want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
	// Every key that there is to be, and none with two meanings.
	keys := strings.Split(eval[string](p, `[...document.querySelectorAll('[data-command] .caps')].map((c) => [...c.children].map((e) => e.innerText).join(" ")).join("\n")`), "\n")
	for _, key := range []string{"j", "k", "Enter", "x", "#", "u", "Shift I", "l", "z", "1", "y", "e", "r", "[", "]", "* then a",
		"g then a", "g then u", "g then s", "g then h", "g then f", "t", "/", "?", "Ctrl K", "Esc", "c", "i"} {
		n := 0
		for _, k := range keys {
			if k == key {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d commands have the key %s", n, key)
		}
	}
	for _, first := range []string{"g", "*"} {
		if slices.Contains(keys, first) {
			t.Errorf("%s alone is a command, and never comes to it", first)
		}
	}
}

func TestPalette(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	p := s.open(t, "/", look{})
	p.finds("Weekly figures", "Verify your address", "Your Straße order")
	p.press(kb.Tab)
	before := eval[string](p, focused)
	p.strike("Mod+k")
	p.wait(`document.activeElement.getAttribute('role') === "combobox" && document.querySelector('dialog.palette[open]')`)
	p.wait(palette + `.includes("alice@app.test")`)
	p.shoot("palette")
	p.strike("Escape")
	p.gone("dialog.palette")
	p.wait(fmt.Sprintf(`%s === %q`, focused, before))

	// A mailbox, by some of its letters.
	p.strike("Mod+k")
	p.wait(`document.querySelector('dialog.palette[open]')`)
	p.press("bbother")
	p.wait(`document.querySelector('#palette-list [aria-selected=true] .title')?.innerText === "bob@other.test"`)
	p.press(kb.Enter)
	p.address("/?box=bob%40other.test")
	p.finds("Verify your address")

	// A command, by a word of its name.
	p.strike("Mod+k")
	p.wait(`document.querySelector('dialog.palette[open]')`)
	p.press("sessions")
	p.wait(palette + `.length > 0`)
	p.press(kb.Enter)
	p.address("/?view=sessions")

	// What was used lately comes first.
	p.strike("Mod+k")
	p.wait(`document.activeElement.closest('.palette') && document.querySelector('#palette-list li .note')?.innerText === "Used before"`)
	p.wait(`document.querySelector('#palette-list li:nth-child(2)')?.dataset.entry === "box:bob@other.test"`)

	// What has no name is searched for; arrow keys go round.
	p.press("figures zz")
	p.wait(palette + ` === "Search for “figures zz”"`)
	p.press(kb.Backspace + kb.Backspace + kb.Backspace)
	p.wait(palette + `.includes("Search for “figures”")`)
	p.press(kb.ArrowUp)
	p.wait(`document.querySelector('#palette-list [aria-selected=true] .title').innerText === "Search for “figures”"`)
	p.press(kb.Enter)
	p.address("/?q=figures")
	p.finds("Weekly figures")

	// The search's own command puts the focus where it belongs.
	p.strike("Mod+k")
	p.wait(`document.querySelector('dialog.palette[open]')`)
	p.press("search")
	p.wait(`document.querySelector('#palette-list [aria-selected=true]')?.dataset.entry === "do:search"`)
	p.press(kb.Enter)
	p.waitFocus("q")
}

// TestSearchLooks takes pictures of what floats; see shoot.
func TestSearchLooks(t *testing.T) {
	t.Parallel()
	s := searchSite(t)
	small := look{width: 390, height: 844, touch: true, language: "zh-CN", dark: true}
	for name, l := range map[string]look{"dark": {dark: true}, "zh": {language: "zh-CN"}, "phone": phone, "phone-zh-dark": small} {
		p := s.open(t, "/?q=your+-from:ann+mailbox:alice@app.test", l)
		p.wait(`document.querySelector('.chip')`)
		p.shoot("look-chips-" + name)
		p.click(searchField)
		p.fill(searchField, "after:")
		p.wait(`document.querySelectorAll('#q-options li').length > 4`)
		p.shoot("look-options-" + name)
		if wide := eval[int](p, `document.documentElement.scrollWidth`); int64(wide) > max(l.width, 1440) {
			t.Errorf("%s: the page is %d pixels wide", name, wide)
		}
		p.press(kb.Escape)
		p.strike("Mod+k")
		p.wait(`document.activeElement.closest('.palette') && document.querySelector('#palette-list li')`)
		p.press("a")
		p.wait(`document.querySelector('#palette-list mark')`)
		p.shoot("look-palette-" + name)
		p.strike("Escape")
		p.gone("dialog")
		p.script(`document.activeElement.blur()`)
		p.strike("?")
		p.wait(`document.querySelector('dialog.help')`)
		p.shoot("look-help-" + name)
	}
}
