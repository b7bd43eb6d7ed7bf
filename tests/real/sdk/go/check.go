package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// check is one line of the output.
type check struct {
	name  string
	bound time.Duration
	run   func(context.Context, *world) error
}

// runAll runs all checks at the same time and prints each as it ends. It tells whether all held.
func runAll(ctx context.Context, w *world, checks []check) bool {
	var (
		running  sync.WaitGroup
		printing sync.Mutex
		held     = true
	)
	for _, one := range checks {
		running.Go(func() {
			err := one.within(ctx, w)
			printing.Lock()
			defer printing.Unlock()
			if err == nil {
				fmt.Println("ok", one.name)
				return
			}
			held = false
			fmt.Printf("FAIL %s: %s\n", one.name, strings.Join(strings.Fields(err.Error()), " "))
		})
	}
	running.Wait()
	return held
}

// within gives up at the bound, also when the check does not notice that its context ended.
func (c check) within(ctx context.Context, w *world) error {
	ctx, cancel := context.WithTimeout(ctx, c.bound)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- c.run(ctx, w) }()
	select {
	case err := <-done:
		return err
	case <-time.After(c.bound + 5*time.Second):
		return fmt.Errorf("did not end within %s", c.bound)
	}
}

// until asks again and again until the answer is yes, an error, or too late.
func until(ctx context.Context, what string, limit time.Duration, ask func() (bool, error)) error {
	deadline := time.Now().Add(limit)
	for {
		yes, err := ask()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if yes {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not within %s", what, limit)
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
}

func pause(ctx context.Context, length time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(length):
		return nil
	}
}
