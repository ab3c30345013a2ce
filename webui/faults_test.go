package webui

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"

	"restante/faults"
	"restante/mailstore"
)

const ruleOfT1 = `{"owner":"t1","protocol":"smtp","at":["rcpt"],"for":{"recipient":"a@app.test"},"do":{"reply":{"code":451}},"often":{"next":1}}`

// rule sends a rule.
func (f *fixture) rule(method, path, body string) answer {
	f.t.Helper()
	return f.do(method, path, body, "Content-Type: application/json")
}

func TestFaultRules(t *testing.T) {
	t.Parallel()
	set := faults.New(faults.Options{Addresses: true, Separator: "+"})
	f := start(t, Config{Faults: set})
	rule := into[faults.Rule](t, f.rule("POST", "/v1/faults", ruleOfT1), 201)
	if rule.ID != "f1" || rule.Expires.IsZero() || rule.Warning != "" {
		t.Errorf("added as %+v", rule)
	}
	ask := faults.Occasion{Point: faults.Rcpt, Mail: true, Recipients: []string{"a@app.test"}}
	conn := set.Conn(faults.SMTP, "127.0.0.1:5", "s1")
	if fault := conn.At(ask); fault == nil || conn.At(ask) != nil {
		t.Errorf("%v, want it once", fault)
	}
	if rule = into[faults.Rule](t, f.get("/v1/faults/f1"), 200); rule.Matched != 2 || rule.Hits != 1 || rule.LastHit.IsZero() {
		t.Errorf("has counted %+v", rule)
	}
	other := into[faults.Rule](t, f.rule("POST", "/v1/faults", `{"protocol":"pop3","at":["connect"],"for":{"user":"bob"},"do":{"close":true},"ttl":"never"}`), 201)
	if !strings.HasPrefix(other.Warning, "never matches at connect") || !other.Expires.IsZero() {
		t.Errorf("added as %+v, want a warning and no end", other)
	}
	changed := into[faults.Rule](t, f.rule("PUT", "/v1/faults/f2", `{"owner":"t2","protocol":"pop3","at":["pass"],"do":{"reply":{"resp":"IN-USE"}}}`), 200)
	if changed.ID != "f2" || changed.Owner != "t2" || changed.Warning != "" {
		t.Errorf("replaced by %+v", changed)
	}
	for query, want := range map[string]string{"": "f1 f2", "?owner=t2": "f2", "?owner=t3": ""} {
		list := into[FaultList](t, f.get("/v1/faults"+query), 200)
		var ids []string
		for _, r := range list.Rules {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
		if a := list.Addresses; !a.On || a.Separator != "+" || a.Prefix != "fault." || !slices.ContainsFunc(a.Faults, func(f AddressFault) bool { return f.Example == "rcpt-550" }) {
			t.Errorf("addresses: %+v", a)
		}
	}
	if a := f.do("DELETE", "/v1/faults/f1", ""); a.StatusCode != http.StatusNoContent {
		t.Errorf("f1: %d %s", a.StatusCode, a.body)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		wantProblem(t, f.rule(method, "/v1/faults/f1", ruleOfT1), 404, "no such fault rule")
	}
}

func TestFaultRulesAreRemovedOnPurpose(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for _, owner := range []string{"t1", "t1", "t2", ""} {
		into[faults.Rule](t, f.rule("POST", "/v1/faults", strings.Replace(ruleOfT1, `"t1"`, `"`+owner+`"`, 1)), 201)
	}
	for _, query := range []string{"", "?owner=", "?all=false", "?all=true&owner=t1"} {
		wantProblem(t, f.do("DELETE", "/v1/faults"+query, ""), 400, "Nothing was removed")
	}
	wantProblem(t, f.do("DELETE", "/v1/faults?onwer=t1", ""), 400, "onwer")
	for _, step := range []struct {
		query string
		n     int
	}{{"?owner=t1", 2}, {"?owner=t1", 0}, {"?all=true", 2}, {"?all=true", 0}} {
		if got := into[Deleted](t, f.do("DELETE", "/v1/faults"+step.query, ""), 200); got.Deleted != step.n {
			t.Errorf("%s: %d went, want %d", step.query, got.Deleted, step.n)
		}
	}
}

func TestMalformedFaultRules(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	for body, want := range map[string][]string{
		"{":             {"body"},
		`{"at":"rcpt"}`: {"body.protocol"},
		strings.Replace(ruleOfT1, "451", "999", 1):                             {"body.do.reply.code"},
		strings.Replace(ruleOfT1, `"next":1`, `"next":0.5`, 1):                 {"body.often.next"},
		strings.Replace(ruleOfT1, `"rcpt"`, `"rcpt","retr","x"`, 1):            {"body.at[1]", "body.at[2]"},
		strings.Replace(ruleOfT1, `"recipient"`, `"recipent":"x","sender"`, 1): {"body.for.recipent"},
	} {
		for _, a := range []answer{f.rule("POST", "/v1/faults", body), f.rule("PUT", "/v1/faults/f1", body)} {
			p := into[problem](t, a, 400)
			var places []string
			for _, e := range p.Errors {
				places = append(places, e.Location)
			}
			if !slices.Equal(places, want) || !strings.Contains(p.Detail, strings.TrimPrefix(want[0], "body.")) && want[0] != "body" {
				t.Errorf("%s: %q, %s; want %q", body, places, p.Detail, want)
			}
		}
	}
	if list := into[FaultList](t, f.get("/v1/faults"), 200); len(list.Rules) > 0 {
		t.Errorf("rules were added all the same: %+v", list.Rules)
	}
}

func TestDocumentHasFaultRules(t *testing.T) {
	t.Parallel()
	f := start(t, Config{})
	d := into[document](t, f.get("/v1/openapi.json"), 200)
	if d.Paths["/v1/faults"]["post"].RequestBody.Content["application/json"] == nil || d.Paths["/v1/faults/{id}"]["put"].RequestBody.Content["application/json"] == nil {
		t.Error("it does not say that a rule is JSON")
	}
	for schema, field := range map[string]string{"Rule": "often", "Action": "refuseTLS", "Often": "probability", "Whom": "recipient", "Reply": "enhanced"} {
		if d.Components.Schemas[schema].Properties[field] == nil {
			t.Errorf("%s has no %s", schema, field)
		}
	}
}

func TestFaultsAreEventsAndMetrics(t *testing.T) {
	t.Parallel()
	set := faults.New(faults.Options{Addresses: true, Separator: "+"})
	f := start(t, Config{Faults: set})
	req, err := http.NewRequestWithContext(t.Context(), "GET", f.url+"/v1/events?q=nothing", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "retry: 1000" {
	}
	f.store.NoteFault(mailstore.Fault{Session: "s7", Protocol: "smtp", Point: "rcpt", Rule: "f3", Owner: "t1", Action: "451"})
	name := ""
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = text
		}
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if want := `{"session":"s7","protocol":"smtp","point":"rcpt","rule":"f3","owner":"t1","action":"451"}`; name != "fault" || text != want {
				t.Errorf("event %s: %s, want fault: %s", name, text, want)
			}
			break
		}
	}
	set.Conn(faults.SMTP, "127.0.0.1:5", "s1").At(faults.Occasion{Point: faults.Rcpt, Mail: true, Recipients: []string{"a+fault.drop-rcpt@app.test"}})
	if got := f.get("/metrics").body; !strings.Contains(got, `restante_faults_total{action="close",point="rcpt",protocol="smtp"} 1`) {
		t.Errorf("metrics do not tell of it:\n%s", got)
	}
}
