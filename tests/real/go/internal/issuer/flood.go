package issuer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// flooding is how many tokens of keys that nobody has heard of are shown to each gateway.
	flooding = 200
	// apart is the time between two of them. All at once they would share one attempt; together they outlast the cool-down.
	apart = 30 * time.Millisecond
)

// unheardOf: the provider answers, and does not know these keys either.
func (p *part) unheardOf(ctx context.Context) error {
	before, _, err := p.home.fetches(ctx)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := p.flood(ctx, "while the provider answers"); err != nil {
		return err
	}
	documents, sets, err := p.home.fetches(ctx)
	if err != nil {
		return err
	}
	p.few("while the provider answers", documents-before, 2, time.Since(begun))
	p.Note("since the start %d fetches of the discovery document and %d of the keys", documents, sets)
	p.undisturbed("while unheard-of keys are shown")
	return nil
}

// flood shows the tokens to both gateways, and checks that each is refused quickly.
func (p *part) flood(ctx context.Context, when string) error {
	forger, err := newForger(p.home.url())
	if err != nil {
		return err
	}
	var both sync.WaitGroup
	for _, c := range []*caller{p.quick, p.patient} {
		both.Go(func() {
			slowest, err := c.flood(ctx, forger)
			p.Check(fmt.Sprintf("%s: unheard-of keys are refused quickly %s", c.name, when), err)
			p.Note("%s: the slowest of %d unheard-of keys took %d ms %s", c.name, flooding, slowest.Milliseconds(), when)
		})
	}
	both.Wait()
	return nil
}

// flood returns the time of the slowest answer.
func (c *caller) flood(ctx context.Context, forger *forger) (slowest time.Duration, failed error) {
	var mu sync.Mutex
	var calls sync.WaitGroup
	for range flooding {
		calls.Go(func() {
			took, err := c.unheardOf(ctx, forger.token(rand.Text()))
			mu.Lock()
			defer mu.Unlock()
			slowest = max(slowest, took)
			if failed == nil {
				failed = err
			}
		})
		if err := sleep(ctx, apart); err != nil {
			break // the calls fail by it too
		}
	}
	calls.Wait()
	return slowest, failed
}

// unheardOf checks that the token is refused, and quickly. Whether its key is unknown or cannot be known at the moment is for the
// gateway to say.
func (c *caller) unheardOf(ctx context.Context, token string) (time.Duration, error) {
	begun := time.Now()
	err := c.describe(ctx, token, home)
	took := time.Since(begun)
	if c.policy != "strict" || status.Code(err) != codes.Unavailable {
		err = want("describe", c.bad(), err)
	} else {
		err = nil
	}
	// An attempt that is under way is waited for.
	if limit := attempt + margin; took > limit {
		err = errors.Join(err, fmt.Errorf("took %s, more than %s", took.Round(time.Millisecond), limit))
	}
	return took, err
}

// few checks that so many gateways did not ask more often than they refresh of themselves when nothing is wrong.
func (p *part) few(when string, attempts, gateways int, elapsed time.Duration) {
	var err error
	// A refresh is up to a tenth early.
	most := gateways * (1 + int(elapsed/(refresh*9/10)))
	if attempts > most {
		err = fmt.Errorf("%d attempts at the provider in %s, more than %d", attempts, elapsed.Round(time.Millisecond), most)
	}
	p.Check("unheard-of keys do not make the gateways hammer the provider "+when, err)
	p.Note("%d unheard-of keys, %d attempts of %d gateways in %.1f s %s", 2*flooding, attempts, gateways, elapsed.Seconds(), when)
}
