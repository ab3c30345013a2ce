package message

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// codeWord is a word in a text that says what a number near it is.
type codeWord struct {
	start, end int
	kind       wordKind
}

type wordKind byte

const (
	says  wordKind = iota // code, PIN, Einmalkennwort: the number is a code
	hints                 // verification, confirm: it is when nothing else stands between
	rules                 // order, zip code: the number right behind it is something else
)

// The words by language. In scripts with spaces they are whole words; "~" also
// ends longer ones, as in Bestätigungscode. A space stands for a space, a hyphen
// or nothing, "?" makes the letter before it optional.
var codeWordLists = []struct {
	kind  wordKind
	words string
}{
	{rules, `zip codes?, postal codes?, post codes?, promo codes?, promotion codes?, promotional codes?, discount codes?, coupon codes?, voucher codes?,
		gift codes?, gift card codes?, area codes?, country codes?, error codes?, status codes?, source codes?, exit codes?, response codes?,
		bar codes?, qr codes?, colour codes?, color codes?, dress codes?, tracking codes?, routing codes?, booking codes?, product codes?, sort codes?, tax codes?,
		postcodes?, barcodes?, zipcodes?, encode, decode, unicode, promocodes?, rabattcode, gutscheincode, fehlercode, statuscode, quellcode,
		code postal, code promo, code barre, código postal, codigo postal, código promocional, codice fiscale, codice postale, codice sconto,
		优惠码, 邮政编码, 邮编, 條碼, 条码, クーポンコード, 郵便番号, エラーコード, промокод, почтовый индекс`},
	{rules, `orders?, invoices?, receipts?, tickets?, tracking, shipments?, references?, ref, customers?, accounts?, contracts?, cards?, policy, policies,
		bookings?, reservations?, transactions?, members?, membership, article, sku, phone, telephone, tel, mobile, fax, call, zip, total, subtotal,
		amount, price, balance, vat, iban, bic, isbn, copyright, since, room, flight, version, build, port, year, founded,
		bestellung, bestellnummer, rechnung, rechnungsnummer, kundennummer, vertragsnummer, auftrag, auftragsnummer, telefon, plz, postleitzahl,
		betrag, summe, preis, konto, kontonummer, sendungsnummer,
		commande, facture, téléphone, tél, montant, prix, référence, compte, pedido, factura, teléfono, importe, precio, referencia, cuenta,
		ordine, fattura, telefono, prezzo, importo, fatura, telefone, preço, bestelling, factuur, telefoon, bedrag, zamówienie, zamówienia, faktura,
		заказ, заказа, счет, счёт, телефон, сумма, 订单, 訂單, 订单号, 电话, 電話, 金额, 金額, 发票, 快递, 注文番号, 注文, 주문번호, 주문, 전화`},
	{says, `~codes?, ~kode, ~koden, ~kod, ~kodu, ~kodunuz, ~koodi, kód, kódja, ~kódot, kod pin, pin, pins, pincode, pin number, otp, otps, totp, passcodes?, ~passwort, ~kennwort,
		one time password, one time passcode, one time passphrase, one time pass, einmalpasswort, einmalkennwort, tan, mtan, smstan, code d'accès, code d’accès, codes d'accès, mot de passe à usage unique,
		código, codigo, códigos, codice, codici, cod, contraseña de un solo uso, clave, senha, eengangspincode, engangspassord, engångslösenord, šifra, mã, mã xác nhận, mã xác thực,
		код, кода, кодом, коду, пароль, пін, κωδικός, κωδικό, σας κωδικός,
		验证码, 校验码, 动态码, 动态密码, 确认码, 激活码, 安全码, 一次性密码, 驗證碼, 驗證代碼, 認證碼, 確認碼, 代码, 代碼,
		認証コード, 確認コード, 認証番号, 検証コード, セキュリティコード, ワンタイムパスワード, パスコード, 暗証番号, コード,
		인증번호, 인증 번호, 인증코드, 인증 코드, 확인코드, 확인 코드, 보안코드, 보안 코드, 코드, 비밀번호,
		رمز, الرمز, كود, קוד, הקוד, รหัส, कोड, ओटीपी, পিন, કોડ`},
	{hints, `verification, verify, verifying, confirmation, confirm, authentication, authenticate, two factor, 2fa, mfa, one time, security key, log in, sign in, token,
		bestätigung, bestätigen, verifizierung, vérification, vérifier, verificación, verificar, verifica, verificação, verificatie, potwierdzenie, подтверждение, подтверждения, doğrulama,
		验证, 驗證, 認証, 인증`},
}

// wordTree has the words of the lists by their letters, in lower case.
type wordTree struct {
	next map[rune]*wordTree
	ends bool // a word ends here
	tail bool // that may be the end of a longer one
	kind wordKind
}

var codeWordTree = sync.OnceValue(func() *wordTree {
	root := &wordTree{}
	for _, l := range codeWordLists {
		for word := range strings.SplitSeq(l.words, ",") {
			word, tail := strings.CutPrefix(strings.TrimSpace(word), "~")
			root.add(word, l.kind, tail)
		}
	}
	return root
})

// add puts a word into the tree, in every form that it has.
func (t *wordTree) add(word string, kind wordKind, tail bool) {
	if i := strings.IndexByte(word, '?'); i >= 0 {
		t.add(word[:i-1]+word[i+1:], kind, tail)
		t.add(word[:i]+word[i+1:], kind, tail)
		return
	}
	node := t
	for i, r := range word {
		if r == ' ' { // or nothing
			node.add(word[i+1:], kind, tail)
		}
		kid := node.next[r]
		if kid == nil {
			if node.next == nil {
				node.next = make(map[rune]*wordTree)
			}
			kid = &wordTree{}
			node.next[r] = kid
		}
		node = kid
	}
	if !node.ends { // the first list counts
		node.ends, node.tail, node.kind = true, tail, kind
	}
}

// longest finds the longest word of the tree at the beginning of text that ends
// where a word ends; 0 is none.
func (t *wordTree) longest(text string, inside bool) (length int, kind wordKind) {
	node := t
	for i, r := range text {
		switch r {
		case '\n', '-':
			r = ' '
		default:
			r = unicode.ToLower(r)
		}
		if node = node.next[r]; node == nil {
			break
		}
		if end := i + runeLen(text[i:]); node.ends && (node.tail || !inside) && !betweenLetters(text, end) {
			length, kind = end, node.kind
		}
	}
	return length, kind
}

func runeLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// codeWords finds the words of the lists in a text.
func codeWords(text string) []codeWord {
	const limit = 500
	tree := codeWordTree()
	var found []codeWord
	word := 0 // where the word begins that is looked at
	for at := 0; at < len(text) && len(found) < limit; {
		if !betweenLetters(text, at) {
			word = at
		}
		length, kind := tree.longest(text[at:], word < at)
		if length == 0 {
			at += runeLen(text[at:])
			continue
		}
		found = append(found, codeWord{start: word, end: at + length, kind: kind})
		at += length
	}
	return found
}

// betweenLetters says whether a place is inside a word, in scripts that have
// spaces between words.
func betweenLetters(text string, at int) bool {
	if at == 0 || at == len(text) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	if !spacedLetter(before) {
		return false
	}
	after, _ := utf8.DecodeRuneInString(text[at:])
	return spacedLetter(after)
}

// spacedLetter says whether r is a letter of a script with spaces between words.
func spacedLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return isLetter(byte(r))
	}
	return unicode.IsLetter(r) && unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew)
}

// notWords are words in capitals that stand where a code could.
var notWords = map[string]bool{
	"BELOW": true, "ABOVE": true, "HERE": true, "EXPIRED": true, "EXPIRES": true, "INVALID": true, "VALID": true, "NONE": true, "YOUR": true,
	"THIS": true, "THAT": true, "ONLY": true, "LOGIN": true, "VERIFY": true, "CONFIRM": true, "COPY": true, "CLICK": true, "ENTER": true, "HELLO": true,
	"NEVER": true, "THANKS": true, "THANK": true, "WELCOME": true, "SECURITY": true, "IMPORTANT": true, "WARNING": true, "NOTE": true,
}
