package restante

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// dialogue is one SMTP connection of a benchmark.
type dialogue struct{ *textproto.Conn }

func dialogueWith(b *testing.B, addr string) dialogue {
	b.Helper()
	conn, err := textproto.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	d := dialogue{conn}
	if _, _, err := d.ReadResponse(220); err != nil {
		b.Fatal(err)
	}
	d.ask(b, "EHLO bench.test", 250)
	return d
}

func (d dialogue) ask(b *testing.B, line string, code int) {
	if err := d.PrintfLine("%s", line); err != nil {
		b.Error(err)
		return
	}
	if _, _, err := d.ReadResponse(code); err != nil {
		b.Error(err)
	}
}

var benchBody = strings.Repeat("All jobs ran, as they did the night before.\r\n", 40)

// send sends one message, in one write and after its replies the content.
func (d dialogue) send(b *testing.B, rcpt, subject string) {
	if err := d.PrintfLine("MAIL FROM:<robot@app.test>\r\nRCPT TO:<%s>\r\nDATA", rcpt); err != nil {
		b.Error(err)
		return
	}
	for _, code := range []int{250, 250, 354} {
		if _, _, err := d.ReadResponse(code); err != nil {
			b.Error(err)
			return
		}
	}
	d.ask(b, "From: robot@app.test\r\nTo: "+rcpt+"\r\nSubject: "+subject+"\r\n\r\n"+benchBody+".", 250)
}

// BenchmarkWaitLatency is the time from the 250 of a message to the whole answer
// of the wait for it, under 1,000 other messages a second. Stores are fsynced.
func BenchmarkWaitLatency(b *testing.B) {
	srv := startBench(b)
	ctx, stop := context.WithCancel(b.Context())
	var load sync.WaitGroup
	var sent atomic.Int64
	const senders, rate = 8, 1000
	for i := range senders {
		d := dialogueWith(b, srv.SMTPAddr())
		load.Go(func() {
			tick := time.NewTicker(senders * time.Second / rate)
			defer tick.Stop()
			for ctx.Err() == nil {
				<-tick.C
				d.send(b, fmt.Sprintf("user%d@app.test", i), "Nightly report")
				sent.Add(1)
			}
		})
	}
	began := time.Now()
	d := dialogueWith(b, srv.SMTPAddr())
	var took []time.Duration
	i := 0
	for b.Loop() {
		rcpt := fmt.Sprintf("wanted%d@app.test", i)
		i++
		answered := make(chan time.Time, 1)
		go func() {
			q := url.Values{"q": {"rcpt:" + rcpt + " subject:verify"}}
			resp, err := http.Get(srv.URL() + "/v1/wait?" + q.Encode())
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			if err != nil || resp.StatusCode != 200 {
				b.Errorf("wait: %v, %v", resp, err)
			}
			answered <- time.Now()
		}()
		time.Sleep(3 * time.Millisecond) // it waits when the message comes
		d.send(b, rcpt, "Verify your address")
		accepted := time.Now()
		took = append(took, max(0, (<-answered).Sub(accepted)))
	}
	stop()
	load.Wait()
	b.ReportMetric(float64(sent.Load())/time.Since(began).Seconds(), "msg/s")
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("ms-p%d", p))
	}
}

func startBench(b *testing.B) *Server {
	b.Helper()
	srv, err := Start(Config{Data: b.TempDir() + "/restante.db"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = srv.Close() })
	return srv
}

// BenchmarkThousandWaits is what 1,000 waits cost: memory of the whole process,
// and how many messages a second 16 senders deliver with and without them.
func BenchmarkThousandWaits(b *testing.B) {
	srv := startBench(b)
	var conns []dialogue
	for range 16 {
		conns = append(conns, dialogueWith(b, srv.SMTPAddr()))
	}
	deliver := func() float64 {
		ctx, cancel := context.WithTimeout(b.Context(), 2*time.Second)
		defer cancel()
		var n atomic.Int64
		var all sync.WaitGroup
		for i, d := range conns {
			all.Go(func() {
				for ctx.Err() == nil {
					d.send(b, fmt.Sprintf("user%d@app.test", i), "Nightly report")
					n.Add(1)
				}
			})
		}
		all.Wait()
		return float64(n.Load()) / 2
	}
	addr := strings.TrimPrefix(srv.URL(), "http://")
	var memory, with, without []float64
	for b.Loop() {
		deliver()
		without = append(without, deliver())
		before := memoryInUse()
		waits := wait1000(b, addr)
		memory = append(memory, float64(memoryInUse()-before)/1e6)
		with = append(with, deliver())
		dialogueWith(b, srv.SMTPAddr()).send(b, "wanted999@app.test", "Verify")
		if line, err := bufio.NewReader(waits[999]).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			b.Errorf("the last wait: %q, %v", line, err)
		}
		for _, c := range waits {
			c.Close()
		}
	}
	b.ReportMetric(median(memory), "MB")
	b.ReportMetric(median(without), "msg/s-without")
	b.ReportMetric(median(with), "msg/s-with")
}

// wait1000 begins 1,000 waits, on connections that nobody reads.
func wait1000(b *testing.B, addr string) []net.Conn {
	waits := make([]net.Conn, 1000)
	for i := range waits {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		waits[i] = conn
		fmt.Fprintf(conn, "GET /v1/wait?timeout=5m&q=rcpt:wanted%d@app.test+subject:verify HTTP/1.1\r\nHost: localhost\r\n\r\n", i)
	}
	time.Sleep(500 * time.Millisecond) // all of them wait
	return waits
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// memoryInUse is the memory of heap and stacks that is in use.
func memoryInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
