package main

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a message says about itself, what it is stands on one screen.
func TestPageOddHeads(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var people, files strings.Builder
	to := make([]string, 500)
	for i := range to {
		to[i] = fmt.Sprintf("person%d@app.test", i)
		fmt.Fprintf(&people, "Person %d <%s>,\n ", i, to[i])
		fmt.Fprintf(&files, "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"%s %d.txt\"\n\nx\n", strings.Repeat("a long name ", 12), i)
	}
	for name, id := range map[string]string{
		"a subject without end": s.postRaw(t, "Subject: "+strings.Repeat("Words of a subject. ", 500)+"\nFrom: \""+strings.Repeat("X", 3000)+"\" <a@app.test>\n\nx\n", "ana@app.test"),
		"500 recipients":        s.postRaw(t, "Subject: Many\nTo: "+people.String()+"<last@app.test>\nFrom: a@app.test\n\nx\n", to...),
		"500 files":             s.postRaw(t, "Subject: Files\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"+files.String()+"--b--\n", "ana@app.test"),
	} {
		p := s.open(t, "/?m="+id, look{})
		p.wait(`document.querySelector("[role=tabpanel] *, #view *")`)
		if tall := eval[float64](p, `document.querySelector(".head").getBoundingClientRect().height`); tall > 560 { // of the pane, 846
			t.Errorf("%s: the head is %.0f pixels tall", name, tall)
		}
	}
	p := s.open(t, "/?m="+s.one(t, "subject:many").ID, look{})
	const named = `document.querySelectorAll(".head .who").length`
	p.wait(named + ` === 6`) // From, and five of To
	p.push("button", "and 496 more")
	p.wait(named + ` === 502`)
	p.push("button", "fewer")
	p.wait(named + ` === 6`)
	// In the list, how many more got it is seen however long the first name is.
	p.wait(`document.querySelector(".row .more").textContent === "+499"`)
	if cut := eval[bool](p, `(m => m.getBoundingClientRect().right > m.parentElement.getBoundingClientRect().right)(document.querySelector(".row .more"))`); cut {
		t.Error("the number of further recipients is cut off")
	}
}

// Whom a message would ask for something may be tens of thousands: nothing waits
// for the list of them.
func TestPageManyRemotes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var body strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&body, "<img src='http://many.test/%d.png'>\n", i)
	}
	id := s.post(t, map[string]any{"to": []string{"ana@app.test"}, "subject": "Many", "html": body.String()})
	p := s.open(t, "/?m="+id, look{complaints: []string{blockedContent}})
	p.waitText(".remote summary", "30,000 remote resources blocked")
	if n := p.count(".hosts li"); n > 0 {
		t.Errorf("%d addresses are listed where nobody looks", n)
	}
	p.click(".remote summary")
	p.waitText(".hosts h3", "many.test 30000")
	p.waitText(".hosts", "and 29,800 more")
	if n := p.count(".hosts li"); n != 201 {
		t.Errorf("%d addresses are listed, want the first 200 and how many there are", n)
	}
}

// What is wrong with a message is told in the reader's language.
func TestPageDefectsInChinese(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.postRaw(t, "From: a@app.test\nSubject: x\nMessage-ID: <a@app.test>\n\nx\n", "ana@app.test")
	s.open(t, "/?m="+id, look{}).waitText(".head .defects", "There is no Date field")
	p := s.open(t, "/?m="+id, look{language: "zh-CN"})
	p.waitText(".head .defects", "没有 Date 字段")
	// Two fields with the same defect are told apart.
	p.visit("/?m=" + s.postRaw(t, "From: a b c\nTo: d e f\nSubject: y\nMessage-ID: <b@app.test>\n\ny\n", "ana@app.test"))
	p.wait(`[...document.querySelectorAll("[data-code=bad-address] code")].map((e) => e.textContent).join() === "From,To"`)
}

// Behind a password the page is all there, also for who has it in the address.
func TestPageBehindAPassword(t *testing.T) {
	t.Parallel()
	users := filepath.Join(t.TempDir(), "htpasswd")
	sum := sha1.Sum([]byte("secret"))
	writeFile(t, users, "alice:{SHA}"+base64.StdEncoding.EncodeToString(sum[:])+"\n")
	s := newSite(t, "--web-auth="+users)
	deliver := func(subject string) {
		t.Helper()
		s.talk(t, "EHLO app.test", "MAIL FROM:<app@app.test>", "RCPT TO:<ana@app.test>", "DATA", "Subject: "+subject+"\r\n\r\nx\r\n.", "QUIT")
	}
	deliver("First")
	p := openTab(t, strings.Replace(s.ports["http"], "http://", "http://alice:secret@", 1), "/?box=ana@app.test", look{abroad: []string{"127.0.0.1"}})
	p.finds("First")
	deliver("Second") // the stream of events has the password, too
	p.finds("Second", "First")
	p.click(".row a")
	p.waitText("#subject", "Second")
	if at := eval[string](p, `document.baseURI`); strings.Contains(at, "secret") {
		t.Errorf("the address is still %s", at)
	}
}

// Under a path of another server the page has everything that it has at the top.
func TestPageUnderAPath(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--webroot=/mail")
	first := s.postTo(t, "ana@app.test", "First")
	p := openTab(t, s.ports["http"], "/mail/", look{})
	p.waitRows(first)
	second := s.post(t, map[string]any{"to": []string{"ana@app.test"}, "subject": "Second", "html": "<p>Hello</p>"})
	p.waitRows(second, first)
	p.click(rowOf(second) + " a")
	p.address("/mail/?m=" + second)
	p.wait(`document.querySelector(".easel iframe")`)
	p.strike("6") // Source
	p.waitText(".source", "Subject: Second")
	p.click(boxAt("ana@app.test"))
	p.address("/mail/?box=ana%40app.test")
	p.press("gh")
	p.waitText("h1", "Set up")
	p.reload()
	p.waitText("h1", "Set up")
	p.back()
	p.waitRows(second, first)
	for _, asked := range p.asked() {
		if strings.HasPrefix(asked, s.ports["http"]) && !strings.HasPrefix(asked, s.ports["http"]+"/mail/") {
			t.Errorf("the page asks outside of its path: %s", asked)
		}
	}
}

// Each mail client has its steps, for the address that is asked for, and says how
// it would find them by itself.
func TestPageClientSteps(t *testing.T) {
	t.Parallel()
	p := newSite(t).open(t, "/?view=setup", look{})
	p.fill(`input[name="address"]`, "ana+x@app.test")
	for name, want := range map[string]struct {
		steps int
		says  string
		link  string
	}{
		"Thunderbird": {4, "Configure manually", "config-v1.1.xml?emailaddress=ana%2Bx%40app.test"},
		"Outlook":     {4, "/autodiscover/autodiscover.xml", ""},
		"Apple Mail":  {3, "", "restante.mobileconfig?email=ana%2Bx%40app.test"},
		"mutt":        {2, "spoolfile", ""},
	} {
		p.push("tab", name)
		part := `document.querySelector("[aria-labelledby=setup-clients]")`
		p.wait(fmt.Sprintf(`%s.querySelectorAll(".steps li").length === %d && %s.innerText.includes(%q)`, part, want.steps, part, want.says))
		if want.link != "" {
			p.wait(fmt.Sprintf(`[...%s.querySelectorAll("a")].some((a) => a.href.endsWith(%q))`, part, want.link))
		}
	}
}

// Where a login is asked for, the steps say so.
func TestPageClientStepsWithLogin(t *testing.T) {
	t.Parallel()
	s := newSite(t, "--smtp-auth=required")
	p := s.open(t, "/?view=setup", look{})
	p.waitText("[aria-labelledby=setup-clients] .login", "give the client user name and password for sending, too")
	open := newSite(t)
	p = open.open(t, "/?view=setup", look{})
	p.wait(`document.querySelector("[aria-labelledby=setup-clients] ol")`)
	p.gone("[aria-labelledby=setup-clients] .login")
}
