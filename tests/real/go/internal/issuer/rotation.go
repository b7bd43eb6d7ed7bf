package issuer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
)

// rotation: an RS256 key as operators replace it, then an ES256 key that signs the moment it is made.
func (p *part) rotation(ctx context.Context) error {
	old, err := p.home.token(ctx, "reader", "temporal", "RS256")
	if err != nil {
		return err
	}
	added, err := p.home.control(ctx, "add?alg=RS256")
	if err != nil {
		return err
	}
	// The key is published before it signs: long enough for a refresh, and for the patient gateway to be willing to look again.
	if err := sleep(ctx, cooldown+margin); err != nil {
		return err
	}
	if _, err := p.home.control(ctx, "sign?kid="+added); err != nil {
		return err
	}
	if err := p.works(ctx, "a new key that was published before it signs", "RS256", added, 0, 0); err != nil {
		return err
	}
	p.Check("the key before it goes on working", errors.Join(
		want("strict", codes.OK, p.quick.describe(ctx, old, home)), want("patient", codes.OK, p.patient.describe(ctx, old, home))))
	// The clients that renew have tokens of the new key by now, or will within a call.
	if err := sleep(ctx, 500*time.Millisecond); err != nil {
		return err
	}
	if _, err := p.home.control(ctx, "remove?kid="+kid(old)); err != nil {
		return err
	}
	took, err := eventually(ctx, refresh+margin, func() error {
		return want("a token of the removed key", p.quick.bad(), p.quick.describe(ctx, old, home))
	})
	p.Check("tokens of a removed key stop within the refresh interval", err)
	if err == nil {
		p.Note("a removed key was refused after %d ms", took.Milliseconds())
	}
	if added, err = p.home.control(ctx, "add?alg=ES256"); err != nil {
		return err
	}
	if _, err := p.home.control(ctx, "sign?kid="+added); err != nil {
		return err
	}
	if err := p.works(ctx, "a new key that signs at once", "ES256", added, refresh, cooldown); err != nil {
		return err
	}
	p.undisturbed("while keys rotate")
	return nil
}

// works checks that a token of the key is taken by both gateways, each within its time.
func (p *part) works(ctx context.Context, what, alg, key string, quick, patient time.Duration) error {
	token, err := p.home.token(ctx, "writer", "temporal", alg)
	if err != nil {
		return err
	}
	if kid(token) != key {
		return fmt.Errorf("the provider signs with %s, not with %s", kid(token), key)
	}
	p.heals(ctx, p.quick, what, token, quick)
	p.heals(ctx, p.patient, what, token, patient)
	return nil
}

// heals checks that the token works within the time, without a restart; at the first call when there is none.
func (p *part) heals(ctx context.Context, c *caller, what, token string, limit time.Duration) {
	if limit == 0 {
		p.Check(fmt.Sprintf("%s: %s works at the first call", c.name, what), want("describe", codes.OK, c.describe(ctx, token, home)))
		return
	}
	took, err := eventually(ctx, limit+margin, func() error { return want("describe", codes.OK, c.describe(ctx, token, home)) })
	p.Check(fmt.Sprintf("%s: %s works within %s", c.name, what, limit), err)
	if err == nil {
		p.Note("%s: %s worked after %d ms", c.name, what, took.Milliseconds())
	}
}

func sleep(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}
