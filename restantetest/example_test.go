package restantetest_test

import (
	"context"
	"fmt"
	"net/smtp"
	"time"

	"restante/client"
	"restante/restantetest"
)

// signUp is the program under test: it sends a mail with a link and a code.
func signUp(smtpAddr, address string) {
	err := smtp.SendMail(smtpAddr, nil, "shop@app.test", []string{address}, []byte(
		"From: shop@app.test\r\nTo: "+address+"\r\nSubject: Verify your address\r\n\r\n"+
			"Your verification code is 471199.\r\nOr go to https://app.test/verify?t=1\r\n"))
	if err != nil {
		fmt.Println(err)
	}
}

// aTest stands for the *testing.T that a test function gets.
func aTest() (t restantetest.TB, end func()) {
	return newTrial(context.Background(), 0)
}

// A test has a server of its own and a fresh address, and asks the mail for what
// it needs.
func Example() {
	t, end := aTest()
	defer end()

	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)

	signUp(srv.SMTPAddr(), inbox.Address)

	msg := inbox.Wait(t, "subject:verify")
	fmt.Println(msg.Subject)
	fmt.Println(msg.Code())
	fmt.Println(msg.Link("/verify"))
	// Output:
	// Verify your address
	// 471199
	// https://app.test/verify?t=1
}

// Terms of a query come from any text through client.Query.
func ExampleInbox_Wait() {
	t, end := aTest()
	defer end()
	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)
	signUp(srv.SMTPAddr(), inbox.Address)

	inbox.Timeout = 30 * time.Second
	msg := inbox.Wait(t, client.Query{Subject: "verify your", From: "shop@app.test"}.String())
	fmt.Println(msg.From[0].Address)
	// Output:
	// shop@app.test
}

// Nothing may be sent, or nothing more.
func ExampleInbox_Quiet() {
	t, end := aTest()
	defer end()
	srv := restantetest.Start(t)
	inbox := srv.Inbox(t)

	inbox.Quiet(t, 50*time.Millisecond)
	signUp(srv.SMTPAddr(), inbox.Address)
	inbox.Wait(t)
	inbox.Quiet(t, 50*time.Millisecond) // one mail and no other
	fmt.Println("one")
	// Output:
	// one
}
