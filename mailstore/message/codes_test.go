package message

import (
	"strings"
	"testing"
	"time"
)

var codeCases = []struct {
	subject, text string
	want          string // joined by spaces
}{
	// Ordinary ones, and how they are written.
	{"", "Your code is 4711.", "4711"},
	{"", "Your verification code: 123456", "123456"},
	{"", "123456 is your Acme verification code.", "123456"},
	{"482913 is your code", "Hello", "482913"},
	{"", "Use this one-time password to sign in to Acme: 90817263", "90817263"},
	{"", "Enter the PIN 0042 on the device.", "0042"},
	{"", "OTP=55512", "55512"},
	{"", "Your code is 123 456", "123456"},
	{"", "Your code is 123-456", "123-456"},
	{"", "Your code is AB12-CD34.", "AB12-CD34"},
	{"", "Recovery code: ABCD-EFGH-IJKL", "ABCD-EFGH-IJKL"},
	{"", "Your code is A1B2C3", "A1B2C3"},
	{"", "Enter this code: WDJBMJHT", "WDJBMJHT"},
	{"", "your code is x7k9q2", "x7k9q2"},
	{"", "G-123456 is your Google verification code.", "123456"},
	{"", "Here is your login code:\n\n    1 2 3 4 5 6\n\nIt expires in 10 minutes.", "123456"},
	{"", "Verify your e-mail address\n\n48213377\n\nThanks", "48213377"},
	{"", "739201\n\nThis is your sign-in code", "739201"},
	{"", "Your code is 2024", "2024"}, // said so plainly, it is no year
	{"", "**918273** is the passcode", "918273"},
	{"", "(code:\u00a0778\u00a0899)", "778899"},
	{"", "Your code: 1\u200b2\u200b3\u200b4\u200b5\u200b6", "123456"},
	{"", "PIN: #1234", "1234"},

	// Other languages.
	{"", "Ihr Bestätigungscode lautet 604512.", "604512"},
	{"", "Dein Einmalpasswort: 1122 3344", "11223344"},
	{"", "Votre code de vérification est 778899", "778899"},
	{"", "Su código de verificación es 445566", "445566"},
	{"", "Il tuo codice è 998877", "998877"},
	{"", "Seu código é 112233", "112233"},
	{"", "Uw verificatiecode is 334455", "334455"},
	{"", "Din verifieringskod är 667788", "667788"},
	{"", "Twój kod to 121212", "121212"},
	{"", "Doğrulama kodunuz: 343434", "343434"},
	{"", "Ваш код: 565656", "565656"},
	{"", "您的验证码是787878，请勿泄露。", "787878"},
	{"", "【Acme】１２３４５６が認証コードです", "123456"},
	{"", "인증번호 909090", "909090"},
	{"", "رمز التحقق: 232323", "232323"},

	// What is none.
	{"", "Your order 123456 has shipped.", ""},
	{"", "Order number: 12345678\nTotal: 1234", ""},
	{"Invoice 20931", "Invoice no. 20931 over $1500 is due.", ""},
	{"", "Happy new year 2026! Use the code wisely.", ""},
	{"", "© 2026 Acme Inc. All code is yours.", ""},
	{"", "Call us with your code at +1 (555) 123-4567 or 555-123-4567.", ""},
	{"", "Code freeze on 2026-11-21 and 21/11/2026 at 10:30:4500.", ""},
	{"", "The code review costs 1,234.56 EUR or 5000 USD or €4999.", ""},
	{"", "Your ZIP code: 94107", ""},
	{"", "Use promo code SAVE2026 now", ""},
	{"", "Use code at checkout. Acme, 1234 Main Street, San Francisco, CA 94107", ""},
	{"", "Your code expires in 1440 minutes.", ""},
	{"", "See https://app.test/code/123456 or mail code123456@app.test, code", ""},
	{"", "Version 4.1234 of the code", ""},
	{"", "Nothing to see: 123456", ""},
	{"", "Your code is EXPIRED.", ""},
	{"", "Error code 1234", ""},
	{"", "The encode step took 123456 steps", ""},
	{"", "订单号 12345678", ""},
	{"", "Bestellnummer: 12345678 Ihr Code folgt", ""},

	// The most likely first.
	{"", "Order 99887766\nYour code: 123456\nValid until 2027", "123456"},
	{"", "Members since 2019. If the code 111222 does not work, your backup code is:\n\n333444\n", "333444 111222"},
	{"123456 is your code", "Your code is 123456.", "123456"},
}

func TestCodes(t *testing.T) {
	t.Parallel()
	for _, c := range codeCases {
		m := &Message{Subject: c.subject, Text: c.text}
		var got []string
		for _, code := range m.Codes() {
			got = append(got, code.Code)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%q %q: got %q, want %q", c.subject, c.text, got, c.want)
		}
	}
}

func TestCodesOfHTML(t *testing.T) {
	t.Parallel()
	const source = `<html><head><style>.code{width:1234px}</style></head><body><p>Hi,</p><p>your verification code is</p>
<table><tr><td>4</td><td>8</td><td>1</td><td>5</td><td>1</td><td>6</td></tr></table><p>Acme, &copy; 2026</p></body></html>`
	got := (&Message{HTML: source}).Codes()
	if len(got) != 1 || got[0].Code != "481516" || got[0].Where != InHTML {
		t.Errorf("got %+v, want 481516 in the HTML", got)
	}
}

func TestContextOfCodes(t *testing.T) {
	t.Parallel()
	m := &Message{
		Subject: "Sign in",
		Text:    "Hello Alice,\n\nsomebody, hopefully you, asked for a code to sign in to the\nwonderful Acme portal. The code is 123456,\nand it works for ten minutes. If that was not you, do nothing.",
	}
	got := m.Codes()
	if len(got) != 1 || got[0].Where != InText {
		t.Fatalf("got %+v, want one in the text", got)
	}
	want := "code to sign in to the wonderful Acme portal. The code is 123456, and it works for ten minutes. If that was not you, do"
	if got[0].Context != want {
		t.Errorf("got context %q, want %q", got[0].Context, want)
	}
}

// hostileCodes are texts that a search that is not linear would take long for.
func hostileCodes() []string {
	return []string{
		strings.Repeat("code 1234 ", 30_000), strings.Repeat("code:", 60_000), strings.Repeat("1 ", 150_000) + "code",
		"code" + strings.Repeat("A1", 150_000), strings.Repeat("AB-", 100_000) + "code", strings.Repeat("code \n", 50_000) + "123456",
		strings.Repeat("http://", 40_000) + "code", strings.Repeat("a@", 150_000) + "code", strings.Repeat("<http://)", 30_000),
	}
}

func TestCodesOfHostileText(t *testing.T) {
	t.Parallel()
	for _, text := range hostileCodes() {
		began := time.Now()
		m := &Message{Text: text, HTML: text, Subject: text[:2000]}
		m.Codes()
		m.Links()
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%.20q… took %v", text, took)
		}
	}
}

func BenchmarkCodes(b *testing.B) {
	text := strings.Repeat("Thank you for shopping with us, we hope that you enjoy it.\n", 40) + "Your code is 123456.\n"
	m := &Message{Subject: "Welcome", Text: text, HTML: "<p>" + text}
	for b.Loop() {
		if len(m.Codes()) != 1 {
			b.Fatal("no code")
		}
	}
}

// FuzzCodes holds that what is found stands in the text and has a code's shape.
func FuzzCodes(f *testing.F) {
	for _, c := range codeCases {
		f.Add(c.subject, c.text)
	}
	f.Fuzz(func(t *testing.T, subject, text string) {
		m := &Message{Subject: strings.ToValidUTF8(subject, ""), Text: strings.ToValidUTF8(text, "")}
		seen := map[string]bool{}
		for _, c := range m.Codes() {
			if len(c.Code) < 4 || len(c.Code) > 60 || strings.ContainsAny(c.Code, " \n") || seen[c.Code] {
				t.Errorf("got %+v", c)
			}
			seen[c.Code] = true
			plain := plainSpaces(m.Subject)
			if c.Where == InText {
				plain = plainSpaces(m.Text)
			}
			all := strings.NewReplacer(" ", "", "\n", "").Replace(plain)
			if !strings.Contains(all, c.Code) {
				t.Errorf("%q does not stand in the %s %q", c.Code, c.Where, plain)
			}
		}
	})
}
