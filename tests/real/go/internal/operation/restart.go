package operation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"real/internal/gateway"
	"real/internal/world"
)

const (
	restarts = 4
	// apart is the time between restarts. The Go SDK tries a call again about 0.4, 1.2, 2.8 and 6 seconds after it began, and gives up
	// after 10: one call is to meet one restart at most, even when the new gateway takes some seconds to begin.
	apart = 6 * time.Second
)

// chain is one gateway after the other on the same port.
type chain struct {
	w       *world.World
	options gateway.Options
	current *gateway.Gateway
	// longest time without a gateway that listens.
	longest time.Duration
}

// restartSeveralTimes in both ways in which gateways are restarted: the new one begins when the old one has ended, or already when
// the old one listens no more and drains.
func (c *chain) restartSeveralTimes(ctx context.Context) error {
	pause := time.Second
	for i := range restarts {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = apart
		if err := c.restart(ctx, i%2 == 1); err != nil {
			return fmt.Errorf("restart %d: %w", i+1, err)
		}
	}
	return nil
}

func (c *chain) restart(ctx context.Context, handOver bool) error {
	old, begun := c.current, time.Now()
	if err := old.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := refused(ctx, old.Address, 2*time.Second); err != nil {
		return err
	}
	if !handOver {
		if err := ended(ctx, old, 4*time.Second); err != nil {
			return err
		}
	}
	next, err := c.w.Gateway(ctx, c.options)
	if err != nil {
		return err
	}
	c.current = next
	c.longest = max(c.longest, time.Since(begun))
	return ended(ctx, old, 4*time.Second)
}

func (c *chain) end() { stop(c.current) }

// ended is an error unless the gateway ends by itself, with status 0, within the time.
func ended(ctx context.Context, g *gateway.Gateway, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := g.Wait(ctx); err != nil {
		return errors.Join(fmt.Errorf("the end of the gateway: %w; see %s", err, g.Log), g.Stop(0))
	}
	return nil
}

// refused returns when nobody listens at the address any more.
func refused(ctx context.Context, address string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
		if err == nil {
			connection.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s still takes connections after SIGTERM", address)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
