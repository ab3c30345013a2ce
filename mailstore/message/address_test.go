package message

import (
	"math/rand/v2"
	"net/mail"
	"slices"
	"testing"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want []Address
		bad  bool
	}{
		{"a@b.test", []Address{{"", "a@b.test"}}, false},
		{"<a@b.test>", []Address{{"", "a@b.test"}}, false},
		{"Ann Example <a@b.test>", []Address{{"Ann Example", "a@b.test"}}, false},
		{"a@b.test, <c@d.test>,E <e@f.test>", []Address{{"", "a@b.test"}, {"", "c@d.test"}, {"E", "e@f.test"}}, false},
		{`"Example, Ann" <a@b.test>`, []Address{{"Example, Ann", "a@b.test"}}, false},
		{`"say \"hi\" \\o/" <a@b.test>`, []Address{{`say "hi" \o/`, "a@b.test"}}, false},
		{"a@b.test (Ann (really) Example)", []Address{{"Ann (really) Example", "a@b.test"}}, false},
		{"John Q. Public <j@p.test>", []Address{{"John Q. Public", "j@p.test"}}, false},
		{"Pete(A wonderful \\) chap) <pete(his account)@silly.test(his host)>", []Address{{"Pete", "pete@silly.test"}}, false},
		{"jdoe@test   . example", []Address{{"", "jdoe@test.example"}}, false},
		{"<@node.test,@relay.test:user@final.test>", []Address{{"", "user@final.test"}}, false},
		{"A group:Ed Jones <joe@where.test>,joe@here.test;", []Address{{"Ed Jones", "joe@where.test"}, {"", "joe@here.test"}}, false},
		{"undisclosed recipients:;", nil, false},
		{"A group(Some people)\t:Chris Jones <c@(Chris's host.)public.example>, joe@example.org, John <jdoe@one.test> (my dear friend); (the end of the group)",
			[]Address{{"Chris Jones", "c@public.example"}, {"", "joe@example.org"}, {"John", "jdoe@one.test"}}, false},
		{`"john smith"@b.test`, []Address{{"", `"john smith"@b.test`}}, false},
		{`first."last, jr"@b.test`, []Address{{"", `first."last, jr"@b.test`}}, false},
		{"a@[192.0.2.1]", []Address{{"", "a@[192.0.2.1]"}}, false},
		{"a@[IPv6:2001:db8::1], b@c.test", []Address{{"", "a@[IPv6:2001:db8::1]"}, {"", "b@c.test"}}, false},
		{"=?utf-8?q?J=C3=B6rg?= <j@b.test>", []Address{{"Jörg", "j@b.test"}}, false},
		{"=?utf-8?q?Doe=2C_J=C3=B6rg?= <j@b.test>, k@b.test", []Address{{"Doe, Jörg", "j@b.test"}, {"", "k@b.test"}}, false},
		{"=?utf-8?q?Doe,_J=C3=B6rg?= <j@b.test>", []Address{{"Doe, Jörg", "j@b.test"}}, false},
		{`"=?utf-8?b?SsO2cmc=?=" <j@b.test>`, []Address{{"Jörg", "j@b.test"}}, false},
		{"Jörg <jörg@exämple.test>", []Address{{"Jörg", "jörg@exämple.test"}}, false},
		{",, a@b.test,,", []Address{{"", "a@b.test"}}, false},

		{"a@b.test; c@d.test", []Address{{"", "a@b.test"}, {"", "c@d.test"}}, true},
		{"a@b.test c@d.test", []Address{{"", "a@b.test"}, {"", "c@d.test"}}, true},
		{"Ann a@b.test", []Address{{"Ann", "a@b.test"}}, true},
		{"Ann Example", []Address{{"Ann Example", ""}}, true},
		{"Ann <a@b.test", []Address{{"Ann", "a@b.test"}}, true},
		{"Ann <a b@c.test>", []Address{{"Ann", "a b@c.test"}}, true},
		{"Ann <nowhere>", []Address{{"Ann", "nowhere"}}, true},
		{"<>", nil, true},
		{"Ann <a@b.test> <c@d.test>", []Address{{"Ann <c@d.test>", "a@b.test"}}, true},
		{`"Ann <a@b.test>`, []Address{{"Ann <a@b.test>", ""}}, true},
		{"Ann (never ends <a@b.test>", []Address{{"Ann", ""}}, true},
		{"me@home@work.test", []Address{{"", "me@home@work.test"}}, true},
		{"@", []Address{{"", "@"}}, true},
	} {
		var w walker
		got := w.addresses(nil, tt.in)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s\n got %q\nwant %q", tt.in, got, tt.want)
		}
		bad := slices.Contains(w.noted, noted{code: BadAddress})
		if bad != tt.bad {
			t.Errorf("%s: bad-address is %v, want %v", tt.in, bad, tt.bad)
		}
	}
}

// TestAddressesAsNetMail holds valid lists equal to what another parser makes of them.
func TestAddressesAsNetMail(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"a@b.test", "A <a@b.test>", "A B <a@b.test>, c@d.test", `"A, B" <a@b.test>`, "a@b.test (A B)",
		"group: a@b.test, C <c@d.test>;", "=?iso-8859-1?q?J=F6rg_Doe?= <jdoe@machine.example>",
		`"Joe & J. Harvey" <ddd@example.org>`, "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
		`<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>`, "=?us-ascii?Q?Asem_H=2E?= <noreply@example.com>",
	} {
		want, err := mail.ParseAddressList(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		var w walker
		got := w.addresses(nil, in)
		if len(got) != len(want) {
			t.Errorf("%s: %d addresses, want %d", in, len(got), len(want))
			continue
		}
		for i, a := range got {
			if a.Name != want[i].Name || a.Address != want[i].Address {
				t.Errorf("%s: got %q, want %q", in, a, want[i])
			}
		}
		if len(w.noted) > 0 {
			t.Errorf("%s: noted %v", in, w.noted)
		}
	}
}

// TestSimpleAddress: what the short way reads, the long way reads alike.
func TestSimpleAddress(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", "b.c", "@", "<", ">", `"`, " ", ",", ";", ":", "(", ")", `\`, "=", "=?utf-8?q?x?=", "\t", "é", "[", "<d@e.test>", `"Ann, Ex" `}
	random := rand.New(rand.NewPCG(1, 2))
	simple := 0
	for range 200_000 {
		v := ""
		for range 1 + random.IntN(7) {
			v += pieces[random.IntN(len(pieces))]
		}
		v = unfold(v)
		a, ok := simpleAddress(v)
		if !ok {
			continue
		}
		simple++
		var w walker
		if list := w.addressList(nil, v); len(list) != 1 || list[0] != a || len(w.noted) > 0 {
			t.Fatalf("%q: the short way has %q, the long way %q with defects %v", v, a, list, w.noted)
		}
	}
	if simple < 100 {
		t.Errorf("only %d of the lists were simple", simple)
	}
}
