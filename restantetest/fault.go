package restantetest

import (
	"context"
	"crypto/rand"
	"errors"

	"restante/client"
)

// Fault is a fault rule of a test's own.
type Fault struct {
	ID string

	server *Server
}

// Fault has the server break something until the test ends. The rule should be
// for addresses or users of this test only, see [client.FaultFor]: it hits all
// that it matches. The test fails when the rule is malformed, or can never fire.
func (s *Server) Fault(t TB, rule client.FaultRule) *Fault {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	if rule.Owner == "" {
		rule.Owner = "test-" + rand.Text()
	}
	added, err := s.client.AddFault(ctx, rule)
	if err != nil {
		t.Fatalf("add a fault: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), answerTime)
		defer cancel()
		if err := s.client.DeleteFault(ctx, added.ID); err != nil && !errors.Is(err, client.ErrNotFound) {
			t.Logf("remove fault %s: %v", added.ID, err)
		}
	})
	if added.Warning != "" {
		t.Fatalf("fault %s: %s", added.ID, added.Warning)
	}
	return &Fault{ID: added.ID, server: s}
}

// Hits is how many times the fault has struck so far.
func (f *Fault) Hits(t TB) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	rule, err := f.server.client.Fault(ctx, f.ID)
	if err != nil {
		t.Fatalf("fault %s: %v", f.ID, err)
	}
	return int(rule.Hits)
}

// Remove ends the fault before the test does.
func (f *Fault) Remove(t TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	if err := f.server.client.DeleteFault(ctx, f.ID); err != nil && !errors.Is(err, client.ErrNotFound) {
		t.Fatalf("remove fault %s: %v", f.ID, err)
	}
}
