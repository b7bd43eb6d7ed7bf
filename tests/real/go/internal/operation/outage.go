package operation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"real/internal/check"
	"real/internal/gateway"
	"real/internal/operation/caller"
	"real/internal/temporal"
	"real/internal/world"
)

const (
	// outage lasts at least so long.
	outage = 2 * time.Second
	// quickly is a bound on the answer that there is no server.
	quickly = 2 * time.Second
	// healed is a bound on the time from the server's return to a call, and healedWorker to a workflow by a worker that went on polling:
	// SDKs leave up to ten seconds between their attempts.
	healed       = 8 * time.Second
	healedWorker = 20 * time.Second
)

// serverRestarted takes the server away behind a gateway, a server of its own.
func serverRestarted(ctx context.Context, w *world.World, part *check.Part) error {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Second)
	defer cancel()
	server, err := temporal.Start(ctx, []string{namespace})
	if err != nil {
		return err
	}
	defer server.Close()
	g, err := w.Gateway(ctx, gateway.Options{
		Name: "operation-outage", Config: w.TokenConfig(""), Upstream: "http://" + server.Address, Drain: "1s",
	})
	if err != nil {
		return err
	}
	defer stop(g)
	c, err := newCalls(g.Address, server.Address, writer(w))
	if err != nil {
		return err
	}
	defer c.close()
	logger, closeLog, err := caller.LogTo(filepath.Join(w.Dir, "operation-outage-sdk.log"))
	if err != nil {
		return err
	}
	defer closeLog()
	sdk, err := caller.SDK{Address: g.Address, Namespace: namespace, Token: writer(w), Logger: logger}.Client(ctx)
	if err != nil {
		return err
	}
	defer sdk.Close()
	stopWorker, err := newEffects().work(sdk, "operation-outage")
	if err != nil {
		return err
	}
	defer stopWorker()
	if err := errors.Join(c.gateways[0].describe(ctx), runOne(ctx, sdk, "operation-outage")); err != nil {
		return fmt.Errorf("before: %w", err)
	}

	polls := c.pollIdle(ctx)
	time.Sleep(300 * time.Millisecond)
	server.Down()
	number, slowest, err := c.allUnavailable(ctx, outage)
	if err != nil {
		return errors.Join(err, server.Up(ctx))
	}
	if err := errors.Join(allEndedUnavailable(polls), server.Up(ctx)); err != nil {
		return err
	}
	back := time.Now()
	if err := c.callUntilGood(ctx); err != nil {
		return err
	}
	called := time.Since(back)
	if err := runOne(ctx, sdk, "operation-outage"); err != nil {
		return fmt.Errorf("by the old worker, afterwards: %w", err)
	}
	part.Note("the server restarted: %d calls UNAVAILABLE, the slowest after %.2f s; %.1f s after its return a call works, %.1f s a worker",
		number, slowest.Seconds(), called.Seconds(), time.Since(back).Seconds())
	return nil
}

// runOne runs a workflow by whatever worker is there.
func runOne(ctx context.Context, c client.Client, queue string) error {
	ctx, cancel := context.WithTimeout(ctx, healedWorker)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: queue, WorkflowTaskTimeout: 2 * time.Second}, twoSteps)
	if err != nil {
		return err
	}
	return run.Get(ctx, nil)
}

// allUnavailable makes calls one after the other for this time; each must say UNAVAILABLE, and quickly.
func (c *calls) allUnavailable(ctx context.Context, lasting time.Duration) (number int, slowest time.Duration, err error) {
	for end := time.Now().Add(lasting); time.Now().Before(end); number++ {
		begun := time.Now()
		err := c.gateways[number%len(c.gateways)].describe(ctx)
		took := time.Since(begun)
		slowest = max(slowest, took)
		if status.Code(err) != codes.Unavailable || took > quickly {
			return number, slowest, fmt.Errorf("without a server a call ended after %v with: %v", took, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return number, slowest, nil
}

// allEndedUnavailable holds for the polls that were open when the server went.
func allEndedUnavailable(polls chan outcome) error {
	for range idlePolls {
		one, err := next(polls)
		if err != nil {
			return errors.New("a poll hangs although the server has gone")
		}
		if status.Code(one.err) != codes.Unavailable {
			return fmt.Errorf("a poll that the server left ended with: %v", one.err)
		}
	}
	return nil
}

// callUntilGood allows the gateway some time to find the server again; after that, each call is good.
func (c *calls) callUntilGood(ctx context.Context) error {
	end := time.Now().Add(healed)
	for {
		err := c.gateways[0].describe(ctx)
		if err == nil {
			break
		}
		if time.Now().After(end) {
			return fmt.Errorf("%v after the server's return: %w", healed, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	for i := range 50 {
		if err := c.gateways[i%len(c.gateways)].describe(ctx); err != nil {
			return fmt.Errorf("after the server's return, and after a call that was good: %w", err)
		}
	}
	return nil
}
