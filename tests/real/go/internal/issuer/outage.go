package issuer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

// outage: the provider is away, first refusing connections, then taking them and saying nothing; then it comes back.
func (p *part) outage(ctx context.Context) error {
	known, err := p.home.token(ctx, "writer", "temporal", "RS256")
	if err != nil {
		return err
	}
	begun := time.Now()
	p.renewing.Store(false)
	p.home.stop()
	born, err := p.bornInOutage(ctx)
	if err != nil {
		return err
	}
	if err := p.startLate(ctx, known); err != nil {
		return err
	}
	for _, c := range []*caller{p.quick, p.patient} {
		_, err := c.unheardOf(ctx, born)
		p.Check(fmt.Sprintf("%s: a key that was made in the outage is refused", c.name), err)
	}
	// At least one refresh has failed by then.
	if err := sleep(ctx, refresh+attempt-time.Since(begun)); err != nil {
		return err
	}
	p.undisturbed("while the provider refuses connections")
	if err := p.silence(ctx); err != nil {
		return err
	}
	if err := p.home.start(ctx, p.options, p.w.Dir); err != nil {
		return err
	}
	// A failed attempt is retried after the refresh interval at most, and for an unknown key after the cool-down.
	var healing sync.WaitGroup
	healing.Go(func() { p.heals(ctx, p.quick, "a key that was made in the outage", born, refresh) })
	healing.Go(func() { p.heals(ctx, p.patient, "a key that was made in the outage", born, cooldown) })
	healing.Go(func() { p.heals(ctx, p.late, "an older key, of which it could not know,", known, refresh) })
	healing.Wait()
	p.undisturbed("while the provider comes back")
	return nil
}

// bornInOutage makes a key while the provider is away, in its file of keys, and returns a token of it. A second provider on the same
// keys and of the same name does so, where no gateway looks.
func (p *part) bornInOutage(ctx context.Context) (string, error) {
	twin, err := p.provider(ctx, provider{name: "twin", keys: p.home.keys, issuer: p.home.url(), secret: p.home.secret})
	if err != nil {
		return "", err
	}
	defer twin.stop()
	added, err := twin.control(ctx, "add?alg=ES256")
	if err != nil {
		return "", err
	}
	if _, err := twin.control(ctx, "sign?kid="+added); err != nil {
		return "", err
	}
	return twin.token(ctx, "writer", "temporal", "ES256")
}

// startLate starts a gateway that has never seen a key: what it cannot judge is not called bad.
func (p *part) startLate(ctx context.Context, known string) error {
	late, err := p.gateway(ctx, "late", "strict", refresh)
	if err != nil {
		return err
	}
	p.late = late
	never := "late-" + known[len(known)-16:]
	p.Check("a gateway that starts in the outage says that it cannot tell", errors.Join(
		want("describe", codes.Unavailable, late.describe(ctx, known, home)),
		want("start", codes.Unavailable, late.start(ctx, known, home, never)),
		want("what was not started", codes.NotFound, p.direct.exists(ctx, home, never)),
	))
	return nil
}

// silence: something else is on the provider's port, which counts.
func (p *part) silence(ctx context.Context) error {
	silent, err := listenSilently(p.home.address())
	if err != nil {
		return err
	}
	defer silent.close()
	begun := time.Now()
	if err := p.flood(ctx, "while the provider is silent"); err != nil {
		return err
	}
	count := silent.count()
	p.few("while the provider is silent", count, 3, time.Since(begun))
	var none error
	if count == 0 {
		none = errors.New("no connection came")
	}
	p.Check("the gateways keep trying while the provider is silent", none)
	p.undisturbed("while the provider is silent")
	return nil
}
