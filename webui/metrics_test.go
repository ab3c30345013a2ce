package webui

import (
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"restante/mailstore"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	seconds := mailstore.Histogram{Bounds: []float64{.5, 1}, Counts: []uint64{2, 3, 1}, Sum: 5.5, Count: 6}
	f := start(t, Config{
		Version: "1.2.3",
		Open:    func() (int, int) { return 4, 5 },
		SMTPCounters: func() SMTPCounters {
			return SMTPCounters{Sessions: 7, Failed: 2, Delivered: 6, Octets: 600, Refused: map[string]uint64{"syntax": 3, "too-large": 0}, Accept: seconds}
		},
		POP3Counters: func() POP3Counters {
			return POP3Counters{Sessions: 9, Failed: 1, Logins: 8, Refused: 1, Fetched: 20, Octets: 2000, Removed: 11, Fetch: seconds}
		},
	})
	f.put(plain, "a@b.test", "c@d.test")
	f.put(plain, "a@b.test", "c@d.test")
	if _, err := f.store.Delete(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	a := f.get("/metrics")
	if ct := a.Header.Get("Content-Type"); a.StatusCode != 200 || !strings.HasPrefix(ct, "text/plain") {
		t.Fatalf("got %d, %s", a.StatusCode, ct)
	}
	lines := map[string]bool{}
	for l := range strings.Lines(a.body) {
		lines[strings.TrimSpace(l)] = true
	}
	for _, want := range []string{
		`restante_build_info{version="1.2.3"} 1`,
		`restante_sessions_total{protocol="smtp"} 7`,
		`restante_sessions_total{protocol="pop3"} 9`,
		`restante_sessions_failed_total{protocol="smtp"} 2`,
		`restante_sessions_open{protocol="smtp"} 4`,
		`restante_sessions_open{protocol="pop3"} 5`,
		`restante_smtp_accepted_total 6`,
		`restante_smtp_accepted_octets_total 600`,
		`restante_smtp_refused_total{reason="syntax"} 3`,
		`restante_smtp_refused_total{reason="too-large"} 0`,
		`restante_smtp_accept_seconds_bucket{le="0.5"} 2`,
		`restante_smtp_accept_seconds_bucket{le="1"} 5`,
		`restante_smtp_accept_seconds_bucket{le="+Inf"} 6`,
		`restante_smtp_accept_seconds_sum 5.5`,
		`restante_pop3_logins_total 8`,
		`restante_pop3_fetched_total 20`,
		`restante_pop3_fetched_octets_total 2000`,
		`restante_pop3_fetch_seconds_count 6`,
		`restante_store_delivered_total 2`,
		`restante_store_deleted_total{by="client"} 1`,
		`restante_store_messages 1`,
	} {
		if !lines[want] {
			t.Errorf("there is no line %s", want)
		}
	}
	for _, name := range []string{"commit_seconds", "commit_changes"} {
		if !regexp.MustCompile(`(?m)^restante_store_` + name + `_count [1-9]`).MatchString(a.body) {
			t.Errorf("%s says nothing of the commits there were", name)
		}
	}
	problems, err := promlint.New(strings.NewReader(a.body)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "restante_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// A server that knows of no others tells what it knows.
func TestMetricsOfTheStoreAlone(t *testing.T) {
	t.Parallel()
	a := start(t, Config{}).get("/metrics")
	if a.StatusCode != 200 || !strings.Contains(a.body, "restante_store_messages 0\n") || strings.Contains(a.body, "smtp") {
		t.Errorf("got %d %s", a.StatusCode, a.body)
	}
}
