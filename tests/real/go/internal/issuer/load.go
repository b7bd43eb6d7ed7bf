package issuer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// load calls a gateway all along with tokens that are good: no call may be refused.
type load struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	mu     sync.Mutex
	calls  int
	failed []error
}

// startLoads: a client that keeps its token, and one that fetches another for every call as long as the provider answers.
func (p *part) startLoads(ctx context.Context) error {
	kept, err := p.home.token(ctx, "reader", "temporal", "ES256")
	if err != nil {
		return err
	}
	p.renewing.Store(true)
	for _, c := range []*caller{p.quick, p.patient} {
		renewed, err := p.home.token(ctx, "reader", "temporal", "RS256")
		if err != nil {
			return err
		}
		p.startLoad(ctx, c, "an ES256 token that is kept", func(context.Context) string { return kept })
		p.startLoad(ctx, c, "RS256 tokens that are renewed", func(ctx context.Context) string {
			if p.renewing.Load() {
				if token, err := p.home.token(ctx, "reader", "temporal", "RS256"); err == nil {
					renewed = token
				}
			}
			return renewed
		})
	}
	return nil
}

func (p *part) startLoad(ctx context.Context, c *caller, what string, token func(context.Context) string) {
	ctx, cancel := context.WithCancel(ctx)
	l := &load{name: fmt.Sprintf("%s, %s", c.name, what), cancel: cancel, done: make(chan struct{})}
	p.loads = append(p.loads, l)
	go func() {
		defer close(l.done)
		for ctx.Err() == nil {
			err := c.describe(ctx, token(ctx), home)
			if ctx.Err() != nil {
				return
			}
			l.count(err)
			time.Sleep(20 * time.Millisecond)
		}
	}()
}

func (l *load) count(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if err != nil {
		l.failed = append(l.failed, fmt.Errorf("%s: %w", time.Now().Format("15:04:05.000"), err))
	}
}

// since returns what happened since it was last asked, and forgets it.
func (l *load) since() (calls int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls, failed := l.calls, l.failed
	l.calls, l.failed = 0, nil
	if len(failed) > 0 {
		return calls, fmt.Errorf("%d of %d calls failed, the first: %w", len(failed), calls, failed[0])
	}
	return calls, nil
}

func (l *load) end() {
	l.cancel()
	<-l.done
}

// undisturbed checks that every load has worked since this was last checked, and nothing was refused.
func (p *part) undisturbed(when string) {
	total := 0
	var failed error
	for _, load := range p.loads {
		calls, err := load.since()
		total += calls
		if err == nil && calls < 5 {
			err = fmt.Errorf("only %d calls", calls)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", load.name, err))
		}
	}
	p.Check("nobody is disturbed "+when, failed)
	p.Note("%d calls with good tokens %s", total, when)
}
