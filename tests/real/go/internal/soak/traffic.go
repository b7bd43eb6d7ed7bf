package soak

import (
	"context"
	"crypto/tls"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/log"

	"real/internal/operation/caller"
	"real/internal/token"
)

// traffic through the gateway at address.
type traffic struct {
	issuer  *token.Issuer
	address string
	// direct is the server itself, to look at what it knows.
	direct string
	trust  *tls.Config
	logger log.Logger
	tally  *tally
	// started workflows so far.
	started atomic.Int64
}

// begin all of it; it goes on until the context ends.
func (t *traffic) begin(ctx context.Context, running *sync.WaitGroup) error {
	if err := t.workflows(ctx, running); err != nil {
		return err
	}
	return t.callers(ctx, running)
}

// again calls do at this pace until the context ends. A call that takes longer than the pace delays the next.
func again(ctx context.Context, running *sync.WaitGroup, pace time.Duration, do func()) {
	running.Go(func() {
		next := time.NewTicker(pace)
		defer next.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-next.C:
				do()
			}
		}
	})
}

// renewed is a token of one minute, replaced by a new one when half of its time has gone, as workers do it.
func (t *traffic) renewed(subject string, permissions ...string) caller.Token {
	const ttl = time.Minute
	var mu sync.Mutex
	var current string
	var since time.Time
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(since) > ttl/2 {
			current, since = t.issuer.Token(subject, ttl, permissions...), time.Now()
		}
		return current
	}
}
