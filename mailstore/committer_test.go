package mailstore

import (
	"testing"
	"testing/synctest"
	"time"
)

// The committer waits until as many have come as it wants, until it has waited
// long enough, or until nothing will come any more.
func TestGather(t *testing.T) {
	t.Parallel()
	const step = 10 * time.Microsecond
	for _, tt := range []struct {
		name            string
		come, want      int
		patience, takes time.Duration
		closes          bool
	}{
		{"enough", 5, 5, time.Second, 5 * step, false},
		{"fewer are wanted than come", 5, 3, time.Second, 3 * step, false},
		{"too few", 2, 3, patience, patience, false},
		{"none", 0, 3, patience, patience, false},
		{"the end", 2, 9, time.Second, 3 * step, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := &queue{wake: make(chan struct{}, 1)}
				go func() {
					for range tt.come {
						time.Sleep(step)
						if err := q.add(&change{m: &seenMutation{}, done: make(chan struct{}, 1)}); err != nil {
							t.Error(err)
						}
					}
					if tt.closes {
						time.Sleep(step)
						q.close()
					}
				}()
				began := time.Now()
				q.gather(tt.want, tt.patience)
				if took := time.Since(began); took != tt.takes {
					t.Errorf("it took %v, want %v", took, tt.takes)
				}
				synctest.Wait()
				time.Sleep(time.Second)
				if tt.come == 0 {
					return
				}
				if batch, ok := q.take(nil); len(batch) != tt.come || !ok {
					t.Errorf("%d changes are taken, %t, want %d", len(batch), ok, tt.come)
				}
			})
		})
	}
}

// A few are all waited for, of many three quarters; one alone is not.
func TestWorthWaitingFor(t *testing.T) {
	t.Parallel()
	for crowd, want := range map[int]int{0: 0, 1: 1, 2: 2, 16: 16, 20: 16, 24: 18, 64: 48, 4000: maxBatch} {
		if got := worthWaitingFor(crowd); got != want {
			t.Errorf("of %d, %d are waited for, want %d", crowd, got, want)
		}
	}
}
