package main

import "restante/client"

// selection says which messages.
type selection struct {
	To      string `name:"to" placeholder:"ADDR" help:"Only mail that really goes there: the envelope's recipient. A whole address, or a part such as @app.test."`
	From    string `name:"from" placeholder:"ADDR" help:"Only mail from there: the From field, or the envelope's sender."`
	Subject string `name:"subject" placeholder:"TEXT" help:"Only mail with that in the subject."`
	Query   string `name:"query" placeholder:"QUERY" help:"Only mail that this search finds, such as: has:attachment -tag:old after:10m"`
	Mailbox string `name:"mailbox" placeholder:"NAME" help:"Only mail in this mailbox, or in *@domain."`
}

func (s *selection) query() client.Query {
	return client.Query{Mailbox: s.Mailbox, From: s.From, To: s.To, Subject: s.Subject, Text: s.Query}
}

func (s *selection) empty() bool { return *s == selection{} }
