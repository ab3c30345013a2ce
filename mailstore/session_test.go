package mailstore

import (
	"bytes"
	"reflect"
	"testing"
	"time"
)

func TestSessionRecord(t *testing.T) {
	t.Parallel()
	began := time.Unix(1_700_000_000, 5).UTC()
	rec := &Session{
		ID: "s1", Protocol: "smtp", Remote: "127.0.0.1:9", Started: began, Ended: began.Add(time.Second), Helo: "app", User: "u", TLS: "TLS 1.3",
		Outcome: "RCPT refused: 550", Failed: true, Messages: []string{"m1", "m2"}, Faults: []string{"rule f3, RCPT, 451", "address, end, 554"},
		Attempts: []Attempt{
			{At: time.Millisecond, ReversePath: "a@b.test", ForwardPaths: []string{"c@d.test"}, Refused: []string{"e@f.test", "g@h.test"}, Outcome: "RSET"},
			{At: 2 * time.Millisecond, Outcome: "DATA refused: 554", Octets: 1 << 20, Content: []byte("Subject: x\r\n\x00\xff")},
		},
		Transcript: []Line{{At: 3, From: Client, Text: "QUIT"}, {At: 4, From: Note, Text: "gone"}},
		Truncated:  true,
	}
	got, err := decodeSession("s1", encodeSession(rec))
	if err != nil || !reflect.DeepEqual(got, rec) {
		t.Errorf("got %+v and %v, want %+v", got, err, rec)
	}
	rec.Attempts[0].Content = make([]byte, MaxAttemptContent+1)
	if got, err := decodeSession("s1", encodeSession(rec)); err != nil || len(got.Attempts[0].Content) != MaxAttemptContent {
		t.Errorf("got %d octets of content and %v, want %d", len(got.Attempts[0].Content), err, MaxAttemptContent)
	}
	octets := encodeSession(rec)
	octets[0] = sessionVersion + 1
	if _, err := decodeSession("s1", octets); err == nil {
		t.Error("a record of a version to come was read")
	}
}

// A record as it was written before there were faults.
func TestSessionVersion1(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("\x01\x01" + "\x17\x97\x9c\xfe\x36\x2a\x00\x05" + "\x17\x97\x9c\xfe\x71\xc4\xca\x05")
	b.WriteString("\x04smtp\x01r\x03app\x00\x00\x04done" + "\x01\x02m1" + "C\x07\x04QUIT*\x08\x04gone")
	got, err := decodeSession("s1", b.Bytes())
	began := time.Unix(1_700_000_000, 5).UTC()
	want := &Session{
		ID: "s1", Protocol: "smtp", Remote: "r", Helo: "app", Started: began, Ended: began.Add(time.Second), Outcome: "done", Failed: true, Messages: []string{"m1"},
		Transcript: []Line{{At: 7, From: Client, Text: "QUIT"}, {At: 8, From: Note, Text: "gone"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
}
