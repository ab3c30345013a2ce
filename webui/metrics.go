package webui

import (
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"restante/mailstore"
)

// SMTPCounters are what an SMTP server counts: those of package smtpd.
type SMTPCounters struct {
	Sessions  uint64
	Failed    uint64
	Delivered uint64
	Octets    uint64
	Refused   map[string]uint64
	Accept    mailstore.Histogram
}

// POP3Counters are what a POP3 server counts: those of package pop3d.
type POP3Counters struct {
	Sessions uint64
	Failed   uint64
	Logins   uint64
	Refused  uint64
	Fetched  uint64
	Octets   uint64
	Removed  uint64
	Fetch    mailstore.Histogram
}

// registerMetrics puts /metrics on mux, in the form of Prometheus. It asks the
// servers and the store when it is asked, and keeps nothing.
func (s *Server) registerMetrics(mux *http.ServeMux) {
	handler := sync.OnceValue(func() http.Handler { // most servers are never asked
		registry := prometheus.NewRegistry()
		registry.MustRegister(
			&collector{s},
			collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		)
		return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) { handler().ServeHTTP(w, r) })
}

// collector tells what is counted elsewhere.
type collector struct{ s *Server }

func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("restante_"+name, help, labels, nil)
}

// The metrics, by what they are told from.
var (
	infoMetric = metric("build_info", "1, with the version as a label.", "version")

	sessionsMetric = metric("sessions_total", "Connections that were accepted.", "protocol")
	failedMetric   = metric("sessions_failed_total", "Sessions that ended without what the client came for.", "protocol")
	openMetric     = metric("sessions_open", "Connections now.", "protocol")

	smtpAcceptedMetric = metric("smtp_accepted_total", "Messages accepted by SMTP.")
	smtpOctetsMetric   = metric("smtp_accepted_octets_total", "Octets of messages accepted by SMTP.")
	smtpRefusedMetric  = metric("smtp_refused_total", "Commands and connections refused by SMTP.", "reason")
	smtpSecondsMetric  = metric("smtp_accept_seconds", "Time from the end of a message's content to its reply.")

	pop3LoginsMetric  = metric("pop3_logins_total", "Sessions that opened a maildrop, of those that have ended.")
	pop3RefusedMetric = metric("pop3_logins_refused_total", "Logins refused by POP3, in sessions that have ended.")
	pop3FetchedMetric = metric("pop3_fetched_total", "Messages fetched by RETR.")
	pop3OctetsMetric  = metric("pop3_fetched_octets_total", "Octets of messages fetched by RETR.")
	pop3RemovedMetric = metric("pop3_removed_total", "Messages deleted by POP3, in sessions that have ended.")
	pop3SecondsMetric = metric("pop3_fetch_seconds", "Time that a RETR took.")

	faultsMetric = metric("faults_total", "Faults that fired, of rules and of addresses.", "protocol", "point", "action")

	deliveredMetric = metric("store_delivered_total", "Messages stored, by SMTP and by the API.")
	octetsMetric    = metric("store_delivered_octets_total", "Octets of messages stored.")
	deletedMetric   = metric("store_deleted_total", "Messages deleted, by clients and by retention.", "by")
	batchMetric     = metric("store_commit_changes", "Changes in a commit.")
	commitMetric    = metric("store_commit_seconds", "Time of a commit, with its fsync.")
	commitsFailed   = metric("store_commits_failed_total", "Commits that failed.")
	messagesMetric  = metric("store_messages", "Messages in the store.")
	unseenMetric    = metric("store_unseen_messages", "Unseen messages in the store.")
	bytesMetric     = metric("store_messages_octets", "Octets of the messages in the store.")
	fileMetric      = metric("store_file_octets", "Size of the store's file.")
	freeMetric      = metric("store_free_octets", "Octets of the store's file that are free for what comes.")
)

// Describe implements prometheus.Collector. It tells nothing: what there is
// depends on which servers run.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	t := teller{ch}
	t.gauge(infoMetric, 1, c.s.version())
	if c.s.cfg.Open != nil {
		smtp, pop3 := c.s.cfg.Open()
		t.gauge(openMetric, float64(smtp), "smtp")
		t.gauge(openMetric, float64(pop3), "pop3")
	}
	if c.s.cfg.SMTPCounters != nil {
		t.smtp(c.s.cfg.SMTPCounters())
	}
	if c.s.cfg.POP3Counters != nil {
		t.pop3(c.s.cfg.POP3Counters())
	}
	for _, f := range c.s.cfg.Faults.Counts() {
		t.counter(faultsMetric, uint64(f.N), f.Protocol, string(f.Point), f.Action)
	}
	t.store(c.s.store.Stats())
	if totals, err := c.s.store.Totals(); err == nil {
		t.gauge(messagesMetric, float64(totals.Messages))
		t.gauge(unseenMetric, float64(totals.Unseen))
		t.gauge(bytesMetric, float64(totals.Bytes))
	}
}

// teller sends metrics.
type teller struct{ ch chan<- prometheus.Metric }

func (t teller) counter(d *prometheus.Desc, v uint64, labels ...string) {
	t.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func (t teller) gauge(d *prometheus.Desc, v float64, labels ...string) {
	t.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

// histogram tells h with its buckets added up, as Prometheus has them.
func (t teller) histogram(d *prometheus.Desc, h mailstore.Histogram) {
	buckets := make(map[float64]uint64, len(h.Bounds))
	sum := uint64(0)
	for i, bound := range h.Bounds {
		sum += h.Counts[i]
		buckets[bound] = sum
	}
	t.ch <- prometheus.MustNewConstHistogram(d, h.Count, h.Sum, buckets)
}

func (t teller) smtp(c SMTPCounters) {
	t.counter(sessionsMetric, c.Sessions, "smtp")
	t.counter(failedMetric, c.Failed, "smtp")
	t.counter(smtpAcceptedMetric, c.Delivered)
	t.counter(smtpOctetsMetric, c.Octets)
	for reason, n := range c.Refused {
		t.counter(smtpRefusedMetric, n, reason)
	}
	t.histogram(smtpSecondsMetric, c.Accept)
}

func (t teller) pop3(c POP3Counters) {
	t.counter(sessionsMetric, c.Sessions, "pop3")
	t.counter(failedMetric, c.Failed, "pop3")
	t.counter(pop3LoginsMetric, c.Logins)
	t.counter(pop3RefusedMetric, c.Refused)
	t.counter(pop3FetchedMetric, c.Fetched)
	t.counter(pop3OctetsMetric, c.Octets)
	t.counter(pop3RemovedMetric, c.Removed)
	t.histogram(pop3SecondsMetric, c.Fetch)
}

func (t teller) store(st mailstore.Stats) {
	t.counter(deliveredMetric, st.Delivered)
	t.counter(octetsMetric, st.Octets)
	t.counter(deletedMetric, st.Deleted, "client")
	t.counter(deletedMetric, st.Pruned, "retention")
	t.histogram(batchMetric, st.Batch)
	t.histogram(commitMetric, st.CommitSeconds)
	t.counter(commitsFailed, st.Failed)
	t.gauge(fileMetric, float64(st.FileBytes))
	t.gauge(freeMetric, float64(st.FreeBytes))
}
