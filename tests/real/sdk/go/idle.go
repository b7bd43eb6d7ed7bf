package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
)

// idle is longer than the minute after which the server ends a long poll that got nothing.
const idle = 65 * time.Second

func idleMinute(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	options := w.plaintext(token)
	seen := watch(&options)
	return withWorker(ctx, options, func(c client.Client, queue string) error {
		polls := func() int64 { return seen.sum("temporal_long_request ", "operation=Poll") }
		if err := pause(ctx, 5*time.Second); err != nil {
			return err
		}
		first := polls()
		if err := pause(ctx, idle-5*time.Second); err != nil {
			return err
		}
		if err := seen.unharmed(); err != nil {
			return err
		}
		if first == 0 || polls() == first {
			return fmt.Errorf("%d polls at first, %d after a minute: none of them came to its end", first, polls())
		}
		return errors.Join(double(ctx, c, client.StartWorkflowOptions{ID: unique("idle"), TaskQueue: queue}), seen.unharmed())
	})
}
