package main

import "github.com/chromedp/chromedp"

// view is what there is a picture of.
type view struct {
	name    string
	kept    bool   // in the repository
	empty   bool   // taken before there is mail
	path    string // with "m=" of a message at its end if it has a subject
	subject string
	ready   string // an element that is there when the view is
	do      func(*tab) error
}

const (
	welcome    = "471193 is your code for Harbour"
	order      = "Your order 10482 is confirmed"
	newsletter = "November: three harbours, one storm"
)

var views = []view{
	{name: "empty", empty: true, path: "/", ready: "main pre"},
	{name: "list", path: "/", ready: ".row"},
	{name: "message", kept: true, path: "/?", subject: order, ready: "iframe"},
	{name: "code", path: "/?", subject: welcome, ready: "iframe"},
	{name: "dark-mail", kept: true, path: "/?", subject: newsletter, ready: "iframe", do: func(t *tab) error {
		for range 3 { // to the width of a phone
			if err := t.press("["); err != nil {
				return err
			}
		}
		return t.click(`.preview-bar input[name="message-scheme"][value="dark"]`)
	}},
	{name: "delivery", kept: true, path: "/?tab=delivery&", subject: welcome, ready: "[role=tabpanel]"},
	{name: "parts", path: "/?tab=parts&", subject: order, ready: "[role=tabpanel]"},
	{name: "search", path: "/?q=has:attachment", ready: ".row", do: func(t *tab) error { return t.write("#q", " f") }},
	{name: "palette", path: "/", ready: ".row", do: func(t *tab) error { return t.press("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)) }},
	{name: "compose", path: "/", ready: ".row", do: func(t *tab) error { return t.click(`[aria-keyshortcuts="c"]`) }},
	{name: "sessions", kept: true, path: "/?view=sessions", ready: "[data-stage] *"},
	{name: "faults", kept: true, path: "/?view=faults", ready: "[data-stage] *"},
	{name: "setup", kept: true, path: "/?view=setup", ready: "main pre"},
}
