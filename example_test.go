package restante_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/smtp"
	"time"

	"restante"
	"restante/mailstore"
)

// A test starts a server of its own, lets the program under test send to it,
// waits for the mail, and reads it.
func Example() {
	srv, err := restante.Start(restante.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	// The program under test would do this.
	mail := "Subject: Welcome\r\n\r\nYour code is 4711.\r\n"
	err = smtp.SendMail(srv.SMTPAddr(), nil, "app@app.test", []string{"alice@app.test"}, []byte(mail))
	if err != nil {
		log.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	query, err := mailstore.ParseQuery("rcpt:alice@app.test subject:welcome")
	if err != nil {
		log.Fatal(err)
	}
	found, err := srv.Store().Wait(ctx, mailstore.WaitOptions{Query: query})
	if err != nil {
		log.Fatal(err) // says what did arrive instead
	}
	content, err := srv.Store().Content(found[0].Seq)
	if err != nil {
		log.Fatal(err)
	}
	defer content.Close()
	octets, err := io.ReadAll(content)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found[0].Subject)
	fmt.Print(string(octets[len(octets)-20:]))
	// Output:
	// Welcome
	// Your code is 4711.
}
