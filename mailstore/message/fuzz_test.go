package message

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

func seed(f *testing.F) {
	for _, tt := range defectCases() {
		if len(tt.in) < 8<<10 {
			f.Add([]byte(tt.in))
		}
	}
	for _, tt := range structureCases() {
		f.Add([]byte(tt.in))
	}
	for _, tt := range bodyCases() {
		f.Add([]byte(tt.message()))
	}
	f.Add(ordinary())
}

// FuzzParse holds what is true of every message: see consistent.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 16<<10 {
			return
		}
		consistent(t, in)
	})
}

// FuzzIndex holds that the way the octets come makes no difference.
func FuzzIndex(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 16<<10 {
			return
		}
		want := Index(bytes.NewReader(in))
		checkSummary(t, want)
		for _, r := range []io.Reader{
			iotest.OneByteReader(bytes.NewReader(in)), iotest.HalfReader(bytes.NewReader(in)), iotest.DataErrReader(bytes.NewReader(in)),
		} {
			same(t, Index(r), want)
		}
		HTMLText(string(in))
	})
}
