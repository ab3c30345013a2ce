package restante

import (
	"bufio"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"restante/configs"
	"restante/faults"
	"restante/mailstore"
)

// TestCapabilitiesAreThoseOffered holds what rules can hide against what the
// servers say.
func TestCapabilitiesAreThoseOffered(t *testing.T) {
	t.Parallel()
	for _, tls := range []string{"off", "self-signed"} {
		srv, err := Start(Config{TLS: tls})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { srv.Close() })
		for protocol, ask := range map[string]struct{ address, command string }{
			faults.SMTP: {srv.SMTPAddr(), "EHLO app.test"}, faults.POP3: {srv.POP3Addr(), "CAPA"},
		} {
			conn, err := net.Dial("tcp", ask.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write([]byte(ask.command + "\r\nQUIT\r\n")); err != nil {
				t.Fatal(err)
			}
			var offered []string
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				word := strings.TrimPrefix(strings.TrimPrefix(lines.Text(), "250-"), "250 ")
				word, _, _ = strings.Cut(word, " ")
				if word != "" && word == strings.ToUpper(word) && !strings.HasPrefix(word, "+") && word != "." && word != "220" && word != "221" {
					offered = append(offered, word)
				}
			}
			want := capabilities(tls != "off")(protocol)
			slices.Sort(offered)
			slices.Sort(want)
			if !slices.Equal(offered, want) {
				t.Errorf("%s with TLS %s offers %q, and rules can hide %q", protocol, tls, offered, want)
			}
		}
	}
}

func TestFaultRulesOfAProgram(t *testing.T) {
	t.Parallel()
	srv, err := Start(Config{Faults: []configs.FaultRule{{JSON: []byte(`{"protocol":"smtp","at":"connect","do":{"reply":{"code":554}}}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	if _, err := srv.Faults().Add(faults.Rule{Protocol: faults.POP3, At: []faults.Point{faults.Connect}, Do: faults.Action{Close: true}}); err != nil {
		t.Fatal(err)
	}
	sub := srv.Store().Subscribe(0)
	defer sub.Close()
	for address, want := range map[string]string{srv.SMTPAddr(): "554 Transaction failed (fault of rule f1)\r\n", srv.POP3Addr(): ""} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if got, _ := bufio.NewReader(conn).ReadString('\n'); got != want {
			t.Errorf("greeted with %q, want %q", got, want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	told := map[string]mailstore.Fault{}
	for len(told) < 2 {
		select {
		case e := <-sub.Events():
			if e.Type == mailstore.Faulted {
				told[e.Fault.Rule] = *e.Fault
			}
		case <-ctx.Done():
			t.Fatalf("told of %v only", told)
		}
	}
	for id, want := range map[string]string{"f1": "smtp connect 554", "f2": "pop3 connect close"} {
		f := told[id]
		if got := f.Protocol + " " + f.Point + " " + f.Action; got != want || !strings.HasPrefix(f.Session, "s") {
			t.Errorf("%s: %q in session %q, want %q", id, got, f.Session, want)
		}
	}
	_, err = Start(Config{Faults: []configs.FaultRule{{JSON: []byte(`{"protocol":"smtp","at":"connect"}`)}}})
	if wrong, ok := errors.AsType[*configs.SettingError](err); !ok || wrong.Setting != "faults" || !strings.Contains(err.Error(), "faults[0].do: what?") {
		t.Errorf("a malformed rule: %v", err)
	}
}
