package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"restante"
	"restante/client"
)

// instance stands for the Restante that runs elsewhere.
func instance() (url string, end func()) {
	srv, err := restante.Start(restante.Config{})
	if err != nil {
		log.Fatal(err)
	}
	return srv.URL(), func() { srv.Close() }
}

// Somebody gets a mail; the test waits for it and takes what it needs.
func Example() {
	url, end := instance()
	defer end()
	c, err := client.New(url) // or client.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	_, err = c.Send(ctx, client.Mail{
		From: "Shop <shop@app.test>", To: []string{"alice@app.test"},
		Subject: "Verify your address", Text: "Your verification code is 471199.",
	})
	if err != nil {
		log.Fatal(err)
	}

	msg, err := c.Wait(ctx, client.Query{To: "alice@app.test", Subject: "verify"}, client.WaitOptions{})
	if err != nil {
		log.Fatal(err) // says what came instead
	}
	fmt.Println(msg.Subject)
	fmt.Println(msg.Codes[0].Code)
	// Output:
	// Verify your address
	// 471199
}

func ExampleQuery() {
	fmt.Println(client.Query{To: "alice@app.test", Subject: "your order", Text: "has:attachment"})
	// Output:
	// rcpt:=alice@app.test subject:"your order" has:attachment
}

// An inbox is an address of one's own for as long as it is needed.
func ExampleClient_NewInbox() {
	url, end := instance()
	defer end()
	c, err := client.New(url)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	inbox, err := c.NewInbox(ctx, client.InboxOptions{Prefix: "signup", TTL: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	defer inbox.Close(ctx)

	octets := strings.NewReader("Subject: Welcome\r\n\r\nHello.\r\n")
	if _, err := c.Deliver(ctx, "shop@app.test", []string{inbox.Address}, octets); err != nil {
		log.Fatal(err)
	}
	msg, err := inbox.Wait(ctx, client.Query{}, client.WaitOptions{Timeout: 5 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.Subject)
	// Output:
	// Welcome
}

// A wait in vain knows what came instead.
func ExampleNoMatch() {
	url, end := instance()
	defer end()
	c, err := client.New(url)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := c.Deliver(ctx, "", []string{"ali@app.test"}, strings.NewReader("Subject: Verify\r\n\r\n")); err != nil {
		log.Fatal(err)
	}
	_, err = c.Wait(ctx, client.Query{To: "alice@app.test", Subject: "verify"}, client.WaitOptions{Timeout: 10 * time.Millisecond})
	if e, ok := errors.AsType[*client.NoMatch](err); ok {
		fmt.Println(e.Arrived, e.Nearest.Subject)
		fmt.Println(e.Reason)
	}
	// Output:
	// 1 Verify
	// subject matched, rcpt was ali@app.test, wanted alice@app.test
}

// Events follow what happens, over broken connections too.
func ExampleClient_Events() {
	url, end := instance()
	defer end()
	c, err := client.New(url)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	events, err := c.Events(ctx, client.Query{Mailbox: "alice@app.test"}, 0)
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Deliver(ctx, "", []string{"alice@app.test"}, strings.NewReader("Subject: Welcome\r\n\r\n"))
	if err != nil {
		log.Fatal(err)
	}
	for e, err := range events {
		if err != nil {
			log.Fatal(err)
		}
		if e.Type == client.Stored {
			fmt.Println(e.Message.Subject)
			break
		}
	}
	// Output:
	// Welcome
}
