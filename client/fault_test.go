package client_test

import (
	"errors"
	"net/smtp"
	"net/textproto"
	"reflect"
	"strings"
	"testing"

	"restante/client"
	"restante/faults"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	srv, c := start(t)
	ctx := limited(t)
	rule := client.FaultRule{
		Owner: "t1", Protocol: "smtp", At: []string{"rcpt"}, For: client.FaultFor{Recipient: "alice@app.test"},
		Do: client.FaultAction{Reply: &client.FaultReply{Code: 451, Text: "Not yet"}, Delay: "1ms"}, Often: client.FaultOften{Next: 1}, TTL: "10m",
	}
	added := must(c.AddFault(ctx, rule))(t)
	if added.ID == "" || added.Expires.IsZero() || added.Warning != "" {
		t.Errorf("added as %+v", added)
	}
	send := func() error {
		return smtp.SendMail(srv.SMTPAddr(), nil, "shop@app.test", []string{"alice@app.test"}, []byte("Subject: m\r\n\r\nm\r\n"))
	}
	events := must(c.Events(ctx, client.Query{}, 0))(t)
	var refused *textproto.Error
	if err := send(); !errors.As(err, &refused) || refused.Code != 451 || refused.Msg != "4.3.0 Not yet" {
		t.Errorf("the first attempt: %v, want 451 4.3.0 Not yet", err)
	}
	for e, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == client.Faulted {
			if e.Fault.Rule != added.ID || e.Fault.Owner != "t1" || e.Fault.Point != "rcpt" || e.Fault.Action != "delay 1ms, 451" || e.Fault.Session == "" {
				t.Errorf("told of %+v", e.Fault)
			}
			break
		}
	}
	if err := send(); err != nil {
		t.Errorf("the second attempt: %v", err)
	}
	if r := must(c.Fault(ctx, added.ID))(t); r.Matched != 2 || r.Hits != 1 || r.LastHit.IsZero() {
		t.Errorf("has counted %+v", r)
	}
	rule.Often.Next, rule.Owner = 2, "t2"
	if r := must(c.ReplaceFault(ctx, added.ID, rule))(t); r.ID != added.ID || r.Hits != 0 || r.Often.Next != 2 {
		t.Errorf("replaced by %+v", r)
	}
	if all, mine := must(c.Faults(ctx, ""))(t), must(c.Faults(ctx, "t1"))(t); len(all) != 1 || len(mine) != 0 {
		t.Errorf("%d rules, %d of t1; want 1 and 0", len(all), len(mine))
	}
	rule.At[0] = "retr"
	if _, err := c.AddFault(ctx, rule); err == nil || !strings.Contains(err.Error(), "at[0]: smtp has no such point") {
		t.Errorf("a malformed rule: %v", err)
	}
	if n, err := c.DeleteFaultsOf(ctx, ""); n != 0 || err == nil {
		t.Errorf("nobody's rules: %d went, %v", n, err)
	}
	if n := must(c.DeleteFaultsOf(ctx, "t2"))(t); n != 1 {
		t.Errorf("%d of t2 went, want 1", n)
	}
	if err := c.DeleteFault(ctx, added.ID); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("it is gone: %v", err)
	}
	if n := must(c.DeleteAllFaults(ctx))(t); n != 0 {
		t.Errorf("%d went, want 0", n)
	}
}

// TestFaultRuleIsTheServers holds the fields against those that the server reads.
func TestFaultRuleIsTheServers(t *testing.T) {
	t.Parallel()
	var names func(t reflect.Type, at string) []string
	names = func(t reflect.Type, at string) (all []string) {
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			all = append(all, at+name)
			f := t.Field(i).Type
			if f.Kind() == reflect.Pointer {
				f = f.Elem()
			}
			if f.Kind() == reflect.Struct && f.Name() != "Time" {
				all = append(all, names(f, at+name+".")...)
			}
		}
		return all
	}
	got, want := names(reflect.TypeFor[client.FaultRule](), ""), names(reflect.TypeFor[faults.Rule](), "")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it has\n%q\nwant\n%q", got, want)
	}
}
