package pop3d

import "testing"

func TestCounters(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Users: func(_, password string) bool { return password == "right" }})
	r.deliver("Subject: a\r\n\r\nbody\r\n", "bob@app.test")
	c := r.dial()
	c.do("USER bob@app.test", "+OK*")
	c.do("PASS wrong", "-ERR*")
	c.do("USER bob@app.test", "+OK*")
	c.do("PASS right", "+OK*")
	if n := r.server.Open(); n != 1 {
		t.Errorf("got %d connections, want 1", n)
	}
	c.retr(1)
	c.do("DELE 1", "+OK*")
	c.do("QUIT", "+OK*")
	r.session(1)
	got := r.server.Counters()
	if got.Sessions != 1 || got.Failed != 0 || got.Logins != 1 || got.Refused != 1 || got.Fetched != 1 || got.Removed != 1 {
		t.Errorf("got %+v, want one of each but Failed", got)
	}
	if got.Octets == 0 || got.Fetch.Count != 1 || got.Fetch.Sum <= 0 {
		t.Errorf("got %d octets and %d observations, %v s", got.Octets, got.Fetch.Count, got.Fetch.Sum)
	}
}
